import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Database, Poke } from '../data/database';
import type { Logger } from '../logger';
import { createBreaker } from './breaker';
import { coalesce, type Delivery } from './coalesce';
import { deliver } from './deliver';
import { temporalFault } from './faults';
import { claimDueRows, deleteRows } from './outbox-rows';

/** Calls under way at once: more only wait in Temporal. */
const concurrency = 32;
/** What may wait in memory; the rest is left to the outbox. */
const maxWaiting = 10_000;
const deleteEveryMs = 50;
const lookEveryMs = 1000;
/** A backlog is worked off no faster than a small cluster carries, so that what is said now still gets through. */
const backlogPerSecond = 50;
const backlogBatch = 200;
const chunk = 10;

export type RelayHealth = {
  /** `down`: calls to Temporal fail; what is committed waits in the outbox. */
  temporal: 'up' | 'down';
  waiting: number;
  lastFault: string | undefined;
};

export type Relay = { stop(): Promise<void>; health(): RelayHealth };

/**
 * Tells Temporal what was committed. The fast path hears of a commit and delivers at once, not awaited by anybody. The outbox
 * row is deleted after the delivery; one that stays behind is delivered again after five seconds, by this process or another.
 * A doubled delivery does no harm.
 */
export function startRelay({
  db,
  client,
  logger,
  publicUrl,
  callDeadlineMs = 2000,
}: {
  db: Database;
  client: Client;
  logger: Logger;
  /** For the operators' link back to the product. */
  publicUrl: string;
  callDeadlineMs?: number;
}): Relay {
  const breaker = createBreaker({ threshold: 3, minMs: 500, maxMs: 5000 });
  const waiting = new Map<string, Delivery>();
  const inFlight = new Map<string, Promise<void>>();
  const delivered = createDeleter(db, logger);
  const stopping = new AbortController();
  let lastFault: string | undefined;

  const unsubscribe = db.onCommitted(({ pokes }) => {
    if (pokes.length > 0) enqueue(pokes.map(toDelivery));
  });
  const looking = lookForRows();

  function enqueue(deliveries: Delivery[]): void {
    for (const delivery of deliveries) {
      const before = waiting.get(delivery.workflowId);
      if (before) waiting.set(delivery.workflowId, coalesce(before, delivery));
      else if (waiting.size < maxWaiting) waiting.set(delivery.workflowId, delivery);
    }
    pump();
  }

  function pump(): void {
    for (const [workflowId, delivery] of waiting) {
      if (inFlight.size >= concurrency) return;
      // What comes for a workflow meanwhile waits, and becomes one signal.
      if (inFlight.has(workflowId)) continue;
      if (!breaker.tryPass()) {
        if (breaker.open) waiting.clear();
        return;
      }
      waiting.delete(workflowId);
      inFlight.set(workflowId, attempt(delivery));
    }
  }

  async function attempt(delivery: Delivery): Promise<void> {
    const wasOpen = breaker.open;
    try {
      await client.withDeadline(Date.now() + callDeadlineMs, () => deliver(client, delivery, publicUrl));
      breaker.succeeded();
      lastFault = undefined;
      delivered.add(delivery.rowIds);
      if (wasOpen) logger.info('Temporal answers again');
    } catch (error) {
      const { away, words } = temporalFault(error);
      lastFault = words;
      if (away) breaker.failed();
      else breaker.succeeded();
      if (away && !wasOpen && breaker.open) {
        logger.warn({ fault: words }, 'Temporal does not answer; what is to be sent waits in the outbox');
      }
      if (!away) {
        logger.error(
          { fault: words, workflowId: delivery.workflowId },
          'Temporal refused a delivery; it is tried again',
        );
      }
    } finally {
      inFlight.delete(delivery.workflowId);
      pump();
    }
  }

  async function lookForRows(): Promise<void> {
    while (!stopping.signal.aborted) {
      const found = await redeliver().catch((error: unknown) => {
        logger.warn(
          { fault: (error as { code?: string }).code ?? 'unknown' },
          'the outbox could not be read',
        );
        return 0;
      });
      if (found < backlogBatch)
        await sleep(lookEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  /** While Temporal is away one row is tried at a time. */
  async function redeliver(): Promise<number> {
    if (!breaker.ready) return 0;
    const rows = await claimDueRows(db, breaker.open ? 1 : backlogBatch);
    const merged = new Map<string, Delivery>();
    for (const row of rows) {
      const before = merged.get(row.workflowId);
      merged.set(row.workflowId, before ? coalesce(before, row) : row);
    }
    const deliveries = [...merged.values()];
    for (let from = 0; from < deliveries.length && !stopping.signal.aborted; from += chunk) {
      const some = deliveries.slice(from, from + chunk);
      enqueue(some);
      await sleep((some.length * 1000) / backlogPerSecond, undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
    return breaker.open ? 0 : rows.length;
  }

  return {
    health: () => ({
      temporal: breaker.open ? 'down' : 'up',
      waiting: waiting.size + inFlight.size,
      lastFault,
    }),
    async stop() {
      unsubscribe();
      stopping.abort();
      waiting.clear();
      await Promise.all([looking, ...inFlight.values()]);
      await delivered.flush();
    },
  };
}

const toDelivery = ({ id, workflowType, workflowId, payload }: Poke): Delivery => ({
  workflowType,
  workflowId,
  payload,
  rowIds: [id],
});

/** One statement for all rows of 50 ms: a transaction for each message would cost more than the message. */
function createDeleter(db: Database, logger: Logger) {
  let rowIds: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let deleting = Promise.resolve();

  function start(): void {
    clearTimeout(timer);
    timer = undefined;
    const gone = rowIds;
    rowIds = [];
    if (gone.length > 0) deleting = Promise.all([deleting, remove(gone)]).then(() => undefined);
  }

  async function remove(gone: string[]): Promise<void> {
    await deleteRows(db, gone).catch(() => {
      logger.warn(
        { rows: gone.length },
        'delivered outbox rows could not be deleted; they are delivered once more',
      );
    });
  }

  return {
    add(more: string[]) {
      rowIds.push(...more);
      timer ??= setTimeout(start, deleteEveryMs);
    },
    flush() {
      start();
      return deleting;
    },
  };
}
