import { ChannelError } from '../src/channels/channel-error';
import { acceptUnattended, refuseUnattended } from '../src/data/messages/accept-message';
import { beginWithinMs, claimBatch, type BatchMessage, type BulkBatch } from '../src/data/bulk/bulk-batch';
import {
  accountOfChannel,
  claimRecipient,
  creditsLeft,
  followMerged,
  holdWhatsApp,
  leftBehind,
  nextRecipientDue,
  pauseForCredits,
  runningChannels,
  settleRecipient,
  type BulkSendIds,
} from '../src/data/bulk/bulk-sends';
import type { Tx } from '../src/data/database';
import { mailEnvelopes, type MailEnvelope } from '../src/data/mail/envelopes';
import { authorOf } from '../src/data/scheduled/scheduled-author';
import { recordRetry, recordSent } from '../src/data/messages/dispatch';
import type { Slot } from '../src/data/limits/send-limits';
import { findActingUser } from '../src/data/organization/session';
import { recordTaken, type TakenOne } from '../src/data/messages/take-many';
import { wakeConversation } from '../src/data/conversations/wake';
import type { SendChannel } from '../src/domain/eligibility';
import { callProvider, dispatchQueued, sendOrWake, settleRefusal, type DispatchDeps } from './dispatch-next';

export type BatchSizes = {
  /** Claimed in one transaction, just before their calls. */
  claimed: number;
  /** Under way at once: called, or answered and not written down yet. */
  underWay: number;
};

const usualSizes: BatchSizes = { claimed: 64, underWay: 128 };

/** Answers are written down together, this long after the first of them. */
const gatherMs = 50;

/** Messages that go through the gate of their conversation, side by side. */
const lanes = 8;

/** A provider that wants a rest gets it from the whole send, up to this long; then it is asked with a few. */
const restMs = 5_000;

/** Well below the activity's own time (`batchOptions`): what is left waits for the next turn. */
const turnMs = 30 * 60_000;

/** Thrown out of a transaction, which leaves nothing of the message. */
class OutOfCredits extends Error {
  constructor(readonly left: number) {
    super();
  }
}

/**
 * Sends to those who wait, in batches: accepted and claimed in one transaction just before their calls, which run side by side; what the
 * provider took is written down in batches as well. Who has something else going on in their conversation goes alone, through its gate.
 * Paused and cancelled are read with each batch.
 *
 * @returns when the next is due (quiet hours, an attempt whose end nobody saw); null: nothing is left to do, or it does not run
 */
export async function runBulkSend(
  deps: DispatchDeps,
  ids: BulkSendIds,
  heartbeat: () => void,
  sizes = usualSizes,
): Promise<{ nextDueAt: string | null }> {
  const channels = await runningChannels(deps.db, ids);
  if (channels.length > 0) await sendLeftBehind(deps, ids, heartbeat);
  const ends = await Promise.allSettled(
    channels.map((channel) => runChannel(deps, ids, channel, { heartbeat, sizes })),
  );
  for (const end of ends) {
    if (end.status === 'fulfilled') continue;
    if (!(end.reason instanceof OutOfCredits)) throw end.reason;
    await pauseForCredits(deps.db, ids, end.reason.left);
  }
  return { nextDueAt: (await nextRecipientDue(deps.db, ids))?.toISOString() ?? null };
}

