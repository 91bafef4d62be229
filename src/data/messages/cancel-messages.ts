import { lockConversation } from '../conversations/conversation-store';
import type { Database } from '../database';
import { endUnsent } from './dispatch';

/** Cancels a message that has not left: its credit comes back, the timeline says so. One that has is left alone. */
export async function cancelQueued(
  db: Database,
  message: { organizationId: string; conversationId: string; messageId: string },
): Promise<boolean> {
  const { organizationId, messageId } = message;
  return db.transact(async (tx) => {
    const conversation = await lockConversation(tx, message);
    const [queued] = await tx.query<{ id: string; applicationId: string | null }>(
      `select id, application_id as "applicationId" from messages
       where organization_id = $1 and id = $2 and state in ('queued', 'scheduled') for update`,
      [organizationId, messageId],
    );
    if (!queued) return false;
    await endUnsent(tx, conversation, queued, 'cancelled', { reason: 'cancelled' }, await tx.now());
    return true;
  });
}
