import type { LockedConversation } from '../conversations/conversation-store';
import type { Tx } from '../database';

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

/**
 * CTEs that give a message which has just become known the reaction that came before it. `message`: a CTE with its `organization_id`,
 * `id`, `conversation_id`, `channel_account_id` and `provider_id`; its conversation is locked.
 */
export const withParkedReaction = (message: string): string =>
  `parked_reaction as (
     delete from parked_reactions p using ${message} m
     where p.channel_account_id = m.channel_account_id and p.provider_id = m.provider_id and p.conversation_id = m.conversation_id
     returning m.organization_id, m.id, p.emoji, p.occurred_at),
   reacted as (
     insert into reactions (organization_id, message_id, actor, emoji, occurred_at)
     select organization_id, id, 'person', emoji, occurred_at from parked_reaction on conflict do nothing)`;
