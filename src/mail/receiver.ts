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
  /** Of all mails that are being received; whoever comes beyond it is told to come again (452). */
  maxBytesTogether?: number;
  /** More senders at once are told to come again (421). */
  maxClients?: number;
  /** Likewise from one address: nobody keeps all the others out. */
  maxClientsOfOne?: number;
};

const maxRecipients = 100;
/** Mails that are taken in at once; a sender whose mail is the next waits with it in hand, and times out rather than loses it. */
const takenAtOnce = 4;
/** What a piece of a mail takes besides its bytes: some send a line in each. */
const pieceBytes = 200;
/** Whoever takes longer over one mail holds the memory of others. */
const receivedWithinMs = 10 * 60_000;

/**
 * Receives mail for system and reply addresses over SMTP, behind an MX record or a relay. Who is not known is refused at RCPT; 250 is said
 * once the mail is committed; what cannot be committed is refused for now (451), and comes again.
 */
export function createReceiver(deps: ReceiverDeps): SMTPServer {
  const { db, logger, maxBytes = 30 * 1024 * 1024, maxClients = 200, maxClientsOfOne = 50 } = deps;
  const connected = new Map<string, Set<string>>();
  const memory = createBudget(deps.maxBytesTogether ?? 4 * maxBytes);
  const routing = { hash: deps.hashKey, mailDomain: deps.mailDomain };
  const targets = new WeakMap<SMTPServerSession, Map<string, MailTarget>>();
  // parsed, a mail takes several times its bytes: of the largest, one at a time
  const turn = createTurns(takenAtOnce, maxBytes);

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
    maxClients,
    socketTimeout: 120_000,
    closeTimeout: 5_000,
    logger: false,
    ...deps.tls,
    onConnect({ id, remoteAddress }, done) {
      const ids = connected.get(remoteAddress) ?? new Set();
      if (ids.size >= maxClientsOfOne) return done(refusal(421, 'Too many connections, try again later'));
      connected.set(remoteAddress, ids.add(id));
      done();
    },
    onClose({ id, remoteAddress }, done) {
      const ids = connected.get(remoteAddress);
      ids?.delete(id);
      if (ids?.size === 0) connected.delete(remoteAddress);
      done();
    },
    onMailFrom({ args }, session, done) {
      const announced = Number((args || {}).SIZE ?? 0);
      if (announced >= memory.free()) return done(tooMuch());
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
      const startedAt = performance.now();
      let size = 0;
      let held = 0;
      let refused: Error | undefined;
      const letGo = () => {
        chunks.length = 0;
        memory.give(held);
        held = 0;
      };
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        const bytes = chunk.length + pieceBytes;
        if (!refused && size > maxBytes) refused = refusal(552, `The mail is larger than ${maxBytes} bytes`);
        if (!refused && performance.now() - startedAt > receivedWithinMs)
          refused = refusal(451, 'The mail came too slowly, try again later');
        if (!refused && !memory.take(bytes)) refused = tooMuch();
        // the answer has to wait for the end of the mail
        if (refused) return letGo();
        held += bytes;
        chunks.push(chunk);
      });
      stream.on('error', (error) => {
        letGo();
        done(error);
      });
      stream.on('end', () => {
        if (refused) return done(refused);
        turn(size, () => take(session, Buffer.concat(chunks.splice(0), size)))
          .finally(letGo)
          .then(
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

const tooMuch = () => refusal(452, 'Too many mails at once, try again later');

const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? (error as Error).name;

function createBudget(total: number) {
  let free = total;
  return {
    free: () => free,
    /** False: there is not so much left. */
    take(bytes: number): boolean {
      if (bytes > free) return false;
      free -= bytes;
      return true;
    },
    give(bytes: number): void {
      free += bytes;
    },
  };
}

/** Runs `count` at once, together of a weight of no more than `weightAtMost`, or one alone; the others wait in line. */
function createTurns(
  count: number,
  weightAtMost: number,
): <T>(weight: number, work: () => Promise<T>) => Promise<T> {
  const waiting: { weight: number; begin: () => void }[] = [];
  let [running, carried] = [0, 0];
  const next = () => {
    while (waiting.length > 0 && running < count) {
      const { weight, begin } = waiting[0]!;
      if (running > 0 && carried + weight > weightAtMost) return;
      waiting.shift();
      running += 1;
      carried += weight;
      begin();
    }
  };
  return async (weight, work) => {
    await new Promise<void>((begin) => {
      waiting.push({ weight, begin });
      next();
    });
    try {
      return await work();
    } finally {
      running -= 1;
      carried -= weight;
      next();
    }
  };
}
