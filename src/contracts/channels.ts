import { z } from 'zod';
import { channel, id, instant, name } from './common';
import { administrators, type Routes } from './route';

/** Meta's names for the number of people one may write to outside their windows in 24 hours. */
export const messagingTiers = ['TIER_250', 'TIER_2K', 'TIER_10K', 'TIER_100K', 'TIER_UNLIMITED'] as const;
export type MessagingTier = (typeof messagingTiers)[number];

/** How fast an account sends. */
const sendRate = z.object({
  messagesPerSecond: z.number().int(),
  /** Who says so: an Administrator, the provider, or nobody: then it is the usual rate. */
  messagesPerSecondFrom: z.enum(['settings', 'provider', 'usual']),
  /** What holds where nothing is set. */
  providerRate: z.number().int(),
});
export type SendRate = z.infer<typeof sendRate>;

/** How fast a WhatsApp number sends, and how many people it may write to first. */
const channelLimits = sendRate.extend({
  /** As Meta names it, e.g. TIER_2K; null: not known. */
  messagingTier: z.string().nullable(),
  messagingTierFrom: z.enum(['settings', 'provider']).nullable(),
  peoplePerDay: z
    .number()
    .int()
    .nullable()
    .describe('People who may be written to outside the 24-hour window within 24 hours; null: any number.'),
  reached: z.number().int().describe('How many were within the last 24 hours.'),
});

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
  limits: channelLimits,
});
export type ChannelAccount = z.infer<typeof channelAccount>;

const smsSender = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('name'), value: z.string() }),
  z.object({ kind: z.literal('number'), value: z.string() }),
  z.object({ kind: z.literal('service'), value: z.string() }),
]);

/** R-SEND-3: the organization's account at the SMS provider. */
export const smsChannel = z.object({
  state: z.enum(['notConnected', 'connected', 'paused', 'disconnected']),
  /** For people: what is wrong and what to do. */
  stateText: z.string().nullable(),
  accountSid: z.string().nullable(),
  accountName: z.string().nullable(),
  /** What recipients see: a name of up to 11 letters, a number, or what a messaging service chooses. */
  sender: smsSender.nullable(),
  /** A name cannot be answered. */
  canBeAnswered: z.boolean(),
  /** The company's name as a sender; null where nothing of it is left. */
  defaultSender: z.string().nullable(),
  /** Where the provider has to post incoming messages; set by itself for a number. */
  inboundUrl: z.string().nullable(),
  /** Null until it is connected. */
  limits: sendRate.nullable(),
});
export type SmsChannel = z.infer<typeof smsChannel>;

/** E-mail goes over the mail server of the installation: nobody in the organization sets it up. */
export const emailChannel = z.object({
  state: z.enum(['notConfigured', 'connected', 'paused']),
  /** For people: what is wrong and what to do. */
  stateText: z.string().nullable(),
  /** Null until there is a mail server. */
  limits: sendRate.nullable(),
});
export type EmailChannel = z.infer<typeof emailChannel>;

const dnsRecord = z.object({
  kind: z.enum(['mx', 'dkim', 'spf', 'dmarc']),
  type: z.enum(['MX', 'TXT']),
  name: z.string(),
  value: z.string(),
  required: z.boolean().describe('Without it the domain is not used.'),
  state: z
    .enum(['found', 'missing', 'different', 'unanswered'])
    .nullable()
    .describe('By the last check; unanswered: the DNS gave no answer. null: never checked.'),
  found: z.array(z.string()).describe('What stands there.'),
});
export type DnsRecord = z.infer<typeof dnsRecord>;

/** R-BOX-1: under which domain e-mails go out, and answers come in. */
export const mailDomainSettings = z.object({
  /** The one in use; null: there is none, and answers go to the sender's own address. */
  domain: z.string().nullable(),
  /** What the installation gives; null: nothing. */
  standard: z.string().nullable(),
  own: z
    .object({
      domain: z.string(),
      inUse: z.boolean(),
      checkedAt: instant.nullable(),
      /** It is checked again by itself; null: within a minute. */
      nextCheckAt: instant.nullable(),
      /** Since when a record that is needed is not there. An hour later the domain is not used any more. */
      missingSince: instant.nullable(),
      records: z.array(dnsRecord),
    })
    .nullable(),
});
export type MailDomainSettings = z.infer<typeof mailDomainSettings>;

const sid = (prefix: string) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `${prefix} and 32 characters, as shown by the provider`);

