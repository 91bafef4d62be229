import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { parseMail } from '../channels/email/parse-mail';
import type { Database } from '../data/database';
import type { ReceiptContext } from '../data/inbound/receipts';
import { receiveForCompany } from '../data/mail/receive-for-company';
import { receiveForUser } from '../data/mail/receive-mail';
import { receiveReply } from '../data/mail/receive-reply';
import { routeMail, type MailTarget } from '../data/mail/route-mail';
import type { Logger } from '../logger';

export type ReceiverDeps = ReceiptContext & {
  db: Database;
  logger: Logger;
  /** PARLEY_MAIL_DOMAIN */
  mailDomain: string | null;
  /** PEM; without them a self-signed certificate is shown, which senders that only want encryption take. */
  tls?: { cert: Buffer; key: Buffer } | undefined;
  /** How the server names itself. */
  hostName: string;
  maxBytes?: number;
  /** More senders at once are told to come again (421). */
  maxClients?: number;
};

const maxRecipients = 100;
/** Mails that are taken in at once; a sender whose mail is the next waits with it in hand, and times out rather than loses it. */
const takenAtOnce = 4;

/**
 * Receives mail for system and reply addresses over SMTP, behind an MX record or a relay. Who is not known is refused at RCPT; 250 is said
 * once the mail is committed; what cannot be committed is refused for now (451), and comes again.
 */
export function createReceiver(deps: ReceiverDeps): SMTPServer {
  const { db, logger, maxBytes = 30 * 1024 * 1024 } = deps;
  const routing = { hash: deps.hashKey, mailDomain: deps.mailDomain };
  const targets = new WeakMap<SMTPServerSession, Map<string, MailTarget>>();
  const turn = createTurns(takenAtOnce);

  async function take(session: SMTPServerSession, raw: Buffer): Promise<void> {
    const mail = await parseMail(raw);
    const quiet =
      mail.quiet || session.envelope.mailFrom === false || session.envelope.mailFrom.address === '';
    const wanted = targets.get(session) ?? new Map<string, MailTarget>();
    // Each place is a transaction of its own and keeps a mail once: when one fails and the sender comes again, the others know it.
    for (const { address } of session.envelope.rcptTo) {
      const target = wanted.get(address.toLowerCase());
      if (target?.kind === 'reply') await receiveReply(db, deps, target.to, { ...mail, quiet }, raw);
      else if (target?.kind === 'company')
        await receiveForCompany(db, deps, target.organizationId, { ...mail, quiet }, raw);
      else if (target) await receiveForUser(db, { ...target, folder: 'inbox' }, { ...mail, quiet }, raw);
    }
  }

  return new SMTPServer({
    name: deps.hostName,
    banner: 'Parley',
    authOptional: true,
    disabledCommands: ['AUTH'],
    disableReverseLookup: true,
    size: maxBytes,
    maxClients: deps.maxClients ?? 200,
    socketTimeout: 120_000,
    closeTimeout: 5_000,
    logger: false,
    ...deps.tls,
    onMailFrom(_address, session, done) {
      targets.set(session, new Map());
      done();
    },
    onRcptTo({ address }, session, done) {
      if (session.envelope.rcptTo.length >= maxRecipients)
        return done(refusal(452, 'Too many recipients, send the rest in another mail'));
      routeMail(db, routing, address).then(
        (target) => {
          if (!target) return done(refusal(550, 'No such address here'));
          targets.get(session)?.set(address.toLowerCase(), target);
          done();
        },
        (error: unknown) => {
          logger.warn({ code: codeOf(error) }, 'a recipient could not be looked up');
          done(refusal(451, 'Not now, try again later'));
        },
      );
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= maxBytes) chunks.push(chunk);
      });
      stream.on('error', (error) => done(error));
      stream.on('end', () => {
        if (stream.sizeExceeded || size > maxBytes)
          return done(refusal(552, `The mail is larger than ${maxBytes} bytes`));
        turn(() => take(session, Buffer.concat(chunks))).then(
          () => done(),
          (error: unknown) => {
            logger.warn({ code: codeOf(error), size }, 'a mail could not be kept; its sender comes again');
            done(refusal(451, 'Not now, try again later'));
          },
        );
      });
    },
  });
}

const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? (error as Error).name;

/** Runs `count` at once; the others wait in line. */
function createTurns(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
