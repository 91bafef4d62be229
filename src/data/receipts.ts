import type { ReasonCode } from '../contracts/reasons';
import { foldReceipts, type ReceiptStatus } from '../domain/receipts';
import { takeBackAnswer } from './answers';
import {
  hasQueued,
  lockConversation,
  noticeConversation,
  pokeConversation,
  type LockedConversation,
} from './conversation-store';
import { giveBackCredits } from './credits';
import type { Database, Tx } from './database';
import { declineMarketing } from './opt-outs';
import { isUuid } from './sql';
import { extendChat, lockContactPoint, markAbsent, markPresent, markTaken } from './taken';
import { writeTimeline } from './timeline';

/** What a provider said of one message. */
export type ReceiptEvent = {
  providerId: string;
  status: ReceiptStatus;
  at: Date;
  /** Our message id, where the provider gave it back. */
  clientReference: string | undefined;
  error:
    | {
        code: number;
        detail: string | undefined;
        reason: ReasonCode;
        marksNotOnWhatsApp: boolean;
        declinesMarketing: boolean;
      }
    | undefined;
};

type Target = { messageId: string; conversationId: string };

export type ReceiptContext = {
  dayMs: number;
  /** Keyed hash of an address (`src/seal.ts`). */
  hashKey: (key: string) => string;
};

/**
 * Takes a receipt as a fact, in any order and however often (design: receipts are facts). It settles an unknown message.
 * Before its message is known it is parked. `repeated`: it was known.
 */
