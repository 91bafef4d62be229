import { createTransport } from 'nodemailer';
import { mailTrust, trusting } from './channels/mail-trust';
import { DomainError } from './domain/errors';

export type Mail = {
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** Shown as the sender, at the address that Parley sends from. */
  fromName?: string;
  replyTo?: string;
  /** Who is seen to get the answer. */
  replyToName?: string;
  /** The Message-ID of what it answers. */
  inReplyTo?: string;
  /** What makes a mail that is sent again known as the same; without the domain. */
  messageId?: string;
};

/** Sends Parley's own mail (invitations, forgotten passwords). */
export interface Mailer {
  /** @throws DomainError `channel_not_configured` when there is no mail server */
  assertConfigured(): void;
  /** Rejects when the mail server did not take the mail. */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Without `smtpUrl` every attempt says so; nothing is swallowed. */
export function createMailer(options: {
  smtpUrl: string | undefined;
  from: string;
  /** PARLEY_MAIL_CA */
  caFile?: string | undefined;
}): Mailer {
  const transport =
    options.smtpUrl === undefined
      ? undefined
      : createTransport(
          {
            url: options.smtpUrl,
            tls: trusting(mailTrust(options.caFile)),
            ...{ connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 },
          },
          { from: options.from, headers: { 'Auto-Submitted': 'auto-generated' } },
        );
  function configured() {
    if (transport) return transport;
    throw new DomainError(
      'channel_not_configured',
      'Mail is not configured on this server, so nothing can be sent. Whoever runs Parley sets it (SMTP_URL).',
    );
  }
  return {
    assertConfigured: () => void configured(),
    async send({ messageId, fromName, inReplyTo, replyTo, replyToName = '', ...mail }) {
      const address = /<([^<>]+)>/.exec(options.from)?.[1] ?? options.from.trim();
      const domain = address.split('@')[1] ?? 'localhost';
      await configured().sendMail({
        ...mail,
        ...(fromName !== undefined && { from: { name: fromName, address } }),
        ...(replyTo !== undefined && { replyTo: { name: replyToName, address: replyTo } }),
        ...(inReplyTo !== undefined && { inReplyTo, references: inReplyTo }),
        ...(messageId !== undefined && { messageId: `<${messageId}@${domain}>` }),
      });
    },
    close: () => transport?.close(),
  };
}
