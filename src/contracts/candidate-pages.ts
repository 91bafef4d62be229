import { z } from 'zod';
import { brand, channel, email, id, instant, language, page, pageQuery, reference } from './common';
import { anyone, office, type Routes } from './route';

/** A file of a message; `GET …/media/{mediaId}` of the page has it. */
const pageFile = z.object({
  id,
  mimeType: z.string(),
  filename: z.string().nullable(),
  size: z.number().int().nullable(),
});
export type PageFile = z.infer<typeof pageFile>;

/** A message as the candidate sees it: who of the company has written it stays with the company. */
export const pageMessage = z.object({
  id,
  direction: z.enum(['in', 'out']),
  channel,
  title: z.string().nullable(),
  text: z.string().nullable(),
  files: z.array(pageFile),
  occurredAt: instant,
});
export type PageMessage = z.infer<typeof pageMessage>;

/** R-MAIL-1, R-MAIL-5: what whoever holds the link is shown. `items`: newest first. */
export const candidatePage = page(pageMessage).extend({
  companyName: z.string(),
  brand,
  language,
  /** Null: the general page, of messages without a vacancy. */
  vacancyTitle: z.string().nullable(),
  firstName: z.string(),
  /** R-MAIL-3: not once the application is rejected. */
  mayWrite: z.boolean(),
  /** Whom to turn to instead, where they may not write. */
  contactEmail: z.string().nullable(),
});
export type CandidatePage = z.infer<typeof candidatePage>;

/** A page in the person's file; the link itself is the person's alone. */
export const candidatePageSummary = z.object({
  id,
  applicationId: id.nullable(),
  vacancyTitle: z.string().nullable(),
  /** Until when its links open it; in the past: they do not any more. */
  livesUntil: instant,
});
export type CandidatePageSummary = z.infer<typeof candidatePageSummary>;

export const pageMessageInput = z
  .object({
    text: z.string().trim().max(4096).default(''),
    /** Files that were uploaded by this page. */
    mediaIds: z.array(id).max(10).default([]),
  })
  .refine(({ text, mediaIds }) => text !== '' || mediaIds.length > 0, {
    path: ['text'],
    message: 'Write something, or attach a file.',
  });
export type PageMessageInput = z.output<typeof pageMessageInput>;

const token = z.string().min(1).max(300);
const params = z.object({ token });
const tag = 'Candidate page';
const gone =
  'The answer is one and the same 404 for a link that is none, was revoked, or has run out: 90 days after the last message.';

export const candidatePageRoutes = {
  'GET /api/v1/candidate-pages/{token}': {
    summary: 'The messages of one application over all channels, newest first, as the candidate sees them',
    description: `Never notes, private mail, or what was not sent. ${gone}`,
    tag,
    access: anyone,
    params,
    query: z.object(pageQuery),
    response: candidatePage,
    status: 200,
  },
  'GET /api/v1/candidate-pages/{token}/live': {
    summary: 'Says “changed” (text/event-stream) whenever the page is to be read again',
    tag,
    access: anyone,
    params,
    response: null,
    status: 200,
  },
  'POST /api/v1/candidate-pages/{token}/messages': {
    summary: 'The candidate writes',
    description: 'Refused once the application is rejected (R-MAIL-3). Limited per page.',
    tag,
    access: anyone,
    params,
    body: pageMessageInput,
    response: pageMessage,
    status: 201,
    idempotent: true,
  },
  'POST /api/v1/candidate-pages/{token}/media': {
    summary:
      'Upload a file for the next message, which takes ten: the raw bytes with their Content-Type, up to 20 MB',
    tag,
    access: anyone,
    params,
    query: z.object({ filename: z.string().max(240) }),
    response: pageFile,
    status: 201,
  },
  'GET /api/v1/candidate-pages/{token}/media/{mediaId}': {
    summary: 'A file of a message that the page shows',
    tag,
    access: anyone,
    params: params.extend({ mediaId: id }),
    response: null,
    status: 200,
  },
  'POST /api/v1/candidate-pages/links': {
    summary: 'Ask for new links by e-mail',
    description:
      'By a link that works no more. The answer, and the time it takes, are the same whether the address is known or not. Limited per network and address.',
    tag,
    access: anyone,
    body: z.object({ token, email }),
    response: z.object({ asked: z.literal(true) }),
    status: 202,
  },
  'GET /api/v1/people/{personId}/candidate-pages': {
    summary: 'The candidate pages of a person, without their links',
    tag,
    access: office('people:read'),
    params: z.object({ personId: reference }),
    response: z.object({ items: z.array(candidatePageSummary) }),
    status: 200,
  },
  'POST /api/v1/people/{personId}/candidate-pages/{candidatePageId}/revoke': {
    summary: 'Revoke the links of a candidate page; the next message carries a new one',
    tag,
    access: office('people:write'),
    params: z.object({ personId: reference, candidatePageId: id }),
    response: null,
    status: 204,
  },
} as const satisfies Routes;
