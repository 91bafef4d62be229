import { useEffect, useState } from 'react';
import { FilterButton } from '../../filter-button';
import { useRoute } from '../../queries';
import { TextField } from '../../ui';
import { PeopleFilterForm } from './people-filter-form';
import { SavedSearches } from './saved-searches';
import { filterText as words, peopleText } from './text';
import type { usePeopleFilters } from './use-people-filters';

const typingPauseMs = 200;

/** Search field, filters, saved searches, and how many they find. */
export function PeopleFilterBar({ state }: { state: ReturnType<typeof usePeopleFilters> }) {
  const { view, filters, change } = state;
  const q = filters.q ?? '';
  const [typed, setTyped] = useState(q);
  const [shownQ, setShownQ] = useState(q);
  // a saved search, or the way back, changed it from elsewhere
  if (shownQ !== q) {
    setShownQ(q);
    if (typed.trim() !== q) setTyped(q);
  }
  useEffect(() => {
    if (typed.trim() === q) return undefined;
    const timer = setTimeout(() => change({ q: typed.trim() }, { replace: true }), typingPauseMs);
    return () => clearTimeout(timer);
  });
  const { q: _, ...others } = filters;
  const count = Object.keys(others).length;
  const label = view === 'employer' ? peopleText.searchEmployers : peopleText.search;
  return (
    <div className="flex flex-wrap items-center gap-2 pb-3">
      <TextField
        className="min-w-0 flex-1 basis-60 sm:max-w-md"
        label={label}
        hideLabel
        type="search"
        placeholder={label}
        value={typed}
        maxLength={100}
        onChange={(event) => setTyped(event.target.value)}
      />
      {view !== 'employer' && (
        <>
          <FilterButton count={count} align="start" className="scroll-y max-h-[70dvh] w-88 max-w-[92vw] p-4!">
            <PeopleFilterForm filters={filters} onChange={change} />
          </FilterButton>
          <SavedSearches state={state} />
          <FoundCount asked={state.asked} />
        </>
      )}
    </div>
  );
}

function FoundCount({ asked }: { asked: ReturnType<typeof usePeopleFilters>['asked'] }) {
  const found = useRoute('GET /api/v1/people/count', { query: asked }, { keepPrevious: true });
  return (
    <p role="status" className="text-[0.9rem] text-ink-2 tabular-nums">
      {found.data && words.found(found.data.count, found.data.capped)}
    </p>
  );
}
