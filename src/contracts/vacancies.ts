import { z } from 'zod';
import { channel, externalId, id, instant, name, page, pageQuery, reference, userSummary } from './common';
import { fallback, messageState } from './messages';
import { everyUser, office, senders, type Routes } from './route';

export const sendChannel = z.enum(['whatsapp', 'sms', 'email']);

export const stage = z.object({
  id,
  externalId: z.string().nullable(),
  name: z.string(),
  position: z.number().int(),
  actionCount: z.number().int(),
});
export type Stage = z.infer<typeof stage>;

export const vacancy = z.object({
  id,
  externalId: z.string().nullable(),
  title: z.string(),
  status: z.enum(['open', 'closed']),
  notificationEmails: z.array(z.string()),
  stages: z.array(stage),
  users: z.array(userSummary),
});
export type Vacancy = z.infer<typeof vacancy>;

export const vacancyRow = z.object({
  id,
  title: z.string(),
  status: z.enum(['open', 'closed']),
  applicationCount: z.number().int(),
  users: z.array(userSummary),
});

export const stageAction = z.object({
  id,
  channels: z.array(sendChannel),
  template: z.object({ id, name: z.string(), channel, status: z.string() }).nullable(),
  title: z.string().nullable(),
  body: z.string().nullable(),
  /** How long after entering the stage it is due. */
  delaySeconds: z.number().int(),
  fallback: fallback.nullable(),
  enabled: z.boolean(),
});
export type StageAction = z.infer<typeof stageAction>;

/** A candidate's card on the board. */
export const card = z.object({
  applicationId: id,
  personId: id,
  conversationId: id,
  name: z.string(),
  stageId: id,
  enteredAt: instant,
  unanswered: z.boolean(),
  lastMessage: z
    .object({
      id,
      direction: z.enum(['in', 'out']),
      channel,
      state: messageState,
      automatic: z.boolean(),
      at: instant,
      reason: z.string().nullable(),
      /** Why it failed or was not sent, with the remedy, for people. */
      reasonText: z.string().nullable(),
    })
    .nullable(),
});
export type Card = z.infer<typeof card>;

export const board = z.object({
  vacancy,
  /** Folded away: how many there are; they are listed by `GET /vacancies/{vacancyId}/ended`. */
  rejected: z.number().int(),
  withdrawn: z.number().int(),
  columns: z.array(
    z.object({
      stageId: id,
      total: z.number().int(),
      cards: z.array(card),
      nextCursor: z.string().nullable(),
    }),
  ),
});
export type Board = z.infer<typeof board>;

/** What a move will send by itself, or why not. */
export const plannedSend = z.object({
  applicationId: id,
  channel,
  templateName: z.string().nullable(),
  dueAt: instant,
  /** Put off until the quiet hours of the person end (R-SEND-10). */
  quiet: z.boolean(),
  willSend: z.boolean(),
  reason: z.string().nullable(),
  reasonText: z.string().nullable(),
});

export const moveResult = z.object({
  moveId: id,
  moved: z.number().int(),
  /** Already in that stage: nothing happened. */
  unchanged: z.number().int(),
  planned: z.array(plannedSend),
});
export type MoveResult = z.infer<typeof moveResult>;

/** What came of rejecting, withdrawing or reopening applications. */
export const endResult = z.object({
  /** The progress of what it plans is `GET /moves/{moveId}`. */
  moveId: id,
  changed: z.number().int(),
  /** Rejected, withdrawn or open before: nothing happened to them. */
  unchanged: z.number().int(),
  planned: z.array(plannedSend),
});
export type EndResult = z.infer<typeof endResult>;

/** A card of the rejected or withdrawn. */
export const endedCard = z.object({
  applicationId: id,
  personId: id,
  name: z.string(),
  stageName: z.string(),
  at: instant,
});
export type EndedCard = z.infer<typeof endedCard>;

export const application = z.object({
  id,
  externalId: z.string().nullable(),
  personId: id,
  personName: z.string(),
  conversationId: id,
  vacancyId: id,
  vacancyTitle: z.string(),
  stageId: id,
  stageName: z.string(),
  rejectedAt: instant.nullable(),
  withdrawnAt: instant.nullable(),
  history: z.array(
    z.object({
      stageId: id,
      stageName: z.string(),
      enteredAt: instant,
      leftAt: instant.nullable(),
      by: z.string().nullable(),
    }),
  ),
});
export type Application = z.infer<typeof application>;

const vacancyParams = z.object({ vacancyId: reference });
const stageParams = z.object({ stageId: id });
const applicationParams = z.object({ applicationId: reference });
const applicationIds = z.array(reference).min(1).max(1000);
/** The message that goes with a rejection: to one as if sent by hand, to many like a bulk message. */
const rejection = { templateId: id.optional(), channel: sendChannel.default('whatsapp') };

