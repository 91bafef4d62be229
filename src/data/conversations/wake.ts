import { hasQueued, lockConversation, pokeConversation, type ConversationIds } from './conversation-store';
import type { Database } from '../database';

/** Hands what is queued to the conversation's workflow. */
export async function wakeConversation(db: Database, ids: ConversationIds): Promise<void> {
  await db.transact(async (tx) => {
    const conversation = await lockConversation(tx, ids);
    if (conversation.blockedBy === 'resuming') {
      await tx.query('update conversations set blocked_by = null where organization_id = $1 and id = $2', [
        ids.organizationId,
        ids.conversationId,
      ]);
    }
    if (await hasQueued(tx, ids)) await pokeConversation(tx, conversation, true);
  });
}

/** About as many workflows as a small server starts in a second; the limits of the account hold beyond that. */
export const wokenAtOnce = 50;

/** Once a second: the next of those whose channel works again. */
export async function wakeResumed(db: Database): Promise<number> {
  const resuming = await db.query<ConversationIds>(
    `select organization_id as "organizationId", id as "conversationId" from conversations where blocked_by = 'resuming'
     order by organization_id, id limit ${wokenAtOnce}`,
  );
  for (const ids of resuming) await wakeConversation(db, ids);
  return resuming.length;
}
