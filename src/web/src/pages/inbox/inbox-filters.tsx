import { Funnel } from 'lucide-react';
import { lazy, Suspense } from 'react';
import { text } from '../../text';
import { CountBadge, IconButton, LoadingRows, Popover } from '../../ui';
import type { InboxFilters } from './use-inbox';

const FilterForm = lazy(async () => ({ default: (await import('./filter-form')).FilterForm }));

const words = text.inbox;

/** Narrows the list. */
export function InboxFilterButton({
  filters,
  onChange,
}: {
  filters: InboxFilters;
  onChange: (filters: InboxFilters) => void;
}) {
  const count = Object.values(filters).filter((value) => value !== undefined).length;
  return (
    <Popover
      label={words.filters}
      className="scroll-y w-80 p-4!"
      trigger={
        <IconButton
          label={count > 0 ? words.filtersOn(count) : words.filters}
          tooltip={false}
          variant="secondary"
          className="relative"
          icon={
            <>
              <Funnel aria-hidden className="size-4.5" />
              <CountBadge count={count} label="" className="absolute -top-1.5 -right-1.5" />
            </>
          }
        />
      }
    >
      <Suspense fallback={<LoadingRows rows={3} />}>
        <FilterForm filters={filters} onChange={onChange} />
      </Suspense>
    </Popover>
  );
}
