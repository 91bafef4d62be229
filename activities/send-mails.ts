import { ChannelError } from '../src/channels/channel-error';
import { composeMail } from '../src/channels/email/compose-mail';
import { parseMail } from '../src/channels/email/parse-mail';
import type { OutboundEmail } from '../src/channels/email/types';
import {
  ServerNotAllowed,
  type OutgoingMail,
  type OutgoingServer,
  type UserMailClient,
} from '../src/channels/email/user-mail';
import { MailboxError } from '../src/channels/mailbox/types';
import type { MailReason } from '../src/contracts/mails';
import type { Database } from '../src/data/database';
import {
  claimNextMail,
  mailAttachments,
  recordMailNotSent,
  recordMailRetry,
  recordMailSent,
  type ClaimedMail,
  type MailOutboxIds,
} from '../src/data/mail/dispatch-mail';
import type { MailSender } from '../src/data/mail/mail-sender';
import type { AccessToken } from '../src/data/mailboxes/access-token';
import type { Logger } from '../src/logger';

export type SendMailsDeps = {
  db: Database;
  logger: Logger;
  userMail: UserMailClient;
  /** Absent: users sign in with passwords alone. */
  accessToken?: AccessToken;
  /** Opens a user's own password for sending; rejects what cannot be opened. */
  openSmtpPassword: (userId: string, sealed: Buffer) => string;
  openDkim: (organizationId: string, dkim: NonNullable<MailSender['dkim']>) => OutboundEmail['dkim'];
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  /** How long a server may keep silent. */
  callTimeoutMs: number;
};

/** Attachments take their time over slow lines. */
const callAtMostMs = 120_000;
/** Nobody judges a call while it may still answer. */
const graceMs = 5_000;
const giveUpAfterMs = 24 * 3_600_000;
/** A database that is away for a moment is no fault of the mail's. */
const preparedAtMost = 5;

/** Sends what waits in one user's mailbox, one after another; says when there is something to do again. */
export async function sendMails(
  deps: SendMailsDeps,
  ids: MailOutboxIds,
  goOn: () => boolean = () => true,
): Promise<{ nextDueAt: string | null }> {
  while (goOn()) {
    const claim = await claimNextMail(deps.db, ids, {
      deadlineMs: callAtMostMs + graceMs,
      mailDomain: deps.mailDomain,
    });
    if (claim.kind === 'idle') return { nextDueAt: null };
    if (claim.kind === 'wait') return { nextDueAt: claim.until.toISOString() };
    if (claim.kind === 'send') await sendMail(deps, ids, claim.claimed);
  }
  return { nextDueAt: (await deps.db.now()).toISOString() };
}

async function sendMail(deps: SendMailsDeps, ids: MailOutboxIds, claimed: ClaimedMail): Promise<void> {
  const { db } = deps;
  try {
    const { raw, ...outgoing } = await prepare(deps, ids, claimed);
    const { refused } = await handOver(
      deps,
      ids,
      { raw, ...outgoing },
      claimed.sender.server?.signedIn ?? false,
    );
    await recordMailSent(db, ids, { ...claimed, raw, parsed: await parseMail(raw), refused });
  } catch (error) {
    if (error instanceof ServerNotAllowed)
      return recordMailNotSent(db, ids, claimed, {
        state: 'failed',
        reason: 'server_not_allowed',
        detail: null,
      });
    if (error instanceof SignInEnded)
      return recordMailNotSent(db, ids, claimed, {
        state: 'failed',
        reason: 'sign_in_ended',
        detail: error.detail,
      });
    if (error instanceof NotPrepared) return settleUnprepared(deps, ids, claimed, error);
    if (!(error instanceof ChannelError)) throw error;
    await settleRefusal(deps, ids, claimed, error);
  }
}

/** The sign-in with the provider is over, or Parley is refused by it. */
class SignInEnded extends Error {
  constructor(readonly detail: string | null) {
    super('sign-in ended');
  }
}

async function handOver(
  deps: SendMailsDeps,
  ids: MailOutboxIds,
  mail: OutgoingMail,
  signedIn: boolean,
): Promise<{ refused: string[] }> {
  const options = { timeoutMs: deps.callTimeoutMs, deadlineMs: callAtMostMs };
  const { server } = mail;
  if (server === null || !signedIn) return deps.userMail.send(mail, options);
  const accessToken = await tokenFor(deps, ids);
  try {
    return await deps.userMail.send({ ...mail, server: { ...server, accessToken } }, options);
  } catch (error) {
    if (!isLoginRefused(error)) throw error;
    // it may have been taken back before its time
    const another = await tokenFor(deps, ids, accessToken);
    return deps.userMail
      .send({ ...mail, server: { ...server, accessToken: another } }, options)
      .catch((refusal: unknown) => {
        throw isLoginRefused(refusal) ? new SignInEnded(refusal.detail ?? null) : refusal;
      });
  }
}

