import { z } from 'zod';
import { email, language } from './common';
import { administrators, type Routes } from './route';

export const organizationSettings = z.object({
  name: z.string(),
  /** ISO 3166, two letters: whose prefix a number gets that is typed without one. */
  defaultCountry: z.string(),
  /** Told to people who ask whom to turn to. */
  publicContactEmail: z.string().nullable(),
  /** Of what Parley itself says to candidates: the answer to HELP, the unsubscribe link of e-mails and its page. */
  language,
  countries: z.array(z.object({ country: z.string(), prefix: z.string() })),
});
export type OrganizationSettings = z.infer<typeof organizationSettings>;

const organizationPatch = z
  .object({
    defaultCountry: z.string().trim().length(2).toUpperCase(),
    publicContactEmail: email.nullable(),
    language,
  })
  .partial();
export type OrganizationPatch = z.output<typeof organizationPatch>;

export const organizationRoutes = {
  'GET /api/v1/organization': {
    summary: 'The company: its country for phone numbers, its public contact address, its language',
    tag: 'Settings',
    access: administrators('settings:read'),
    response: organizationSettings,
    status: 200,
  },
  'PATCH /api/v1/organization': {
    summary: 'Change the company’s country for phone numbers, its public contact address, or its language',
    description: 'Numbers that are stored already stay as they are.',
    tag: 'Settings',
    access: administrators('settings:write'),
    body: organizationPatch,
    response: organizationSettings,
    status: 200,
  },
} as const satisfies Routes;
