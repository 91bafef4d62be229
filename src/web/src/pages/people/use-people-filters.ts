import { useSearchParams } from 'wouter';
import { filterOfSearch } from '../../../../domain/people-search';

/** The filters as they stand in the address, and as a saved search keeps them. */
export const filterNames = [
  'q',
  'vacancy',
  'stage',
  'tag',
  'consent',
  'contactedSince',
  'notContactedSince',
  'responsible',
] as const;
export type FilterName = (typeof filterNames)[number];
export type PeopleFilters = Partial<Record<FilterName, string>>;

export const views = ['candidate', 'contact', 'employer', 'review'] as const;
export type PeopleView = (typeof views)[number];

/** Whom the page shows: everything of it stands in the address, so that it can be kept and passed on. Days begin at the user's midnight. */
export function usePeopleFilters() {
  const [search, setSearch] = useSearchParams();
  const view: PeopleView = views.find((one) => one === search.get('view')) ?? 'candidate';
  const filters: PeopleFilters = Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = search.get(name);
      return value ? [[name, value]] : [];
    }),
  );

  /** Changes some filters; an empty one goes. */
  function change(next: PeopleFilters, options?: { replace?: boolean }): void {
    setSearch((before) => withFilters(before, next), options);
  }
  function setView(next: PeopleView): void {
    setSearch((before) => {
      const params = new URLSearchParams(before);
      params.set('view', next);
      return params;
    });
  }
  /** These and no others. */
  function apply(query: Record<string, unknown>): void {
    const given = Object.entries(query).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    setSearch(new URLSearchParams(given));
  }
  return { view, filters, change, setView, apply, asked: filterOfSearch({ view, ...filters }, startOfDay) };
}

function withFilters(before: URLSearchParams, next: PeopleFilters): URLSearchParams {
  const params = new URLSearchParams(before);
  for (const [name, value] of Object.entries(next)) {
    if (value) params.set(name, value);
    else params.delete(name);
  }
  return params;
}

function startOfDay(day: string): string | undefined {
  const at = new Date(`${day}T00:00:00`);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
