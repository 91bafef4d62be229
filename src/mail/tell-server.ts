import { MailboxError, type MailSource } from '../channels/mailbox/types';
import {
  endMoves,
  giveUpMoves,
  movesAtOnce,
  recordMoved,
  unpushedMoves,
  type UnpushedMove,
} from '../data/mailboxes/mail-moves';
import {
  endPushing,
  recordPushed,
  unpushedSeen,
  type OpenMailbox,
  type UnpushedSeen,
} from '../data/mailboxes/mailbox-sync';
import type { SyncDeps } from './sync-mailbox';

/** What was read, unread or moved in Parley is so on the server as well. */
export async function tellServer(deps: SyncDeps, mailbox: OpenMailbox, source: MailSource): Promise<void> {
  await pushSeen(deps, mailbox, source);
  // of very many the rest follows at once
  if (await pushMoves(deps, mailbox, source)) await endPushing(deps.db, mailbox);
}

async function pushSeen({ db, logger }: SyncDeps, mailbox: OpenMailbox, source: MailSource): Promise<void> {
  if (!source.setSeen) return;
  const batches = batchesOf(
    await unpushedSeen(db, mailbox),
    ({ folderId, seen }: UnpushedSeen) => `${folderId} ${seen}`,
  );
  for (const marks of batches) {
    const [{ path, seen }] = marks as [UnpushedSeen];
    const ids = marks.map(({ id }) => id);
    if (await source.setSeen(path, ids, seen).catch(isRefused))
      await recordPushed(db, mailbox, marks[0]!, ids);
    else logger.warn({ userId: mailbox.userId }, 'mails could not be marked as read on their server');
  }
}

/** False: there are more of them. */
async function pushMoves(
  { db, logger }: SyncDeps,
  mailbox: OpenMailbox,
  source: MailSource,
): Promise<boolean> {
  if (!source.move) return true;
  const moves = await unpushedMoves(db, mailbox);
  let taken = true;
  for (const some of batchesOf(moves, ({ folderId, toId }: UnpushedMove) => `${folderId} ${toId}`)) {
    const [{ path, to }] = some as [UnpushedMove];
    const ids = some.map(({ id }) => id);
    const moved = await source.move(path, ids, to).catch(isRefused);
    if (moved) {
      await recordMoved(db, mailbox, some[0]!, moved);
      continue;
    }
    taken = false;
    logger.warn({ userId: mailbox.userId }, 'mails could not be moved on their server');
    if (moved === undefined)
      await giveUpMoves(
        db,
        mailbox,
        some.map(({ mailId }) => mailId),
      );
  }
  await endMoves(db, mailbox);
  return moves.length < movesAtOnce || !taken;
}

function batchesOf<T>(all: T[], keyOf: (one: T) => string): T[][] {
  const batches = new Map<string, T[]>();
  for (const one of all) batches.set(keyOf(one), [...(batches.get(keyOf(one)) ?? []), one]);
  return [...batches.values()];
}

/** It says no: the folder is gone, or is for reading only; what comes in does not wait for it. */
function isRefused(error: unknown): false {
  if (error instanceof MailboxError && error.fault === 'protocol') return false;
  throw error;
}
