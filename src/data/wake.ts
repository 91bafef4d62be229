import { hasQueued, lockConversation, pokeConversation, type ConversationIds } from './conversation-store';
import type { Database } from './database';

/** Hands what is queued to the conversation's workflow. */
export async function wakeConversation(db: Database, ids: ConversationIds): Promise<void> {
  await db.transact(async (tx) => {
    const conversation = await lockConversation(tx, ids);
    if (await hasQueued(tx, ids)) await pokeConversation(tx, conversation, true);
  });
}
