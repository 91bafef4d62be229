import { z } from 'zod';
import { channel, id, instant, name } from './common';
import { administrators, type Routes } from './route';

export const channelAccount = z.object({
  id,
  channel,
  name: z.string(),
  state: z.enum(['connected', 'paused', 'disconnected']),
  /** For people: what is wrong and what to do. */
  stateText: z.string().nullable(),
  phoneNumberId: z.string().nullable(),
  wabaId: z.string().nullable(),
  displayPhone: z.string().nullable(),
  verifiedName: z.string().nullable(),
  /** To be entered in Meta's app dashboard where the automatic subscription is not possible. */
  webhookUrl: z.string(),
  verifyToken: z.string(),
  templatesSyncedAt: instant.nullable(),
});
export type ChannelAccount = z.infer<typeof channelAccount>;

const accountParams = z.object({ channelAccountId: id });
const digits = z
  .string()
  .trim()
  .regex(/^\d{5,20}$/, 'digits, as shown in Meta’s dashboard');

export const channelRoutes = {
  'GET /api/v1/channels': {
    summary: 'The connected channels',
    tag: 'Channels',
    access: administrators('settings:read'),
    response: z.object({ items: z.array(channelAccount) }),
    status: 200,
  },
  'POST /api/v1/channels/whatsapp': {
    summary:
      'Connect a WhatsApp number: the credentials are checked, webhooks subscribed, templates synchronised',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: z.object({
      name,
      phoneNumberId: digits,
      wabaId: digits,
      accessToken: z.string().trim().min(1).max(1000),
      appSecret: z.string().trim().min(1).max(200),
    }),
    response: channelAccount,
    status: 201,
  },
  'PATCH /api/v1/channels/{channelAccountId}': {
    summary: 'Change name, token or app secret; a paused channel that works again resumes',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    body: z
      .object({
        name,
        accessToken: z.string().trim().min(1).max(1000),
        appSecret: z.string().trim().min(1).max(200),
      })
      .partial(),
    response: channelAccount,
    status: 200,
  },
  'POST /api/v1/channels/{channelAccountId}/resume': {
    summary: 'Resume a paused channel; its queued messages go out with every check made again',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    response: channelAccount,
    status: 200,
  },
  'POST /api/v1/channels/{channelAccountId}/sync-templates': {
    summary: 'Fetch the templates from WhatsApp',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    response: channelAccount,
    status: 200,
  },
  'POST /api/v1/channels/{channelAccountId}/test': {
    summary: 'Send test: an approved template without parameters to a number of your own',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    body: z.object({ to: z.string().trim().min(5).max(30), templateId: id }),
    response: z.object({ accepted: z.literal(true) }),
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/channels/{channelAccountId}/disconnect': {
    summary: 'Disconnect a number; its history stays',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    response: channelAccount,
    status: 200,
  },
} as const satisfies Routes;
