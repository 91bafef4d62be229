import { z } from 'zod';
import { id, instant, name } from './common';
import { everyUser, type Routes } from './route';

/** `messages`: Reports → Messages; `people`: the candidate base. */
export const savedSearchPage = z.enum(['messages', 'people']);
export type SavedSearchPage = z.infer<typeof savedSearchPage>;

/** The page's own filters, as they stand in its address. */
const savedQuery = z
  .record(
    z.string().min(1).max(100),
    z.union([z.string().max(500), z.number(), z.boolean(), z.array(z.string().max(500)).max(100)]),
  )
  .refine((filters) => Object.keys(filters).length <= 50, 'at most 50 filters');

export const savedSearch = z.object({
  id,
  page: savedSearchPage,
  name: z.string(),
  query: savedQuery,
  createdAt: instant,
});
export type SavedSearch = z.infer<typeof savedSearch>;

export const savedSearchRoutes = {
  'GET /api/v1/saved-searches': {
    summary: 'My saved filters, by name',
    tag: 'Saved searches',
    access: everyUser(null),
    query: z.object({ page: savedSearchPage.optional() }),
    response: z.object({ items: z.array(savedSearch) }),
    status: 200,
  },
  'POST /api/v1/saved-searches': {
    summary: 'Keep filters by a name; they are mine alone',
    tag: 'Saved searches',
    access: everyUser(null),
    body: z.object({ page: savedSearchPage, name, query: savedQuery }),
    response: savedSearch,
    status: 201,
  },
  'DELETE /api/v1/saved-searches/{savedSearchId}': {
    summary: 'Forget saved filters of mine',
    tag: 'Saved searches',
    access: everyUser(null),
    params: z.object({ savedSearchId: id }),
    response: null,
    status: 204,
  },
} as const satisfies Routes;
