import { z } from 'zod';
import { channel, id, instant, page, pageQuery, userSummary, reference } from './common';
import { mailAddress, mailRecipient } from './mails';
import { reasonCodeSchema } from './reasons';
import { administrators, everyUser, office, senders, type Routes } from './route';

export const messageState = z.enum([
  'scheduled',
  'queued',
  'dispatching',
  'unknown',
  'sent',
  'delivered',
  'read',
  'failed',
  'suppressed',
  'cancelled',
  'unconfirmed',
  'received',
]);
export type MessageState = z.infer<typeof messageState>;

export const messageKind = z.enum([
  'text',
  'template',
  'image',
  'audio',
  'video',
  'document',
  'sticker',
  'location',
  'contacts',
  'buttonReply',
  'numberChanged',
  'unsupported',
]);

export const mediaFile = z.object({
  id,
  state: z.enum(['pending', 'stored', 'failed']),
  mimeType: z.string(),
  filename: z.string().nullable(),
  size: z.number().int().nullable(),
  voice: z.boolean(),
  /** GET it with the session; null until stored. */
  url: z.string().nullable(),
});
export type MediaFile = z.infer<typeof mediaFile>;

/** The e-mail behind a message that came as one. */
export const messageMail = z.object({
  id,
  from: mailAddress,
  to: z.array(mailAddress),
  cc: z.array(mailAddress),
  subject: z.string(),
  hasHtml: z.boolean().describe('GET /api/v1/messages/{messageId}/mail/html shows it as it was written.'),
  hasOriginal: z.boolean().describe('Its bytes are kept: GET /api/v1/messages/{messageId}/mail/raw.'),
  /** What it quotes of earlier mails, cut where it is very long. */
  quoted: z.string().nullable(),
  attachments: z.array(mediaFile),
});
export type MessageMail = z.infer<typeof messageMail>;

/** Who gets a copy of an e-mail from here; who is in `bcc` stands in no header. */
export const copies = z.object({ cc: z.array(mailAddress), bcc: z.array(mailAddress) });
export type Copies = z.infer<typeof copies>;

export const message = z.object({
  id,
  conversationId: id,
  applicationId: id.nullable(),
  position: z.number().int(),
  channel,
  direction: z.enum(['in', 'out']),
  origin: z.enum(['manual', 'automatic', 'bulk', 'api', 'person']),
  state: messageState,
  kind: messageKind,
  title: z.string().nullable(),
  /** What people read: the text as it was sent, or the caption. */
  body: z.string().nullable(),
  media: mediaFile.nullable(),
  /** The files of an e-mail that was sent from here; several that came with an answer on the candidate page. */
  attachments: z.array(mediaFile),
  copies: copies.nullable(),
  location: z
    .object({
      latitude: z.number(),
      longitude: z.number(),
      name: z.string().nullable(),
      address: z.string().nullable(),
    })
    .nullable(),
  contacts: z.array(z.object({ name: z.string(), phones: z.array(z.string()) })).nullable(),
  /** Of a template: its quick replies and links, for showing. */
  buttons: z.array(z.object({ type: z.string(), text: z.string() })),
  template: z.object({ id, name: z.string() }).nullable(),
  replyTo: z
    .object({ id, body: z.string().nullable(), kind: messageKind, direction: z.enum(['in', 'out']) })
    .nullable(),
  reactions: z.array(z.object({ by: z.enum(['person', 'user']), name: z.string(), emoji: z.string() })),
  sender: userSummary.nullable(),
  credits: z.number().int(),
  reason: reasonCodeSchema.nullable(),
  /** Of an e-mail that came in, or was sent from a mailbox; null: of any other message. */
  mail: messageMail.nullable(),
  /** The sentence with the remedy, and the provider's own words where there are any. */
  reasonText: z.string().nullable(),
  reasonDetail: z.string().nullable(),
  /** *Try again* is offered: the message failed, was suppressed, or nobody knows. */
  canRetry: z.boolean(),
  retriedById: id.nullable(),
  occurredAt: instant,
  createdAt: instant,
  sentAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  readAt: instant.nullable(),
  failedAt: instant.nullable(),
});
export type Message = z.infer<typeof message>;

