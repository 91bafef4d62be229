import { z } from 'zod';
import { channel, id, instant } from './common';
import { messageKind } from './messages';
import { reasonCodeSchema } from './reasons';
import { administrators, type Routes } from './route';

const externalRef = z.object({ id, externalId: z.string().nullable() });

const about = {
  conversationId: id.nullable(),
  person: externalRef.extend({ kind: z.enum(['candidate', 'contact']) }),
  application: externalRef.extend({ vacancy: externalRef }).nullable(),
  byUserId: id.nullable().describe('The user who caused it; null for the person, a program, or time itself.'),
};

const eventMessage = z.object({
  id,
  channel,
  direction: z.enum(['in', 'out']),
  origin: z.enum(['manual', 'automatic', 'bulk', 'api', 'person']),
  kind: messageKind,
  state: z.enum(['received', 'queued', 'sent', 'delivered', 'read', 'failed', 'suppressed']),
  title: z.string().nullable(),
  text: z.string().nullable().describe('What people read, or the caption.'),
  mediaId: id.nullable().describe('Read it at GET /api/v1/media/{mediaId}.'),
  attachmentIds: z
    .array(id)
    .describe(
      'Files that came, or went, with an e-mail; several that came by the candidate page. Read each there too.',
    ),
  occurredAt: instant,
});

const ofMessage = z.object({ ...about, message: eventMessage });
const ofUnsent = z.object({
  ...about,
  message: eventMessage.nullable().describe('Null when it was suppressed before it was written.'),
  reason: reasonCodeSchema.nullable(),
});
const ofRemoved = z.object({ ...about, messageId: id });
const ofScheduled = z.object({
  ...about,
  scheduled: z.object({
    id: id.describe('Read it at GET /api/v1/scheduled-messages/{scheduledMessageId}.'),
    channel: channel.describe('The one it is wanted by; what it will be is decided when it is due.'),
    dueAt: instant.nullable(),
  }),
});
const ofChat = z.object({
  ...about,
  chat: z.object({
    status: z.enum(['active', 'open', 'closed']),
    ownerId: id.nullable(),
    previousOwnerId: id.nullable(),
  }),
});

/** R-LOG-5: what other systems are told of, and how each looks. */
export const eventCatalogue = {
  'message.created': {
    summary: 'A message was accepted for sending (`direction: out`), or came from the person (`in`)',
    data: ofMessage,
  },
  'message.scheduled': { summary: 'A message was scheduled for later (R-SEND-7)', data: ofScheduled },
  'message.unscheduled': {
    summary: 'A scheduled message, or the fallback of a message, was cancelled',
    data: ofScheduled,
  },
  'message.sent': { summary: 'The provider took a message', data: ofMessage },
  'message.delivered': { summary: 'A message reached the person', data: ofMessage },
  'message.read': { summary: 'The person read a message', data: ofMessage },
  'message.delayed': {
    summary:
      'The mail server of an address has not taken an e-mail yet, and is tried again; `message.failed` follows where that is given up',
    data: ofUnsent,
  },
  'message.failed': { summary: 'A message was refused, or could not be delivered', data: ofUnsent },
  'message.suppressed': { summary: 'A message was not sent, by a rule of yours or ours', data: ofUnsent },
  'message.removed': {
    summary:
      'A message is in the conversation no more: its e-mail became confidential, or was taken out of the file. Erase what you keep of it. ' +
      'Reading it is answered with 404. Public again, it comes as a `message.created` with another id',
    data: ofRemoved,
  },
  'chat.started': { summary: 'A user became the owner of a chat', data: ofChat },
  'chat.closed': { summary: 'An active chat was closed by hand', data: ofChat },
  'chat.handedOver': { summary: 'A chat has another owner', data: ofChat },
  'chat.expired': { summary: 'A chat ran out: active became open, or open became closed', data: ofChat },
  'application.moved': {
    summary: 'An application entered a stage; `fromStage` is null when it was created there',
    data: z.object({ ...about, fromStage: externalRef.nullable(), toStage: externalRef.nullable() }),
  },
  'application.rejected': { summary: 'An application was rejected', data: z.object(about) },
  'application.withdrawn': { summary: 'A candidate withdrew an application', data: z.object(about) },
  'application.reopened': {
    summary: 'A rejected or withdrawn application is open again',
    data: z.object(about),
  },
  'consent.changed': {
    summary: 'Consent to a channel was given or withdrawn',
    data: z.object({ ...about, channel, granted: z.boolean() }),
  },
  'optOut.changed': {
    summary: 'The person opted out, or in again',
    data: z.object({
      ...about,
      optedOut: z.boolean(),
      marketingOnly: z.boolean(),
      /** What it covers. */
      channels: z.array(channel).nullable(),
    }),
  },
  'person.erased': {
    summary: 'A person was erased: erase what you keep of them; events before it hold ids alone',
    data: z.object(about),
  },
} as const;

export type EventType = keyof typeof eventCatalogue;
export const eventTypes = Object.keys(eventCatalogue) as [EventType, ...EventType[]];
export const eventType = z.enum(eventTypes);

const frame = { id, timestamp: instant };
const eventOf = <const T extends EventType>(type: T) =>
  z.object({ ...frame, type: z.literal(type), data: eventCatalogue[type].data });

/** What is posted to an endpoint, and what the feed lists. */
export const event = z.discriminatedUnion('type', [
  eventOf('message.created'),
  eventOf('message.scheduled'),
  eventOf('message.unscheduled'),
  eventOf('message.sent'),
  eventOf('message.delivered'),
  eventOf('message.read'),
  eventOf('message.delayed'),
  eventOf('message.failed'),
  eventOf('message.suppressed'),
  eventOf('message.removed'),
  eventOf('chat.started'),
  eventOf('chat.closed'),
  eventOf('chat.handedOver'),
  eventOf('chat.expired'),
  eventOf('application.moved'),
  eventOf('application.rejected'),
  eventOf('application.withdrawn'),
  eventOf('application.reopened'),
  eventOf('consent.changed'),
  eventOf('optOut.changed'),
  eventOf('person.erased'),
]);
export type OutgoingEvent = z.infer<typeof event>;

export const eventRoutes = {
  'GET /api/v1/events': {
    summary: 'The event feed: everything that happened, in order, from a cursor on',
    description:
      'Start without `after`, keep `cursor` of the answer, and ask again with it: no event is left out, and none comes twice. ' +
      'Events of one conversation are in order. They are kept from the first API key with `events:read`, or the first webhook endpoint, on. ' +
      'After 90 days (a setting of the installation) they are removed: a cursor older than that is answered with 410, `cursor_expired`, never by a gap.',
    tag: 'Events',
    access: administrators('events:read'),
    query: z.object({
      after: z
        .string()
        .regex(/^\d{1,15}$/, 'is a cursor of this feed')
        .optional(),
      limit: z.coerce.number().int().min(1).max(500).default(100),
    }),
    response: z.object({
      items: z.array(event),
      cursor: z.string().describe('Where to go on, also when there was nothing new.'),
      more: z.boolean().describe('There are further events already.'),
    }),
    status: 200,
  },
} as const satisfies Routes;
