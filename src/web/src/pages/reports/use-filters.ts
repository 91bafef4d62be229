import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { channels } from './filter-options';
import type { CallArgs } from '../../api';
import { text } from '../../text';
import { reportsText } from './text';

export const filterNames = ['from', 'to', 'channel', 'vacancyId', 'userId', 'origin', 'state'] as const;
export type FilterName = (typeof filterNames)[number];
export type Filters = Partial<Record<FilterName, string>>;
export type ReportQuery = NonNullable<CallArgs<'GET /api/v1/reports/messages/summary'>['query']>;

/** The filters stand in the page's address, so that they can be linked, saved and gone back to. */
export function useFilters() {
  const [search, setSearch] = useSearchParams();
  const key = search.toString();
  const filters = useMemo(() => filtersOf(Object.fromEntries(new URLSearchParams(key))), [key]);
  return {
    filters,
    set: (name: FilterName, value: string | null) =>
      setSearch(
        (before) => {
          const next = new URLSearchParams(before);
          if (value) next.set(name, value);
          else next.delete(name);
          return next;
        },
        { replace: true },
      ),
    replace: (next: Filters) => setSearch(new URLSearchParams(next)),
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const takes: Record<FilterName, (value: string) => boolean> = {
  from: isDay,
  to: isDay,
  channel: (value) => (channels as readonly string[]).includes(value),
  vacancyId: (value) => uuid.test(value),
  userId: (value) => uuid.test(value),
  origin: (value) => value in reportsText.origins,
  state: (value) => value in text.messageStates,
};

/** Out of an address or a saved search: what is no filter, or has no such value any more, is left out. */
export function filtersOf(values: Record<string, unknown>): Filters {
  return Object.fromEntries(
    filterNames
      .map((name) => [name, values[name]] as const)
      .filter(
        (entry): entry is [FilterName, string] => typeof entry[1] === 'string' && takes[entry[0]](entry[1]),
      ),
  );
}

function isDay(value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}
