import { setTimeout as sleep } from 'node:timers/promises';
import type { MailSource } from '../channels/mailbox/types';
import { newId } from '../data/database';
import { connectMailbox } from '../data/mailboxes/connect-mailbox';
import {
  claimMailboxes,
  freeLeases,
  heldLeases,
  loseLease,
  renewLeases,
  type Lease,
} from '../data/mailboxes/mailbox-leases';
import { mappedFolders, openMailbox } from '../data/mailboxes/mailbox-sync';
import { syncFolder, type SyncDeps } from './sync-mailbox';
import { tellServer } from './tell-server';

type Held = Lease & {
  source: MailSource | undefined;
  /** Is reading its inbox; `again`: something has come meanwhile. */
  reading: boolean;
  again: boolean;
  ended: boolean;
  /** When it was connected. */
  since: number | undefined;
};

export type ConnectionKeeper = { stop(): Promise<void>; readonly held: number };

/**
 * Holds a connection to each mailbox's inbox that waits for new mail (IDLE), under a lease in the database: one process holds it, and
 * another takes over when that one is gone. One loop for all of them, so that a process can hold thousands: they are connected a few at a time,
 * and when a server comes back its mailboxes do not come back all at once.
 */
export function keepConnections(
  deps: SyncDeps,
  {
    everyMs = 5_000,
    leaseMs = 60_000,
    pauseMs = 30_000,
    most = 3_000,
    connectingAtOnce = 20,
    connectEveryMs = 250,
  }: {
    everyMs?: number;
    leaseMs?: number;
    /** After a connection was lost, more or less; longer each time it was of no use. */
    pauseMs?: number;
    most?: number;
    connectingAtOnce?: number;
    /** So many are begun in such a time at most. */
    connectEveryMs?: number;
  } = {},
): ConnectionKeeper {
  const { db, logger } = deps;
  const holder = newId();
  const stopping = new AbortController();
  const held = new Map<string, Held>();
  /** By user: connections in a row that were of no use. */
  const failures = new Map<string, number>();
  let checkAt = 0;
  let renewAt = 0;
  const running = loop();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const more = await turn().catch((error: unknown) => {
        logger.warn({ code: codeOf(error) }, 'the leases of mailboxes could not be renewed');
        return false;
      });
      const waitMs = more ? Math.min(connectEveryMs, everyMs) : everyMs;
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  /** Whether there may be more to connect to. */
  async function turn(): Promise<boolean> {
    if (performance.now() >= checkAt) {
      checkAt = performance.now() + everyMs;
      await check();
    }
    const connecting = [...held.values()].filter(({ source }) => source === undefined).length;
    const limit = Math.min(connectingAtOnce - connecting, most - held.size);
    if (limit <= 0) return held.size < most;
    const leases = await claimMailboxes(db, holder, { leaseMs, limit });
    for (const lease of leases) void hold(lease);
    return leases.length === limit;
  }

  async function check(): Promise<void> {
    const mine = [...held.values()];
    if (mine.length > 0) {
      const renewing = performance.now() >= renewAt;
      const kept = renewing
        ? await renewLeases(db, holder, mine, leaseMs)
        : await heldLeases(db, holder, mine);
      if (renewing) renewAt = performance.now() + leaseMs / 3;
      for (const one of mine) {
        const known = kept.get(one.userId);
        if (!known) drop(one);
        else if (known.seenChanged && one.source) void read(one);
      }
    }
  }

  async function hold(lease: Lease): Promise<void> {
    const before = held.get(lease.userId);
    if (before) drop(before);
    const one: Held = {
      ...lease,
      ...{ source: undefined, reading: false, again: false, ended: false, since: undefined },
    };
    held.set(lease.userId, one);
    try {
      const mailbox = await openMailbox(db, deps.secretKey, lease);
      if (!mailbox || mailbox.version !== lease.version) return drop(one);
      one.source = await connectMailbox(deps.accessToken, lease, mailbox.server, {
        ...deps.source,
        watch: { onChange: () => void read(one), onEnd: () => void lost(one) },
      });
      one.since = performance.now();
      if (one.ended) await one.source.close();
      else await read(one);
    } catch (error) {
      await lost(one, error);
    }
  }

  /** What came before it began to wait, and then what comes. */
  async function read(one: Held): Promise<void> {
    if (one.reading) return void (one.again = true);
    one.reading = true;
    try {
      do {
        one.again = false;
        const mailbox = await openMailbox(db, deps.secretKey, one);
        const inbox = (await mappedFolders(db, one)).find(({ folder }) => folder === 'inbox');
        if (!mailbox || !inbox || mailbox.version !== one.version || !one.source) return drop(one);
        if (mailbox.seenChangedAt) await tellServer(deps, mailbox, one.source);
        await syncFolder(deps, { ...mailbox, reconcile: false, first: false }, inbox, one.source);
      } while (one.again && !one.ended);
    } catch (error) {
      await lost(one, error);
    } finally {
      one.reading = false;
    }
  }

  function drop(one: Held): void {
    one.ended = true;
    if (held.get(one.userId) === one) held.delete(one.userId);
    void one.source?.close();
  }

  async function lost(one: Held, error?: unknown): Promise<void> {
    if (one.ended || stopping.signal.aborted) return;
    drop(one);
    logger.debug({ userId: one.userId, code: codeOf(error) }, 'the connection to a mailbox was lost');
    const wasOfUse = one.since !== undefined && performance.now() - one.since >= 2 * pauseMs;
    const failed = wasOfUse ? 0 : (failures.get(one.userId) ?? 0);
    failures.set(one.userId, failed + 1);
    const jitter = 0.5 + Math.random();
    await loseLease(db, holder, one, {
      pauseMs: jitter * pauseMs * 2 ** Math.min(failed, doublingsAtMost),
      // one that just ended is made again; where that fails the workflow finds out why
      wake: error !== undefined,
    }).catch(() => undefined);
  }

  return {
    get held() {
      return [...held.values()].filter(({ source }) => source !== undefined).length;
    },
    async stop() {
      stopping.abort();
      await running;
      const closed = Promise.all([...held.values()].map(async ({ source }) => source?.close()));
      held.clear();
      await Promise.race([closed, sleep(closeWithinMs, undefined, { ref: false })]);
      await freeLeases(db, holder).catch(() => undefined);
    },
  };
}

const doublingsAtMost = 4;
/** A server that does not say goodbye is left. */
const closeWithinMs = 3_000;

const codeOf = (error: unknown): string | undefined =>
  (error as { code?: string } | undefined)?.code ?? (error as Error | undefined)?.name;
