import { z } from 'zod';
import { id, instant, page, pageQuery } from './common';
import { plan } from './credits';
import { operator, type Routes } from './route';

export const operatorOrganization = z.object({
  id,
  /** Its short name, as operator commands take it. */
  slug: z.string(),
  name: z.string(),
  plan,
  whatsappInPlan: z.boolean(),
  smsInPlan: z.boolean(),
  balance: z.number().int(),
  lowBalance: z.number().int(),
  createdAt: instant,
});
export type OperatorOrganization = z.infer<typeof operatorOrganization>;

const params = z.object({ organizationId: id });

export const operatorRoutes = {
  'GET /operator/v1/organizations': {
    summary: 'The organizations, newest first',
    tag: 'Customer Success',
    access: operator,
    query: z.object(pageQuery),
    response: page(operatorOrganization),
    status: 200,
  },
  'GET /operator/v1/organizations/{organizationId}': {
    summary: 'An organization with its plan and balance',
    tag: 'Customer Success',
    access: operator,
    params,
    response: operatorOrganization,
    status: 200,
  },
  'PATCH /operator/v1/organizations/{organizationId}': {
    summary: 'Set plan and add-ons (R-CRED-3)',
    tag: 'Customer Success',
    access: operator,
    params,
    body: z.object({ plan, whatsappInPlan: z.boolean(), smsInPlan: z.boolean() }).partial(),
    response: operatorOrganization,
    status: 200,
  },
  'POST /operator/v1/organizations/{organizationId}/credits': {
    summary: 'Grant credits, or adjust them by a negative number; the note stands in the ledger',
    tag: 'Customer Success',
    access: operator,
    params,
    body: z.object({
      credits: z
        .number()
        .int()
        .min(-1_000_000_000)
        .max(1_000_000_000)
        .refine((credits) => credits !== 0, 'not zero'),
      note: z.string().trim().min(1).max(200),
    }),
    response: operatorOrganization,
    status: 201,
    idempotent: true,
  },
} as const satisfies Routes;
