import { z } from 'zod';
import { id, instant, page, pageQuery, reference, userSummary } from './common';
import { fallback, sendChannel } from './messages';
import { peopleFilter } from './people';
import { reasonCodeSchema } from './reasons';
import { senders, type Routes } from './route';

/** A template, or composed text; both may hold variables. */
const content = {
  templateId: id.optional(),
  /** An e-mail's title; a template may bring its own. */
  title: z.string().trim().min(1).max(300).optional(),
  text: z.string().trim().min(1).max(4096).optional(),
  parameters: z
    .record(z.string(), z.string().trim().min(1).max(1024))
    .optional()
    .describe(
      'The same for all, by the keys of a WhatsApp template’s parameters (`body.1`), where no variable stands for them.',
    ),
};

const mostListed = 10_000;
/** So many a search or a stage may mean. */
export const mostRecipients = 100_000;

/** As `GET /people` takes it, in JSON. A name that it does not know is refused: without it, more would be meant. */
export const baseFilter = z.strictObject({
  ...peopleFilter.shape,
  toReview: z.boolean().optional(),
  whatsappConsent: z.boolean().optional(),
});

/**
 * To whom, one of: applications (from a vacancy) or people (from the candidate base) one by one, or all of a stage, of a filter of
 * the candidate base, or of a search of it that the user saved. Whoever comes under it later is not meant.
 */
const recipients = {
  applicationIds: z.array(reference).min(1).max(mostListed).optional(),
  personIds: z.array(reference).min(1).max(mostListed).optional(),
  stageId: id.optional(),
  filter: baseFilter.optional(),
  savedSearchId: id.optional(),
};
const sources = ['applicationIds', 'personIds', 'stageId', 'filter', 'savedSearchId'] as const;
export type RecipientSource = z.infer<z.ZodObject<typeof recipients>>;

const channels = z
  .array(sendChannel)
  .min(1)
  .max(3)
  .transform((list) => [...new Set(list)]);

const oneContent = (body: { templateId?: string | undefined; text?: string | undefined }) =>
  (body.templateId === undefined) !== (body.text === undefined);
const oneSource = (body: RecipientSource) => sources.filter((name) => body[name] !== undefined).length === 1;
const oneSourceHint = {
  path: ['personIds'],
  message: `give one of ${sources.join(', ')}`,
};

export const bulkSendInput = z
  .object({
    name: z.string().trim().max(200).optional(),
    channels,
    sendAt: instant
      .optional()
      .describe(
        'R-SEND-7: not before then. Each is decided then, and whether its sender may still write to them.',
      ),
    fallback: fallback.optional(),
    ...content,
    ...recipients,
  })
  .refine(oneContent, { path: ['text'], message: 'give either a text or a template' })
  .refine(oneSource, oneSourceHint)
  .refine(({ fallback: wanted, channels: over }) => !wanted || over.includes('whatsapp'), {
    path: ['fallback'],
    message: 'goes with WhatsApp only',
  });
export type BulkSendInput = z.infer<typeof bulkSendInput>;

export const sendPreviewInput = z
  .object({
    channels,
    chosen: z
      .array(sendChannel)
      .optional()
      .describe(
        'Which of the channels are to be sent over: they take their credits one after another. Each of the others is judged as if it alone came on top. Default: all.',
      ),
    sampleOf: id
      .optional()
      .describe('Whose text to show; without it, or where they are not meant, the first.'),
    byHand: z
      .boolean()
      .optional()
      .describe('To one person, in their chat: a colleague who owns it stands in the way (R-CHAT-3).'),
    ...content,
    ...recipients,
  })
  .refine(oneContent, { path: ['text'], message: 'give either a text or a template' })
  .refine(oneSource, oneSourceHint);
export type SendPreviewInput = z.infer<typeof sendPreviewInput>;

export const sendRecipientsInput = z
  .object({ q: z.string().trim().max(100).default(''), ...recipients })
  .refine(oneSource, oneSourceHint);
export type SendRecipientsInput = z.infer<typeof sendRecipientsInput>;

const reasonCount = z.object({ code: reasonCodeSchema, text: z.string(), count: z.number().int() });

export const sendPreview = z.object({
  /** People. */
  recipients: z.number().int(),
  balance: z.number().int(),
  channels: z.array(
    z.object({
      channel: sendChannel,
      willSend: z.number().int(),
      credits: z.number().int(),
      reasons: z.array(reasonCount).describe('Who will not get it, by reason (R-SEND-6).'),
      canBeAnswered: z.boolean().describe('False: the SMS sender is a name (R-SEND-3).'),
    }),
  ),
  /** What one of them would read. */
  sample: z
    .object({
      personId: id,
      name: z.string(),
      title: z.string().nullable(),
      text: z.string(),
      /** As a WhatsApp template: the one chosen, or outside the window the organization's carrier around the text (R-SEND-3). */
      onWhatsApp: z
        .object({
          carried: z.boolean(),
          header: z.string().nullable(),
          body: z.string(),
          footer: z.string().nullable(),
          buttons: z.array(z.object({ type: z.string(), text: z.string() })),
        })
        .nullable(),
    })
    .nullable(),
});
export type SendPreview = z.infer<typeof sendPreview>;

