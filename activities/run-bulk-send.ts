import { acceptUnattended } from '../src/data/accept-message';
import {
  claimRecipient,
  nextRecipientDue,
  pauseBulkSend,
  settleRecipient,
  type BulkSendIds,
} from '../src/data/bulk-sends';
import type { Tx } from '../src/data/database';
import { findActingUser } from '../src/data/session';
import { loadQuietHours } from '../src/data/quiet-hours';
import { wakeConversation } from '../src/data/wake';
import { dispatchQueued, type DispatchDeps } from './dispatch-next';

const lanes = 8;

/** Thrown out of a transaction, which leaves nothing of the message. */
class OutOfCredits extends Error {}

/**
 * Sends to those who wait, several side by side: accepted and settled in one transaction, then sent through the gate of their
 * conversation. What cannot go at once is handed to the conversation's workflow. Paused and cancelled are read with each.
 *
 * @returns when the next is due (quiet hours); null: nothing is left to do, or it does not run
 */
export async function runBulkSend(
  deps: DispatchDeps,
  ids: BulkSendIds,
  heartbeat: () => void,
): Promise<{ nextDueAt: string | null }> {
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      while (await sendNext(deps, ids)) heartbeat();
    }),
  );
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    if (!(end.reason instanceof OutOfCredits)) throw end.reason;
    await pauseBulkSend(deps.db, ids, 'no_credits');
  }
  return { nextDueAt: (await nextRecipientDue(deps.db, ids))?.toISOString() ?? null };
}

/** False: nobody waits who is due. */
async function sendNext(deps: DispatchDeps, ids: BulkSendIds): Promise<boolean> {
  const { db } = deps;
  const dueBy = await db.now();
  const taken = await db.transact(async (tx) => {
    const recipient = await claimRecipient(tx, ids, dueBy);
    if (!recipient) return undefined;
    const { organizationId } = ids;
    const notBefore = (await loadQuietHours(tx, organizationId, [recipient.personId]))(
      recipient.personId,
      dueBy,
    );
    if (notBefore > dueBy) {
      await settleRecipient(tx, ids, recipient.position, { state: 'waiting', notBefore });
      return { conversationId: null };
    }
    const { conversationId, userId, apiKeyId } = recipient;
    const accepted = await acceptUnattended(tx, deps.dayMs, { organizationId, conversationId }, recipient, {
      ...recipient,
      origin: 'bulk',
      actor: { organizationId, user: await senderOf(tx, organizationId, userId), apiKeyId },
      stageEntryId: null,
    });
    if (accepted.state === 'suppressed' && accepted.reason === 'no_credits') throw new OutOfCredits();
    await settleRecipient(
      tx,
      ids,
      recipient.position,
      accepted.state === 'queued' ? { state: 'accepted', messageId: accepted.messageId } : accepted,
    );
    return { conversationId: accepted.state === 'queued' ? conversationId : null };
  });
  if (!taken) return false;
  if (taken.conversationId === null) return true;
  const conversation = { organizationId: ids.organizationId, conversationId: taken.conversationId };
  const { outcome } = await dispatchQueued(deps, conversation, () => true);
  if (outcome === 'waiting' || outcome === 'blocked') await wakeConversation(db, conversation);
  return true;
}

/** Whose name it bears; somebody who was deactivated meanwhile does not. */
const senderOf = (tx: Tx, organizationId: string, userId: string | null) =>
  userId === null ? null : findActingUser(tx, { organizationId, userId });
