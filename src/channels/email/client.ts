import type { SecureContext } from 'node:tls';
import { createTransport } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import { hideKeys } from '../../domain/mail-keys';
import { ChannelError } from '../channel-error';
import { mailTrust, trusting } from '../mail-trust';
import { htmlOf, textOf } from './body';
import { companyMailName } from './company-name';
import { handOver, loginWanted, smtpServerOf } from './smtp';
import type { EmailClient, OutboundEmail } from './types';

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
      const from = mail.envelopeFrom ?? sender;
      const deadlineMs = timeoutMs + (mail.attachments?.length ? uploadMs : 0);
      const times = { timeoutMs, deadlineMs };
      const raw = await compose(mail, { sender, providerId });
      const server = smtpServerOf(options.smtpUrl, trust);
      try {
        await handOver(server, { raw, envelope: { from, to: [mail.to] }, dkim: mail.dkim }, times);
      } catch (error) {
        if ((error as ChannelError).providerCode === loginWanted) deniedUntil = performance.now() + deniedMs;
        throw error;
      }
      if (!mail.copies) return { providerId };
      // the person has it: whatever comes of the copies, it is not sent again
      const to = [...mail.copies.cc, ...mail.copies.bcc].map((copy) => copy.address);
      const text = hideKeys(mail.text);
      const plain = { ...mail, text, pageUrl: null, mayAnswerOnPage: false, unsubscribeUrl: null };
      const copy = {
        raw: await compose(plain, { sender, providerId }),
        envelope: { from, to },
        dkim: mail.dkim,
      };
      const { refused } = await handOver(server, copy, times).catch(() => ({ refused: to }));
      return { providerId, copiesRefused: refused };
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

const compose = (
  mail: OutboundEmail,
  { sender, providerId }: { sender: string; providerId: string },
): Promise<Buffer> =>
  new MailComposer({
    from: { name: mail.company, address: sender },
    to: mail.to,
    ...(mail.copies?.cc.length && { cc: mail.copies.cc }),
    ...(mail.replyTo === null ? {} : { replyTo: { name: mail.company, address: mail.replyTo } }),
    subject: mail.subject,
    text: textOf(mail),
    html: htmlOf(mail),
    messageId: providerId,
    ...(mail.references.length > 0 && {
      inReplyTo: mail.references.at(-1),
      references: mail.references,
    }),
    attachments: mail.attachments ?? [],
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

const connect = (url: string, timeoutMs: number, trust: SecureContext | undefined) =>
  createTransport({
    url,
    tls: trusting(trust),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
