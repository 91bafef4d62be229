import { z } from 'zod';
import { id, instant, page, pageQuery } from './common';
import { office, type Routes } from './route';

export const heldMail = z.object({
  id,
  person: z.object({ id, name: z.string() }),
  conversationId: id,
  from: z.object({ name: z.string(), address: z.string() }),
  subject: z.string(),
  text: z.string().describe('What was written, cut where it is very long.'),
  attachments: z.number().int(),
  /** Why it waits. */
  reason: z.string(),
  reasonText: z.string(),
  mayAccept: z
    .boolean()
    .describe('False: it is the answer of a colleague that could not be sent; they were told by mail.'),
  private: z.boolean(),
  occurredAt: instant,
});
export type HeldMail = z.infer<typeof heldMail>;

const heldMailParams = z.object({ heldMailId: id });

export const heldMailRoutes = {
  'GET /api/v1/held-mails': {
    summary: 'Mails that wait to be looked at, newest first',
    description:
      'They came to the reply address of a conversation from somebody it was not given to: kept, and delivered nowhere until somebody decides.',
    tag: 'Messages',
    access: office('conversations:read'),
    query: z.object({ ...pageQuery, personId: id.optional() }),
    response: page(heldMail),
    status: 200,
  },
  'POST /api/v1/held-mails/{heldMailId}/accept': {
    summary: 'The mail is the person’s: it becomes a message of theirs',
    tag: 'Messages',
    access: office('messages:send'),
    params: heldMailParams,
    body: z.object({
      addAddress: z.boolean().default(false).describe('Adds the sender’s address to the person.'),
      actingUserId: id.optional(),
    }),
    response: z.object({ messageId: id.nullable().describe('Null where the mail is confidential.') }),
    status: 200,
  },
  'POST /api/v1/held-mails/{heldMailId}/discard': {
    summary: 'The mail is not the person’s: it is put away, and kept',
    tag: 'Messages',
    access: office('messages:send'),
    params: heldMailParams,
    response: null,
    status: 204,
  },
  'POST /api/v1/held-mails/{heldMailId}/take-back': {
    summary: 'A mail that was discarded waits again',
    tag: 'Messages',
    access: office('messages:send'),
    params: heldMailParams,
    response: null,
    status: 204,
  },
} as const satisfies Routes;
