import type { Certificate } from '../mail/certificate';
import { type Connection, createLineServer, type Input, type LineServer } from '../mail/connection';
import type { PostOffice } from '../mail/post-office';
import { readPlain, signIn } from '../mail/sign-in';
import * as folders from './folder-commands';
import * as messages from './message-commands';
import { accountOf, selectedOf, type Session, tellChanges, writableOf } from './session';
import { type Command, ImapRefusal, numbersIn, readCommand, textOf, type Value } from './wire';

const capabilities =
  'IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN ID IDLE NAMESPACE CHILDREN UIDPLUS MOVE SPECIAL-USE UNSELECT';

const capabilitiesOf = ({ mayEncrypt }: Connection): string =>
  mayEncrypt ? `${capabilities} STARTTLS` : capabilities;

/** IMAP (RFC 3501) over the sandbox's mailboxes. Whoever signs in is let in, unless the password is `wrong`. */
export function createImapServer(office: PostOffice, certificate: Certificate | undefined): LineServer {
  return createLineServer((connection) => serve(office, connection), certificate);
}

async function serve(office: PostOffice, connection: Connection): Promise<void> {
  const { say } = connection;
  const session: Session = { office, say, address: undefined, selected: undefined };
  say(`* OK [CAPABILITY ${capabilitiesOf(connection)}] The sandbox is ready`);
  for (;;) {
    let command: Command | undefined;
    try {
      command = await readCommand(connection, () => say('+ Go on'));
    } catch (error) {
      return say(`* BYE ${(error as Error).message}`);
    }
    if (!command) return;
    const { tag, name } = command;
    if (name === 'STARTTLS' && connection.mayEncrypt && session.address === undefined) {
      connection.encrypt(`${tag} OK Begin TLS now`);
      continue;
    }
    try {
      const done = await run(session, connection, command);
      if (!/^(FETCH|STORE|SEARCH|LOGOUT)$/.test(name)) tellChanges(session, { mayMove: true });
      say(`${tag} OK ${done}`);
    } catch (error) {
      const { kind, message } =
        error instanceof ImapRefusal
          ? error
          : { kind: 'NO', message: `[SERVERBUG] ${(error as Error).message}` };
      say(`${tag} ${kind} ${message}`);
    }
    if (name === 'LOGOUT') return;
  }
}

function run(session: Session, connection: Connection, { name, args }: Command): string | Promise<string> {
  switch (name) {
    case 'CAPABILITY':
      session.say(`* CAPABILITY ${capabilitiesOf(connection)}`);
      return 'Done';
    case 'NOOP':
    case 'CHECK':
      return 'Done';
    case 'ID':
      session.say('* ID ("name" "Parley sandbox")');
      return 'Done';
    case 'LOGOUT':
      session.say('* BYE Until next time');
      return 'Done';
    case 'LOGIN':
      return enter(session, textOf(args[0]), textOf(args[1]));
    case 'AUTHENTICATE':
      return authenticate(session, connection, args);
    case 'NAMESPACE':
      session.say('* NAMESPACE (("" "/")) NIL NIL');
      return 'Done';
    case 'SELECT':
    case 'EXAMINE':
      session.selected = undefined;
      return folders.select(session, args, name === 'EXAMINE');
    case 'LIST':
    case 'LSUB':
      return folders.list(session, name, args);
    case 'STATUS':
      return folders.status(session, args);
    case 'CREATE':
      return folders.create(session, args);
    case 'DELETE':
      return folders.remove(session, args);
    case 'RENAME':
      return folders.rename(session, args);
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      accountOf(session);
      return 'Done';
    case 'APPEND':
      return folders.append(session, args);
    case 'IDLE':
      return idle(session, connection);
    case 'CLOSE':
      if (!selectedOf(session).readOnly) folders.expunge(session);
      session.selected = undefined;
      return 'Closed';
    case 'UNSELECT':
      selectedOf(session);
      session.selected = undefined;
      return 'Closed';
    case 'EXPUNGE':
      writableOf(session);
      folders.expunge(session);
      return 'Expunged';
    default:
      return onMessages(session, name, args);
  }
}

function onMessages(session: Session, name: string, args: Value[]): string | Promise<string> {
  const byUid = name === 'UID';
  const verb = byUid ? textOf(args[0]).toUpperCase() : name;
  const rest = byUid ? args.slice(1) : args;
  switch (verb) {
    case 'FETCH':
      return messages.fetchMails(session, rest, byUid);
    case 'SEARCH':
      return messages.search(session, rest, byUid);
    case 'STORE':
      return messages.store(session, rest, byUid);
    case 'COPY':
      return messages.copy(session, rest, byUid);
    case 'MOVE':
      return messages.move(session, rest, byUid);
    case 'EXPUNGE': {
      const { view } = writableOf(session);
      const uids = view.map(({ entry }) => entry.uid);
      folders.expunge(session, numbersIn(textOf(rest[0]), uids));
      return 'Expunged';
    }
    default:
      throw new ImapRefusal('BAD', `${verb} is no command`);
  }
}

function enter(session: Session, user: string, password: string): string {
  session.address = signIn(session.office.mailboxes, user, password);
  if (session.address === undefined)
    throw new ImapRefusal('NO', '[AUTHENTICATIONFAILED] Wrong user name or password');
  return `[CAPABILITY ${capabilities}] Welcome`;
}

/** SASL PLAIN, with or without its first answer in the command. */
async function authenticate(session: Session, input: Input, args: Value[]): Promise<string> {
  if (textOf(args[0]).toUpperCase() !== 'PLAIN') throw new ImapRefusal('NO', 'Only PLAIN is known');
  if (args[1] === undefined) session.say('+ ');
  const answer = args[1] === undefined ? await input.line() : textOf(args[1]);
  const { user, password } = readPlain(answer ?? '');
  return enter(session, user, password);
}

/** RFC 2177: tells of changes as they come, until the client says DONE. */
async function idle(session: Session, input: Input): Promise<string> {
  const address = accountOf(session);
  session.say('+ Waiting');
  tellChanges(session, { mayMove: true });
  const end = session.office.mailboxes.onChange((changed) => {
    if (changed === address) tellChanges(session, { mayMove: true });
  });
  try {
    await input.line();
  } finally {
    end();
  }
  return 'Done';
}
