import { Funnel } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useRoute } from '../../queries';
import { CountBadge, IconButton, Popover, TextField } from '../../ui';
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
          <Popover
            label={words.filters}
            align="start"
            className="scroll-y max-h-[70dvh] w-88 max-w-[92vw] p-4!"
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
            <PeopleFilterForm filters={filters} onChange={change} />
          </Popover>
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
