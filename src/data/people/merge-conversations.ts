import type { LockedConversation } from '../conversations/conversation-store';
import type { Tx } from '../database';

/**
 * Two conversations, both locked, become one: the messages of both in the order in which they were accepted, the counters and marks as if
 * they had always been one. The chat itself is merged by its rules (`domain/chat.ts`).
 */
export async function mergeConversations(
  tx: Tx,
  facts: { organizationId: string; from: LockedConversation; into: LockedConversation; now: Date },
): Promise<void> {
  const { organizationId, from, into, now } = facts;
  const ids = [organizationId, from.id, into.id];
  // The first of the answers that took an unanswered mark away is found again by what it is, not by where it stood.
  const [answered] = await tx.query<{ messageId: string | null }>(
    `select (select m.id from conversations c join messages m on m.organization_id = c.organization_id
         and m.conversation_id = c.id and m.position = c.answered_position
       where c.organization_id = $1 and c.id in ($2, $3) and c.answered_since is not null
       order by m.created_at, m.id limit 1) as "messageId"`,
    ids,
  );
  // Through negative positions, of which there are none: no two messages stand in one place meanwhile.
  await tx.query(
    `with ordered as (
       select id, row_number() over (order by created_at, conversation_id, position) as place
       from messages where organization_id = $1 and conversation_id in ($2, $3))
     update messages m set conversation_id = $3, position = -ordered.place
     from ordered where m.organization_id = $1 and m.id = ordered.id`,
    ids,
  );
  await tx.query(
    'update messages set position = -position where organization_id = $1 and conversation_id = $2 and position < 0',
    [organizationId, into.id],
  );
  // unread of a user = those that came in − those read: the sum of both
  await tx.query(
    `with gone as (delete from conversation_reads where organization_id = $1 and conversation_id = $2 returning *)
     insert into conversation_reads as r (organization_id, conversation_id, user_id, inbound_read, read_at)
     select organization_id, $3, user_id, inbound_read, read_at from gone
     on conflict (organization_id, conversation_id, user_id) do update
       set inbound_read = r.inbound_read + excluded.inbound_read, read_at = greatest(r.read_at, excluded.read_at)`,
    ids,
  );
  await tx.query(
    'update parked_reactions set conversation_id = $3 where organization_id = $1 and conversation_id = $2',
    ids,
  );
  await tx.query(
    `update conversations s set
       message_count = s.message_count + l.message_count, inbound_count = s.inbound_count + l.inbound_count,
       last_message_at = greatest(s.last_message_at, l.last_message_at),
       last_message_id = case when l.last_message_at > s.last_message_at or s.last_message_id is null then l.last_message_id else s.last_message_id end,
       last_direction = case when l.last_message_at > s.last_message_at or s.last_message_id is null then l.last_direction else s.last_direction end,
       last_sender_id = case when l.last_message_at > s.last_message_at then coalesce(l.last_sender_id, s.last_sender_id)
         else coalesce(s.last_sender_id, l.last_sender_id) end,
       channels = array(select distinct c from unnest(coalesce(s.channels, '{}') || coalesce(l.channels, '{}')) as c),
       unanswered_since = least(s.unanswered_since, l.unanswered_since), answered_since = least(s.answered_since, l.answered_since),
       answered_position = (select m.position from messages m where m.organization_id = $1 and m.id = $4),
       blocked_by = coalesce(s.blocked_by, l.blocked_by), not_before = greatest(s.not_before, l.not_before), updated_at = $5
     from conversations l where s.organization_id = $1 and s.id = $3 and l.organization_id = $1 and l.id = $2`,
    [...ids, answered?.messageId ?? null, now],
  );
  await tx.query(
    `update conversations set merged_into_id = $3, updated_at = $4,
       message_count = 0, inbound_count = 0, last_message_at = null, last_message_id = null, last_direction = null, channels = '{}',
       unanswered_since = null, answered_since = null, answered_position = null, blocked_by = null, not_before = null
     where organization_id = $1 and id = $2`,
    [...ids, now],
  );
  await tx.query(
    'update conversations set merged_into_id = $3 where organization_id = $1 and merged_into_id = $2',
    ids,
  );
}
