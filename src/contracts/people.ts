import { z } from 'zod';
import { channel, externalId, id, instant, name, page, pageQuery, reference, userSummary } from './common';
import { message } from './messages';
import { everyUser, office, type Routes } from './route';

const customFields = z.record(z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,49}$/), z.string().max(1000));

export const employer = z.object({ id, externalId: z.string().nullable(), name: z.string() });
export type Employer = z.infer<typeof employer>;

const phoneType = z.enum(['mobile', 'landline', 'voip', 'unknown']);

const consentState = z.object({
  channel,
  granted: z.boolean(),
  source: z.string(),
  wording: z.string().nullable(),
  evidence: z.string().nullable(),
  occurredAt: instant,
});

export const contactPoint = z.object({
  id,
  kind: z.enum(['phone', 'email']),
  value: z.string(),
  /** E.164, or the address in lower case */
  key: z.string(),
  valid: z.boolean(),
  phoneType,
  whatsapp: z.enum(['unknown', 'present', 'absent']),
  /** Mail to it came back; saving it again by hand lets mail be tried anew. */
  bounced: z.boolean(),
  /** The newest consent of each channel. */
  consents: z.array(consentState),
  optedOut: z.array(
    z.object({
      channels: z.array(channel),
      marketingOnly: z.boolean().describe('Other messages still go.'),
      occurredAt: instant,
      words: z.string().nullable(),
      /** How they said so: message, unsubscribeLink, mailProgram, preference (WhatsApp’s own setting), provider; null: not kept. */
      source: z.string().nullable(),
      /** By which, or by whose link. */
      message: z.object({ id, channel, title: z.string().nullable() }).nullable(),
    }),
  ),
});
export type ContactPoint = z.infer<typeof contactPoint>;

const personApplication = z.object({
  id,
  vacancyId: id,
  vacancyTitle: z.string(),
  stageId: id,
  stageName: z.string(),
  rejectedAt: instant.nullable(),
  withdrawnAt: instant.nullable(),
});

export const person = z.object({
  id,
  kind: z.enum(['candidate', 'contact']),
  externalId: z.string().nullable(),
  firstName: z.string(),
  lastName: z.string(),
  name: z.string(),
  employer: employer.nullable(),
  responsibleUser: userSummary.nullable(),
  timeZone: z.string().nullable(),
  language: z.string().nullable(),
  tags: z.array(z.string()),
  custom: z.record(z.string(), z.string()),
  toReview: z.boolean(),
  confidential: z.boolean(),
  contactPoints: z.array(contactPoint),
  applications: z.array(personApplication),
  conversationId: id,
  /** R-CHAT-13: asked for by the id of somebody who was merged into this person: this person's id. */
  mergedIntoId: id.nullable(),
  createdAt: instant,
});
export type Person = z.infer<typeof person>;

export const personRow = z.object({
  id,
  kind: z.enum(['candidate', 'contact']),
  name: z.string(),
  employerName: z.string().nullable(),
  phone: z.string().nullable(),
  email: z.string().nullable(),
  responsibleUser: userSummary.nullable(),
  toReview: z.boolean(),
  conversationId: id,
  tags: z.array(z.string()),
  /** The newest consent of one of their numbers. */
  whatsappConsent: z.boolean(),
  /** The last message in or out, over any channel. */
  lastContactAt: instant.nullable(),
});
export type PersonRow = z.infer<typeof personRow>;

/** Whom of the candidate base is meant; what is not named does not matter. */
export const peopleFilter = z.object({
  /** Words of the name, a number in any spelling, or an address. */
  q: z.string().trim().max(100).optional(),
  kind: z.enum(['candidate', 'contact']).optional(),
  toReview: z.stringbool().optional(),
  /** The contacts of this employer. */
  employerId: id.optional(),
  vacancyId: id.optional(),
  stageId: id.optional(),
  tag: z.string().trim().max(50).optional(),
  whatsappConsent: z.stringbool().optional(),
  /** A message in or out at this instant or later. */
  contactedSince: instant.optional(),
  /** No message since this instant; those never contacted are among them. */
  notContactedSince: instant.optional(),
  /** A user, or `none` for the unassigned. */
  responsibleUserId: z.union([id, z.literal('none')], 'the id of a user, or none').optional(),
});
export type PeopleFilter = z.output<typeof peopleFilter>;

const contactPointInput = z.object({
  kind: z.enum(['phone', 'email']),
  value: z.string().trim().min(1).max(254),
  /** For phones; taken from the number itself when it tells. */
  phoneType: phoneType.optional(),
});

export const consentInput = z.object({
  channel,
  granted: z.boolean().default(true),
  source: z.enum(['applicationForm', 'import', 'api', 'recordedByUser']).default('api'),
  wording: z.string().max(2000).nullable().default(null),
  evidence: z.string().max(2000).nullable().default(null),
  /** When it was given; default: now. */
  occurredAt: instant.optional(),
});

export const personInput = z.object({
  kind: z.enum(['candidate', 'contact']).default('candidate'),
  externalId: externalId.nullable().optional(),
  firstName: z.string().trim().max(200).default(''),
  lastName: z.string().trim().max(200).default(''),
  /** Reference of the employer, for contacts. */
  employerId: reference.nullable().optional(),
  responsibleUserId: id.nullable().optional(),
  timeZone: z.string().max(64).nullable().optional(),
  language: z.string().max(20).nullable().optional(),
  tags: z.array(z.string().trim().min(1).max(50)).max(50).optional(),
  custom: customFields.optional(),
  confidential: z.boolean().optional().describe('All mail from them is confidential (R-CONF-3).'),
  contactPoints: z.array(contactPointInput).max(20).optional(),
  /** Consent for the person's first phone (whatsapp, sms) or first address (email). */
  consents: z.array(consentInput).max(10).optional(),
});
export type PersonInput = z.infer<typeof personInput>;