export async function recordReceipt(
  db: Database,
  context: ReceiptContext & { organizationId: string; channelAccountId: string },
  event: ReceiptEvent,
): Promise<'applied' | 'parked' | 'repeated'> {
  return db.transact(async (tx) => {
    const { organizationId, channelAccountId } = context;
    // The same lock as tx B holds while it looks for parked receipts: neither can miss the other.
    await lockProviderId(tx, channelAccountId, event.providerId);
    const target = await findTarget(tx, organizationId, channelAccountId, event);
    if (!target) {
      await tx.query(
        `insert into parked_receipts (channel_account_id, provider_id, status, organization_id, event, received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [
          channelAccountId,
          event.providerId,
          event.status,
          organizationId,
          { ...event, at: event.at.toISOString() },
          await tx.now(),
        ],
      );
      return 'parked';
    }
    const { messageId, conversationId } = target;
    const contactPointId = await lockContactPoint(tx, { organizationId, messageId });
    const conversation = await lockConversation(tx, { organizationId, conversationId });
    const fresh = await applyReceipt(tx, conversation, { ...context, messageId, contactPointId }, event);
    return fresh ? 'applied' : 'repeated';
  });
}

/** Within tx B, once the provider's id is known: what had come before its message. */
export async function applyParkedReceipts(
  tx: Tx,
  conversation: LockedConversation,
  facts: ReceiptContext & {
    messageId: string;
    contactPointId: string | null;
    channelAccountId: string;
    providerId: string;
  },
): Promise<void> {
  const parked = await tx.query<{ event: Omit<ReceiptEvent, 'at'> & { at: string } }>(
    'delete from parked_receipts where channel_account_id = $1 and provider_id = $2 returning event',
    [facts.channelAccountId, facts.providerId],
  );
  for (const { event } of parked)
    await applyReceipt(tx, conversation, facts, { ...event, at: new Date(event.at) });
}

async function applyReceipt(
  tx: Tx,
  conversation: LockedConversation,
  facts: ReceiptContext & { messageId: string; contactPointId: string | null; channelAccountId: string },
  event: ReceiptEvent,
): Promise<boolean> {
  const { organizationId } = conversation;
  const { messageId, contactPointId } = facts;
  const now = await tx.now();
  const at = event.at > now ? now : event.at;
  const fresh = await tx.query(
    `insert into receipts (organization_id, message_id, status, occurred_at, received_at, provider_code, detail)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (organization_id, message_id, status) do nothing returning 1`,
    [
      organizationId,
      messageId,
      event.status,
      at,
      now,
      event.error?.code ?? null,
      event.error?.detail ?? null,
    ],
  );
  if (fresh.length === 0) return false;

  // A receipt proves that the provider took the message, whatever became of it afterwards.
  const taken = await markTaken(tx, {
    organizationId,
    messageId,
    attemptToken: null,
    channelAccountId: facts.channelAccountId,
    providerId: event.providerId,
    at,
  });
  const extended = taken ? await extendChat(tx, conversation, taken, now, facts.dayMs) : conversation;

  const all = await tx.query<{ status: ReceiptStatus; at: Date }>(
    'select status, occurred_at as at from receipts where organization_id = $1 and message_id = $2',
    [organizationId, messageId],
  );
  const folded = foldReceipts(all);
  const failed = folded.status === 'failed';
  const [message] = await tx.query<{ applicationId: string | null }>(
    `update messages set state = $3::message_state, sent_at = least(sent_at, $4), delivered_at = $5, read_at = $6, failed_at = $7,
       reason = case when $3 = 'failed' then coalesce($8, reason, 'provider_refused') end,
       reason_detail = case when $3 = 'failed' then coalesce($9, reason_detail) end,
       provider_code = case when $3 = 'failed' then coalesce($10, provider_code) end
     where organization_id = $1 and id = $2
     returning application_id as "applicationId"`,
    [
      organizationId,
      messageId,
      folded.status,
      folded.sentAt ?? at,
      folded.deliveredAt ?? null,
      folded.readAt ?? null,
      failed ? (folded.failedAt ?? at) : null,
      event.error?.reason ?? null,
      event.error?.detail ?? null,
      event.error?.code ?? null,
    ],
  );
  if (folded.deliveredAt) await markPresent(tx, organizationId, contactPointId);
  if (event.status === 'failed') {
    // Whatever else it says: what the provider once called failed is not paid for.
    await giveBackCredits(tx, { organizationId, messageId, at: now });
    if (failed && event.error?.marksNotOnWhatsApp) await markAbsent(tx, organizationId, contactPointId);
    if (event.error?.declinesMarketing)
      await declineMarketing(tx, facts.hashKey, { ...conversation, contactPointId, at });
    if (failed) await takeBackAnswer(tx, { organizationId, conversationId: conversation.id });
    await writeTimeline(tx, organizationId, [
      {
        personId: conversation.personId,
        applicationId: message?.applicationId ?? null,
        kind: 'messageFailed',
        messageId,
        data: { reason: event.error?.reason ?? 'provider_refused' },
        occurredAt: at,
      },
    ]);
  }
  noticeConversation(tx, extended);
  if (taken) {
    const ids = { organizationId, conversationId: conversation.id };
    if (await hasQueued(tx, ids)) await pokeConversation(tx, extended, true);
  }
  return true;
}

/** By the provider's id, else by our own id that it gave back. */
async function findTarget(
  tx: Tx,
  organizationId: string,
  channelAccountId: string,
  event: ReceiptEvent,
): Promise<Target | undefined> {
  const [byProvider] = await tx.query<Target>(
    `select m.id as "messageId", m.conversation_id as "conversationId" from provider_messages pm
     join messages m on m.organization_id = pm.organization_id and m.id = pm.message_id
     where pm.channel_account_id = $1 and pm.provider_id = $2 and m.direction = 'out'`,
    [channelAccountId, event.providerId],
  );
  if (byProvider || event.clientReference === undefined || !isUuid(event.clientReference)) return byProvider;
  const [byReference] = await tx.query<Target>(
    `select m.id as "messageId", m.conversation_id as "conversationId" from messages m
     where m.organization_id = $1 and m.id = $2 and m.direction = 'out'`,
    [organizationId, event.clientReference],
  );
  return byReference;
}

/** Held by whoever settles what a provider's id stands for; taken before the conversation's lock. */
export async function lockProviderId(tx: Tx, channelAccountId: string, providerId: string): Promise<void> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `${channelAccountId}:${providerId}`,
  ]);
}
