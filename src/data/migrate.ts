import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';

/** The advisory lock that `prisma migrate deploy` takes, so that the two never run at once. */
const prismaMigrateLock = 72707369;

const standardFolder = path.resolve(__dirname, '../../prisma/migrations');

export type Migration = { name: string; sql: string; checksum: string };

/**
 * Applies what is missing of `prisma/migrations`, each migration in one transaction, and keeps the book that
 * `prisma migrate deploy` keeps. Refuses when an applied migration has been changed since or one failed half-way.
 *
 * @returns the names of the migrations applied now
 */
export async function migrate(databaseUrl: string, folder = standardFolder): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = new Client({ connectionString: databaseUrl, application_name: 'parley migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [prismaMigrateLock]);
    await createBook(client);
    const missing = await findMissing(client, migrations);
    for (const migration of missing) await apply(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    // Ends the session and with it the advisory lock.
    await client.end();
  }
}

/** The migrations of the folder, oldest first. */
export function readMigrations(folder = standardFolder): Migration[] {
  return (
    fs
      .readdirSync(folder)
      // Git leaves the empty folder of a migration that another branch has.
      .filter((name) => fs.existsSync(path.join(folder, name, 'migration.sql')))
      .sort()
      .map((name) => {
        const sql = fs.readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
        return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
      })
  );
}

async function createBook(client: Client): Promise<void> {
  await client.query(`
    create table if not exists _prisma_migrations (
      id varchar(36) primary key not null,
      checksum varchar(64) not null,
      finished_at timestamptz,
      migration_name varchar(255) not null,
      logs text,
      rolled_back_at timestamptz,
      started_at timestamptz not null default now(),
      applied_steps_count integer not null default 0
    )`);
}

async function findMissing(client: Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished: boolean }>(
    `select migration_name, checksum, finished_at is not null as finished
     from _prisma_migrations where rolled_back_at is null`,
  );
  const unfinished = rows.find((row) => !row.finished);
  if (unfinished) {
    throw new Error(
      `The migration ${unfinished.migration_name} failed half-way in an earlier run. Repair the database, then ` +
        'mark it with `prisma migrate resolve` (https://pris.ly/d/migrate-resolve) and start again.',
    );
  }
  const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
  for (const { name, checksum } of migrations) {
    if (!applied.has(name) || applied.get(name) === checksum) continue;
    throw new Error(
      `The migration ${name} was changed after it had been applied to this database. Restore the file and put ` +
        'the change into a new migration; a local database without valuable data may also be deleted (.data/).',
    );
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('begin');
    await client.query(sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       values ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`The migration ${name} failed and was undone: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
