import { z } from 'zod';
import { email, id, language } from './common';
import { administrators, anyone, type Routes } from './route';

export const organizationSettings = z.object({
  name: z.string(),
  /** ISO 3166, two letters: whose prefix a number gets that is typed without one. */
  defaultCountry: z.string(),
  /** Told to people who ask whom to turn to. */
  publicContactEmail: z.string().nullable(),
  /** Of what Parley itself says to candidates: the answer to HELP, the unsubscribe link of e-mails and its page. */
  language,
  /** Of what candidates see: `#rrggbb`; null: Parley's own. */
  brandColor: z.string().nullable(),
  /** Relative, and another for another logo; null: none. */
  logoUrl: z.string().nullable(),
  countries: z.array(z.object({ country: z.string(), prefix: z.string() })),
});
export type OrganizationSettings = z.infer<typeof organizationSettings>;

const organizationPatch = z
  .object({
    defaultCountry: z.string().trim().length(2).toUpperCase(),
    publicContactEmail: email.nullable(),
    language,
    brandColor: z
      .string()
      .trim()
      .toLowerCase()
      .regex(/^#[0-9a-f]{6}$/, 'a colour is # and six of 0 to 9 and a to f, such as #0b5d5e')
      .nullable(),
  })
  .partial();
export type OrganizationPatch = z.output<typeof organizationPatch>;

export const organizationRoutes = {
  'GET /api/v1/organization': {
    summary: 'The company: its country for phone numbers, its public contact address, its language, its look',
    tag: 'Settings',
    access: administrators('settings:read'),
    response: organizationSettings,
    status: 200,
  },
  'PATCH /api/v1/organization': {
    summary:
      'Change the company’s country for phone numbers, its public contact address, its language, or its colour',
    description: 'Numbers that are stored already stay as they are.',
    tag: 'Settings',
    access: administrators('settings:write'),
    body: organizationPatch,
    response: organizationSettings,
    status: 200,
  },
  'PUT /api/v1/organization/logo': {
    summary:
      'Set the company’s logo: the raw bytes of a PNG, JPEG or WebP, up to 200 KB and 1200 × 600 pixels',
    tag: 'Settings',
    access: administrators('settings:write'),
    response: organizationSettings,
    status: 200,
  },
  'DELETE /api/v1/organization/logo': {
    summary: 'Remove the company’s logo',
    tag: 'Settings',
    access: administrators('settings:write'),
    response: organizationSettings,
    status: 200,
  },
  'GET /api/v1/organizations/{organizationId}/logo': {
    summary: 'The company’s logo, as mails to candidates show it',
    tag: 'Settings',
    access: anyone,
    params: z.object({ organizationId: id }),
    query: z.object({ v: z.string().max(64).optional() }),
    response: null,
    status: 200,
  },
} as const satisfies Routes;
