import { z } from 'zod';
import { channel, id, instant, page, pageQuery } from './common';
import { messageState } from './messages';
import { reasonCodeSchema } from './reasons';
import { office, type Routes } from './route';

/** A day in the organization's time zone. */
const day = z.iso.date();

/** `hand`: a user pressed Send; `automatic`: stage actions, bulk and programs without a user (R-CHAT-2); `person`: what came in. */
const reportOrigin = z.enum(['hand', 'automatic', 'person']);

const filters = {
  from: day.optional().describe('First day, in the organization’s time zone; 30 days ago when left out.'),
  to: day.optional().describe('Last day; today when left out.'),
  channel: channel.optional(),
  vacancyId: id.optional(),
  userId: id.optional().describe('Who sent it.'),
  origin: reportOrigin.optional(),
  state: messageState.optional(),
};
const reportFilters = z.object(filters);
export type ReportFilters = z.infer<typeof reportFilters>;

export const reportCount = z.object({
  day,
  channel,
  state: messageState,
  messages: z.number().int(),
  /** Reserved or spent; what came back is left out. */
  credits: z.number().int(),
});
export type ReportCount = z.infer<typeof reportCount>;

export const reportSummary = z.object({
  from: day,
  to: day,
  timeZone: z.string(),
  totals: z.object({
    messages: z.number().int(),
    sent: z.number().int(),
    received: z.number().int(),
    notSent: z.number().int(),
    credits: z.number().int(),
  }),
  /** By day, channel and state; what is not named did not happen. */
  counts: z.array(reportCount),
});
export type ReportSummary = z.infer<typeof reportSummary>;

export const reportMessage = z.object({
  id,
  conversationId: id,
  person: z.object({ id, name: z.string() }),
  vacancy: z.object({ id, title: z.string() }).nullable(),
  channel,
  direction: z.enum(['in', 'out']),
  origin: reportOrigin,
  state: messageState,
  reason: reasonCodeSchema.nullable(),
  sender: z.string().nullable(),
  template: z.string().nullable(),
  credits: z.number().int(),
  occurredAt: instant,
});
export type ReportMessage = z.infer<typeof reportMessage>;

export const reportRoutes = {
  'GET /api/v1/reports/messages': {
    summary: 'The messages of a period, newest first (R-LOG-3)',
    tag: 'Reports',
    access: office('conversations:read'),
    query: z.object({ ...filters, ...pageQuery }),
    response: page(reportMessage),
    status: 200,
  },
  'GET /api/v1/reports/messages/summary': {
    summary: 'Totals of a period, and its messages and credits by day, channel and state',
    tag: 'Reports',
    access: office('conversations:read'),
    query: reportFilters,
    response: reportSummary,
    status: 200,
  },
  'GET /api/v1/reports/messages/csv': {
    summary: 'All messages of a period as CSV, however many (UTF-8 with byte order mark)',
    description: 'Cells that a spreadsheet would take for a formula begin with an apostrophe.',
    tag: 'Reports',
    access: office('conversations:read'),
    query: reportFilters,
    response: null,
    status: 200,
  },
} as const satisfies Routes;
