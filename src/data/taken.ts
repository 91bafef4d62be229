import { reduceChat } from '../domain/chat';
import { saveChat, type LockedConversation } from './conversation-store';
import { commitCredits } from './credits';
import type { Tx } from './database';
import { applyParkedReaction } from './parked-reactions';

export type TakenMessage = { origin: string; senderUserId: string | null; contactPointId: string | null };

/** Marks a message as taken by the provider and spends its credit; undefined when it was already (or is none of this attempt). */
export async function markTaken(
  tx: Tx,
  facts: {
    organizationId: string;
    messageId: string;
    attemptToken: string | null;
    channelAccountId: string;
    providerId: string;
    at: Date;
  },
): Promise<TakenMessage | undefined> {
  const [taken] = await tx.query<TakenMessage>(
    `update messages set state = 'sent', sent_at = coalesce(sent_at, $4), provider_id = $3, reason = null, reason_detail = null
     where organization_id = $1 and id = $2 and state in ('queued', 'dispatching', 'unknown', 'unconfirmed')
       and ($5::uuid is null or attempt_token = $5)
     returning origin, sender_user_id as "senderUserId", contact_point_id as "contactPointId"`,
    [facts.organizationId, facts.messageId, facts.providerId, facts.at, facts.attemptToken],
  );
  if (!taken) return undefined;
  await tx.query(
    `insert into provider_messages (channel_account_id, provider_id, organization_id, message_id) values ($1, $2, $3, $4)
     on conflict (channel_account_id, provider_id) do nothing`,
    [facts.channelAccountId, facts.providerId, facts.organizationId, facts.messageId],
  );
  await applyParkedReaction(tx, facts);
  await commitCredits(tx, facts);
  return taken;
}

/** R-CHAT-4: a message sent by hand and taken by the provider is a contact. */
export async function extendChat(
  tx: Tx,
  conversation: LockedConversation,
  taken: TakenMessage,
  at: Date,
  dayMs: number,
): Promise<LockedConversation> {
  if (taken.origin !== 'manual' || !taken.senderUserId) return conversation;
  const step = reduceChat(
    conversation.chat,
    { type: 'manualSendTaken', at, userId: taken.senderUserId },
    dayMs,
  );
  return saveChat(tx, conversation, step, null);
}

/** Locks the number that a message went to: contact points come before conversations in the order of locks. */
export async function lockContactPoint(
  tx: Tx,
  message: { organizationId: string; messageId: string },
): Promise<string | null> {
  const [point] = await tx.query<{ id: string }>(
    `select id from contact_points
     where organization_id = $1 and id = (select contact_point_id from messages where organization_id = $1 and id = $2)
     for no key update`,
    [message.organizationId, message.messageId],
  );
  return point?.id ?? null;
}

/** WhatsApp has reached somebody there. */
export async function markPresent(
  tx: Tx,
  organizationId: string,
  contactPointId: string | null,
): Promise<void> {
  await tx.query(
    `update contact_points set whatsapp = 'present' where organization_id = $1 and id = $2 and whatsapp <> 'present'`,
    [organizationId, contactPointId],
  );
}

/** WhatsApp said that nobody is there. */
export async function markAbsent(
  tx: Tx,
  organizationId: string,
  contactPointId: string | null,
): Promise<void> {
  await tx.query(`update contact_points set whatsapp = 'absent' where organization_id = $1 and id = $2`, [
    organizationId,
    contactPointId,
  ]);
}
