import { Readable } from 'node:stream';
import DKIM from 'nodemailer/lib/dkim';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import XOAuth2 from 'nodemailer/lib/xoauth2';
import type { SecureContext } from 'node:tls';
import { ChannelError } from '../channel-error';
import { trusting } from '../mail-trust';

export type SmtpServer = SMTPConnection.Options & {
  auth?: { user: string; pass: string } | { user: string; accessToken: string };
};

export type HandedOver = {
  raw: Buffer;
  envelope: { from: string; to: string[] };
  dkim: { domainName: string; keySelector: string; privateKey: string } | null;
};

export const loginWanted = 530;

export function smtpServerOf(url: string, trust: SecureContext | undefined): SmtpServer {
  const server: SmtpServer = parseConnectionUrl(url);
  return { ...server, tls: { ...trusting(trust), ...server.tls } };
}

/**
 * Hands a mail over, on a connection of its own: what a pooled one was doing when it broke could not be told. `timeoutMs`: how long the server
 * may keep silent; `deadlineMs`: how long all of it may take. Returns the addresses that were refused while others were taken.
 *
 * @throws ChannelError
 */
export async function handOver(
  { auth, ...server }: SmtpServer,
  { raw, envelope, dkim }: HandedOver,
  { timeoutMs, deadlineMs }: { timeoutMs: number; deadlineMs: number },
): Promise<{ refused: string[] }> {
  const message = Readable.from(piecesOf(dkim ? await signed(raw, dkim) : raw), { objectMode: false });
  // Until all of it has been read the final dot cannot have been sent.
  let complete = false;
  message.once('end', () => (complete = true));
  const connection = new SMTPConnection({
    ...server,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  let deadline: NodeJS.Timeout | undefined;
  try {
    const { rejected } = await new Promise<SMTPConnection.SentMessageInfo>((resolve, reject) => {
      deadline = setTimeout(() => reject(new Error('too slow')), deadlineMs);
      connection.on('error', reject);
      const send = () =>
        connection.send(envelope, message, (error, info) => (error ? reject(error) : resolve(info)));
      connection.connect((error) => {
        if (error) return reject(error);
        const { allowsAuth } = connection as { allowsAuth?: boolean };
        if (!auth || !allowsAuth) return send();
        const login = 'pass' in auth ? { credentials: auth } : { oauth2: new XOAuth2(auth) };
        connection.login(login, (refusal) => (refusal ? reject(refusal) : send()));
      });
    });
    return { refused: rejected };
  } catch (error) {
    throw toChannelError(error, complete);
  } finally {
    clearTimeout(deadline);
    connection.close();
    message.destroy();
  }
}

const pieceBytes = 65_536;

function* piecesOf(raw: Buffer): Generator<Buffer> {
  for (let at = 0; at < raw.length; at += pieceBytes) yield raw.subarray(at, at + pieceBytes);
}

async function signed(raw: Buffer, dkim: NonNullable<HandedOver['dkim']>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of new DKIM(dkim).sign(raw) as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

type SmtpError = { responseCode?: number; response?: string; command?: string; code?: string };

/**
 * By the reply's code first: 5xx will not change, 4xx may. A connection lost before the final dot can have left: nothing was sent. Lost after
 * that, nobody can tell.
 */
function toChannelError(error: unknown, complete: boolean): ChannelError {
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
  return new ChannelError({ errorClass: complete ? 'unknown' : 'transient', reason: 'provider_unavailable' });
}
