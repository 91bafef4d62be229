import type { Clock } from '../../clock';
import { newKey } from '../ids';
import type { Live } from '../live';
import type { MailAccount, MailBehaviour, MailEntry, MailFolder } from '../model';
import type { Store } from '../store';

export const inbox = 'INBOX';
export const sent = 'Sent';

/** What each account has from the start, with the special use that IMAP tells of (RFC 6154). */
export const usualFolders = new Map([
  [inbox, undefined],
  [sent, '\\Sent'],
  ['Drafts', '\\Drafts'],
  ['Archive', '\\Archive'],
  ['Junk', '\\Junk'],
  ['Trash', '\\Trash'],
]);

/** Who has mail, in which folders. An address that nobody has set up gets its mailbox on the fly. */
export type Mailboxes = {
  all(): MailAccount[];
  find(address: string): MailAccount | undefined;
  open(address: string): MailAccount;
  change(address: string, change: { name?: string; behaviour?: MailBehaviour | null }): MailAccount;
  /** What the address does with mail: as it was set, else as it is called. */
  behaviourOf(address: string): MailBehaviour | undefined;
  folder(address: string, name: string): MailFolder | undefined;
  addFolder(address: string, name: string): MailFolder;
  removeFolder(address: string, name: string): void;
  renameFolder(address: string, from: string, to: string): void;
  /** By UID. */
  entries(address: string, folder: string): readonly MailEntry[];
  add(place: { address: string; folder: string }, mail: NewEntry): MailEntry;
  flag(entry: MailEntry, flags: string[]): void;
  remove(entries: readonly MailEntry[]): void;
  /** The mail is gone from every folder. */
  forget(mailIds: ReadonlySet<string>): void;
  /** Whoever waits for a change; the function that comes back ends it. */
  onChange(listener: (address: string) => void): () => void;
  /** Nobody has a mailbox any more. */
  close(): void;
};

type NewEntry = { mailId: string; flags?: string[]; at: number };

const behaviours: readonly MailBehaviour[] = ['bounce', 'delay', 'refuse', 'busy', 'outofoffice'];

export const isBehaviour = (value: unknown): value is MailBehaviour =>
  behaviours.some((behaviour) => behaviour === value);

export function createMailboxes({
  store,
  clock,
  live,
}: {
  store: Store;
  clock: Clock;
  live: Live;
}): Mailboxes {
  const { mailAccount: accounts, mailEntry } = store.tables;
  const byFolder = new Map<string, MailEntry[]>();
  const listeners = new Set<(address: string) => void>();
  let lastValidity = 0;

  const keyOf = (address: string, folder: string) => JSON.stringify([address.toLowerCase(), folder]);
  for (const entry of [...mailEntry.values()].sort((a, b) => a.uid - b.uid)) note(entry);

  function note(entry: MailEntry): void {
    const key = keyOf(entry.address, entry.folder);
    const list = byFolder.get(key);
    if (list) list.push(entry);
    else byFolder.set(key, [entry]);
  }

  function tell(address: string): void {
    live.emit({ type: 'mail' });
    for (const listener of listeners) listener(address);
  }

  /** Never the same again for one name, even where a folder is made anew. */
  function newFolder(name: string): MailFolder {
    lastValidity = Math.max(lastValidity + 1, Math.floor(clock.now().getTime() / 1000));
    return { name, uidValidity: lastValidity, uidNext: 1 };
  }

  function open(address: string): MailAccount {
    const id = address.toLowerCase();
    const known = accounts.get(id);
    if (known) return known;
    const account: MailAccount = {
      id,
      name: nameOf(id),
      folders: [...usualFolders.keys()].map(newFolder),
    };
    store.put('mailAccount', account);
    return account;
  }

  const canonical = (name: string): string => (name.toUpperCase() === inbox ? inbox : name);
  const find = (address: string) => accounts.get(address.toLowerCase());
  const folder = (address: string, name: string) =>
    find(address)?.folders.find((candidate) => candidate.name === canonical(name));

  function setFolders(account: MailAccount, folders: MailFolder[]): void {
    store.put('mailAccount', Object.assign(account, { folders }));
    tell(account.id);
  }

  function remove(entries: readonly MailEntry[]): void {
    const gone = new Set(entries);
    for (const key of new Set(entries.map((entry) => keyOf(entry.address, entry.folder))))
      byFolder.set(
        key,
        (byFolder.get(key) ?? []).filter((entry) => !gone.has(entry)),
      );
    for (const { id } of entries) store.remove('mailEntry', id);
    for (const address of new Set(entries.map((entry) => entry.address))) tell(address);
  }

  return {
    all: () => [...accounts.values()],
    find,
    open,
    change(address, { name, behaviour }) {
      const account = open(address);
      if (name !== undefined) account.name = name;
      if (behaviour === null) delete account.behaviour;
      else if (behaviour !== undefined) account.behaviour = behaviour;
      store.put('mailAccount', account);
      tell(account.id);
      return account;
    },
    behaviourOf(address) {
      const named = /^([a-z]+)(\+[^@]*)?@/.exec(address.toLowerCase())?.[1];
      return find(address)?.behaviour ?? behaviours.find((behaviour) => behaviour === named);
    },
    folder,
    addFolder(address, name) {
      const account = open(address);
      const added = newFolder(name);
      setFolders(account, [...account.folders, added]);
      return added;
    },
    removeFolder(address, name) {
      const account = open(address);
      remove([...(byFolder.get(keyOf(address, name)) ?? [])]);
      setFolders(
        account,
        account.folders.filter((candidate) => candidate.name !== name),
      );
    },
    renameFolder(address, from, to) {
      const account = open(address);
      const moved = byFolder.get(keyOf(address, from)) ?? [];
      byFolder.delete(keyOf(address, from));
      for (const entry of moved) store.put('mailEntry', Object.assign(entry, { folder: to }));
      byFolder.set(keyOf(address, to), moved);
      setFolders(
        account,
        account.folders.map((candidate) =>
          candidate.name === from ? { ...candidate, name: to } : candidate,
        ),
      );
    },
    entries: (address, name) => byFolder.get(keyOf(address, canonical(name))) ?? [],
    add(place, { mailId, flags = [], at }) {
      const account = open(place.address);
      const into = folder(account.id, place.folder);
      if (!into) throw new Error(`${account.id} has no folder ${place.folder}.`);
      const uid = into.uidNext;
      into.uidNext += 1;
      const entry = { id: newKey(), address: account.id, folder: into.name, uid, mailId, flags, at };
      store.put('mailAccount', account);
      store.put('mailEntry', entry);
      note(entry);
      tell(account.id);
      return entry;
    },
    flag(entry, flags) {
      store.put('mailEntry', Object.assign(entry, { flags: [...new Set(flags)] }));
      tell(entry.address);
    },
    remove,
    forget: (mailIds) => remove([...mailEntry.values()].filter(({ mailId }) => mailIds.has(mailId))),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      for (const { id } of [...accounts.values()]) {
        store.remove('mailAccount', id);
        tell(id);
      }
    },
  };
}

/** ruth.okafor@… → Ruth Okafor */
function nameOf(address: string): string {
  const [words = ''] = address.split(/[@+]/);
  return words
    .split(/[._-]+/)
    .filter((word) => word !== '')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join(' ');
}
