import type { Mailboxes } from '../mail/mailboxes';
import type { PostOffice } from '../mail/post-office';
import type { MailEntry, MailFolder } from '../model';
import { ImapRefusal } from './wire';

/** One connection: who is signed in, which folder is open, and what the client has been told of it. */
export type Session = {
  office: PostOffice;
  /** Without the line end. */
  say(...pieces: (string | Buffer)[]): void;
  address: string | undefined;
  selected: Selected | undefined;
};

export type Selected = {
  folder: MailFolder;
  readOnly: boolean;
  /** By sequence number: what the client knows of. */
  view: Seen[];
};

export type Seen = { entry: MailEntry; flags: string };

export function accountOf({ address }: Session): string {
  if (address === undefined) throw new ImapRefusal('BAD', 'Sign in first');
  return address;
}

export function selectedOf({ selected }: Session): Selected {
  if (!selected) throw new ImapRefusal('BAD', 'Select a folder first');
  return selected;
}

export function writableOf(session: Session): Selected {
  const selected = selectedOf(session);
  if (selected.readOnly) throw new ImapRefusal('NO', 'The folder is open for reading only');
  return selected;
}

export function folderOf(session: Session, name: string): MailFolder {
  const folder = session.office.mailboxes.folder(accountOf(session), name);
  if (!folder) throw new ImapRefusal('NO', `[TRYCREATE] There is no folder ${name}`);
  return folder;
}

export const entriesOf = (session: Session, folder: MailFolder): readonly MailEntry[] =>
  session.office.mailboxes.entries(accountOf(session), folder.name);

export const flagsOf = (entry: MailEntry): string => `(${entry.flags.join(' ')})`;

export const seen = (entry: MailEntry): Seen => ({ entry, flags: flagsOf(entry) });

/** Tells the client what has changed since it was told last. Sequence numbers move only where the protocol lets them. */
export function tellChanges(session: Session, { mayMove }: { mayMove: boolean }): void {
  const { selected, say } = session;
  if (!selected || session.address === undefined) return;
  const now = entriesOf(session, selected.folder);
  const present = new Set(now);
  if (mayMove) {
    for (let index = selected.view.length - 1; index >= 0; index -= 1) {
      if (present.has(selected.view[index]!.entry)) continue;
      selected.view.splice(index, 1);
      say(`* ${index + 1} EXPUNGE`);
    }
  }
  selected.view.forEach((known, index) => {
    const flags = flagsOf(known.entry);
    if (flags === known.flags || !present.has(known.entry)) return;
    known.flags = flags;
    say(`* ${index + 1} FETCH (UID ${known.entry.uid} FLAGS ${flags})`);
  });
  const newest = selected.view.at(-1)?.entry.uid ?? 0;
  const added = now.filter(({ uid }) => uid > newest);
  if (added.length === 0) return;
  selected.view.push(...added.map(seen));
  say(`* ${selected.view.length} EXISTS`);
}

/** The counts of STATUS. */
export function countsOf(mailboxes: Mailboxes, address: string, folder: MailFolder): Record<string, number> {
  const entries = mailboxes.entries(address, folder.name);
  return {
    MESSAGES: entries.length,
    RECENT: 0,
    UIDNEXT: folder.uidNext,
    UIDVALIDITY: folder.uidValidity,
    UNSEEN: entries.filter(({ flags }) => !flags.includes('\\Seen')).length,
  };
}
