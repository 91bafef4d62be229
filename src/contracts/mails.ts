import { z } from 'zod';
import { id, instant, page, pageQuery } from './common';
import { everyUser, type Routes } from './route';

export const mailFolders = ['inbox', 'drafts', 'sent', 'archive', 'junk', 'trash'] as const;
export const mailFolder = z.enum(mailFolders);
export type MailFolder = z.infer<typeof mailFolder>;

/** R-BOX-7: why a mail was not sent, or may not have been. Each has a sentence with its remedy in `reasonText`. */
export const mailReasons = {
  unknown:
    'The connection broke while it was being sent, so it may have arrived. Send it again only if it has not.',
  refused: 'The mail server refused it. See its answer for details.',
  address_refused: 'The mail server refused an address. Correct it and send it again.',
  some_refused: 'The mail server refused some of the addresses; the others have it.',
  login_refused:
    'The mail server refused the user name or password. Correct them in My account, and send it again.',
  sign_in_ended:
    'The sign-in with the e-mail provider does not work any more. Sign in again in My account, and send it again.',
  server_not_reached:
    'The mail server could not be reached for a day. Check it in My account, and send it again.',
  server_not_allowed:
    'This mail server is not on the public internet. Enter another one in My account, or ask whoever runs Parley to allow it.',
  no_server:
    'No mail server is set for sending. Enter one in My account, or ask whoever runs Parley (SMTP_URL).',
  not_composed:
    'It could not be put together for sending. Take its attachments off, or write it anew; if that does not help, tell whoever runs Parley.',
  retrying: 'The mail server could not be reached. It is tried again by itself.',
  not_permitted: 'Your role does not allow writing to candidates and contacts from the mailbox.',
  opted_out: 'A recipient has opted out of e-mail. Only they can undo it.',
} as const;
export type MailReason = keyof typeof mailReasons;
const mailReason = z.enum(Object.keys(mailReasons) as [MailReason, ...MailReason[]]);

export const mailAddress = z.object({ name: z.string(), address: z.string() });
export type MailAddress = z.infer<typeof mailAddress>;

const person = z.object({ id, name: z.string(), kind: z.enum(['candidate', 'contact']) });

export const mailRow = z.object({
  id,
  threadId: id,
  folder: mailFolder,
  direction: z.enum(['in', 'out']),
  state: z.enum(['received', 'draft', 'queued', 'dispatching', 'sent', 'failed', 'unknown']),
  from: mailAddress,
  to: z.array(mailAddress),
  subject: z.string(),
  /** The beginning of what was written. */
  preview: z.string(),
  attachmentCount: z.number().int(),
  private: z.boolean(),
  seen: z.boolean(),
  occurredAt: instant,
});
export type MailRow = z.infer<typeof mailRow>;

/** The mails of one thread that are shown together: those in the waste or in junk, or all others. */
export const mailThread = z.object({
  id,
  /** The newest of those that are in the folder, or that are searched for. The row is dated and titled by it. */
  mailId: id,
  folder: mailFolder,
  direction: z.enum(['in', 'out']),
  state: mailRow.shape.state,
  /** Who wrote to the user, the latest first; at most four. */
  writers: z.array(z.string()),
  /** The user wrote, too. */
  answered: z.boolean(),
  to: z.array(mailAddress),
  subject: z.string(),
  preview: z.string(),
  count: z.number().int(),
  unread: z.number().int(),
  hasAttachments: z.boolean(),
  private: z.boolean(),
  occurredAt: instant,
});
export type MailThread = z.infer<typeof mailThread>;

const movable = z.enum(['inbox', 'sent', 'archive', 'junk', 'trash']);

/** A thread, and the folder it was seen in: its mails in the waste or in junk are meant there alone. */
const namedThreads = z
  .array(z.object({ threadId: id, folder: movable }))
  .min(1)
  .max(200);

/** How a mail was, to put it back. */
const mailBefore = z.object({
  mailId: id,
  seen: z.boolean(),
  folder: movable,
  filed: z
    .array(id)
    .max(100)
    .optional()
    .describe('Whom taking it out of junk or trash has filed it under: they have it no more.'),
});

const mailAttachment = z.object({
  id,
  filename: z.string(),
  mimeType: z.string(),
  size: z.number().int(),
  /** A picture that stands in the text. */
  inline: z.boolean(),
});

