import { type Connection, createLineServer, type LineServer } from '../mail/connection';
import type { Certificate } from '../mail/certificate';
import { inbox } from '../mail/mailboxes';
import type { PostOffice } from '../mail/post-office';
import { readPlain, signIn } from '../mail/sign-in';
import { partOf } from '../mime';
import type { MailEntry } from '../model';

/** One connection. The mails keep their numbers while it lasts, whatever comes or goes meanwhile. */
type Session = {
  office: PostOffice;
  connection: Connection;
  /** Mailboxes that a session has open: one at a time. */
  locked: Set<string>;
  user: string | undefined;
  address: string | undefined;
  entries: readonly MailEntry[];
  deleted: Set<MailEntry>;
};

class PopRefusal extends Error {
  override readonly name = 'PopRefusal';
}

/** POP3 (RFC 1939, 2449, 2595) over the inboxes. Whoever signs in is let in, unless the password is `wrong`. */
export function createPopServer(office: PostOffice, certificate: Certificate | undefined): LineServer {
  const locked = new Set<string>();
  return createLineServer((connection) => serve(office, locked, connection), certificate);
}

async function serve(office: PostOffice, locked: Set<string>, connection: Connection): Promise<void> {
  const session: Session = {
    ...{ office, connection, locked, user: undefined, address: undefined },
    ...{ entries: [], deleted: new Set() },
  };
  connection.say('+OK The sandbox is ready');
  try {
    for (;;) {
      const line = await connection.line();
      if (line === undefined) return;
      const [verb = '', ...words] = line.trimEnd().split(' ');
      const command = verb.toUpperCase();
      try {
        await run(session, command, words);
      } catch (error) {
        connection.say(`-ERR ${(error as Error).message}`);
      }
      if (command === 'QUIT') return;
    }
  } finally {
    if (session.address !== undefined) locked.delete(session.address);
  }
}

async function run(session: Session, command: string, words: string[]): Promise<void> {
  const { connection } = session;
  switch (command) {
    case 'CAPA':
      return tellList(session, 'Capability list follows', capabilitiesOf(session));
    case 'NOOP':
      return connection.say('+OK');
    case 'QUIT':
      return quit(session);
  }
  await (session.address === undefined ? authorize : transact)(session, command, words);
}

async function authorize(session: Session, command: string, words: string[]): Promise<void> {
  const { connection } = session;
  switch (command) {
    case 'STLS':
      if (!connection.mayEncrypt) throw new PopRefusal('There is no encryption to begin');
      return connection.encrypt('+OK Begin TLS now');
    case 'USER':
      session.user = words.join(' ');
      return connection.say('+OK');
    case 'PASS':
      if (session.user === undefined) throw new PopRefusal('USER comes first');
      return openMailbox(session, session.user, words.join(' '));
    case 'AUTH': {
      if (words[0]?.toUpperCase() !== 'PLAIN') throw new PopRefusal('Only PLAIN is known');
      if (words[1] === undefined) connection.say('+ ');
      const { user, password } = readPlain(words[1] ?? (await connection.line()) ?? '');
      return openMailbox(session, user, password);
    }
    default:
      throw new PopRefusal('Sign in first');
  }
}

async function transact(session: Session, command: string, words: string[]): Promise<void> {
  const { connection, deleted, entries } = session;
  switch (command) {
    case 'STAT': {
      const left = remaining(session);
      const octets = left.reduce((sum, [, entry]) => sum + sizeOf(session, entry), 0);
      return connection.say(`+OK ${left.length} ${octets}`);
    }
    case 'LIST':
      return tellOf(session, words[0], (entry) => String(sizeOf(session, entry)));
    case 'UIDL':
      return tellOf(session, words[0], ({ id }) => id);
    case 'RETR':
      return tellMail(session, await rawOf(session, words[0]));
    case 'TOP':
      return tellMail(session, topOf(await rawOf(session, words[0]), Number(words[1] ?? 0)));
    case 'DELE':
      deleted.add(entryOf(session, words[0]));
      return connection.say('+OK Deleted');
    case 'RSET':
      deleted.clear();
      return connection.say(`+OK ${entries.length} mails`);
    default:
      throw new PopRefusal(`${command} is no command`);
  }
}

function capabilitiesOf({ connection, address }: Session): string[] {
  const stls = connection.mayEncrypt && address === undefined ? ['STLS'] : [];
  return [
    ...['USER', 'SASL PLAIN', 'TOP', 'UIDL', 'PIPELINING', 'RESP-CODES', 'AUTH-RESP-CODE'],
    ...stls,
    'IMPLEMENTATION Parley-sandbox',
  ];
}

function openMailbox(session: Session, user: string, password: string): void {
  const { office, locked, connection } = session;
  const address = signIn(office.mailboxes, user, password);
  if (address === undefined) throw new PopRefusal('[AUTH] Wrong user name or password');
  if (locked.has(address)) throw new PopRefusal('[IN-USE] The mailbox is open elsewhere');
  locked.add(address);
  session.address = address;
  session.entries = [...office.mailboxes.entries(address, inbox)];
  connection.say(`+OK ${session.entries.length} mails`);
}

/** What was marked goes now, and not before. */
function quit({ office, connection, deleted }: Session): void {
  office.mailboxes.remove([...deleted]);
  office.flush();
  connection.say('+OK Until next time');
}

const remaining = ({ entries, deleted }: Session): [number, MailEntry][] =>
  entries.flatMap((entry, index): [number, MailEntry][] => (deleted.has(entry) ? [] : [[index + 1, entry]]));

function entryOf({ entries, deleted }: Session, number: string | undefined): MailEntry {
  const entry = entries[Number(number) - 1];
  if (!entry || deleted.has(entry)) throw new PopRefusal('There is no such mail');
  return entry;
}

const sizeOf = ({ office }: Session, { mailId }: MailEntry): number => office.mails.find(mailId)?.size ?? 0;

async function rawOf(session: Session, number: string | undefined): Promise<Buffer> {
  const { mailId } = entryOf(session, number);
  const { mails } = session.office;
  if (!mails.find(mailId)) throw new PopRefusal('The mail is gone');
  return mails.raw(mailId);
}

/** The headers, and so many lines of what follows. */
function topOf(raw: Buffer, count: number): Buffer {
  const { head, body } = partOf(raw);
  const lines = body.toString('latin1').split('\r\n').slice(0, count);
  return Buffer.concat([head, Buffer.from(lines.join('\r\n'), 'latin1')]);
}

function tellOf(session: Session, number: string | undefined, factOf: (entry: MailEntry) => string): void {
  if (number !== undefined) {
    return session.connection.say(`+OK ${number} ${factOf(entryOf(session, number))}`);
  }
  const lines = remaining(session).map(([at, entry]) => `${at} ${factOf(entry)}`);
  tellList(session, `${lines.length} mails`, lines);
}

function tellList({ connection }: Session, about: string, lines: string[]): void {
  connection.say([`+OK ${about}`, ...lines, '.'].join('\r\n'));
}

/** A line that begins with a dot gets another one in front: a dot alone is the end. */
function tellMail({ connection }: Session, raw: Buffer): void {
  const text = raw.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
  const whole = text.endsWith('\r\n') ? text : `${text}\r\n`;
  connection.say(`+OK ${raw.length} octets\r\n`, Buffer.from(whole, 'latin1'), '.');
}
