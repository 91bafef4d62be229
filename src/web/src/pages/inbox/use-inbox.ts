import { useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { Channel } from '../../../../contracts/common';
import type { ChatStatus, ConversationRow } from '../../../../contracts/conversations';
import { call, type ApiError } from '../../api';
import { useWhenPast } from '../../clock';
import { readStored, store } from '../../local-store';
import { keyOf, refresh, useMe } from '../../queries';

export type InboxView = 'my' | 'all' | 'unassigned';
export type InboxFilters = {
  unanswered?: boolean;
  status?: ChatStatus;
  channel?: Channel;
  vacancyId?: string;
  ownerId?: string;
};
export type InboxChoice = { view: InboxView; filters: InboxFilters };

/** Which list is shown; the browser remembers it for each user. */
export function useInboxChoice() {
  const me = useMe();
  const key = `inbox.${me.user.id}`;
  const [choice, setChoice] = useState<InboxChoice>(() =>
    // whoever may only read owns no chats
    readStored(key, { view: me.permissions.send ? 'my' : 'all', filters: {} }),
  );
  const change = useCallback(
    (next: InboxChoice) => {
      setChoice(next);
      store(key, next);
    },
    [key],
  );
  return [choice, change] as const;
}

/** The rows of a list; each conversation once, also while it moves between two pages. */
export function useInboxRows({ view, filters }: InboxChoice, q: string) {
  const asked = { view, q: q || undefined, ...filters };
  const query = useInfiniteQuery<
    { items: ConversationRow[]; nextCursor: string | null },
    ApiError,
    { pages: { items: ConversationRow[] }[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: keyOf('GET /api/v1/conversations', { query: asked }),
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/conversations', { query: { ...asked, cursor: pageParam } }, { signal }),
    initialPageParam: undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    // going back and forth between the views shows what is known at once
    staleTime: 5_000,
  });
  const rows = useMemo(() => {
    const seen = new Set<string>();
    const all = query.data?.pages.flatMap((page) => page.items) ?? [];
    return all.filter(({ id }) => !seen.has(id) && seen.add(id));
  }, [query.data]);
  useWhenPast(
    rows.map(({ deadlineAt }) => deadlineAt),
    () => refresh('GET /api/v1/conversations', 'GET /api/v1/conversations/counts'),
  );
  return { query, rows };
}
