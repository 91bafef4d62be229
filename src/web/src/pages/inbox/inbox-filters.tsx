import { lazy, Suspense } from 'react';
import { FilterButton } from '../../filter-button';
import { LoadingRows } from '../../ui';
import type { InboxFilters } from './use-inbox';

const FilterForm = lazy(async () => ({ default: (await import('./filter-form')).FilterForm }));

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
    <FilterButton count={count} className="scroll-y w-80 p-4!">
      <Suspense fallback={<LoadingRows rows={3} />}>
        <FilterForm filters={filters} onChange={onChange} />
      </Suspense>
    </FilterButton>
  );
}
