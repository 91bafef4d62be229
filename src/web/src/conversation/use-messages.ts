import { useQuery } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import type { Message } from '../../../contracts/messages';
import { call, type ApiError } from '../api';
import { keyOf, queryClient } from '../queries';
import { merge, withNewest, type Thread } from './thread-messages';

const route = 'GET /api/v1/conversations/{conversationId}/messages';
const pageSize = 50;
const threadKey = (conversationId: string) => keyOf(route, { params: { conversationId } });

/**
 * The messages of a conversation. Reading again fetches the newest page and lays it over what is there, so that whoever has
 * scrolled back stays where they are.
 */
export function useMessages(conversationId: string) {
  const query = useQuery<Thread, ApiError>({
    queryKey: threadKey(conversationId),
    queryFn: async ({ signal }) => {
      const page = await call(route, { params: { conversationId }, query: { limit: pageSize } }, { signal });
      return withNewest(readThread(conversationId), page.items, page.nextCursor);
    },
    staleTime: 5_000,
  });
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [olderError, setOlderError] = useState<ApiError | null>(null);
  const running = useRef(false);

  /** Fetches the page before; false when there is none, or it failed. */
  const loadOlder = useCallback(async (): Promise<boolean> => {
    const cursor = readThread(conversationId)?.olderCursor;
    if (!cursor || running.current) return false;
    running.current = true;
    setLoadingOlder(true);
    setOlderError(null);
    try {
      const page = await call(route, { params: { conversationId }, query: { limit: pageSize, cursor } });
      queryClient.setQueryData<Thread>(threadKey(conversationId), (thread) => ({
        items: merge(thread?.items ?? [], page.items),
        olderCursor: page.nextCursor,
        listed: thread?.listed ?? new Set(),
      }));
      return true;
    } catch (error) {
      setOlderError(error as ApiError);
      return false;
    } finally {
      running.current = false;
      setLoadingOlder(false);
    }
  }, [conversationId]);

  return { query, thread: query.data, loadOlder, loadingOlder, olderError };
}

/** Puts a message that a command answered among the others. */
export function showMessage(message: Message): void {
  queryClient.setQueryData<Thread>(
    threadKey(message.conversationId),
    (thread) => thread && { ...thread, items: merge(thread.items, [message]) },
  );
}

export function changeMessage(
  conversationId: string,
  messageId: string,
  change: (message: Message) => Message,
): void {
  queryClient.setQueryData<Thread>(
    threadKey(conversationId),
    (thread) =>
      thread && {
        ...thread,
        items: thread.items.map((item) => (item.id === messageId ? change(item) : item)),
      },
  );
}

function readThread(conversationId: string): Thread | undefined {
  return queryClient.getQueryData<Thread>(threadKey(conversationId));
}
