import { z } from 'zod';
import { id, instant, page, pageQuery, reference } from './common';
import { everyUser, type Routes } from './route';

const mailAddress = z.object({ name: z.string(), address: z.string() });

/** R-CONF: shown to its user alone, among the messages of the person. */
export const privateMail = z.object({
  id,
  direction: z.enum(['in', 'out']),
  from: mailAddress,
  to: z.array(mailAddress),
  subject: z.string(),
  text: z.string(),
  attachments: z.array(
    z.object({ id, filename: z.string(), mimeType: z.string(), size: z.number().int(), url: z.string() }),
  ),
  occurredAt: instant,
});
export type PrivateMail = z.infer<typeof privateMail>;

/** Programs have no mail of their own, and see nobody's. */
const access = everyUser(null);

export const confidentialRoutes = {
  'PUT /api/v1/mails/{mailId}/private': {
    summary: 'Tick or untick *Confidential* on a mail of your own',
    description:
      'Ticked, nobody else sees it any more, nor the mails that answer it. Unticked, it stands in the conversation again, unless a colleague’s copy of ' +
      'it is confidential.',
    tag: 'Mailbox',
    access,
    params: z.object({ mailId: id }),
    body: z.object({ private: z.boolean() }),
    response: z.object({ id, private: z.boolean() }),
    status: 200,
  },
  'PUT /api/v1/messages/{messageId}/private': {
    summary: 'Make an e-mail of your own confidential: it leaves the conversation',
    description:
      'For the user in whose mailbox it is, who has sent it, or who wrote what it answers. From then on it is a mail of theirs, which no message stands for.',
    tag: 'Mailbox',
    access,
    params: z.object({ messageId: id }),
    body: z.object({ private: z.literal(true) }),
    response: z.object({ id, private: z.boolean() }),
    status: 200,
  },
  'GET /api/v1/people/{personId}/private-mails': {
    summary: 'Your own confidential mails from and to a person, newest first',
    tag: 'Mailbox',
    access,
    params: z.object({ personId: reference }),
    query: z.object(pageQuery),
    response: page(privateMail),
    status: 200,
  },
} as const satisfies Routes;
