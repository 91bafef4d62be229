import { usualFolders } from '../mail/mailboxes';
import { accountOf, countsOf, entriesOf, folderOf, seen, type Session, tellChanges } from './session';
import { atomOf, dateIn, ImapRefusal, listOf, string, textOf, type Value } from './wire';

/** What a command is answered with behind OK. */
export type Done = string;

const flagList = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';

export function select(session: Session, args: Value[], readOnly: boolean): Done {
  const folder = folderOf(session, textOf(args[0]));
  const view = entriesOf(session, folder).map(seen);
  session.selected = { folder, readOnly, view };
  const unseen = view.findIndex(({ entry }) => !entry.flags.includes('\\Seen'));
  session.say(`* FLAGS (${flagList})`);
  session.say(`* OK [PERMANENTFLAGS (${flagList} \\*)] Kept`);
  session.say(`* ${view.length} EXISTS`);
  session.say('* 0 RECENT');
  if (unseen >= 0) session.say(`* OK [UNSEEN ${unseen + 1}] First unread`);
  session.say(`* OK [UIDVALIDITY ${folder.uidValidity}] Valid`);
  session.say(`* OK [UIDNEXT ${folder.uidNext}] Next`);
  return readOnly ? '[READ-ONLY] Open' : '[READ-WRITE] Open';
}

export function list(session: Session, name: 'LIST' | 'LSUB', args: Value[]): Done {
  const address = accountOf(session);
  const reference = textOf(args[0]);
  const pattern = textOf(args[1]);
  if (pattern === '') {
    session.say(`* ${name} (\\Noselect) "/" ""`);
    return 'Done';
  }
  const wanted = patternOf(reference + pattern);
  const { folders } = session.office.mailboxes.open(address);
  for (const folder of folders) {
    if (!wanted.test(folder.name)) continue;
    const below = folders.some((other) => other.name.startsWith(`${folder.name}/`));
    const use = usualFolders.get(folder.name);
    const attributes = [below ? '\\HasChildren' : '\\HasNoChildren', ...(use === undefined ? [] : [use])];
    session.say(`* ${name} (${attributes.join(' ')}) "/" ${string(folder.name)}`);
  }
  return 'Done';
}

/** `*` is anything, `%` anything within one level; INBOX in any case. */
function patternOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('%', '[^/]*');
  return new RegExp(`^${source}$`, /^inbox$/i.test(pattern) ? 'i' : '');
}

export function status(session: Session, args: Value[]): Done {
  const folder = folderOf(session, textOf(args[0]));
  const counts = countsOf(session.office.mailboxes, accountOf(session), folder);
  const items = listOf(args[1]).flatMap((item) => {
    const key = atomOf(item)?.toUpperCase() ?? '';
    return counts[key] === undefined ? [] : [`${key} ${counts[key]}`];
  });
  session.say(`* STATUS ${string(folder.name)} (${items.join(' ')})`);
  return 'Done';
}

export function create(session: Session, args: Value[]): Done {
  const address = accountOf(session);
  const name = textOf(args[0]).replace(/\/$/, '');
  const { mailboxes } = session.office;
  if (name === '' || mailboxes.folder(address, name))
    throw new ImapRefusal('NO', '[ALREADYEXISTS] There is such a folder already');
  mailboxes.addFolder(address, name);
  return 'Created';
}

export function remove(session: Session, args: Value[]): Done {
  const { name } = folderOf(session, textOf(args[0]));
  if (usualFolders.has(name)) throw new ImapRefusal('NO', `[CANNOT] ${name} stays`);
  session.office.mailboxes.removeFolder(accountOf(session), name);
  return 'Deleted';
}

export function rename(session: Session, args: Value[]): Done {
  const { name } = folderOf(session, textOf(args[0]));
  const to = textOf(args[1]);
  const { mailboxes } = session.office;
  if (usualFolders.has(name)) throw new ImapRefusal('NO', `[CANNOT] ${name} stays`);
  if (mailboxes.folder(accountOf(session), to))
    throw new ImapRefusal('NO', '[ALREADYEXISTS] There is such a folder already');
  mailboxes.renameFolder(accountOf(session), name, to);
  return 'Renamed';
}

/** APPEND folder [(flags)] ["date"] mail */
export async function append(session: Session, args: Value[]): Promise<Done> {
  const { office } = session;
  const address = accountOf(session);
  const folder = folderOf(session, textOf(args[0]));
  const options = args.slice(1, -1);
  const mail = args.at(-1);
  if (mail === undefined || !('bytes' in mail)) throw new ImapRefusal('BAD', 'The mail is missing');
  const date = options.find((option) => !Array.isArray(option));
  const flags = listOf(options.find(Array.isArray)).map(textOf);
  const kept = await office.mails.keep(mail.bytes, { from: '', to: [] });
  const at = (date && dateIn(textOf(date))) ?? kept.at;
  const { uid } = office.mailboxes.add({ address, folder: folder.name }, { mailId: kept.id, flags, at });
  office.flush();
  tellChanges(session, { mayMove: true });
  return `[APPENDUID ${folder.uidValidity} ${uid}] Kept`;
}

/** Takes out what is marked as deleted; `uids` narrows it. */
export function expunge(session: Session, uids?: Set<number>): void {
  const { selected } = session;
  if (!selected) return;
  const gone = entriesOf(session, selected.folder).filter(
    ({ flags, uid }) => flags.includes('\\Deleted') && (!uids || uids.has(uid)),
  );
  session.office.mailboxes.remove(gone);
}
