import { z } from 'zod';
import { channel, id, instant, page, pageQuery, reference, userSummary } from './common';
import { everyUser, office, type Routes } from './route';
import { messageState } from './messages';

export const note = z.object({
  id,
  body: z.string(),
  author: userSummary,
  visibleTo: z.array(userSummary),
  occurredAt: instant,
});
export type Note = z.infer<typeof note>;

export const timelineKind = z.enum([
  'messageSent',
  'messageSuppressed',
  'messageFailed',
  'messageReceived',
  'messageScheduled',
  'messageUnscheduled',
  'stageMoved',
  'actionsSkipped',
  'rejected',
  'withdrawn',
  'reopened',
  'note',
  'chatStarted',
  'chatClosed',
  'chatExpired',
  'chatHandedOver',
  'consent',
  'optOut',
  'personCreated',
  'applied',
  'merged',
  'responsibleChanged',
  'numberChanged',
]);
export type TimelineKind = z.infer<typeof timelineKind>;

export const timelineEntry = z.object({
  id,
  kind: timelineKind,
  /** One English sentence for people. */
  text: z.string(),
  actor: z.string().nullable(),
  automatic: z.boolean(),
  applicationId: id.nullable(),
  message: z
    .object({
      id,
      conversationId: id,
      channel,
      state: messageState,
      body: z.string().nullable(),
      reason: z.string().nullable(),
      credits: z.number().int(),
      sentAt: instant.nullable(),
      deliveredAt: instant.nullable(),
      readAt: instant.nullable(),
      failedAt: instant.nullable(),
    })
    .nullable(),
  occurredAt: instant,
});
export type TimelineEntry = z.infer<typeof timelineEntry>;

export const notification = z.object({
  id,
  kind: z.enum([
    'messageReceived',
    'privateMail',
    'note',
    'handedOver',
    'channel',
    'webhook',
    'lowBalance',
    'application',
  ]),
  text: z.string(),
  personName: z.string().nullable(),
  conversationId: id.nullable(),
  applicationId: id.nullable(),
  /** Of a confidential e-mail: in the user's own mailbox. */
  mailId: id.nullable(),
  occurredAt: instant,
  seenAt: instant.nullable(),
});
export type Notification = z.infer<typeof notification>;

export const recordRoutes = {
  'GET /api/v1/people/{personId}/notes': {
    summary: 'The notes this user may read: own ones and those they were chosen for',
    tag: 'Notes',
    access: everyUser(null),
    params: z.object({ personId: reference }),
    response: z.object({ items: z.array(note) }),
    status: 200,
  },
  'POST /api/v1/people/{personId}/notes': {
    summary: 'Write an internal note for oneself and chosen colleagues; never sent to the person (R-CHAT-12)',
    tag: 'Notes',
    access: everyUser(null),
    params: z.object({ personId: reference }),
    body: z.object({
      body: z.string().trim().min(1).max(10_000),
      visibleTo: z.array(id).max(200).default([]),
      applicationId: id.optional(),
    }),
    response: note,
    status: 201,
    idempotent: true,
  },
  'GET /api/v1/people/{personId}/timeline': {
    summary: 'The history of a person, newest first',
    tag: 'Timeline',
    access: everyUser('conversations:read'),
    params: z.object({ personId: reference }),
    query: z.object({ ...pageQuery, applicationId: id.optional() }),
    response: page(timelineEntry),
    status: 200,
  },
  'GET /api/v1/notifications': {
    summary: 'My notifications, newest first',
    tag: 'Notifications',
    access: everyUser(null),
    query: z.object(pageQuery),
    response: page(notification),
    status: 200,
  },
  'POST /api/v1/notifications/seen': {
    summary: 'Mark my notifications as seen, up to and including one of them',
    tag: 'Notifications',
    access: everyUser(null),
    body: z.object({ upToId: id }),
    response: null,
    status: 204,
  },
  'GET /api/v1/credits': {
    summary: 'The balance of credits',
    tag: 'Credits',
    access: office('settings:read'),
    response: z.object({ balance: z.number().int(), low: z.boolean() }),
    status: 200,
  },
} as const satisfies Routes;