async function runChannel(
  deps: DispatchDeps,
  ids: BulkSendIds,
  channel: SendChannel,
  { heartbeat, sizes }: { heartbeat: () => void; sizes: BatchSizes },
): Promise<void> {
  const { db, limits } = deps;
  const flight = createFlight(deps, ids);
  const endsAt = performance.now() + turnMs;
  let position = -1;
  try {
    while (performance.now() < endsAt) {
      heartbeat();
      await flight.fallTo(sizes.underWay - sizes.claimed);
      const account = await accountOfChannel(db, ids.organizationId, channel);
      if (account?.state === 'paused') return;
      const slots = account ? await limits.rate.lease(rated(ids, account), sizes.claimed) : [];
      if (account && slots.length === 0) {
        // The account is slowed down; meanwhile somebody may have paused or cancelled this.
        if ((await runningChannels(db, ids)).length === 0) return;
        continue;
      }
      const claim = (after: number) =>
        claimBatch(db, ids, deps, { channel, after, limit: slots.length || sizes.claimed });
      let batch: BulkBatch | undefined;
      try {
        // at the end once more from the beginning: for those who were passed by
        batch = (await claim(position)) ?? (position < 0 ? undefined : await claim(-1));
      } finally {
        limits.rate.giveBack(slots.slice(batch?.messages.length ?? 0));
      }
      if (!batch) return;
      position = batch.position;
      flight.start(batch.messages, slots);
      await inLanes(batch.alone, (one) => sendAlone(deps, ids, one));
      if (batch.tooFewCredits !== null) throw new OutOfCredits(batch.tooFewCredits);
      if (batch.outOfReach) {
        const { heldUntil } = await limits.reach.lease(batch.outOfReach, sizes.claimed);
        if (heldUntil) return await holdWhatsApp(db, ids, heldUntil);
      }
    }
  } finally {
    await flight.fallTo(0);
  }
}

const rated = ({ organizationId }: BulkSendIds, account: { id: string }) => ({
  organizationId,
  channelAccountId: account.id,
});

/** What a dead worker or a tired provider left behind: sent, or written down as unknown, each through the gate of its conversation. */
async function sendLeftBehind(deps: DispatchDeps, ids: BulkSendIds, heartbeat: () => void): Promise<void> {
  const { organizationId } = ids;
  await inLanes(await leftBehind(deps.db, ids), async (conversationId) => {
    heartbeat();
    await dispatchQueued(deps, { organizationId, conversationId }, () => true);
  });
}