export const receipt = z.object({
  status: z.enum(['sent', 'delivered', 'read', 'failed']),
  occurredAt: instant,
  receivedAt: instant,
  providerCode: z.number().int().nullable(),
  detail: z.string().nullable(),
});

/** R-SEND-9, of either side. */
const messageDetails = message.extend({
  receipts: z.array(receipt),
  /** What goes instead where it is not delivered by `dueAt`; null: nothing, or not any more. */
  fallback: z
    .object({ scheduledMessageId: id, channel, dueAt: instant, quiet: z.boolean(), mayCancel: z.boolean() })
    .nullable(),
  /** The message that went instead. */
  replacedBy: z.object({ id, channel }).nullable(),
  /** The message that this one stands in for. */
  fallbackOf: z.object({ id, channel, state: messageState }).nullable(),
  /** R-CONF-1: an e-mail that this user may make confidential. */
  mayMakePrivate: z.boolean(),
});
export type MessageDetails = z.infer<typeof messageDetails>;

export const sendChannel = z.enum(['whatsapp', 'sms', 'email']);

/** An e-mail's; a template brings its own. */
const title = z.string().trim().min(1).max(300).optional();

const copied = z.array(mailRecipient).max(50).optional();

export const copyInput = {
  cc: copied.describe(
    'Who gets a copy of an e-mail. It has no *See message* link, which is the person’s alone.',
  ),
  bcc: copied.describe('Who gets a copy and is named in none; colleagues see it on the message.'),
};

/** R-SEND-9: where WhatsApp has not delivered a message so long after it left, or cannot, another channel takes it. */
export const fallback = z.object({
  channel: z.enum(['sms', 'email']),
  afterSeconds: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .describe('At once where WhatsApp refuses the message or it is suppressed.'),
});
export type Fallback = z.infer<typeof fallback>;

/** A file that goes along later. */
export const scheduledFile = z.object({ id, filename: z.string() });

export const scheduledMessage = z.object({
  id,
  conversationId: id,
  personId: id,
  applicationId: id.nullable(),
  channels: z.array(channel),
  title: z.string().nullable(),
  text: z.string().nullable(),
  templateName: z.string().nullable(),
  files: z.array(scheduledFile),
  copies: copies.nullable(),
  /** The message whose fallback it is; null: it was scheduled. */
  fallbackOf: id.nullable(),
  fallback: fallback.nullable(),
  dueAt: instant,
  /** Put off until the quiet hours of the person end. */
  quiet: z.boolean(),
  state: z.enum(['planned', 'done', 'suppressed', 'cancelled']),
  reason: reasonCodeSchema.nullable(),
  reasonText: z.string().nullable(),
  /** What came of it. */
  messageId: id.nullable(),
  scheduledBy: userSummary.nullable(),
  mayCancel: z.boolean(),
  createdAt: instant,
});
export type ScheduledMessage = z.infer<typeof scheduledMessage>;

const sendCommon = {
  channel: sendChannel.default('whatsapp'),
  /** The application it is about. Interviewers need one of an assigned vacancy: the tray. */
  applicationId: reference.optional(),
  /** For API keys: the user who acts; without one the message counts as automatic (R-CHAT-2). */
  actingUserId: id.optional(),
  replyToId: id.optional(),
  sendAt: instant
    .optional()
    .describe(
      'Later, within a year (R-SEND-7): the answer is a scheduled message, as of `POST …/scheduled-messages`, which also takes a text and a template together.',
    ),
};

export const sendInput = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    text: z
      .string()
      .trim()
      .min(1)
      .max(20_000)
      .describe(
        'May hold variables such as `{{candidate.firstName|there}}`. WhatsApp takes 4,096 characters.',
      ),
    title,
    mediaIds: z
      .array(id)
      .min(1)
      .max(10)
      .optional()
      .describe('Files that go along with an e-mail, of 20 MB together.'),
    ...copyInput,
    fallback: fallback.optional(),
    ...sendCommon,
  }),
  z.object({
    type: z.literal('template'),
    templateId: id,
    parameters: z
      .record(z.string(), z.string().trim().min(1).max(1024))
      .optional()
      .describe(
        'Values by the keys of the template’s parameters (`body.1`, `header.name`, `button.0`), where they differ from its variables.',
      ),
    title,
    ...copyInput,
    fallback: fallback.optional(),
    ...sendCommon,
  }),
  z.object({
    type: z.literal('media'),
    mediaId: id,
    caption: z.string().trim().max(1024).optional(),
    ...sendCommon,
  }),
]);
export type SendInput = z.infer<typeof sendInput>;