export const bulkSend = z.object({
  id,
  name: z.string(),
  state: z.enum(['running', 'paused', 'finished', 'cancelled']),
  /** Why it paused by itself. */
  reason: reasonCodeSchema.nullable(),
  reasonText: z.string().nullable(),
  channels: z.array(sendChannel),
  templateName: z.string().nullable(),
  title: z.string().nullable(),
  text: z.string().nullable(),
  createdBy: userSummary.nullable(),
  /** Scheduled: nobody gets it before then. */
  sendAt: instant.nullable(),
  fallback: fallback.nullable(),
  /** planned = waiting + sent + unknown + suppressed + failed + cancelled, at every moment (R-SEND-6). */
  counts: z.object({
    planned: z.number().int(),
    waiting: z.number().int(),
    sent: z.number().int(),
    unknown: z.number().int(),
    suppressed: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
  }),
  credits: z.number().int(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type BulkSend = z.infer<typeof bulkSend>;

/** Why one that runs does not move: its time has not come, the people’s quiet hours, its channel, the number’s limit of people in 24 hours. */
const bulkHold = z.enum(['scheduled', 'quiet_hours', 'channel_paused', 'messaging_limit']);
export type BulkHold = z.infer<typeof bulkHold>;

export const bulkSendDetail = bulkSend.extend({
  hold: z
    .object({ why: bulkHold, until: instant.nullable() })
    .nullable()
    .describe('Why none of those who wait gets it now, though the send runs; null: it moves, or has ended.'),
  reasons: z.array(reasonCount).describe('Who did not get it, by reason.'),
});
export type BulkSendDetail = z.infer<typeof bulkSendDetail>;

const bulkOutcome = z.enum(['waiting', 'sent', 'unknown', 'suppressed', 'failed', 'cancelled']);

export const bulkRecipient = z.object({
  position: z.number().int(),
  personId: id,
  applicationId: id.nullable(),
  name: z.string(),
  channel: sendChannel,
  outcome: bulkOutcome,
  messageId: id.nullable(),
  reason: reasonCodeSchema.nullable(),
  reasonText: z.string().nullable(),
  /** Quiet hours: not before then. */
  notBefore: instant.nullable(),
});
export type BulkRecipient = z.infer<typeof bulkRecipient>;

const recipientFilters = {
  outcome: bulkOutcome.optional(),
  reason: reasonCodeSchema.optional(),
  /** Words of the name. */
  q: z.string().trim().max(100).optional(),
};
export type RecipientFilters = z.infer<z.ZodObject<typeof recipientFilters>>;

const params = z.object({ bulkSendId: id });

export const sendRoutes = {
  'POST /api/v1/sends/preview': {
    summary:
      'Who would get a message and who not, by reason, what it would cost, and what one of them would read',
    tag: 'Sends',
    access: senders('messages:send'),
    body: sendPreviewInput,
    response: sendPreview,
    status: 200,
  },
  'POST /api/v1/sends/recipients': {
    summary:
      'The first twenty of those whom a send means, in their order; with words, of those whose name holds them',
    tag: 'Sends',
    access: senders('messages:send'),
    body: sendRecipientsInput,
    response: z.object({ items: z.array(z.object({ personId: id, name: z.string() })) }),
    status: 200,
  },
  'POST /api/v1/bulk-sends': {
    summary: 'Send to many: one message per person and channel',
    description:
      'From a vacancy by applications or a whole stage (its assigned users), from the candidate base by people, a filter or a saved search of the user’s own (Administrators, and who has access to the own base); up to 100,000 people. A stage, filter or search is looked up once, now: whoever comes under it later is not meant. Quiet hours are kept; the chat’s owner stays as it is (R-CHAT-7).',
    tag: 'Sends',
    access: senders('messages:send'),
    body: bulkSendInput,
    response: bulkSend,
    status: 202,
    idempotent: true,
  },
  'GET /api/v1/bulk-sends': {
    summary: 'Sends to many, newest first',
    tag: 'Sends',
    access: senders('messages:send'),
    query: z.object({
      ...pageQuery,
      state: bulkSend.shape.state.optional(),
      mine: z.stringbool().optional().describe('Only those that the user made.'),
    }),
    response: page(bulkSend),
    status: 200,
  },
  'GET /api/v1/bulk-sends/{bulkSendId}': {
    summary: 'One, with its counts, by reason, and what holds it up',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    response: bulkSendDetail,
    status: 200,
  },
  'POST /api/v1/bulk-sends/{bulkSendId}/pause': {
    summary: 'Pause: what is not under way waits',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    response: bulkSend,
    status: 200,
  },
  'POST /api/v1/bulk-sends/{bulkSendId}/resume': {
    summary: 'Go on',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    response: bulkSend,
    status: 200,
  },
  'POST /api/v1/bulk-sends/{bulkSendId}/cancel': {
    summary: 'Cancel: what was not sent is not sent any more, its credits come back',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    response: bulkSend,
    status: 200,
  },
  'GET /api/v1/bulk-sends/{bulkSendId}/recipients': {
    summary: 'What became of each',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    query: z.object({ ...pageQuery, ...recipientFilters }),
    response: page(bulkRecipient),
    status: 200,
  },
  'GET /api/v1/bulk-sends/{bulkSendId}/recipients/csv': {
    summary: 'What became of each as CSV, however many (UTF-8 with byte order mark)',
    description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
    tag: 'Sends',
    access: senders('messages:send'),
    params,
    query: z.object(recipientFilters),
    response: null,
    status: 200,
  },
} as const satisfies Routes;
