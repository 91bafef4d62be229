import { useInfiniteQuery } from '@tanstack/react-query';
import type { CallArgs, CallResult, GetKey } from './api';
import { callAny, keyOf } from './queries';
import { isSameList } from './same-list';

type Paged = {
  [K in GetKey]: CallResult<K> extends { items: unknown[]; nextCursor: string | null } ? K : never;
}[GetKey];
type ItemOf<K extends Paged> = CallResult<K> extends { items: (infer Item)[] } ? Item : never;

/** Reads a list page by page; `items` holds all pages read so far. */
export function usePages<K extends Paged>(key: K, args: CallArgs<K>) {
  type Page = { items: ItemOf<K>[]; nextCursor: string | null };
  const list = useInfiniteQuery({
    // not the key of `useRoute`, whose data has another shape
    queryKey: [...keyOf(key, args), 'pages'],
    queryFn: ({ pageParam, signal }) => {
      const { query = {} } = args as { query?: Record<string, unknown> };
      const asked = { ...args, query: { ...query, cursor: pageParam } } as CallArgs<K>;
      return callAny(key, asked, { signal }) as unknown as Promise<Page>;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: (previous, asked) =>
      asked && isSameList(asked.queryKey[1], args) ? previous : undefined,
  });
  return { list, items: list.data?.pages.flatMap((page) => page.items) ?? [] };
}
