import { createTransport } from 'nodemailer';
import { ChannelError } from '../channel-error';
import { htmlOf, textOf } from './body';
import { companyMailName } from './company-name';
import type { EmailClient, OutboundEmail } from './types';

/** A server that wants a login says so when a mail is sent, not before: it is not asked again for so long, or until a new start. */
const deniedMs = 3_600_000;

/** `from`: the installation's address, with or without a name. Without `smtpUrl` every mail is refused, with the reason. */
export function createEmailClient(options: { smtpUrl: string | undefined; from: string }): EmailClient {
  const address = /<([^<>]+)>/.exec(options.from)?.[1] ?? options.from.trim();
  const domain = address.split('@')[1] ?? 'localhost';
  let deniedUntil = -Infinity;
  return {
    async send(mail, { timeoutMs }) {
      if (options.smtpUrl === undefined)
        throw new ChannelError({ errorClass: 'permanent', reason: 'channel_not_configured' });
      // A connection of its own for each: what a pooled one was doing when it broke could not be told.
      const transport = connect(options.smtpUrl, timeoutMs);
      const sender = mail.mailDomain === null ? address : `${companyMailName}@${mail.mailDomain}`;
      const providerId = `<${mail.clientReference}@${mail.mailDomain ?? domain}>`;
      try {
        await transport.sendMail({
          from: { name: mail.company, address: sender },
          to: mail.to,
          envelope: { from: mail.envelopeFrom ?? sender, to: mail.to },
          ...(mail.replyTo === null ? {} : { replyTo: mail.replyTo }),
          subject: mail.subject,
          text: textOf(mail),
          html: htmlOf(mail),
          messageId: providerId,
          ...(mail.references.length > 0 && {
            inReplyTo: mail.references.at(-1),
            references: mail.references,
          }),
          ...(mail.dkim && { dkim: mail.dkim }),
          attachments: mail.attachments ?? [],
          headers: {
            ...(mail.automatic && { 'Auto-Submitted': 'auto-generated' }),
            ...(mail.unsubscribeUrl !== null && {
              'List-Unsubscribe': { prepared: true, value: `<${mail.unsubscribeUrl}>` },
              'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            }),
          },
        });
        return { providerId };
      } catch (error) {
        const known = toChannelError(error);
        if (known.providerCode === loginWanted) deniedUntil = performance.now() + deniedMs;
        throw known;
      } finally {
        transport.close();
      }
    },

    async works({ timeoutMs }) {
      if (options.smtpUrl === undefined || performance.now() < deniedUntil) return false;
      const transport = connect(options.smtpUrl, timeoutMs);
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

const connect = (url: string, timeoutMs: number) =>
  createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });

const loginWanted = 530;

type SmtpError = { responseCode?: number; response?: string; command?: string; code?: string };

const before: readonly (string | undefined)[] = [
  'CONN',
  'HELO',
  'EHLO',
  'STARTTLS',
  'MAIL FROM',
  'RCPT TO',
  'AUTH',
];

/**
 * By the reply's code first: 5xx will not change, 4xx may. A connection lost before the message itself was under way: nothing was sent.
 * Lost after that, nobody can tell.
 */
export function toChannelError(error: unknown): ChannelError {
  const { responseCode, response, command, code } = error as SmtpError;
  const detail = response === undefined ? {} : { detail: response.slice(0, 500) };
  // 4xx: the server cannot look it up just now (454); the login itself may be right
  if (code === 'EAUTH' && (responseCode === undefined || responseCode >= 500))
    return new ChannelError({ errorClass: 'channelBroken', reason: 'channel_disconnected', ...detail });
  if (responseCode === loginWanted)
    return new ChannelError({
      errorClass: 'channelBroken',
      reason: 'channel_disconnected',
      providerCode: responseCode,
      ...detail,
    });
  if (responseCode !== undefined && responseCode >= 500) {
    // 5.7.x: the server does not take it from us; that says nothing of the address
    const bounced = command === 'RCPT TO' && !/^5\d\d[ -]5\.7\./.test(response ?? '');
    return new ChannelError({
      errorClass: 'permanent',
      reason: bounced ? 'email_bounced' : 'provider_refused',
      providerCode: responseCode,
      ...detail,
    });
  }
  if (responseCode !== undefined && responseCode >= 400)
    return new ChannelError({
      errorClass: 'transient',
      reason: 'provider_unavailable',
      providerCode: responseCode,
      ...detail,
    });
  if (code === 'EENVELOPE')
    return new ChannelError({ errorClass: 'permanent', reason: 'email_missing', ...detail });
  return before.some((step) => step !== undefined && command?.startsWith(step)) || isUnreachable(code)
    ? new ChannelError({ errorClass: 'transient', reason: 'provider_unavailable' })
    : new ChannelError({ errorClass: 'unknown', reason: 'provider_unavailable' });
}

const isUnreachable = (code: string | undefined): boolean =>
  code === 'EDNS' || code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH';