const employerParams = z.object({ employerId: reference });

/** R-BOX-5: a message in the employer's file, with the contact whose conversation it stands in. */
const employerMessage = message.extend({ person: z.object({ id, name: z.string() }) });
export type EmployerMessage = z.infer<typeof employerMessage>;

const personParams = z.object({ personId: reference });

export const importResult = z.object({
  created: z.number().int(),
  updated: z.number().int(),
  failed: z.number().int(),
  rows: z.array(
    z.object({
      /** From 0, in the order sent. */
      index: z.number().int(),
      outcome: z.enum(['created', 'updated', 'failed']),
      id: id.nullable(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })),
    }),
  ),
});

/** What an import would do, row by row; nothing is written by asking. */
export const importPreview = z.object({
  created: z.number().int(),
  updated: z.number().int(),
  failed: z.number().int(),
  rows: z.array(
    z.object({
      index: z.number().int(),
      outcome: z.enum(['created', 'updated', 'failed']),
      /** Who would be updated. */
      person: z.object({ id, name: z.string() }).nullable(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })),
      /** Taken in nevertheless. */
      warnings: z.array(z.object({ path: z.string(), message: z.string() })),
    }),
  ),
});
export type ImportPreview = z.infer<typeof importPreview>;

const importBody = z.object({
  people: z.array(z.unknown()).min(1).max(10_000),
  /**
   * For files of people: whoever has one of the numbers or addresses is updated, and nothing that is there is taken away (contact
   * details, tags and custom fields are added to).
   */
  matchContactPoints: z.boolean().default(false),
});
export type PeopleImportInput = z.input<typeof importBody>;

export const peopleRoutes = {
  'GET /api/v1/people': {
    summary:
      'The candidate base: candidates and contacts by name, number, vacancy, tag, consent, last contact and more',
    tag: 'People',
    access: everyUser('people:read'),
    query: peopleFilter.extend(pageQuery),
    response: page(personRow),
    status: 200,
  },
  'GET /api/v1/people/count': {
    summary: 'How many people a filter means, counted up to 10,000 or `upTo`',
    tag: 'People',
    access: everyUser('people:read'),
    query: peopleFilter.extend({ upTo: z.coerce.number().int().min(1).max(100_000).default(10_000) }),
    response: z.object({ count: z.number().int(), capped: z.boolean() }),
    status: 200,
  },
  'POST /api/v1/people': {
    summary: 'Add a candidate or contact; with an externalId that exists, the person is updated',
    description: 'Answers 201 also when an existing person was updated; `created` tells which.',
    tag: 'People',
    access: office('people:write'),
    body: personInput,
    response: person.extend({ created: z.boolean() }),
    status: 201,
    idempotent: true,
  },
  'POST /api/v1/people/import': {
    summary:
      'Add or update up to 10,000 people by their externalId; one result per row, a bad row costs no other',
    tag: 'People',
    access: office('people:write'),
    body: importBody,
    response: importResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/people/import/preview': {
    summary: 'What an import would do, row by row; nothing is written',
    tag: 'People',
    access: office('people:write'),
    body: importBody,
    response: importPreview,
    status: 200,
  },
  'GET /api/v1/people/{personId}': {
    summary: 'A person with contact points, consents and applications',
    tag: 'People',
    access: everyUser('people:read'),
    params: personParams,
    response: person,
    status: 200,
  },
  'PATCH /api/v1/people/{personId}': {
    summary: 'Change a person; contactPoints, when given, replaces the list',
    tag: 'People',
    access: office('people:write'),
    params: personParams,
    body: personInput
      .omit({ kind: true, consents: true })
      .partial()
      .extend({
        firstName: z.string().trim().max(200).optional(),
        lastName: z.string().trim().max(200).optional(),
        toReview: z.literal(false).optional(),
      }),
    response: person,
    status: 200,
  },
  'POST /api/v1/people/{personId}/consents': {
    summary: 'Record a consent, or its withdrawal, with its evidence',
    tag: 'People',
    access: office('people:write'),
    params: personParams,
    body: consentInput.extend({ contactPointId: id }),
    response: person,
    status: 201,
    idempotent: true,
  },
  'GET /api/v1/employers': {
    summary: 'The employers',
    tag: 'People',
    access: everyUser('people:read'),
    query: z.object({ ...pageQuery, q: z.string().trim().max(100).optional() }),
    response: page(employer),
    status: 200,
  },
  'GET /api/v1/employers/{employerId}': {
    summary: 'An employer; its contacts: `GET /api/v1/people?employerId=`',
    tag: 'People',
    access: office('people:read'),
    params: employerParams,
    response: employer,
    status: 200,
  },
  'GET /api/v1/employers/{employerId}/messages': {
    summary: 'What was said with its contacts over every channel, newest first',
    description: 'Of confidential e-mail nothing, as in the conversations (R-CONF-1).',
    tag: 'People',
    access: office('conversations:read'),
    params: employerParams,
    query: z.object(pageQuery),
    response: page(employerMessage),
    status: 200,
  },
  'POST /api/v1/employers': {
    summary: 'Add an employer; with an externalId that exists, it is updated',
    tag: 'People',
    access: office('people:write'),
    body: z.object({ name, externalId: externalId.nullable().optional() }),
    response: employer,
    status: 201,
    idempotent: true,
  },
  'PATCH /api/v1/employers/{employerId}': {
    summary: 'Rename an employer',
    tag: 'People',
    access: office('people:write'),
    params: employerParams,
    body: z.object({ name }),
    response: employer,
    status: 200,
  },
} as const satisfies Routes;
