import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from './data/database';
import type { Logger } from './logger';

/** Any numbers of our own: whoever holds this advisory lock does the work. */
const locks = { sweep: 720_117, mails: 720_118, mailboxes: 720_119, mailDomains: 720_120 };

/**
 * Runs `sweep` each minute in one worker of all. A loop under a lock of the database, and no Temporal schedule: the sweep mends what
 * Temporal missed, so it has to run while Temporal is away; it keeps no state between runs that would need a workflow; and a schedule
 * would be 1,440 workflows a day for it. The lock belongs to a connection, so a worker that dies frees it.
 */
export function startSweepLoop({
  db,
  logger,
  work = 'sweep',
  sweep,
  everyMs = 60_000,
}: {
  db: Database;
  logger: Logger;
  /** Each kind has a loop and a lock of its own. */
  work?: keyof typeof locks;
  sweep: () => Promise<object>;
  everyMs?: number;
}): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = loop();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await runOnce().catch((error: unknown) => {
        logger.error(
          { code: (error as { code?: string }).code, name: (error as Error).name },
          `the ${work} failed`,
        );
      });
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function runOnce(): Promise<void> {
    const client = await db.pool.connect();
    let held = false;
    try {
      const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [
        locks[work],
      ]);
      held = rows[0]!.held;
      if (held) logger.debug({ work, ...(await sweep()) }, 'swept');
    } finally {
      // A connection that still holds the lock may not go back into the pool.
      const freed =
        !held ||
        (await client.query('select pg_advisory_unlock($1)', [locks[work]]).then(
          () => true,
          () => false,
        ));
      client.release(!freed);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
