import { createTransport } from 'nodemailer';
import { ChannelError } from '../channel-error';
import { AddressError, resolveHost } from '../webhook/address';
import { toChannelError } from './client';

/** A user's own server for sending. */
export type OutgoingServer = {
  host: string;
  port: number;
  security: 'none' | 'ssl' | 'tls';
  username: string | null;
  password: string | null;
};

export type OutgoingMail = {
  raw: Buffer;
  envelope: { from: string; to: string[] };
  /** Null: the organization's. */
  server: OutgoingServer | null;
  dkim: { domainName: string; keySelector: string; privateKey: string } | null;
};

/** Why a user's own server is not called. */
export class ServerNotAllowed extends Error {}

export interface UserMailClient {
  /**
   * Hands a mail over. @returns the addresses that were refused while others were taken
   *
   * @throws ChannelError, ServerNotAllowed
   */
  send(
    mail: OutgoingMail,
    options: { timeoutMs: number; deadlineMs: number },
  ): Promise<{ refused: string[] }>;
}

/** `allow`: hosts (`host` or `host:port`) of users' servers that may be private. */
export function createUserMailClient(options: {
  smtpUrl: string | undefined;
  allow: readonly string[];
}): UserMailClient {
  return {
    async send({ raw, envelope, server, dkim }, { timeoutMs, deadlineMs }) {
      const target = server ? await targetOf(server, options.allow) : organizations(options.smtpUrl);
      const transport = createTransport({
        ...target,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
      });
      let timer: NodeJS.Timeout | undefined;
      // A server that takes a byte now and then is not waited for for ever; what has become of the mail then nobody can tell.
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new ChannelError({ errorClass: 'unknown', reason: 'provider_unavailable' })),
          deadlineMs,
        );
      });
      try {
        const sending = transport.sendMail({ raw, envelope, ...(dkim && { dkim }) });
        sending.catch(() => undefined);
        const { rejected } = await Promise.race([sending, deadline]);
        return { refused: rejected };
      } catch (error) {
        throw error instanceof ChannelError ? error : toChannelError(error);
      } finally {
        clearTimeout(timer);
        transport.close();
      }
    },
  };
}

function organizations(smtpUrl: string | undefined) {
  if (smtpUrl === undefined)
    throw new ChannelError({ errorClass: 'permanent', reason: 'channel_not_configured' });
  return { url: smtpUrl };
}

/** Its host is resolved once and checked; the address found is the one connected to. */
async function targetOf(
  { host, port, security, username, password }: OutgoingServer,
  allow: readonly string[],
) {
  const allowed = allow.includes(host) || allow.includes(`${host}:${port}`);
  const { address } = await resolveHost(host, allowed).catch((error: unknown) => {
    if (!(error instanceof AddressError)) throw error;
    if (error.fault === 'host_not_found')
      throw new ChannelError({ errorClass: 'transient', reason: 'provider_unavailable' });
    throw new ServerNotAllowed();
  });
  const encrypted = security === 'ssl' || (security === 'tls' && port === 465);
  return {
    host: address,
    port,
    secure: encrypted,
    requireTLS: security === 'tls' && !encrypted,
    ignoreTLS: security === 'none',
    tls: { servername: host },
    ...(username !== null && { auth: { user: username, pass: password ?? '' } }),
  };
}
