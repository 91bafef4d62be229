import type { SecureContext } from 'node:tls';
import { createTransport } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import { ChannelError } from '../channel-error';
import { mailTrust, trusting } from '../mail-trust';
import { htmlOf, textOf } from './body';
import { companyMailName } from './company-name';
import { handOver, loginWanted, smtpServerOf } from './smtp';
import type { EmailClient } from './types';

/** A server that wants a login says so when a mail is sent, not before: it is not asked again for so long, or until a new start. */
const deniedMs = 3_600_000;

/** More, for what comes with files; `timeFor` in data/messages/dispatch.ts allows for it. */
const uploadMs = 50_000;

/** `from`: the installation's address, with or without a name. Without `smtpUrl` every mail is refused, with the reason. */
export function createEmailClient(options: {
  smtpUrl: string | undefined;
  from: string;
  /** PARLEY_MAIL_CA */
  caFile?: string | undefined;
}): EmailClient {
  const trust = mailTrust(options.caFile);
  const address = /<([^<>]+)>/.exec(options.from)?.[1] ?? options.from.trim();
  const domain = address.split('@')[1] ?? 'localhost';
  let deniedUntil = -Infinity;
  return {
    async send(mail, { timeoutMs }) {
      if (options.smtpUrl === undefined)
        throw new ChannelError({ errorClass: 'permanent', reason: 'channel_not_configured' });
      const sender = mail.mailDomain === null ? address : `${companyMailName}@${mail.mailDomain}`;
      const providerId = `<${mail.clientReference}@${mail.mailDomain ?? domain}>`;
      const envelope = { from: mail.envelopeFrom ?? sender, to: [mail.to] };
      const attachments = mail.attachments ?? [];
      const deadlineMs = timeoutMs + (attachments.length > 0 ? uploadMs : 0);
      const raw = await new MailComposer({
        from: { name: mail.company, address: sender },
        to: mail.to,
        ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
        subject: mail.subject,
        text: textOf(mail),
        html: htmlOf(mail),
        messageId: providerId,
        ...(mail.references.length > 0 && {
          inReplyTo: mail.references.at(-1),
          references: mail.references,
        }),
        attachments,
        headers: {
          ...(mail.automatic && { 'Auto-Submitted': 'auto-generated' }),
          ...(mail.unsubscribeUrl !== null && {
            'List-Unsubscribe': { prepared: true, value: `<${mail.unsubscribeUrl}>` },
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }),
        },
      })
        .compile()
        .build();
      try {
        const server = smtpServerOf(options.smtpUrl, trust);
        await handOver(server, { raw, envelope, dkim: mail.dkim }, { timeoutMs, deadlineMs });
        return { providerId };
      } catch (error) {
        if ((error as ChannelError).providerCode === loginWanted) deniedUntil = performance.now() + deniedMs;
        throw error;
      }
    },

    async works({ timeoutMs }) {
      if (options.smtpUrl === undefined || performance.now() < deniedUntil) return false;
      const transport = connect(options.smtpUrl, timeoutMs, trust);
      try {
        return await transport.verify();
      } catch {
        return false;
      } finally {
        transport.close();
      }
    },
  };
}

const connect = (url: string, timeoutMs: number, trust: SecureContext | undefined) =>
  createTransport({
    url,
    tls: trusting(trust),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
