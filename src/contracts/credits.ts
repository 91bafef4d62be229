import { z } from 'zod';
import { id, instant, page, pageQuery } from './common';
import { administrators, senders, type Routes } from './route';

export const plan = z.enum(['essential', 'business', 'enterprise']);
const creditEntryKind = z.enum(['grant', 'reserve', 'commit', 'release', 'refund', 'adjust']);

/** R-CRED-3: activation of a channel, or more credits. */
export const customerRequestKind = z.enum(['whatsapp', 'sms', 'credits']);
export type CustomerRequestKind = z.infer<typeof customerRequestKind>;

export const customerRequest = z.object({
  kind: customerRequestKind,
  requestedBy: z.string(),
  requestedAt: instant,
});
export type CustomerRequest = z.infer<typeof customerRequest>;

export const planAndCredits = z.object({
  plan,
  whatsappInPlan: z.boolean(),
  smsInPlan: z.boolean(),
  balance: z.number().int(),
  /** Of the balance: what messages on their way have reserved is taken off already. */
  lowBalance: z.number().int(),
  low: z.boolean(),
  /** Asked of Customer Success today. */
  requests: z.array(customerRequest),
});
export type PlanAndCredits = z.infer<typeof planAndCredits>;

export const creditEntry = z.object({
  id,
  kind: creditEntryKind,
  amount: z.number().int(),
  note: z.string().nullable(),
  actor: z.string().nullable(),
  message: z.object({ id, conversationId: id, personName: z.string() }).nullable(),
  occurredAt: instant,
});
export type CreditEntry = z.infer<typeof creditEntry>;

export const creditRoutes = {
  'GET /api/v1/plan': {
    summary: 'Plan, add-ons, balance and what was asked of Customer Success today',
    tag: 'Credits',
    access: administrators('settings:read'),
    response: planAndCredits,
    status: 200,
  },
  'PATCH /api/v1/plan': {
    summary: 'Change at which balance Administrators are warned; all else is for Customer Success (R-CRED-3)',
    tag: 'Credits',
    access: administrators('settings:write'),
    body: z.object({ lowBalance: z.number().int().min(0).max(1_000_000_000) }),
    response: planAndCredits,
    status: 200,
  },
  'GET /api/v1/credits/entries': {
    summary: 'The ledger, newest first; its sum is the balance (R-CRED-2)',
    tag: 'Credits',
    access: administrators('settings:read'),
    query: z.object(pageQuery),
    response: page(creditEntry),
    status: 200,
  },
  'POST /api/v1/customer-requests': {
    summary: 'Request activation or credits: a mail to Customer Success, once a day of a kind (R-CRED-3)',
    tag: 'Credits',
    access: senders(null),
    body: z.object({ kind: customerRequestKind }),
    response: customerRequest,
    status: 201,
  },
} as const satisfies Routes;
