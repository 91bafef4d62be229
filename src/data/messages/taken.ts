import type { Channel } from '../../contracts/common';
import { reduceChat } from '../../domain/chat';
import { saveChat, type LockedConversation, type LockedPoint } from '../conversations/conversation-store';
import { withCommittedCredits } from '../credits/credits';
import { newId, type Tx } from '../database';
import { withParkedReaction } from '../inbound/parked-reactions';
import type { ParkedReceipt } from '../inbound/receipts';

export type TakenMessage = { channel: Channel; origin: string; senderUserId: string | null };

export type Taken = {
  /** Undefined when it was taken already, or is none of this attempt. */
  taken: TakenMessage | undefined;
  /** Receipts that came before it. */
  parked: ParkedReceipt[];
  /** Others of the conversation are still to be sent. */
  more: boolean;
};

/**
 * What follows from `taken` (messages that the provider took, with account and provider id), as further parts of a `with`: event, provider's
 * id, a reaction that came before it, credits; `heard` are the receipts that came before it.
 */
export const withWhatTakenBrings = (sql: { eventId: string; entryId: string; at: string }): string => `
  evented as (
    insert into events (organization_id, id, type, conversation_id, person_id, message_id, data, occurred_at)
    select t.organization_id, ${sql.eventId}, 'message.sent', t.conversation_id,
      (select c.person_id from conversations c where c.organization_id = t.organization_id and c.id = t.conversation_id), t.id, '{}', ${sql.at}
    from taken t join organizations o on o.id = t.organization_id and o.events_enabled),
  known as (
    insert into provider_messages (channel_account_id, provider_id, organization_id, message_id)
    select channel_account_id, provider_id, organization_id, id from taken on conflict (channel_account_id, provider_id) do nothing),
  ${withParkedReaction('taken')},
  ${withCommittedCredits('taken', { entryId: sql.entryId, at: sql.at })},
  heard as (
    delete from parked_receipts p using taken t where p.channel_account_id = t.channel_account_id and p.provider_id = t.provider_id
    returning t.id, p.event)`;

/** Marks a message as taken by the provider, spends its credit and gives it the reaction that came before it. */
export async function markTaken(
  tx: Tx,
  facts: {
    organizationId: string;
    messageId: string;
    conversationId: string;
    attemptToken: string | null;
    channelAccountId: string;
    providerId: string;
    at: Date;
  },
): Promise<Taken> {
  const [row] = await tx.prepared<{
    channel: Channel | null;
    origin: string | null;
    senderUserId: string | null;
    parked: ParkedReceipt[];
    more: boolean;
  }>(
    `with taken as (
       update messages set state = 'sent', sent_at = coalesce(sent_at, $4), provider_id = $3, reason = null, reason_detail = null
       where organization_id = $1 and id = $2 and state in ('queued', 'dispatching', 'unknown', 'unconfirmed')
         and ($5::uuid is null or attempt_token = $5)
       returning organization_id, id, conversation_id, $6::uuid as channel_account_id, provider_id, channel, origin, sender_user_id),
     ${withWhatTakenBrings({ eventId: '$9', entryId: '$7', at: '$4' })}
     select t.channel, t.origin, t.sender_user_id as "senderUserId", coalesce((select jsonb_agg(event) from heard), '[]') as parked,
       exists (select 1 from messages m where m.organization_id = $1 and m.state in ('queued', 'dispatching') and m.conversation_id = $8
         and m.id is distinct from t.id) as more
     from (select 1) always left join taken t on true`,
    [
      facts.organizationId,
      facts.messageId,
      facts.providerId,
      facts.at,
      facts.attemptToken,
      facts.channelAccountId,
      newId(),
      facts.conversationId,
      newId(),
    ],
  );
  const { channel, origin, senderUserId, parked, more } = row!;
  return {
    taken: origin === null || channel === null ? undefined : { channel, origin, senderUserId },
    parked,
    more,
  };
}

/** R-CHAT-4: a WhatsApp message sent by hand and taken by the provider is a contact. */
export async function extendChat(
  tx: Tx,
  conversation: LockedConversation,
  taken: TakenMessage,
  at: Date,
  dayMs: number,
): Promise<LockedConversation> {
  if (taken.channel !== 'whatsapp' || taken.origin !== 'manual' || !taken.senderUserId) return conversation;
  const step = reduceChat(
    conversation.chat,
    { type: 'manualSendTaken', at, userId: taken.senderUserId },
    dayMs,
  );
  return saveChat(tx, conversation, step, null);
}

/** WhatsApp has reached somebody there. */
export async function markPresent(tx: Tx, organizationId: string, point: LockedPoint | null): Promise<void> {
  if (!point || point.whatsapp === 'present') return;
  await tx.query(`update contact_points set whatsapp = 'present' where organization_id = $1 and id = $2`, [
    organizationId,
    point.id,
  ]);
}

/** The number as WhatsApp writes it, which may differ from ours. */
export async function storeWaId(
  tx: Tx,
  organizationId: string,
  point: LockedPoint | null,
  waId: string | undefined,
): Promise<void> {
  if (!point || waId === undefined || point.waId === waId) return;
  // of an erased person no number is kept, however late it is heard of
  await tx.query(
    `update contact_points set wa_id = $3 where organization_id = $1 and id = $2 and value <> ''`,
    [organizationId, point.id, waId],
  );
}

/** WhatsApp said that nobody is there. */
export async function markAbsent(tx: Tx, organizationId: string, point: LockedPoint | null): Promise<void> {
  await tx.query(`update contact_points set whatsapp = 'absent' where organization_id = $1 and id = $2`, [
    organizationId,
    point?.id ?? null,
  ]);
}

/** An address that the mail server refused: e-mail goes there no more until somebody enters it anew. */
export async function markBounced(
  tx: Tx,
  organizationId: string,
  point: LockedPoint | null,
  at: Date,
): Promise<void> {
  await tx.query(
    'update contact_points set bounced_at = coalesce(bounced_at, $3) where organization_id = $1 and id = $2',
    [organizationId, point?.id ?? null, at],
  );
}
