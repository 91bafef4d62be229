import { z } from 'zod';
import { id, reference } from './common';
import { person, personRow } from './people';
import { office, type Routes } from './route';

const side = z.object({ id, name: z.string(), kind: z.enum(['candidate', 'contact']) });

/** R-CHAT-13: what a merge would make of two people; nothing is changed by asking. */
export const mergePreview = z.object({
  from: side,
  into: side,
  result: z.object({
    name: z.string(),
    contactPoints: z.array(z.string()),
    messageCount: z.number().int(),
    matches: z.array(
      z.object({
        vacancyTitle: z.string(),
        stageName: z.string(),
        /** Both are on this vacancy: the stage that becomes history. */
        otherStageName: z.string().nullable(),
      }),
    ),
    chat: z.object({ status: z.enum(['active', 'open', 'closed']), ownerName: z.string().nullable() }),
  }),
});
export type MergePreview = z.infer<typeof mergePreview>;

const personParams = z.object({ personId: reference });

export const mergeRoutes = {
  'GET /api/v1/people/{personId}/merge-suggestions': {
    summary: 'Who may be the same person: by name, or by the end of a number',
    tag: 'People',
    access: office('people:read'),
    params: personParams,
    response: z.object({ items: z.array(personRow) }),
    status: 200,
  },
  'GET /api/v1/people/{personId}/merge-preview': {
    summary: 'What merging this person into another would make',
    tag: 'People',
    access: office('people:read'),
    params: personParams,
    query: z.object({ intoId: reference }),
    response: mergePreview,
    status: 200,
  },
  'POST /api/v1/people/{personId}/merge': {
    summary: 'Merge this person into another, who keeps everything of both',
    description:
      'Contact details, consents, messages, notes, matches and timeline come over; running chats become one. It cannot be undone. ' +
      'Afterwards the old id answers with the other person, and says so in `mergedIntoId`.',
    tag: 'People',
    access: office('people:write'),
    params: personParams,
    body: z.object({ intoId: reference }),
    response: person,
    status: 200,
    idempotent: true,
  },
} as const satisfies Routes;