export const vacancyRoutes = {
  'GET /api/v1/vacancies': {
    summary: 'The vacancies this user may see',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    query: z.object({
      ...pageQuery,
      status: z.enum(['open', 'closed']).optional(),
      q: z.string().trim().max(200).optional().describe('Words in the title.'),
    }),
    response: page(vacancyRow),
    status: 200,
  },
  'POST /api/v1/vacancies': {
    summary: 'Create a vacancy with its stages; with an externalId that exists, it is updated',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    body: z.object({
      title: name,
      externalId: externalId.nullable().optional(),
      notificationEmails: z.array(z.email()).max(20).optional(),
      /** Only on creation. */
      stages: z
        .array(z.object({ name, externalId: externalId.nullable().optional() }))
        .min(1)
        .max(50)
        .optional(),
      userIds: z.array(id).max(200).optional(),
    }),
    response: vacancy,
    status: 201,
    idempotent: true,
  },
  'GET /api/v1/vacancies/{vacancyId}': {
    summary: 'A vacancy with stages and team',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: vacancyParams,
    response: vacancy,
    status: 200,
  },
  'PATCH /api/v1/vacancies/{vacancyId}': {
    summary: 'Change a vacancy; userIds, when given, replaces the team',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: vacancyParams,
    body: z
      .object({
        title: name,
        status: z.enum(['open', 'closed']),
        notificationEmails: z.array(z.email()).max(20),
        userIds: z.array(id).max(200),
      })
      .partial(),
    response: vacancy,
    status: 200,
  },
  'GET /api/v1/vacancies/{vacancyId}/board': {
    summary: 'The board: stages with the first cards of each; ?stageId&cursor for the next of one stage',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: vacancyParams,
    query: z.object({ stageId: id.optional(), cursor: z.string().max(500).optional() }),
    response: board,
    status: 200,
  },
  'POST /api/v1/vacancies/{vacancyId}/stages': {
    summary: 'Add a stage at the end',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: vacancyParams,
    body: z.object({ name, externalId: externalId.nullable().optional() }),
    response: stage,
    status: 201,
    idempotent: true,
  },
  'PATCH /api/v1/stages/{stageId}': {
    summary: 'Rename a stage or move it to a position (from 0)',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: stageParams,
    body: z.object({ name, position: z.number().int().min(0) }).partial(),
    response: stage,
    status: 200,
  },
  'POST /api/v1/applications': {
    summary:
      'Put a candidate on a vacancy; with an existing externalId or the same candidate and vacancy, it is updated',
    description:
      'Being created in a stage fires its automatic actions; an update that leaves the stage as it was does not (R-AUTO-2).',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    body: z.object({
      personId: reference,
      vacancyId: reference,
      /** Default: the first stage. */
      stageId: id.optional(),
      externalId: externalId.nullable().optional(),
      runActions: z.boolean().default(true),
      announce: z
        .boolean()
        .default(true)
        .describe(
          'A new application that a program brings is told to the vacancy’s users, the Administrators and its notification addresses (R-MAIL-2), ' +
            'many of them as one. false: nobody is told.',
        ),
    }),
    response: application.extend({ created: z.boolean(), planned: z.array(plannedSend) }),
    status: 201,
    idempotent: true,
  },
  'GET /api/v1/applications/{applicationId}': {
    summary: 'An application with its stage history',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: applicationParams,
    response: application,
    status: 200,
  },
  'POST /api/v1/applications/{applicationId}/move': {
    summary: 'Move one application to a stage; answers once it is committed, also while Temporal is down',
    tag: 'Vacancies',
    access: senders('vacancies:write'),
    params: applicationParams,
    body: z.object({ stageId: id, runActions: z.boolean().default(true) }),
    response: moveResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/move': {
    summary: 'Move many applications of one vacancy to a stage',
    tag: 'Vacancies',
    access: senders('vacancies:write'),
    body: z.object({
      applicationIds,
      stageId: id,
      runActions: z.boolean().default(true),
    }),
    response: moveResult,
    status: 200,
    idempotent: true,
  },
  'GET /api/v1/vacancies/{vacancyId}/ended': {
    summary: 'The rejected or the withdrawn of a vacancy, the latest first',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: vacancyParams,
    query: z.object({ ...pageQuery, outcome: z.enum(['rejected', 'withdrawn']) }),
    response: page(endedCard),
    status: 200,
  },
  'POST /api/v1/applications/{applicationId}/reject': {
    summary: 'Reject an application; what it was about to be sent is cancelled',
    description:
      'With a templateId the message is sent as if by hand: who may not send, or a person who may not be written to, refuses the whole.',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: applicationParams,
    body: z.object(rejection),
    response: endResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/{applicationId}/withdraw': {
    summary: 'Record that the candidate withdrew; what they were about to be sent is cancelled',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: applicationParams,
    body: z.object({}),
    response: endResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/{applicationId}/reopen': {
    summary: 'Take back a rejection or withdrawal: the application enters its stage again',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: applicationParams,
    body: z.object({ runActions: z.boolean().default(true) }),
    response: endResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/reject': {
    summary: 'Reject many applications of one vacancy; each message is checked and sent on its own',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    body: z.object({ applicationIds, ...rejection }),
    response: endResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/withdraw': {
    summary: 'Record that many candidates of one vacancy withdrew',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    body: z.object({ applicationIds }),
    response: endResult,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/applications/reopen': {
    summary: 'Take back the rejection or withdrawal of many applications in one stage',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    body: z.object({ applicationIds, runActions: z.boolean().default(true) }),
    response: endResult,
    status: 200,
    idempotent: true,
  },
} as const satisfies Routes;
