import { z } from 'zod';
import { id, instant, reference } from './common';
import { copyInput, fallback, scheduledMessage, sendChannel } from './messages';
import { everyUser, senders, type Routes } from './route';

export const scheduleInput = z
  .object({
    sendAt: instant.describe('Within a year. Quiet hours of the person put it off (R-SEND-10).'),
    channels: z
      .array(sendChannel)
      .min(1)
      .max(3)
      .default(['whatsapp'])
      .transform((list) => [...new Set(list)])
      .describe('In order of preference: it goes by the first that may carry it then.'),
    text: z
      .string()
      .trim()
      .min(1)
      .max(20_000)
      .optional()
      .describe('By e-mail alone up to 20,000 characters, else 4,096.'),
    /** Alone, or beside a text: then it is what goes on WhatsApp where the window is closed. */
    templateId: id.optional(),
    parameters: z.record(z.string(), z.string().trim().min(1).max(1024)).optional(),
    mediaIds: z
      .array(id)
      .min(1)
      .max(10)
      .optional()
      .describe(
        'Files, over one channel: with the text of an e-mail up to 20 MB together; on WhatsApp each is a message, one after another, and the text is the caption of the first that takes one, else the last message.',
      ),
    /** An e-mail's; a template may bring its own. */
    title: z.string().trim().min(1).max(300).optional(),
    ...copyInput,
    fallback: fallback.optional(),
    applicationId: reference.optional(),
    replyToId: id.optional(),
    actingUserId: id.optional(),
  })
  .refine(({ text, templateId, mediaIds }) => text ?? templateId ?? mediaIds, {
    path: ['text'],
    message: 'give a text, a template, or both',
  })
  .refine(({ text = '', channels }) => text.length <= 4096 || channels.join() === 'email', {
    path: ['text'],
    message: 'may have 4,096 characters, unless it goes by e-mail alone',
  })
  .refine(
    ({ mediaIds, channels, text, templateId }) =>
      !mediaIds ||
      (channels.join() === 'email' && text !== undefined && templateId === undefined) ||
      channels.join() === 'whatsapp',
    { path: ['mediaIds'], message: 'go by e-mail alone, with a text, or by WhatsApp alone' },
  )
  .refine(({ cc, bcc, channels }) => !(cc?.length || bcc?.length) || channels.join() === 'email', {
    path: ['cc'],
    message: 'goes with an e-mail alone',
  })
  .refine(({ mediaIds, fallback: wanted }) => !mediaIds || !wanted, {
    path: ['fallback'],
    message: 'cannot take files',
  });
export type ScheduleInput = z.infer<typeof scheduleInput>;

const params = z.object({ scheduledMessageId: id });

export const scheduledMessageRoutes = {
  'POST /api/v1/conversations/{conversationId}/scheduled-messages': {
    summary: 'Send a message later (R-SEND-7)',
    description:
      'What it will be is decided again when it is due, permission included: free text where the window is open, else the template, else the next channel, else nothing, with the reason on the timeline. On WhatsApp it is judged like one sent by hand by its author then (R-CHAT-2, R-CHAT-3). Credits are reserved then, not before.',
    tag: 'Scheduled messages',
    access: senders('messages:send'),
    params: z.object({ conversationId: id }),
    body: scheduleInput,
    response: scheduledMessage,
    status: 201,
    idempotent: true,
  },
  'GET /api/v1/scheduled-messages/{scheduledMessageId}': {
    summary: 'A scheduled message or a fallback, and what came of it',
    tag: 'Scheduled messages',
    access: everyUser('conversations:read'),
    params,
    response: scheduledMessage,
    status: 200,
  },
  'POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel': {
    summary: 'Cancel a scheduled message or a fallback, by its author, an Administrator or a program',
    tag: 'Scheduled messages',
    access: senders('messages:send'),
    params,
    response: scheduledMessage,
    status: 200,
  },
} as const satisfies Routes;