/** Messages between their claim and the record of their end. */
function createFlight(deps: DispatchDeps, ids: BulkSendIds) {
  const { db } = deps;
  const { organizationId } = ids;
  let underWay = 0;
  let restUntil = 0;
  let answers: (TakenOne & { conversationId: string })[] = [];
  let writing: Promise<void> | undefined;
  let fault: Error | undefined;
  let landed: (() => void) | undefined;

  const note = (error: unknown) =>
    void (fault ??= error instanceof Error ? error : new Error('a send failed'));
  const land = (count: number) => {
    underWay -= count;
    landed?.();
  };

  /** One transaction at a time; what comes in meanwhile goes together in the next. */
  async function write(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    while (answers.length > 0) {
      const some = answers;
      answers = [];
      try {
        // One that cannot be written down does not cost the others their record.
        await recordTaken(db, { ...deps, organizationId }, some).catch(() =>
          recordEach(deps, organizationId, some),
        );
      } finally {
        land(some.length);
      }
    }
  }

  async function send(
    opened: DispatchDeps,
    message: BatchMessage,
    { slot, claimedAt, envelope }: { slot: Slot; claimedAt: number; envelope?: () => Promise<MailEnvelope> },
  ): Promise<void> {
    const conversation = { organizationId, conversationId: message.conversationId };
    const { messageId, attemptToken } = message;
    await deps.limits.rate.ready(slot);
    if (performance.now() - claimedAt > beginWithinMs) {
      // Its deadline no longer covers a whole call.
      await recordRetry(db, conversation, { messageId, attemptToken, retryAfterMs: 1 });
      return land(1);
    }
    try {
      const { providerId, waId } = await callProvider(opened, conversation, message, envelope);
      const channelAccountId = message.account.id;
      answers.push({ messageId, attemptToken, channelAccountId, providerId, waId, ...conversation });
      writing ??= write()
        .catch(note)
        .finally(() => (writing = undefined));
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error;
      const { outcome, more, retryAt } = await settleRefusal(deps, conversation, message, error);
      if (outcome === 'waiting' && retryAt !== null)
        restUntil = Math.max(restUntil, Math.min(Date.parse(retryAt), Date.now() + restMs));
      if (more) await wakeConversation(db, conversation);
      land(1);
    }
  }

  /** Those of a batch are made in one transaction. */
  function envelopesOf(messages: BatchMessage[]): Promise<Map<string, MailEnvelope>> | undefined {
    if (messages[0]?.channel !== 'email') return undefined;
    const made = mailEnvelopes(
      db,
      deps,
      { organizationId },
      messages.map(({ messageId }) => messageId),
    );
    // each message that needs it hears of a fault
    made.catch(() => undefined);
    return made;
  }

  return {
    start(messages: BatchMessage[], slots: Slot[]): void {
      underWay += messages.length;
      const claimedAt = performance.now();
      const opened = openedOnce(deps);
      const envelopes = envelopesOf(messages);
      for (const [index, message] of messages.entries()) {
        const envelope = envelopes && (async () => (await envelopes).get(message.messageId)!);
        send(opened, message, { slot: slots[index]!, claimedAt, ...(envelope && { envelope }) }).catch(
          (error: unknown) => {
            note(error);
            land(1);
          },
        );
      }
    },
    /** Waits until at most so many are under way, and a rest that the provider asked for is over. Throws what went wrong with one. */
    async fallTo(most: number): Promise<void> {
      while (underWay > most) await new Promise<void>((resolve) => (landed = resolve));
      if (most === 0) await writing;
      if (fault !== undefined) throw fault;
      const rest = restUntil - Date.now();
      if (most > 0 && rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    },
  };
}

/** All messages of a batch go over one account: its credentials are opened once, and forgotten with the batch. */
function openedOnce(deps: DispatchDeps): DispatchDeps {
  let account: ReturnType<DispatchDeps['openAccount']> | undefined;
  return { ...deps, openAccount: (sealed) => (account ??= deps.openAccount(sealed)) };
}

async function recordEach(
  deps: DispatchDeps,
  organizationId: string,
  some: (TakenOne & { conversationId: string })[],
): Promise<void> {
  for (const { conversationId, ...one } of some) {
    const sent = { ...one, attemptToken: one.attemptToken!, goesOn: false };
    await recordSent(deps.db, { organizationId, conversationId }, deps, sent);
  }
}

/** Accepted and settled in one transaction, then sent through the gate of the conversation. */
async function sendAlone(deps: DispatchDeps, ids: BulkSendIds, position: number): Promise<void> {
  const { db } = deps;
  const { organizationId } = ids;
  const queuedIn = await db.transact(async (tx) => {
    const recipient = await claimRecipient(tx, ids, position);
    if (!recipient) return undefined;
    const { conversationId, userId, apiKeyId, fallback, mergedIntoId } = recipient;
    if (mergedIntoId !== null) {
      if (await followMerged(tx, ids, recipient)) return undefined;
      const refusal = { ...recipient, organizationId, personId: mergedIntoId, reason: 'merged' } as const;
      await refuseUnattended(tx, refusal);
      await settleRecipient(tx, ids, position, { state: 'suppressed', messageId: null, reason: 'merged' });
      return undefined;
    }
    const author = { organizationId, conversationId, origin: 'bulk', batchId: ids.bulkSendId } as const;
    const actor = recipient.scheduled
      ? await authorOf(tx, { ...recipient, ...author })
      : { organizationId, user: await senderOf(tx, organizationId, userId), apiKeyId };
    const judged = actor
      ? await acceptUnattended(tx, deps.dayMs, { organizationId, conversationId }, recipient, {
          ...recipient,
          origin: 'bulk',
          actor,
          stageEntryId: null,
          fallback: fallback && { ...fallback, batchId: ids.bulkSendId },
        })
      : null;
    const accepted =
      judged && judged.messageId !== null
        ? judged
        : await refuseUnattended(tx, {
            ...recipient,
            organizationId,
            reason: judged?.reason ?? 'not_permitted',
          });
    if (accepted.state === 'suppressed' && accepted.reason === 'no_credits')
      throw new OutOfCredits(await creditsLeft(tx, organizationId));
    await settleRecipient(
      tx,
      ids,
      recipient.position,
      accepted.state === 'queued' ? { state: 'accepted', messageId: accepted.messageId } : accepted,
    );
    return accepted.state === 'queued' ? conversationId : undefined;
  });
  if (queuedIn === undefined) return;
  await sendOrWake(deps, { organizationId, conversationId: queuedIn });
}

/** Whose name it bears; somebody who was deactivated meanwhile does not. */
const senderOf = (tx: Tx, organizationId: string, userId: string | null) =>
  userId === null ? null : findActingUser(tx, { organizationId, userId });

async function inLanes<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: Math.min(lanes, left.length) }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}
