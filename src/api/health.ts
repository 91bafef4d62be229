import { Router } from 'express';
import type { Database } from '../data/database';
import { watchDatabase } from '../data/database-state';

/** `/healthz`: the process lives. `/readyz`: it can do its work; Temporal is shown but not needed, commands only wait for it. */
export function healthRoutes(
  db: Database,
  temporalState: (() => Promise<'up' | 'down'>) | undefined,
): Router {
  const databaseState = watchDatabase(db);
  const router = Router();
  router.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  router.get('/readyz', async (_req, res) => {
    const [database, temporal] = await Promise.all([
      databaseState(),
      temporalState?.().catch(() => 'down' as const) ?? 'not asked',
    ]);
    res.status(database === 'up' ? 200 : 503).json({ database, temporal });
  });
  return router;
}
