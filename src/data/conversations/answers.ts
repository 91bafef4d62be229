import type { ConversationIds } from './conversation-store';
import type { Tx } from '../database';

const neverSaid = `('failed', 'suppressed', 'cancelled')`;

/**
 * R-CHAT-10: an answer by hand that never arrived was none. Once none of those since the mark was taken away is left, it comes
 * back with its waiting time, and the person's message is the last one again. The conversation is locked.
 */
export async function takeBackAnswer(
  tx: Tx,
  { organizationId, conversationId }: ConversationIds,
): Promise<void> {
  await tx.query(
    `update conversations c set unanswered_since = least(c.unanswered_since, c.answered_since), answered_since = null,
       answered_position = null, updated_at = $3,
       last_direction = (select m.direction from messages m
         where m.organization_id = c.organization_id and m.conversation_id = c.id and m.state not in ${neverSaid}
         order by m.position desc limit 1)
     where c.organization_id = $1 and c.id = $2 and c.answered_since is not null and not exists (
       select 1 from messages m where m.organization_id = c.organization_id and m.conversation_id = c.id
         and m.position >= c.answered_position and m.direction = 'out' and m.origin = 'manual' and m.state not in ${neverSaid})`,
    [organizationId, conversationId, await tx.now()],
  );
}
