import { partOf } from '../mime';
import type { MailEntry } from '../model';
import type { Done } from './folder-commands';
import { searchTest } from './search';
import {
  accountOf,
  entriesOf,
  flagsOf,
  folderOf,
  type Seen,
  selectedOf,
  type Session,
  tellChanges,
  writableOf,
} from './session';
import { envelopeOf, sectionOf, structureOf } from './structure';
import { atomOf, ImapRefusal, internalDate, listOf, numbersIn, textOf, type Value } from './wire';

type Found = Seen & { sequence: number };

/** Whom a set names: by UID, or by sequence number. */
function found(session: Session, set: Value | undefined, byUid: boolean): Found[] {
  const { view, folder } = selectedOf(session);
  const present = new Set(entriesOf(session, folder));
  const numbers = view.map(({ entry }, index) => (byUid ? entry.uid : index + 1));
  const wanted = numbersIn(textOf(set), numbers);
  return view.flatMap((known, index) =>
    wanted.has(numbers[index]!) && present.has(known.entry)
      ? [Object.assign(known, { sequence: index + 1 })]
      : [],
  );
}

const macros: Record<string, string[]> = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
};

export async function fetchMails(session: Session, args: Value[], byUid: boolean): Promise<Done> {
  const { readOnly } = selectedOf(session);
  const asked = listOf(args[1]).flatMap((item) => {
    const name = atomOf(item) ?? '';
    return macros[name.toUpperCase()] ?? [name];
  });
  const items = byUid && !asked.some((item) => /^uid$/i.test(item)) ? ['UID', ...asked] : asked;
  const reads = items.some((item) => /^(BODY\[|RFC822$|RFC822\.TEXT$)/i.test(item));
  for (const known of found(session, args[0], byUid)) {
    if (reads && !readOnly && !known.entry.flags.includes('\\Seen'))
      session.office.mailboxes.flag(known.entry, [...known.entry.flags, '\\Seen']);
    session.say(`* ${known.sequence} FETCH (`, ...(await itemsOf(session, known, items)), ')');
  }
  return 'Fetched';
}

async function itemsOf(session: Session, known: Found, items: string[]): Promise<(string | Buffer)[]> {
  const { entry } = known;
  const { mails } = session.office;
  const needsRaw = items.some((item) => /^(BODY|ENVELOPE|RFC822$|RFC822\.(TEXT|HEADER)$)/i.test(item));
  const raw = needsRaw ? await mails.raw(entry.mailId) : Buffer.alloc(0);
  const top = partOf(raw);
  const pieces: (string | Buffer)[] = [];
  for (const item of items) {
    if (pieces.length > 0) pieces.push(' ');
    const name = item.toUpperCase();
    const [, section, from, count] =
      /^BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)(?:\.(\d+))?>)?$/i.exec(item) ?? [];
    if (section !== undefined) {
      const whole = sectionOf(raw, top, section);
      const start = Number(from ?? 0);
      const bytes = from === undefined ? whole : whole.subarray(start, start + Number(count ?? whole.length));
      pieces.push(`BODY[${section}]${from === undefined ? '' : `<${start}>`} {${bytes.length}}\r\n`, bytes);
    } else pieces.push(`${name} `, ...simpleItem(name));
  }
  return pieces;

  function simpleItem(name: string): (string | Buffer)[] {
    const literal = (bytes: Buffer) => [`{${bytes.length}}\r\n`, bytes];
    switch (name) {
      case 'UID':
        return [String(entry.uid)];
      case 'FLAGS':
        known.flags = flagsOf(entry);
        return [known.flags];
      case 'INTERNALDATE':
        return [internalDate(entry.at)];
      case 'RFC822.SIZE':
        return [String(mails.find(entry.mailId)?.size ?? 0)];
      case 'ENVELOPE':
        return [envelopeOf(top)];
      case 'BODYSTRUCTURE':
      case 'BODY':
        return [structureOf(top, name === 'BODYSTRUCTURE')];
      case 'RFC822':
        return literal(raw);
      case 'RFC822.HEADER':
        return literal(top.head);
      case 'RFC822.TEXT':
        return literal(top.body);
      default:
        throw new ImapRefusal('BAD', `${name} is nothing that can be fetched`);
    }
  }
}

export function search(session: Session, args: Value[], byUid: boolean): Done {
  const { view } = selectedOf(session);
  const uids = view.map(({ entry }) => entry.uid);
  const test = searchTest(args, { uids, sequences: view.map((_, index) => index + 1) });
  const numbers = view.flatMap(({ entry }, index) => {
    const mail = session.office.mails.find(entry.mailId);
    const sequence = index + 1;
    return mail && test({ entry, mail, sequence }) ? [byUid ? entry.uid : sequence] : [];
  });
  session.say(['* SEARCH', ...numbers].join(' '));
  return 'Searched';
}

/** STORE set [+|-]FLAGS[.SILENT] (flags) */
export function store(session: Session, args: Value[], byUid: boolean): Done {
  writableOf(session);
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/i.exec(atomOf(args[1]) ?? '') ?? [];
  if (sign === undefined) throw new ImapRefusal('BAD', 'Only FLAGS can be stored');
  const flags = args.slice(2).flatMap(listOf).map(textOf);
  for (const known of found(session, args[0], byUid)) {
    const { entry, sequence } = known;
    const others = entry.flags.filter((flag) => !flags.includes(flag));
    session.office.mailboxes.flag(
      entry,
      sign === '+' ? [...others, ...flags] : sign === '-' ? others : flags,
    );
    known.flags = flagsOf(entry);
    if (silent === undefined)
      session.say(`* ${sequence} FETCH (${byUid ? `UID ${entry.uid} ` : ''}FLAGS ${known.flags})`);
  }
  session.office.flush();
  return 'Stored';
}

export function copy(session: Session, args: Value[], byUid: boolean): Done {
  const { code } = copied(session, args, byUid);
  return code === undefined ? 'Nothing to copy' : `${code} Copied`;
}

export function move(session: Session, args: Value[], byUid: boolean): Done {
  writableOf(session);
  const { code, entries } = copied(session, args, byUid);
  if (code !== undefined) session.say(`* OK ${code} Moved`);
  session.office.mailboxes.remove(entries);
  session.office.flush();
  tellChanges(session, { mayMove: true });
  return 'Moved';
}

function copied(
  session: Session,
  args: Value[],
  byUid: boolean,
): { code: string | undefined; entries: MailEntry[] } {
  const { office } = session;
  const address = accountOf(session);
  const entries = found(session, args[0], byUid).map(({ entry }) => entry);
  const folder = folderOf(session, textOf(args[1]));
  const added = entries.map(({ mailId, flags, at }) =>
    office.mailboxes.add({ address, folder: folder.name }, { mailId, flags, at }),
  );
  office.flush();
  const uidsOf = (list: MailEntry[]) => list.map(({ uid }) => uid).join(',');
  const code = `[COPYUID ${folder.uidValidity} ${uidsOf(entries)} ${uidsOf(added)}]`;
  return { code: entries.length === 0 ? undefined : code, entries };
}