const isLoginRefused = (error: unknown): error is ChannelError =>
  error instanceof ChannelError && error.errorClass === 'channelBroken';

async function tokenFor(
  { accessToken }: SendMailsDeps,
  ids: MailOutboxIds,
  refused?: string,
): Promise<string> {
  if (!accessToken) throw new SignInEnded(null);
  return accessToken(ids, refused).catch((error: unknown) => {
    if (!(error instanceof MailboxError)) throw error;
    if (error.fault === 'sign_in_unreachable')
      throw new ChannelError({ errorClass: 'transient', reason: 'provider_unavailable' });
    throw new SignInEnded(error.detail);
  });
}

/** Whatever fails here, nothing has left. */
async function prepare(
  { db, openSmtpPassword, openDkim }: SendMailsDeps,
  ids: MailOutboxIds,
  claimed: ClaimedMail,
) {
  const { mailId, mail, bcc, sender } = claimed;
  try {
    const own = mail.from.address.endsWith(`@${sender.systemAddress?.split('@')[1] ?? ''}`);
    // The organization's server sends for its own domain: of any other it says so, and bounces come where Parley hears of them.
    const onBehalf = sender.server === null && !own && sender.systemAddress !== null;
    const raw = await composeMail({
      ...mail,
      sender: onBehalf ? { name: sender.name, address: sender.systemAddress! } : null,
      attachments: await mailAttachments(db, ids.organizationId, mailId),
    });
    return {
      raw,
      envelope: {
        from: onBehalf ? sender.systemAddress! : mail.from.address,
        to: [...mail.to, ...mail.cc, ...bcc].map(({ address }) => address),
      },
      server: sender.server && opened(sender.server, (sealed) => openSmtpPassword(ids.userId, sealed)),
      dkim: sender.server === null && sender.dkim ? openDkim(ids.organizationId, sender.dkim) : null,
    };
  } catch (error) {
    throw error instanceof ChannelError ? error : new NotPrepared(error);
  }
}

/** Something in it, or in us: it is not tried for ever. */
class NotPrepared extends Error {
  constructor(override readonly cause: unknown) {
    super('a mail could not be put together');
  }
}

async function settleUnprepared(
  { db, logger }: SendMailsDeps,
  ids: MailOutboxIds,
  claimed: ClaimedMail,
  { cause }: NotPrepared,
): Promise<void> {
  const { name, code } = cause as { name?: string; code?: string };
  logger.error({ ...ids, mailId: claimed.mailId, name, code }, 'a mail could not be put together');
  if (claimed.attempts >= preparedAtMost)
    return recordMailNotSent(db, ids, claimed, { state: 'failed', reason: 'not_composed', detail: null });
  await recordMailRetry(db, ids, claimed, { afterMs: pauseMs(claimed.attempts), detail: null });
}

/** A password that cannot be opened (another key, a damaged row) is as good as a wrong one. */
function opened(
  { passwordSealed, signedIn: _signedIn, ...server }: NonNullable<MailSender['server']>,
  open: (sealed: Buffer) => string,
): OutgoingServer {
  try {
    return { ...server, password: passwordSealed && open(passwordSealed) };
  } catch {
    throw new ChannelError({ errorClass: 'channelBroken', reason: 'channel_disconnected' });
  }
}

async function settleRefusal(
  { db, logger }: SendMailsDeps,
  ids: MailOutboxIds,
  claimed: ClaimedMail,
  error: ChannelError,
): Promise<void> {
  const { errorClass, reason, providerCode, detail = null } = error;
  logger.warn(
    { ...ids, mailId: claimed.mailId, errorClass, reason, providerCode },
    'a mail server did not take a mail',
  );
  if (errorClass === 'unknown')
    return recordMailNotSent(db, ids, claimed, { state: 'unknown', reason: 'unknown', detail });
  const failed = (why: MailReason) =>
    recordMailNotSent(db, ids, claimed, { state: 'failed', reason: why, detail });
  if (errorClass === 'permanent') return failed(permanent[reason] ?? 'refused');
  // the organization's server is not the user's to mend
  if (errorClass === 'channelBroken' && claimed.sender.server !== null) return failed('login_refused');
  if ((await db.now()).getTime() - claimed.since.getTime() > giveUpAfterMs)
    return failed('server_not_reached');
  await recordMailRetry(db, ids, claimed, { afterMs: pauseMs(claimed.attempts), detail });
}

const permanent: Partial<Record<string, MailReason>> = {
  email_bounced: 'address_refused',
  email_missing: 'address_refused',
  channel_not_configured: 'no_server',
};

/** 10 s, 20 s, 40 s … a quarter of an hour. */
const pauseMs = (attempts: number): number => Math.min(10_000 * 2 ** (attempts - 1), 900_000);
