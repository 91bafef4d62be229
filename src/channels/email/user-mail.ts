import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { ChannelError } from '../channel-error';
import { mailTrust, trusting } from '../mail-trust';
import { AddressError, resolveHost } from '../webhook/address';
import { handOver, smtpServerOf, type HandedOver, type SmtpServer } from './smtp';

/** A user's own server for sending. */
export type OutgoingServer = {
  host: string;
  port: number;
  security: 'none' | 'ssl' | 'tls';
  username: string | null;
  password: string | null;
  /** Of the provider that they are signed in with, in place of a password. */
  accessToken?: string;
};

export type OutgoingMail = HandedOver & {
  /** Null: the organization's. */
  server: OutgoingServer | null;
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
  /** PARLEY_MAIL_CA */
  caFile?: string | undefined;
  allow: readonly string[];
}): UserMailClient {
  const trust = mailTrust(options.caFile);
  return {
    async send({ server, ...mail }, times) {
      return handOver(
        server ? await targetOf(server, { ...options, trust }) : organizations(options.smtpUrl, trust),
        mail,
        times,
      );
    },
  };
}

function organizations(smtpUrl: string | undefined, trust: SecureContext | undefined): SmtpServer {
  if (smtpUrl === undefined)
    throw new ChannelError({ errorClass: 'permanent', reason: 'channel_not_configured' });
  return smtpServerOf(smtpUrl, trust);
}

/** Its host is resolved once and checked; the address found is the one connected to. */
async function targetOf(
  { host, port, security, username, password, accessToken }: OutgoingServer,
  { allow, trust }: { allow: readonly string[]; trust: SecureContext | undefined },
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
    tls: { ...trusting(trust), ...(isIP(host) ? {} : { servername: host }) },
    ...(username !== null && {
      auth: { user: username, ...(accessToken === undefined ? { pass: password ?? '' } : { accessToken }) },
    }),
  };
}
