import type { QueryConfig } from 'pg';
import type { Database } from './database';
import { readMigrations } from './migrate';

export type DatabaseState = 'up' | 'down' | 'does not answer' | 'migrations missing';

/** A question that has had no answer for so long is given up, and its connection with it: a cut line may never tell. */
const givenUpAfterMs = 60_000;

/**
 * Asks whether the database answers and has its tables, and waits `withinMs` at most. One question is under way at a time, however many
 * want to know: a database that hangs costs one connection, and those who ask again hear at once that it still does not answer.
 */
export function watchDatabase(db: Database, withinMs = 3000): () => Promise<DatabaseState> {
  const expected = readMigrations().map((migration) => migration.name);
  let question: Promise<DatabaseState> | undefined;
  let late: Promise<DatabaseState>;
  return () => {
    if (!question) {
      let timeout: NodeJS.Timeout | undefined;
      late = new Promise((resolve) => {
        // an answer that has come counts, however late this process gets to read it
        timeout = setTimeout(() => setImmediate(resolve, 'does not answer'), withinMs);
      });
      question = ask(db, expected).finally(() => {
        clearTimeout(timeout);
        question = undefined;
      });
    }
    return Promise.race([question, late]);
  };
}

async function ask(db: Database, expected: string[]): Promise<DatabaseState> {
  const query: QueryConfig & { query_timeout: number } = {
    text: 'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    query_timeout: givenUpAfterMs,
  };
  try {
    const applied = await db.pool.query<{ name: string }>(query);
    const names = new Set(applied.rows.map(({ name }) => name));
    return expected.every((name) => names.has(name)) ? 'up' : 'migrations missing';
  } catch {
    return 'down';
  }
}
