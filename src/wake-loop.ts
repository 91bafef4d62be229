import { setTimeout as sleep } from 'node:timers/promises';
import { wakeEndpoints } from './data/events/event-deliveries';
import type { Database } from './data/database';
import { wakeResumed } from './data/conversations/wake';
import type { Logger } from './logger';

/** Looks once a second whether a webhook endpoint or a resumed channel has something to do; several workers skip what another has in hand. */
export function startWakeLoop({
  db,
  logger,
  everyMs = 1000,
}: {
  db: Database;
  logger: Logger;
  everyMs?: number;
}): {
  stop(): Promise<void>;
} {
  const stopping = new AbortController();
  const running = loop();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      for (const wake of [wakeEndpoints, wakeResumed]) {
        await wake(db).catch((error: unknown) => {
          logger.warn(
            { code: (error as { code?: string }).code, name: (error as Error).name, what: wake.name },
            'what waits could not be looked at',
          );
        });
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
