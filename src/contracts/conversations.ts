import { z } from 'zod';
import { channel, id, instant, page, pageQuery, reference, userSummary } from './common';
import { messageKind, messageState } from './messages';
import { everyUser, senders, type Routes } from './route';

export const chatStatus = z.enum(['active', 'open', 'closed']);
export type ChatStatus = z.infer<typeof chatStatus>;

export const conversationRow = z.object({
  id,
  person: z.object({
    id,
    kind: z.enum(['candidate', 'contact']),
    name: z.string(),
    employerName: z.string().nullable(),
    toReview: z.boolean(),
  }),
  status: chatStatus,
  owner: userSummary.nullable(),
  lastOwner: userSummary.nullable(),
  responsibleUser: userSummary.nullable(),
  /** When Active or Open runs out. */
  deadlineAt: instant.nullable(),
  /** Until when free text is possible on WhatsApp; null: never opened, or closed. */
  windowUntil: instant.nullable(),
  channels: z.array(channel),
  unanswered: z.boolean(),
  unansweredSince: instant.nullable(),
  unread: z.number().int(),
  lastMessage: z
    .object({
      id,
      direction: z.enum(['in', 'out']),
      kind: messageKind,
      body: z.string().nullable(),
      state: messageState,
      automatic: z.boolean(),
      senderName: z.string().nullable(),
      at: instant,
    })
    .nullable(),
  version: z.number().int(),
});
export type ConversationRow = z.infer<typeof conversationRow>;

/** Why a text or template cannot be sent just now; null: it can. */
const verdict = z.object({ code: z.string(), text: z.string() }).nullable();

export const conversation = conversationRow.extend({
  /** What this user may do here, with the reason where not. */
  can: z.object({
    sendText: verdict,
    sendTemplate: verdict,
    start: z.boolean(),
    close: z.boolean(),
    handOver: z.boolean(),
    dismiss: z.boolean(),
    note: z.boolean(),
  }),
  /** The number that WhatsApp messages go to. */
  whatsapp: z.object({ contactPointId: id, value: z.string(), link: z.string() }).nullable(),
  /** The address that e-mails go to. */
  email: z.object({ contactPointId: id, value: z.string() }).nullable(),
  /** What holds up its sends, for people; null: nothing. */
  blocked: z.string().nullable(),
  /** Mails that wait to be looked at, for office roles. */
  heldMails: z.number().int(),
  /** For Administrators: its workflow in the Temporal UI. */
  workflowUrl: z.string().nullable(),
});
export type Conversation = z.infer<typeof conversation>;

export const counts = z.object({
  /** R-CHAT-10: the badge. */
  my: z.number().int(),
  unassigned: z.number().int(),
  notifications: z.number().int(),
  /** Mails that wait to be looked at, for office roles. */
  heldMails: z.number().int(),
});
export type Counts = z.infer<typeof counts>;

const conversationParams = z.object({ conversationId: id });

/** What comes over the live stream: ids and versions only; whoever receives them fetches. */
export const liveEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('conversation'), conversationId: id, personId: id }),
  z.object({ type: z.literal('board'), vacancyId: id }),
  z.object({ type: z.literal('notification'), notificationId: id }),
  z.object({
    type: z.literal('presence'),
    conversationId: id,
    viewers: z.array(userSummary.extend({ typing: z.boolean() })),
  }),
  /** The own mailbox. */
  z.object({ type: z.literal('mail') }),
  z.object({ type: z.literal('settings') }),
  /** Something may have been missed: fetch all again. */
  z.object({ type: z.literal('reset') }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;

export const conversationRoutes = {
  'GET /api/v1/conversations': {
    summary:
      'My Chats, All Chats or Unassigned; the unanswered first, longest waiting on top, then by last message',
    tag: 'Conversations',
    access: everyUser('conversations:read'),
    query: z.object({
      ...pageQuery,
      view: z.enum(['my', 'all', 'unassigned']).default('all'),
      /** Name, number or address. */
      q: z.string().trim().max(100).optional(),
      status: chatStatus.optional(),
      unanswered: z.stringbool().optional(),
      channel: channel.optional(),
      vacancyId: id.optional(),
      ownerId: id.optional(),
    }),
    response: page(conversationRow),
    status: 200,
  },
  'GET /api/v1/conversations/counts': {
    summary: 'Badge of My Chats, unanswered in Unassigned, unseen notifications',
    tag: 'Conversations',
    access: everyUser(null),
    response: counts,
    status: 200,
  },
  'GET /api/v1/conversations/{conversationId}': {
    summary: 'One conversation with what this user may do in it',
    tag: 'Conversations',
    access: everyUser('conversations:read'),
    params: conversationParams,
    response: conversation,
    status: 200,
  },
  'POST /api/v1/conversations/{conversationId}/start': {
    summary: 'Start the chat: become its owner without a message yet',
    tag: 'Conversations',
    access: senders('chats:write'),
    params: conversationParams,
    body: z.object({ applicationId: id.optional(), actingUserId: id.optional() }).default({}),
    response: conversation,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/conversations/{conversationId}/close': {
    summary: 'Close chat: Active becomes Open (R-CHAT-4)',
    tag: 'Conversations',
    access: senders('chats:write'),
    params: conversationParams,
    body: z.object({ actingUserId: id.optional() }).default({}),
    response: conversation,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/conversations/{conversationId}/hand-over': {
    summary: 'Hand the Active chat over to a colleague (R-CHAT-8)',
    tag: 'Conversations',
    access: senders('chats:write'),
    params: conversationParams,
    body: z.object({ userId: id, actingUserId: id.optional() }),
    response: conversation,
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/conversations/{conversationId}/dismiss': {
    summary: 'Take the unanswered mark away without an answer',
    tag: 'Conversations',
    access: senders(null),
    params: conversationParams,
    response: conversation,
    status: 200,
  },
  'PUT /api/v1/conversations/{conversationId}/presence': {
    summary: 'Tell colleagues that I am viewing or typing; to be repeated every 10 s',
    tag: 'Conversations',
    access: everyUser(null),
    params: conversationParams,
    body: z.object({ state: z.enum(['viewing', 'typing', 'gone']) }),
    response: null,
    status: 204,
  },
  'GET /api/v1/people/{personId}/conversation': {
    summary: "A person's conversation",
    tag: 'Conversations',
    access: everyUser('conversations:read'),
    params: z.object({ personId: reference }),
    response: conversation,
    status: 200,
  },
  'GET /api/v1/live': {
    summary:
      'Live events (text/event-stream) for the web inbox; first those since a page was read, a minute at most',
    tag: 'Conversations',
    access: everyUser(null),
    query: z.object({ since: instant.optional() }),
    response: null,
    status: 200,
  },
} as const satisfies Routes;
