import { z } from 'zod';
import { channel, externalId, id, instant, name, page, pageQuery, reference, userSummary } from './common';
import { messageState } from './messages';
import { everyUser, office, senders, type Routes } from './route';

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
  channels: z.array(channel),
  template: z.object({ id, name: z.string(), status: z.string() }).nullable(),
  title: z.string().nullable(),
  body: z.string().nullable(),
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

export const vacancyRoutes = {
  'GET /api/v1/vacancies': {
    summary: 'The vacancies this user may see',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    query: z.object({ ...pageQuery, status: z.enum(['open', 'closed']).optional() }),
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
  'GET /api/v1/stages/{stageId}/actions': {
    summary: 'The automatic actions of a stage',
    tag: 'Vacancies',
    access: everyUser('vacancies:read'),
    params: stageParams,
    response: z.object({ items: z.array(stageAction) }),
    status: 200,
  },
  'POST /api/v1/stages/{stageId}/actions': {
    summary: 'Include automatic action: send a WhatsApp template when an application enters the stage',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: stageParams,
    body: z.object({ templateId: id, channels: z.array(z.literal('whatsapp')).min(1) }),
    response: stageAction,
    status: 201,
    idempotent: true,
  },
  'DELETE /api/v1/stages/{stageId}/actions/{actionId}': {
    summary: 'Remove an automatic action',
    tag: 'Vacancies',
    access: office('vacancies:write'),
    params: stageParams.extend({ actionId: id }),
    response: null,
    status: 204,
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
      applicationIds: z.array(id).min(1).max(1000),
      stageId: id,
      runActions: z.boolean().default(true),
    }),
    response: moveResult,
    status: 200,
    idempotent: true,
  },
} as const satisfies Routes;
