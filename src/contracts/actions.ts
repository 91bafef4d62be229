import { z } from 'zod';
import { channel, id, instant, reference } from './common';
import { copies, fallback, scheduledFile } from './messages';
import { administrators, everyUser, office, type Routes } from './route';
import { plannedSend, sendChannel, stageAction } from './vacancies';

const stageParams = z.object({ stageId: id });
const actionParams = stageParams.extend({ actionId: id });

/** Ninety days. */
const longestDelaySeconds = 90 * 86_400;

/** A template, or composed text with its variables; the title is an e-mail's. */
const content = {
  templateId: id.nullable().optional(),
  title: z.string().trim().max(200).nullable().optional(),
  body: z.string().trim().max(10_000).nullable().optional(),
};
const channels = z.array(sendChannel).min(1).max(3);
const delaySeconds = z.number().int().min(0).max(longestDelaySeconds);
const newAction = z.object({
  ...content,
  channels,
  delaySeconds: delaySeconds.default(0),
  fallback: fallback.nullable().optional(),
});
export type NewAction = z.infer<typeof newAction>;

/** What will be sent next, as far as it is known now. */
export const upcomingSend = plannedSend.extend({
  id,
  /** `scheduled` and `fallback` are cancelled as scheduled messages, the others as planned ones. */
  kind: z.enum(['automatic', 'scheduled', 'fallback']),
  applicationId: id.nullable(),
  vacancyId: id.nullable(),
  vacancyTitle: z.string().nullable(),
  stageName: z.string().nullable(),
  /** Of an e-mail. */
  title: z.string().nullable(),
  /** Composed text, as it was written. */
  text: z.string().nullable(),
  files: z.array(scheduledFile),
  copies: copies.nullable(),
  /** By whom it was scheduled. */
  by: z.string().nullable(),
  /** Why it has not been sent yet, for people. */
  waitsText: z.string(),
  mayCancel: z.boolean(),
});
export type UpcomingSend = z.infer<typeof upcomingSend>;

export const dryRun = z.object({
  /** How often an application entered the stage within these days. */
  entries: z.number().int(),
  wouldSend: z.number().int(),
  notSent: z.number().int(),
  credits: z.number().int(),
  groups: z.array(
    z.object({
      channel,
      willSend: z.boolean(),
      reason: z.string().nullable(),
      reasonText: z.string().nullable(),
      count: z.number().int(),
      /** A few of them. */
      names: z.array(z.string()),
    }),
  ),
  /** There were more than are judged. */
  truncated: z.boolean(),
});
export type DryRun = z.infer<typeof dryRun>;

/** How far the messages of a move are. Each stands in exactly one place. */
export const moveProgress = z.object({
  moveId: id,
  applications: z.number().int(),
  total: z.number().int(),
  /** Not due yet. */
  waiting: z.number().int(),
  /** Due, or handed over and not yet taken by the provider. */
  sending: z.number().int(),
  sent: z.number().int(),
  notSent: z.number().int(),
  cancelled: z.number().int(),
  nextDueAt: instant.nullable(),
});
export type MoveProgress = z.infer<typeof moveProgress>;

const clockTime = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time such as 21:00');

export const quietHours = z.object({
  /** null: there are none. */
  quietHours: z.object({ from: clockTime, until: clockTime }).nullable(),
});
export type QuietHoursSetting = z.infer<typeof quietHours>;

export const actionRoutes = {
  'GET /api/v1/stages/{stageId}/actions': {
    summary: 'The automatic actions of a stage, in their order',
    tag: 'Automatic actions',
    access: everyUser('vacancies:read'),
    params: stageParams,
    response: z.object({ items: z.array(stageAction) }),
    status: 200,
  },
  'POST /api/v1/stages/{stageId}/actions': {
    summary:
      'Include automatic action: send a message when an application enters the stage, at once or later',
    tag: 'Automatic actions',
    access: office('vacancies:write'),
    params: stageParams,
    body: newAction,
    response: stageAction,
    status: 201,
    idempotent: true,
  },
  'PATCH /api/v1/stages/{stageId}/actions/{actionId}': {
    summary: 'Change an automatic action, switch it on or off, or move it to a position (from 0)',
    description:
      'What is planned already is sent as the action says then; what waits over a channel that is taken away, or of an action that is switched off, is cancelled. A new delay holds for who enters from now on.',
    tag: 'Automatic actions',
    access: office('vacancies:write'),
    params: actionParams,
    body: z
      .object({
        ...content,
        channels,
        delaySeconds,
        fallback: fallback.nullable(),
        enabled: z.boolean(),
        position: z.number().int().min(0),
      })
      .partial(),
    response: stageAction,
    status: 200,
  },
  'DELETE /api/v1/stages/{stageId}/actions/{actionId}': {
    summary: 'Remove an automatic action; what it has planned is cancelled',
    tag: 'Automatic actions',
    access: office('vacancies:write'),
    params: actionParams,
    response: null,
    status: 204,
  },
  'POST /api/v1/stages/{stageId}/actions/dry-run': {
    summary: 'What a new action would have sent over the past days, and to whom not, by reason (R-AUTO-5)',
    description:
      'Sends and stores nothing. Stages, rejections and delays are judged as they were; consent, numbers and templates as they are now. The balance of credits is left out of account.',
    tag: 'Automatic actions',
    access: office('vacancies:write'),
    params: stageParams,
    body: z.object({ days: z.number().int().min(1).max(365), action: newAction }),
    response: dryRun,
    status: 200,
  },
  'GET /api/v1/people/{personId}/planned': {
    summary: 'What a person will be sent next: by automatic actions, scheduled, and as fallback',
    tag: 'Automatic actions',
    access: everyUser('conversations:read'),
    params: z.object({ personId: reference }),
    response: z.object({ items: z.array(upcomingSend) }),
    status: 200,
  },
  'GET /api/v1/applications/{applicationId}/planned': {
    summary: 'What will be sent next for an application',
    tag: 'Automatic actions',
    access: everyUser('vacancies:read'),
    params: z.object({ applicationId: reference }),
    response: z.object({ items: z.array(upcomingSend) }),
    status: 200,
  },
  'POST /api/v1/planned/{plannedId}/cancel': {
    summary: 'Cancel one of the messages that will be sent next',
    tag: 'Automatic actions',
    access: office('vacancies:write'),
    params: z.object({ plannedId: id }),
    response: null,
    status: 204,
  },
  'GET /api/v1/moves/{moveId}': {
    summary: 'How far the messages of a move, or of the rejection of many, are',
    tag: 'Automatic actions',
    access: everyUser('vacancies:read'),
    params: z.object({ moveId: id }),
    response: moveProgress,
    status: 200,
  },
  'GET /api/v1/quiet-hours': {
    summary: 'The hours in which nothing is sent by itself, on the clock of each person',
    tag: 'Settings',
    access: administrators('settings:read'),
    response: quietHours,
    status: 200,
  },
  'PUT /api/v1/quiet-hours': {
    summary: 'Set the quiet hours, or none',
    tag: 'Settings',
    access: administrators('settings:write'),
    body: quietHours,
    response: quietHours,
    status: 200,
  },
} as const satisfies Routes;
