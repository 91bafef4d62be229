import { z } from 'zod';
import { brand, language } from './common';
import { anyone, type Routes } from './route';

/** What whoever holds the link is told: it came to their own address. */
export const subscription = z.object({
  companyName: z.string(),
  brand,
  /** Of the page: the company's. */
  language,
  /** Mostly hidden: the mail may have been forwarded. Null once it is in no file any more. */
  address: z.string().nullable(),
  unsubscribed: z.boolean(),
});
export type Subscription = z.infer<typeof subscription>;

const params = z.object({ token: z.string().min(1).max(300) });

export const unsubscribeRoutes = {
  'GET /api/v1/unsubscribe/{token}': {
    summary: 'What the link of an e-mail would unsubscribe',
    description: 'Changes nothing: mail scanners open links.',
    tag: 'Unsubscribe',
    access: anyone,
    params,
    response: subscription,
    status: 200,
  },
  'POST /api/v1/unsubscribe/{token}': {
    summary: 'Opt the address out of e-mail; again changes nothing',
    tag: 'Unsubscribe',
    access: anyone,
    params,
    response: subscription,
    status: 200,
  },
  'DELETE /api/v1/unsubscribe/{token}': {
    summary: 'Subscribe again',
    tag: 'Unsubscribe',
    access: anyone,
    params,
    response: subscription,
    status: 200,
  },
} as const satisfies Routes;
