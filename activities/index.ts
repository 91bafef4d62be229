import type { ConversationIds } from '../src/data/conversation-store';
import type { DispatchResult } from '../src/domain/dispatch';
import type { ChatSnapshot } from '../src/domain/snapshot';

/** Everything workflows can have done. Arguments and results are ids, codes and instants (ISO 8601) only. */
export type Activities = {
  /** Sends at most one message of the conversation. */
  dispatchNext(ids: ConversationIds): Promise<DispatchResult>;
  /** Writes down what has run out (R-CHAT-4, R-CHAT-5). */
  settleConversation(ids: ConversationIds): Promise<ChatSnapshot>;
  /** Runs a batch of a move's automatic actions. */
  runStageMove(move: { organizationId: string; moveId: string }): Promise<{ remaining: number }>;
};
