import { Router } from 'express';
import type { Database } from '../data/database';
import { readMigrations } from '../data/migrate';

/** `/healthz`: the process lives. `/readyz`: it can do its work; Temporal is shown but not needed, commands only wait for it. */
export function healthRoutes(
  db: Database,
  temporalState: (() => Promise<'up' | 'down'>) | undefined,
): Router {
  const expected = readMigrations().map((migration) => migration.name);
  const router = Router();
  router.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  router.get('/readyz', async (_req, res) => {
    const [database, temporal] = await Promise.all([
      databaseState(db, expected),
      temporalState?.().catch(() => 'down' as const) ?? 'not asked',
    ]);
    res.status(database === 'up' ? 200 : 503).json({ database, temporal });
  });
  return router;
}

async function databaseState(
  db: Database,
  expected: string[],
): Promise<'up' | 'down' | 'migrations missing'> {
  try {
    const applied = await db.query<{ name: string }>(
      'select migration_name as name from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    );
    const names = new Set(applied.map(({ name }) => name));
    return expected.every((name) => names.has(name)) ? 'up' : 'migrations missing';
  } catch {
    return 'down';
  }
}
