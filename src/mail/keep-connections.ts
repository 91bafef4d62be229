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
import { pushSeen, syncFolder, type SyncDeps } from './sync-mailbox';

type Held = Lease & {
  source: MailSource | undefined;
  /** Is reading its inbox; `again`: something has come meanwhile. */
  reading: boolean;
  again: boolean;
  ended: boolean;
};

export type ConnectionKeeper = { stop(): Promise<void>; readonly held: number };

/**
 * Holds a connection to each mailbox's inbox that waits for new mail (IDLE), under a lease in the database: one process holds it, and
 * another takes over when that one is gone. One loop for all of them, so that a process can hold thousands.
 */
export function keepConnections(
  deps: SyncDeps,
  {
    everyMs = 5_000,
    leaseMs = 60_000,
    pauseMs = 30_000,
    most = 3_000,
    connectingAtOnce = 20,
  }: {
    everyMs?: number;
    leaseMs?: number;
    /** After a connection was lost. */
    pauseMs?: number;
    most?: number;
    connectingAtOnce?: number;
  } = {},
): ConnectionKeeper {
  const { db, logger } = deps;
  const holder = newId();
  const stopping = new AbortController();
  const held = new Map<string, Held>();
  let renewAt = 0;
  const running = loop();

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await turn().catch((error: unknown) =>
        logger.warn({ code: codeOf(error) }, 'the leases of mailboxes could not be renewed'),
      );
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function turn(): Promise<void> {
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
    const connecting = mine.filter(({ source }) => source === undefined).length;
    const limit = Math.min(connectingAtOnce - connecting, most - held.size);
    if (limit <= 0) return;
    for (const lease of await claimMailboxes(db, holder, { leaseMs, limit })) void hold(lease);
  }

  async function hold(lease: Lease): Promise<void> {
    const before = held.get(lease.userId);
    if (before) drop(before);
    const one: Held = { ...lease, source: undefined, reading: false, again: false, ended: false };
    held.set(lease.userId, one);
    try {
      const mailbox = await openMailbox(db, deps.secretKey, lease);
      if (!mailbox || mailbox.version !== lease.version) return drop(one);
      one.source = await connectMailbox(deps.accessToken, lease, mailbox.server, {
        ...deps.source,
        watch: { onChange: () => void read(one), onEnd: () => void lost(one) },
      });
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
        if (mailbox.seenChangedAt) await pushSeen(deps, mailbox, one.source);
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
    await loseLease(db, holder, one, pauseMs).catch(() => undefined);
  }

  return {
    get held() {
      return [...held.values()].filter(({ source }) => source !== undefined).length;
    },
    async stop() {
      stopping.abort();
      await running;
      await Promise.all([...held.values()].map(async ({ source }) => source?.close()));
      held.clear();
      await freeLeases(db, holder).catch(() => undefined);
    },
  };
}

const codeOf = (error: unknown): string | undefined =>
  (error as { code?: string } | undefined)?.code ?? (error as Error | undefined)?.name;