export const mail = mailRow.extend({
  cc: z.array(mailAddress),
  bcc: z.array(mailAddress),
  replyTo: z.string().nullable(),
  text: z.string(),
  /** What it quotes. */
  quoted: z.string().nullable(),
  /** It has HTML: `GET /api/v1/mails/{mailId}/html`. */
  hasHtml: z.boolean(),
  /** Pictures from afar stand in it. */
  hasRemotePictures: z.boolean(),
  /** Its bytes are kept: `GET /api/v1/mails/{mailId}/raw`. */
  hasOriginal: z.boolean(),
  attachments: z.array(mailAttachment),
  /** In whose file it is. */
  filedUnder: z.array(person.extend({ byHand: z.boolean() })),
  /** Whose address it is from or to, and in whose file it is not. */
  proposed: z.array(person),
  /** The mail that it answers or forwards. */
  replyToMailId: id.nullable(),
  /** Of a draft: what is appended when it is sent. */
  signature: z.string().nullable(),
  reason: mailReason.nullable(),
  reasonText: z.string().nullable(),
  /** The mail server's own words. */
  reasonDetail: z.string().nullable(),
  sentAt: instant.nullable(),
  /** Goes along with a change of a draft, so that two pages do not undo each other's. */
  version: instant,
});
export type Mail = z.infer<typeof mail>;

export const mailRecipient = z.object({
  name: z.string().trim().max(200).default(''),
  // what others write from is taken as it is, be it user@localhost
  address: z
    .string()
    .trim()
    .toLowerCase()
    .max(254)
    .regex(/^[^\s@<>,;"]+@[^\s@<>,;"]+$/, 'an e-mail address'),
});
const recipients = z.array(mailRecipient).max(500);

const draft = {
  to: recipients,
  cc: recipients,
  bcc: recipients,
  subject: z.string().trim().max(998),
  text: z.string().max(500_000),
  /** Whether it quotes the mail that it answers. */
  quote: z.boolean(),
  private: z.boolean(),
};

const draftChange = z.object(draft).partial();
export type DraftChange = z.infer<typeof draftChange>;

export const newDraft = draftChange.extend({
  answers: z
    .object({ mailId: id, how: z.enum(['reply', 'replyAll', 'forward']) })
    .optional()
    .describe('Recipients, subject, thread and what is quoted come from that mail, unless given.'),
});
export type NewDraft = z.infer<typeof newDraft>;

/** What of a mailbox is listed, mail by mail or by threads. */
const mailQuery = z.object({
  ...pageQuery,
  folder: mailFolder.optional(),
  unread: z.stringbool().optional(),
  q: z
    .string()
    .trim()
    .max(200)
    .optional()
    .describe('Words of subject, sender, recipients, text or names of attachments.'),
});
export type MailQuery = z.infer<typeof mailQuery>;

const params = z.object({ mailId: id });
const tag = 'Mailbox';
/** R-BOX-5: a mailbox is its user's alone. */
const access = everyUser(null);

