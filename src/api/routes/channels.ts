import { createMailDns } from '../../channels/email/mail-dns';
import {
  changeChannelAccount,
  connectWhatsApp,
  disconnectChannelAccount,
  listChannelAccounts,
  resumeChannelAccount,
  syncTemplates,
  type ChannelContext,
} from '../../data/channels/channel-accounts';
import { getEmailChannel } from '../../data/channels/dead-channels';
import {
  checkMailDomain,
  readMailDomainSettings,
  removeMailDomain,
  setMailDomain,
} from '../../data/channels/mail-domain-settings';
import { connectSms, disconnectSms, getSmsChannel, resumeSms } from '../../data/channels/sms-account';
import { changeRate } from '../../data/limits/channel-limits';
import { createSendLimits } from '../../data/limits/send-limits';
import { sendSmsTest, sendTest } from '../../data/messages/send-test';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function channelHandlers({
  config,
  db: database,
  whatsApp,
  sms,
  mailDns: dns = createMailDns(config.dnsServers),
}: AppDeps) {
  const { secretKey, publicUrl, dayMs, mailDomain, mailReceiver } = config;
  const rate = createSendLimits({ db: database });
  const context = (actor: Actor): ChannelContext => ({ actor, whatsApp, secretKey, publicUrl, dayMs });
  const host = mailReceiver.hostName ?? new URL(publicUrl).hostname;
  const mailContext = (actor: Actor) => ({ actor, secretKey, mailDomain, host, dns });
  const smsContext = (actor: Actor) => ({ actor, sms, secretKey, publicUrl });

  return {
    'GET /api/v1/channels': async ({ actor, db }) => ({
      items: await listChannelAccounts(db, context(actor)),
    }),

    'POST /api/v1/channels/whatsapp': ({ actor, body, db }) => connectWhatsApp(db, context(actor), body),

    'GET /api/v1/channels/email': ({ actor, db }) => getEmailChannel(db, actor),

    'PATCH /api/v1/channels/email': async ({ actor, body, db }) => {
      await changeRate(db, actor, 'email', body.messagesPerSecond);
      return getEmailChannel(db, actor);
    },

    'GET /api/v1/channels/email/domain': ({ actor, db }) => readMailDomainSettings(db, mailContext(actor)),

    'PUT /api/v1/channels/email/domain': ({ actor, body, db }) =>
      setMailDomain(db, mailContext(actor), body.domain),

    'DELETE /api/v1/channels/email/domain': ({ actor, db }) => removeMailDomain(db, mailContext(actor)),

    'POST /api/v1/channels/email/domain/check': ({ actor, db }) => checkMailDomain(db, mailContext(actor)),

    'GET /api/v1/channels/sms': ({ actor, db }) => getSmsChannel(db, smsContext(actor)),

    'PUT /api/v1/channels/sms': ({ actor, body, db }) => connectSms(db, smsContext(actor), body),

    'PATCH /api/v1/channels/sms': async ({ actor, body, db }) => {
      await changeRate(db, actor, 'sms', body.messagesPerSecond);
      return getSmsChannel(db, smsContext(actor));
    },

    'POST /api/v1/channels/sms/test': {
      run: async ({ actor, body, db }) => {
        await sendSmsTest(db, { ...smsContext(actor), rate }, body.to);
        return { accepted: true };
      },
      replay: () => Promise.resolve({ accepted: true }),
    },

    'POST /api/v1/channels/sms/resume': ({ actor, db }) => resumeSms(db, smsContext(actor)),

    'POST /api/v1/channels/sms/disconnect': ({ actor, db }) => disconnectSms(db, smsContext(actor)),

    'PATCH /api/v1/channels/{channelAccountId}': ({ actor, params, body, db }) =>
      changeChannelAccount(db, context(actor), params.channelAccountId, body),

    'POST /api/v1/channels/{channelAccountId}/resume': ({ actor, params, db }) =>
      resumeChannelAccount(db, context(actor), params.channelAccountId),

    'POST /api/v1/channels/{channelAccountId}/sync-templates': ({ actor, params, db }) =>
      syncTemplates(db, context(actor), params.channelAccountId),

    'POST /api/v1/channels/{channelAccountId}/test': {
      run: async ({ actor, params, body, db }) => {
        await sendTest(db, { ...context(actor), rate }, { ...params, ...body });
        return { accepted: true };
      },
      replay: () => Promise.resolve({ accepted: true }),
    },

    'POST /api/v1/channels/{channelAccountId}/disconnect': ({ actor, params, db }) =>
      disconnectChannelAccount(db, context(actor), params.channelAccountId),
  } satisfies Partial<Handlers>;
}
