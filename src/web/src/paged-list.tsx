import type { ReactNode } from 'react';
import { text } from './text';
import { Button, ErrorState, LoadingRows } from './ui';

/** What `usePages` gives, whatever is in it. */
type List = {
  isPending: boolean;
  error: Error | null;
  data: unknown;
  refetch(): Promise<unknown>;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
};

/** A list read page by page: while it loads, what went wrong, when nobody is there, its rows, and the way to more. */
export function PagedList<Item>({
  pages: { list, items },
  empty,
  label,
  className = '',
  children,
}: {
  pages: { list: List; items: Item[] };
  empty: ReactNode;
  label?: string;
  className?: string;
  children: (item: Item) => ReactNode;
}) {
  return (
    <>
      {list.isPending && <LoadingRows />}
      {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data !== undefined && items.length === 0 && empty}
      <ul aria-label={label} className={`divide-y divide-line ${className}`}>
        {items.map(children)}
      </ul>
      {list.hasNextPage && (
        <Button className="mt-4" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {text.common.showMore}
        </Button>
      )}
    </>
  );
}
