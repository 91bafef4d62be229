import { listSavedSearches, removeSavedSearch, saveSearch } from '../../data/people/saved-searches';
import type { Handlers } from '../handlers';

export function savedSearchHandlers() {
  return {
    'GET /api/v1/saved-searches': async ({ actor, query, db }) => ({
      items: await listSavedSearches(db, actor, query.page),
    }),
    'POST /api/v1/saved-searches': ({ actor, body, db }) => saveSearch(db, actor, body),
    'DELETE /api/v1/saved-searches/{savedSearchId}': ({ actor, params, db }) =>
      removeSavedSearch(db, actor, params.savedSearchId),
  } satisfies Partial<Handlers>;
}
