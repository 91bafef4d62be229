import { parseMail } from '../channels/email/parse-mail';
import {
  MailboxError,
  maxBytesOfOne,
  type MailSource,
  type MailSourceOptions,
  type ServerId,
} from '../channels/mailbox/types';
import type { Database } from '../data/database';
import type { AccessToken } from '../data/mailboxes/access-token';
import { connectMailbox } from '../data/mailboxes/connect-mailbox';
import {
  beginFolder,
  beginImport,
  forgetItems,
  hasFolders,
  keepFetched,
  MailboxChanged,
  mappedFolders,
  nextDueAt,
  openMailbox,
  readUnappended,
  recordAppended,
  recordFault,
  recordSynced,
  removableIds,
  storedItems,
  storeFound,
  takeOver,
  unappendedMails,
  type FetchedMail,
  type OpenMailbox,
  type SyncFolder,
} from '../data/mailboxes/mailbox-sync';
import type { MailboxIds } from '../data/mailboxes/mailboxes';
import type { Logger } from '../logger';
import { tellServer } from './tell-server';

export type SyncDeps = {
  db: Database;
  logger: Logger;
  secretKey: Buffer;
  source: MailSourceOptions;
  /** Absent: users sign in with passwords alone. */
  accessToken?: AccessToken;
};

const batch = 100;
/** Mails of so many bytes, or a batch of them, are stored in one transaction, while the next are read. */
const bytesTogether = 2_000_000;

const cutNotice =
  '[This mail is too large to be read as a whole. What follows is its beginning; all of it is on the mail server.]';

/**
 * Reads what is new in a user's mailbox on their server, and, from time to time, compares all of it (R-BOX-3). What goes wrong stands on the
 * user's settings (R-BOX-4). Says when to look again (ISO 8601), null where nothing is to be fetched, and to operators what is wrong.
 */
export async function syncMailbox(
  deps: SyncDeps,
  ids: MailboxIds,
  goOn: () => boolean,
): Promise<{ nextDueAt: string | null; fault?: string }> {
  const mailbox = await openMailbox(deps.db, deps.secretKey, ids);
  let complete = true;
  let fault: string | undefined;
  if (mailbox) {
    try {
      const source = await connectMailbox(deps.accessToken, ids, mailbox.server, deps.source);
      try {
        complete = await syncAll(deps, mailbox, source, goOn);
        await removeFromServer(deps, mailbox, source);
        if (complete) await recordSynced(deps.db, mailbox);
      } finally {
        await source.close();
      }
    } catch (error) {
      if (error instanceof MailboxError) {
        fault = error.fault;
        deps.logger.warn({ ...ids, fault }, 'a mailbox cannot be read');
        await recordFault(deps.db, mailbox, error);
      } else if (!(error instanceof MailboxChanged)) throw error;
    }
  }
  const due = complete ? await nextDueAt(deps.db, ids) : await deps.db.now();
  return { nextDueAt: due?.toISOString() ?? null, ...(fault !== undefined && { fault }) };
}

/** R-BOX-2: what is stored, and is not to stay there. A UIDL that was removed may name another mail from then on: it is forgotten. */
async function removeFromServer(
  { db, source: { maxBytes = maxBytesOfOne } }: SyncDeps,
  mailbox: OpenMailbox,
  source: MailSource,
): Promise<void> {
  if (!source.remove) return;
  for (const { id } of await mappedFolders(db, mailbox)) {
    const ids = await removableIds(db, mailbox, id, maxBytes);
    if (ids.length === 0) continue;
    await source.remove(ids);
    return forgetItems(db, mailbox, id, ids);
  }
}

/** False: there is more. */
async function syncAll(
  deps: SyncDeps,
  mailbox: OpenMailbox,
  source: MailSource,
  goOn: () => boolean,
): Promise<boolean> {
  const { db } = deps;
  if (!(await hasFolders(db, mailbox))) await storeFound(db, mailbox, await source.folders());
  const folders = await mappedFolders(db, mailbox);
  const sent = folders.find(({ folder }) => folder === 'sent');
  if (sent) await appendSent(deps, mailbox, sent, source);
  const plans: { folder: SyncFolder; missing: ServerId[] }[] = [];
  for (const folder of folders) {
    const plan = await planFolder(deps, mailbox, folder, source);
    if (plan && plan.missing.length > 0) plans.push(plan);
  }
  if (mailbox.reconcile || mailbox.seenChangedAt) await tellServer(deps, mailbox, source);
  if (mailbox.first)
    await beginImport(
      db,
      mailbox,
      plans.reduce((sum, { missing }) => sum + missing.length, 0),
    );
  for (const { folder, missing } of plans) {
    const opened = await source.open(folder.path);
    // made anew meanwhile: the names that were asked for mean other mails
    const plan =
      opened && opened.validity !== folder.uidValidity
        ? await planFolder(deps, mailbox, folder, source)
        : { folder, missing };
    if (plan && !(await readMissing(deps, mailbox, plan.folder, source, plan.missing, goOn))) return false;
  }
  return true;
}

