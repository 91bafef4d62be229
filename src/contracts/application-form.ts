import { z } from 'zod';
import { brand, email, id, name, reference } from './common';
import { anyone, everyUser, office, type Routes } from './route';

/** R-SEND-8: whether strangers may apply for a vacancy, and where. */
export const applicationForm = z.object({
  vacancyId: id,
  enabled: z.boolean(),
  /** The address to hand out; null while there is none. */
  url: z.string().nullable(),
});
export type ApplicationForm = z.infer<typeof applicationForm>;

/** What a stranger is told: this vacancy and the company, nothing else. */
export const publicApplicationForm = z.object({
  companyName: z.string(),
  brand,
  vacancyTitle: z.string(),
  /** What whoever ticks the box agrees to. */
  consentWording: z.string(),
  defaultCountry: z.string(),
  countries: z.array(z.object({ country: z.string(), prefix: z.string() })),
});
export type PublicApplicationForm = z.infer<typeof publicApplicationForm>;

export const applicationInput = z.object({
  firstName: name,
  lastName: name,
  email,
  phone: z.string().trim().max(40).default(''),
  /** ISO 3166, two letters: the prefix chosen. */
  phoneCountry: z.string().length(2).toUpperCase().optional(),
  phoneType: z.enum(['mobile', 'landline']).default('mobile'),
  whatsappConsent: z.boolean().default(false),
  /** The wording as it was shown. */
  consentWording: z.string().max(2000).optional(),
  /** Left empty by people; programs that fill in every field are not heard. */
  website: z.string().max(500).default(''),
});
export type ApplicationInput = z.output<typeof applicationInput>;

const vacancyParams = z.object({ vacancyId: reference });
const tokenParams = z.object({ token: z.string().min(1).max(100) });

export const applicationFormRoutes = {
  'GET /api/v1/vacancies/{vacancyId}/application-form': {
    summary: 'Whether the vacancy has a public application form, and its address',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: vacancyParams,
    response: applicationForm,
    status: 200,
  },
  'PUT /api/v1/vacancies/{vacancyId}/application-form': {
    summary: 'Open or close the public application form; its address stays the same',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: vacancyParams,
    body: z.object({ enabled: z.boolean() }),
    response: applicationForm,
    status: 200,
  },
  'GET /api/v1/application-forms/{token}': {
    summary: 'The public application form of a vacancy',
    tag: 'Application form',
    access: anyone,
    params: tokenParams,
    response: publicApplicationForm,
    status: 200,
  },
  'POST /api/v1/application-forms/{token}': {
    summary: 'Apply for a vacancy',
    description:
      'The answer is the same whether the person was known or not. Limited per network; 429 says when to try again.',
    tag: 'Application form',
    access: anyone,
    params: tokenParams,
    body: applicationInput,
    response: z.object({ received: z.literal(true) }),
    status: 201,
  },
} as const satisfies Routes;
