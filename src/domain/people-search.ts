import type { PeopleFilter } from '../contracts/people';

/** The candidate base as it stands in its page's address, and in a saved search: texts, with days for instants. */
export type PeopleSearch = Partial<
  Record<
    | 'view'
    | 'q'
    | 'vacancy'
    | 'stage'
    | 'tag'
    | 'consent'
    | 'contactedSince'
    | 'notContactedSince'
    | 'responsible',
    string
  >
>;

/** Whom it means. `startOfDay` gives a day's midnight where the user is; undefined for what is no day. */
export function filterOfSearch(
  search: PeopleSearch,
  startOfDay: (day: string) => string | undefined,
): PeopleFilter {
  const { view, consent, contactedSince, notContactedSince } = search;
  return {
    ...(view === 'review' ? { toReview: true } : { kind: view === 'contact' ? 'contact' : 'candidate' }),
    q: search.q,
    vacancyId: search.vacancy,
    stageId: search.stage,
    tag: search.tag,
    whatsappConsent: consent === 'yes' ? true : consent === 'no' ? false : undefined,
    contactedSince: contactedSince ? startOfDay(contactedSince) : undefined,
    notContactedSince: notContactedSince ? startOfDay(notContactedSince) : undefined,
    responsibleUserId: search.responsible,
  };
}