const conversationParams = z.object({ conversationId: id });
const messageParams = z.object({ messageId: id });

export const messageRoutes = {
  'GET /api/v1/conversations/{conversationId}/messages': {
    summary: 'The messages, newest first; pages go back in time',
    tag: 'Messages',
    access: everyUser('conversations:read'),
    params: conversationParams,
    query: z.object({ ...pageQuery, applicationId: id.optional() }),
    response: page(message),
    status: 200,
  },
  'POST /api/v1/conversations/{conversationId}/messages': {
    summary: 'Send a message; answers once it is committed, also while Temporal is down',
    description:
      'The first message of a user to an Open or Closed chat makes them its owner (R-CHAT-2). With `sendAt` nothing is sent yet: it is scheduled.',
    tag: 'Messages',
    access: senders('messages:send'),
    params: conversationParams,
    body: sendInput,
    response: z.union([message, scheduledMessage]),
    status: 202,
    idempotent: true,
  },
  'GET /api/v1/messages/{messageId}': {
    summary: 'A message with its receipts',
    tag: 'Messages',
    access: everyUser('conversations:read'),
    params: messageParams,
    response: messageDetails,
    status: 200,
  },
  'GET /api/v1/messages/{messageId}/mail/html': {
    summary: 'The e-mail as it was written: sanitised HTML for a sandboxed frame',
    description:
      'Pictures that would be fetched from elsewhere, and tell its sender, are left out unless asked for.',
    tag: 'Messages',
    access: everyUser('conversations:read'),
    params: messageParams,
    query: z.object({ pictures: z.stringbool().default(false) }),
    response: null,
    status: 200,
  },
  'GET /api/v1/messages/{messageId}/mail/raw': {
    summary:
      'The original e-mail (.eml), for those who may write to anybody: it holds what lets people answer',
    tag: 'Messages',
    access: office('conversations:read'),
    params: messageParams,
    response: null,
    status: 200,
  },
  'POST /api/v1/messages/{messageId}/retry': {
    summary: 'Send a failed, suppressed, unknown or unconfirmed message again, as a new message',
    tag: 'Messages',
    access: senders('messages:send'),
    params: messageParams,
    response: message,
    status: 202,
    idempotent: true,
  },
  'POST /api/v1/messages/{messageId}/settle': {
    summary: 'Say what became of an unknown message: its credit is spent, or comes back (R-CRED-2)',
    tag: 'Messages',
    access: administrators(null),
    params: messageParams,
    body: z.object({ outcome: z.enum(['sent', 'notSent']) }),
    response: message,
    status: 200,
  },
  'PUT /api/v1/messages/{messageId}/reaction': {
    summary: 'React to a message of the person; an empty emoji takes the reaction back',
    tag: 'Messages',
    access: senders(null),
    params: messageParams,
    body: z.object({ emoji: z.string().max(16) }),
    response: null,
    status: 204,
  },
  'POST /api/v1/conversations/{conversationId}/read': {
    summary:
      "Mark as read for this user; the owner's or responsible user's view also sends the read mark to the person",
    tag: 'Messages',
    access: everyUser(null),
    params: conversationParams,
    response: null,
    status: 204,
  },
  'GET /api/v1/media/{mediaId}': {
    summary: 'A file of a message, as it was sent',
    tag: 'Messages',
    access: everyUser('conversations:read'),
    params: z.object({ mediaId: id }),
    response: null,
    status: 200,
  },
  'POST /api/v1/media': {
    summary: 'Upload a file to send: the raw bytes with their Content-Type; ?filename=',
    tag: 'Messages',
    access: senders('messages:send'),
    query: z.object({
      filename: z.string().max(240),
      voice: z.stringbool().default(false),
      channel: z
        .enum(['whatsapp', 'email'])
        .default('whatsapp')
        .describe('What it is to go over: WhatsApp takes few types, e-mail any file of up to 20 MB.'),
    }),
    response: mediaFile,
    status: 201,
  },
} as const satisfies Routes;
