import type { Conversation } from '../../../contracts/conversations';
import { useWhenPast } from '../clock';
import { keyOf, queryClient, refresh, useRoute } from '../queries';

export type ConversationRef = { conversationId: string } | { personId: string };

/** A conversation by its own id or by its person's. */
export function useConversation(ref: ConversationRef) {
  const byId = useRoute(
    'GET /api/v1/conversations/{conversationId}',
    'conversationId' in ref ? { params: { conversationId: ref.conversationId } } : null,
  );
  const byPerson = useRoute(
    'GET /api/v1/people/{personId}/conversation',
    'personId' in ref ? { params: { personId: ref.personId } } : null,
  );
  const query = 'conversationId' in ref ? byId : byPerson;
  useWhenPast([query.data?.deadlineAt ?? null, query.data?.windowUntil ?? null], () => void query.refetch());
  return query;
}

/** Whether anything was ever written, in either direction; false until it is known. */
export function useHasMessages(conversationId: string | undefined): boolean {
  const conversation = useRoute(
    'GET /api/v1/conversations/{conversationId}',
    conversationId === undefined ? null : { params: { conversationId } },
  );
  return Boolean(conversation.data?.lastMessage);
}

/** What a command answered is shown at once, wherever the conversation is on the screen. */
export function showConversation(conversation: Conversation): void {
  const { id, person } = conversation;
  queryClient.setQueryData(
    keyOf('GET /api/v1/conversations/{conversationId}', { params: { conversationId: id } }),
    conversation,
  );
  queryClient.setQueryData(
    keyOf('GET /api/v1/people/{personId}/conversation', { params: { personId: person.id } }),
    conversation,
  );
  refresh(
    'GET /api/v1/conversations',
    'GET /api/v1/conversations/counts',
    'GET /api/v1/people/{personId}/timeline',
  );
}

/** Reads a conversation again, e.g. after a refusal that shows that it changed. */
export function refreshConversation(): void {
  refresh('GET /api/v1/conversations/{conversationId}', 'GET /api/v1/people/{personId}/conversation');
}
