import type { LockedConversation } from './conversation-store';
import type { Tx } from './database';

/** Keeps a person's reaction to a message that is not known yet; the conversation is locked. */
export async function parkReaction(
  tx: Tx,
  conversation: LockedConversation,
  reaction: { channelAccountId: string; providerId: string; emoji: string; at: Date },
): Promise<void> {
  await tx.query(
    `insert into parked_reactions as parked (channel_account_id, provider_id, organization_id, conversation_id, emoji, occurred_at, received_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (channel_account_id, provider_id, conversation_id) do update
       set emoji = excluded.emoji, occurred_at = excluded.occurred_at where parked.occurred_at <= excluded.occurred_at`,
    [
      reaction.channelAccountId,
      reaction.providerId,
      conversation.organizationId,
      conversation.id,
      reaction.emoji,
      reaction.at,
      await tx.now(),
    ],
  );
}

/** Gives a message that has just become known the reaction that came before it; its conversation is locked. */
export async function applyParkedReaction(
  tx: Tx,
  message: { organizationId: string; messageId: string; channelAccountId: string; providerId: string },
): Promise<void> {
  await tx.query(
    `with parked as (
       delete from parked_reactions p using messages m
       where m.organization_id = $1 and m.id = $2 and p.channel_account_id = $3 and p.provider_id = $4
         and p.conversation_id = m.conversation_id
       returning p.emoji, p.occurred_at)
     insert into reactions (organization_id, message_id, actor, emoji, occurred_at)
     select $1, $2, 'person', emoji, occurred_at from parked on conflict do nothing`,
    [message.organizationId, message.messageId, message.channelAccountId, message.providerId],
  );
}