/** Reads what is new in one folder. */
export async function syncFolder(
  deps: SyncDeps,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  source: MailSource,
): Promise<void> {
  const plan = await planFolder(deps, mailbox, folder, source);
  if (plan) await readMissing(deps, mailbox, plan.folder, source, plan.missing, () => true);
}

/**
 * What of a folder is not stored yet; what has changed in it, and what is no longer on the server, is taken over. Undefined: the folder is
 * gone.
 */
async function planFolder(
  { db }: SyncDeps,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  source: MailSource,
): Promise<{ folder: SyncFolder; missing: ServerId[] } | undefined> {
  const opened = await source.open(folder.path);
  if (!opened) return undefined;
  const current = await beginFolder(db, mailbox, folder, opened.validity);
  // where names do not go up, only all of them tell what is new
  let all = mailbox.reconcile || opened.validity === null || current.lastUid === 0;
  let there = await source.ids(all ? 0 : current.lastUid);
  if (!all) {
    const changes = await source.changes?.(current.modSeq);
    if (changes?.more) [all, there] = [true, await source.ids(0)];
    else if (changes) await takeOver(db, mailbox, current, changes, opened.modSeq);
    if (there.length === 0 && !all) return { folder: current, missing: [] };
  }
  const names = all ? undefined : there.map(({ id }) => id);
  const stored = await storedItems(db, mailbox, folder.id, names);
  const missing = there.filter(({ id }) => !stored.has(id));
  if (all) {
    const unseen = await source.unseen?.();
    const seen = new Map<string, boolean>();
    for (const { id } of there) {
      const before = stored.get(id);
      if (unseen && before === unseen.has(id)) seen.set(id, !before);
      stored.delete(id);
    }
    await takeOver(db, mailbox, current, { seen, gone: [...stored.keys()] }, opened.modSeq);
  }
  return { folder: current, missing };
}

/** False: it was told to stop before the end. */
async function readMissing(
  deps: SyncDeps,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  source: MailSource,
  missing: ServerId[],
  goOn: () => boolean,
): Promise<boolean> {
  let done = missing.length === 0;
  let storing = Promise.resolve();
  /** Once those before them are stored. */
  const store = async (read: FetchedMail[]) => {
    await storing;
    storing = keep(deps, mailbox, folder, read);
    // it is thrown where it is waited for
    storing.catch(() => undefined);
  };
  for (let from = 0; from < missing.length && goOn(); from += batch) {
    let read: FetchedMail[] = [];
    let bytes = 0;
    try {
      for await (const { raw, cut, ...mail } of source.read(missing.slice(from, from + batch))) {
        const parsed = await parseMail(raw);
        if (cut) parsed.text = `${cutNotice}\n\n${parsed.text}`;
        read.push({ ...mail, raw, mail: parsed });
        bytes += raw.length;
        if (bytes < bytesTogether) continue;
        await store(read);
        [read, bytes] = [[], 0];
      }
    } catch (error) {
      // what came before the connection broke
      if (error instanceof MailboxError) await store(read);
      await storing;
      throw error;
    }
    await store(read);
    done = from + batch >= missing.length;
  }
  await storing;
  return done;
}

/** Together; where PostgreSQL does not take one of them, each for itself. */
async function keep(
  deps: SyncDeps,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  read: readonly FetchedMail[],
): Promise<void> {
  const { db, logger } = deps;
  if (read.length === 0) return;
  try {
    await keepFetched(db, mailbox, folder, read);
  } catch (error) {
    if (!isOfTheMail(error)) throw error;
    const [only] = read;
    if (read.length > 1) {
      for (const one of read) await keep(deps, mailbox, folder, [one]);
    } else {
      // it is tried again each time that everything is compared; the others do not wait for it
      const size = only!.raw.length;
      logger.error({ code: codeOf(error), userId: mailbox.userId, size }, 'a mail could not be kept');
    }
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? '';

/** PostgreSQL does not take this one: a value that it cannot hold, or too much of it. */
const isOfTheMail = (error: unknown): boolean => /^(22|23|54)...$/.test(codeOf(error));

/** R-BOX-3: mail that was sent from Parley is put into the mapped Sent folder. What the server does not take is tried again each time. */
async function appendSent(
  { db, logger }: SyncDeps,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  source: MailSource,
): Promise<void> {
  for (const mailId of await unappendedMails(db, mailbox)) {
    const mail = await readUnappended(db, mailbox, mailId);
    try {
      const at = mail && (await source.append(folder.path, mail));
      await recordAppended(db, mailbox, folder, mailId, at);
    } catch (error) {
      // it says no: the folder is gone, is full, or takes none so large; what comes in does not wait for it
      if (!(error instanceof MailboxError) || error.fault !== 'protocol') throw error;
      logger.warn({ userId: mailbox.userId, mailId }, 'a mail could not be put into the Sent folder');
    }
  }
}