export const mailRoutes = {
  'GET /api/v1/mails': {
    summary: 'The mails of your own mailbox, newest first',
    tag,
    access,
    query: mailQuery,
    response: page(mailRow),
    status: 200,
  },
  'PATCH /api/v1/mails': {
    summary: 'Put mails back as they were: read or not, and into their folders',
    tag,
    access,
    body: z.object({ mails: z.array(mailBefore).min(1).max(2000) }),
    response: null,
    status: 204,
  },
  'GET /api/v1/mail-threads': {
    summary: 'Your mailbox, one row a thread, newest first',
    tag,
    access,
    query: mailQuery,
    response: page(mailThread),
    status: 200,
  },
  'PATCH /api/v1/mail-threads': {
    summary: 'Mark whole threads as read or unread, or move them; what was sent goes back to Sent',
    description: 'The answer says how the changed mails were before: `PATCH /api/v1/mails` undoes it.',
    tag,
    access,
    body: z.object({ seen: z.boolean(), folder: movable }).partial().extend({ threads: namedThreads }),
    response: z.object({ before: z.array(mailBefore) }),
    status: 200,
  },
  'POST /api/v1/mail-threads/delete': {
    summary: 'Delete for good what threads have in Trash, with attachments and originals',
    description:
      'What is in the file of a person stays there. On your mail server nothing is deleted, unless your settings say so anyway.',
    tag,
    access,
    body: z.object({ threads: namedThreads }),
    response: z.object({ deleted: z.number().int() }),
    status: 200,
  },
  'GET /api/v1/mails/trash': {
    summary: 'How many mails are in Trash, and how many of them are in the file of a person',
    tag,
    access,
    response: z.object({ count: z.number().int(), filed: z.number().int() }),
    status: 200,
  },
  'DELETE /api/v1/mails/trash': {
    summary: 'Delete for good what is in Trash, some hundred mails at a time; `more`: call it again',
    tag,
    access,
    response: z.object({ deleted: z.number().int(), more: z.boolean() }),
    status: 200,
  },
  'GET /api/v1/mails/counts': {
    summary: 'Unread mails by folder; of drafts all',
    tag,
    access,
    response: z.object({ folders: z.record(mailFolder, z.number().int()) }),
    status: 200,
  },
  'GET /api/v1/mails/{mailId}': {
    summary: 'A mail of your mailbox',
    tag,
    access,
    params,
    response: mail,
    status: 200,
  },
  'GET /api/v1/mails/{mailId}/thread': {
    summary: 'The mails of its thread, oldest first',
    tag,
    access,
    params,
    response: z.object({ items: z.array(mailRow) }),
    status: 200,
  },
  'GET /api/v1/mails/{mailId}/html': {
    summary:
      'Its HTML as a page of its own for a sandboxed frame; `?pictures=true` loads those from afar, `?print=true` puts its head above, also that of a mail without HTML',
    tag,
    access,
    params,
    query: z.object({ pictures: z.stringbool().default(false), print: z.stringbool().default(false) }),
    response: null,
    status: 200,
  },
  'GET /api/v1/mails/{mailId}/raw': {
    summary: 'The bytes as they came, or as they were sent',
    tag,
    access,
    params,
    response: null,
    status: 200,
  },
  'GET /api/v1/mails/{mailId}/attachments': {
    summary: 'All its attachments in one zip file',
    tag,
    access,
    params,
    response: null,
    status: 200,
  },
  'GET /api/v1/mails/{mailId}/attachments/{attachmentId}': {
    summary: 'An attachment',
    tag,
    access,
    params: params.extend({ attachmentId: id }),
    response: null,
    status: 200,
  },
  'PATCH /api/v1/mails/{mailId}': {
    summary: 'Mark as read or unread, or move to another folder; drafts stay where they are',
    tag,
    access,
    params,
    body: z.object({ seen: z.boolean(), folder: movable }).partial(),
    response: mail,
    status: 200,
  },
  'POST /api/v1/mails/{mailId}/filings': {
    summary: 'Put the mail into the file of a person; a private one stays yours alone',
    tag,
    access,
    params,
    body: z.object({ personId: id }),
    response: mail,
    status: 200,
  },
  'DELETE /api/v1/mails/{mailId}/filings/{personId}': {
    summary: 'Take the mail out of a file that it was put into by hand',
    tag,
    access,
    params: params.extend({ personId: id }),
    response: mail,
    status: 200,
  },
  'POST /api/v1/mails': {
    summary: 'Begin a mail, as a draft',
    tag,
    access,
    body: newDraft,
    response: mail,
    status: 201,
    idempotent: true,
  },
  'PUT /api/v1/mails/{mailId}/draft': {
    summary: 'Change a draft; 409 where it has been changed since `version`',
    description: 'A mail that failed, or of which nobody knows, becomes a draft again by it.',
    tag,
    access,
    params,
    body: draftChange.extend({ version: instant }),
    response: mail,
    status: 200,
  },
  'DELETE /api/v1/mails/{mailId}/draft': {
    summary:
      'Discard a draft; with `version` only as it was then: 409 where it was changed since, or got a file',
    tag,
    access,
    params,
    query: z.object({ version: instant.optional() }),
    response: null,
    status: 204,
  },
  'POST /api/v1/mails/{mailId}/attachments': {
    summary: 'Attach a file to a draft: the raw bytes with their Content-Type; ?filename=',
    tag,
    access,
    params,
    query: z.object({ filename: z.string().trim().min(1).max(200) }),
    response: mail,
    status: 201,
  },
  'DELETE /api/v1/mails/{mailId}/attachments/{attachmentId}': {
    summary: 'Take a file off a draft',
    tag,
    access,
    params: params.extend({ attachmentId: id }),
    response: mail,
    status: 200,
  },
  'POST /api/v1/mails/{mailId}/send': {
    summary: 'Send a draft; one that failed, or of which nobody knows, is sent again',
    description:
      'Answers once it is committed, also while the mail server or Temporal is down. It goes over your own server where you have set one, else over ' +
      'the organization’s. To candidates and contacts only who may write to them from the inbox (R-ROLE-3).',
    tag,
    access,
    params,
    body: z.object({ version: instant.optional() }),
    response: mail,
    status: 202,
    idempotent: true,
  },
} as const satisfies Routes;