const smsSettings = z.object({
  accountSid: sid('AC'),
  /** Left out: the one there is stays. Never given back. */
  authToken: z.string().trim().min(1).max(200).optional(),
  sender: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('name'),
      /** Left out: the company's name. */
      value: z
        .string()
        .trim()
        .regex(
          /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 ]{0,10}$/,
          'up to 11 letters, digits and spaces, with at least one letter',
        )
        .optional(),
    }),
    z.object({ kind: z.literal('number'), value: z.string().trim().min(5).max(30) }),
    z.object({ kind: z.literal('service'), value: sid('MG') }),
  ]),
});
export type SmsSettingsInput = z.infer<typeof smsSettings>;

const ratePerSecond = z.number().int().min(1).max(10_000).nullable();
const ratePatch = z.object({ messagesPerSecond: ratePerSecond.describe('null: the usual rate.') });

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
  'GET /api/v1/channels/email': {
    summary: 'Whether e-mail can be sent',
    tag: 'Channels',
    access: administrators('settings:read'),
    response: emailChannel,
    status: 200,
  },
  'PATCH /api/v1/channels/email': {
    summary: 'Change how many e-mails the organization sends a second',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: ratePatch,
    response: emailChannel,
    status: 200,
  },
  'GET /api/v1/channels/email/domain': {
    summary: 'The mail domain, and the DNS records of an own one',
    tag: 'Channels',
    access: administrators('settings:read'),
    response: mailDomainSettings,
    status: 200,
  },
  'PUT /api/v1/channels/email/domain': {
    summary: 'Take an own mail domain; it is used once its DNS records have been found',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: z.object({
      domain: z
        .string()
        .trim()
        .toLowerCase()
        .max(190)
        .regex(
          /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
          'a domain such as mail.example.com; one with other letters as xn--…',
        ),
    }),
    response: mailDomainSettings,
    status: 200,
  },
  'DELETE /api/v1/channels/email/domain': {
    summary: 'Give the own mail domain up: answers to mails that were sent under it come in no more',
    tag: 'Channels',
    access: administrators('settings:write'),
    response: mailDomainSettings,
    status: 200,
  },
  'POST /api/v1/channels/email/domain/check': {
    summary: 'Check DNS records: look up those of the own mail domain, and use it once they are there',
    tag: 'Channels',
    access: administrators('settings:write'),
    response: mailDomainSettings,
    status: 200,
  },
  'GET /api/v1/channels/sms': {
    summary: 'The SMS account, its state and sender',
    tag: 'Channels',
    access: administrators('settings:read'),
    response: smsChannel,
    status: 200,
  },
  'PUT /api/v1/channels/sms': {
    summary:
      'Connect SMS or change its account and sender: checked with the provider; a paused channel that works again resumes',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: smsSettings,
    response: smsChannel,
    status: 200,
  },
  'PATCH /api/v1/channels/sms': {
    summary: 'Change how many SMS the account sends a second',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: ratePatch,
    response: smsChannel,
    status: 200,
  },
  'POST /api/v1/channels/sms/test': {
    summary: 'Send test: a fixed text to a number of your own; no message to a person, no credits',
    tag: 'Channels',
    access: administrators('settings:write'),
    body: z.object({ to: z.string().trim().min(5).max(30) }),
    response: z.object({ accepted: z.literal(true) }),
    status: 200,
    idempotent: true,
  },
  'POST /api/v1/channels/sms/resume': {
    summary: 'Resume paused SMS; its queued messages go out with every check made again',
    tag: 'Channels',
    access: administrators('settings:write'),
    response: smsChannel,
    status: 200,
  },
  'POST /api/v1/channels/sms/disconnect': {
    summary: 'Disconnect SMS; its history stays',
    tag: 'Channels',
    access: administrators('settings:write'),
    response: smsChannel,
    status: 200,
  },
  'PATCH /api/v1/channels/{channelAccountId}': {
    summary: 'Change name, token, app secret or limits; a paused channel that works again resumes',
    tag: 'Channels',
    access: administrators('settings:write'),
    params: accountParams,
    body: z
      .object({
        name,
        accessToken: z.string().trim().min(1).max(1000),
        appSecret: z.string().trim().min(1).max(200),
        messagesPerSecond: ratePerSecond.describe('null: what WhatsApp says, or else the usual rate.'),
        messagingTier: z
          .enum(messagingTiers)
          .nullable()
          .describe('Where WhatsApp does not tell it itself; null: not known.'),
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
