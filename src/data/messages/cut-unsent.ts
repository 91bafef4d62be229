import type { Channel } from '../../contracts/common';
import type { LockedConversation } from '../conversations/conversation-store';
import type { Tx } from '../database';
import { endUnsent } from './dispatch';

/**
 * An opt-out cuts what waits for that number or address on the channels that it covers, a paused channel's messages too. What is still to
 * be accepted (scheduled, automatic, of a send to many) is judged when it is.
 */
export async function cutUnsent(
  tx: Tx,
  conversation: LockedConversation,
  { contactPointId, channels, at }: { contactPointId: string; channels: readonly Channel[]; at: Date },
): Promise<void> {
  const waiting = await tx.query<{ id: string; applicationId: string | null }>(
    `select id, application_id as "applicationId" from messages
     where organization_id = $1 and conversation_id = $2 and state = 'queued' and contact_point_id = $3 and channel = any($4::channel[])
     order by position for update`,
    [conversation.organizationId, conversation.id, contactPointId, channels],
  );
  for (const message of waiting)
    await endUnsent(tx, conversation, message, 'suppressed', { reason: 'opted_out' }, at);
}
