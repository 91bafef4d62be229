import type { MailboxFault } from '../../contracts/mailboxes';
import type { ParsedMail } from '../../channels/email/parse-mail';
import type { MailServer, ServerId } from '../../channels/mailbox/types';
import { sealContext } from '../../channels/open-account';
import { nextLookAt, reconcileEveryMs, type MailboxFacts } from '../../domain/mailbox-schedule';
import { open } from '../../seal';
import type { Database, Tx } from '../database';
import { lockConversations } from '../conversations/conversation-store';
import { lockPeopleByEmail } from '../mail/file-mail';
import type { MailboxIds } from './mailboxes';
import { receiveForUserIn } from '../mail/receive-mail';
import type { MailFolder } from '../mail/store-mail';

/** A mailbox that is being read, with settings of one version. */
export type OpenMailbox = MailboxIds & {
  version: number;
  server: MailServer;
  /** Nothing has been fetched completely yet. */
  first: boolean;
  /** What is on the server is compared with what is stored. */
  reconcile: boolean;
};

export type SyncFolder = {
  id: string;
  path: string;
  folder: MailFolder;
  uidValidity: number | null;
  lastUid: number;
};

/** The settings were changed, or nothing is to be fetched any more: what runs with the old ones ends. */
export class MailboxChanged extends Error {
  override readonly name = 'MailboxChanged';
}

/** Null: there is nothing to fetch. */
export async function openMailbox(
  db: Database,
  secretKey: Buffer,
  ids: MailboxIds,
): Promise<OpenMailbox | null> {
  const [row] = await db.query<
    Omit<MailServer, 'password'> & {
      passwordSealed: Buffer;
      version: number;
      fetchedAt: Date | null;
      reconciledAt: Date | null;
    }
  >(
    `select b.kind as type, b.host, b.port, b.security, b.username, b.password_sealed as "passwordSealed", b.version, b.fetched_at as "fetchedAt",
       b.reconciled_at as "reconciledAt"
     from mailboxes b join users u on u.organization_id = b.organization_id and u.id = b.user_id and u.deactivated_at is null
     where b.organization_id = $1 and b.user_id = $2 and b.fetch and b.host is not null and b.password_sealed is not null`,
    [ids.organizationId, ids.userId],
  );
  if (!row) return null;
  const { passwordSealed, version, fetchedAt, reconciledAt, ...server } = row;
  const now = await db.now();
  return {
    ...ids,
    version,
    server: {
      ...server,
      password: open(secretKey, passwordSealed, sealContext.mailboxPassword(ids.userId)),
    },
    first: fetchedAt === null,
    reconcile: reconciledAt === null || now.getTime() - reconciledAt.getTime() >= reconcileEveryMs,
  };
}

/** Those that are mapped; the inbox first. */
export async function mappedFolders(
  db: Database,
  { organizationId, userId }: MailboxIds,
): Promise<SyncFolder[]> {
  return db.query<SyncFolder>(
    `select id, path, folder, uid_validity as "uidValidity", last_uid as "lastUid" from mailbox_folders
     where organization_id = $1 and user_id = $2 and folder is not null order by folder, path`,
    [organizationId, userId],
  );
}

/** Whether folders were ever mapped, be it to nothing. */
export async function hasFolders(db: Database, { organizationId, userId }: MailboxIds): Promise<boolean> {
  const found = await db.query(
    'select 1 from mailbox_folders where organization_id = $1 and user_id = $2 limit 1',
    [organizationId, userId],
  );
  return found.length > 0;
}

/** The UIDs of a folder mean something else from now on: each mail is looked at anew, and stands once all the same (R-BOX-6). */
export async function beginFolder(
  db: Database,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  validity: number | null,
): Promise<SyncFolder> {
  if (folder.uidValidity === validity) return folder;
  await db.transact(async (tx) => {
    await assertCurrent(tx, mailbox);
    await tx.query('delete from mailbox_items where organization_id = $1 and folder_id = $2', [
      mailbox.organizationId,
      folder.id,
    ]);
    await tx.query(
      'update mailbox_folders set uid_validity = $3, last_uid = 0 where organization_id = $1 and id = $2',
      [mailbox.organizationId, folder.id, validity],
    );
  });
  return { ...folder, uidValidity: validity, lastUid: 0 };
}

/** What of a folder is stored, by its names on the server. */
export async function storedIds(
  db: Database,
  { organizationId }: MailboxIds,
  folderId: string,
): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(
    'select server_id as id from mailbox_items where organization_id = $1 and folder_id = $2',
    [organizationId, folderId],
  );
  return new Set(rows.map(({ id }) => id));
}

/** They are no longer on the server, or no longer in this folder. The mails stay. */
export async function forgetItems(
  db: Database,
  { organizationId }: MailboxIds,
  folderId: string,
  ids: string[],
): Promise<void> {
  await db.query(
    'delete from mailbox_items where organization_id = $1 and folder_id = $2 and server_id = any($3)',
    [organizationId, folderId, ids],
  );
}

/**
 * What is to be taken off the server: mails of a POP account that are stored, at once or some days later, as its user wants it now. Of one that
 * was cut the server has the only whole copy.
 */
export async function removableIds(
  db: Database,
  { organizationId, userId, version }: OpenMailbox,
  folderId: string,
  maxBytes: number,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select i.server_id as id from mailbox_items i
     join mailboxes b on b.organization_id = i.organization_id and b.user_id = $2 and b.version = $3 and b.fetch and b.kind = 'pop'
     join mails m on m.organization_id = i.organization_id and m.id = i.mail_id and m.size < $5
     where i.organization_id = $1 and i.folder_id = $4
       and (not b.keep_copy or i.fetched_at <= $6::timestamptz - make_interval(days => b.remove_after_days))
     order by i.fetched_at limit 1000`,
    [organizationId, userId, version, folderId, maxBytes, await db.now()],
  );
  return rows.map(({ id }) => id);
}

export type FetchedMail = ServerId & { mail: ParsedMail; raw: Buffer; seen: boolean };

/** Mails of the server's, together with their places there and how far the folder is read: all of it, or nothing. */
export async function keepFetched(
  db: Database,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  fetched: readonly FetchedMail[],
): Promise<void> {
  const { organizationId, userId } = mailbox;
  await db.transact(async (tx) => {
    await lockAll(tx, organizationId, fetched);
    const mailIds: string[] = [];
    for (const { mail, raw, seen } of fetched) {
      const place = { organizationId, userId, folder: folder.folder, seen };
      mailIds.push((await receiveForUserIn(tx, place, mail, raw)).mailId);
    }
    await keepItems(tx, mailbox, folder, fetched, mailIds);
    await assertCurrent(tx, mailbox);
    if (mailbox.first)
      await tx.query(
        `update mailboxes set import_done = least(import_done + $3, import_total) where organization_id = $1 and user_id = $2`,
        [organizationId, userId, fetched.length],
      );
  });
}

/** Several mails lock what they are about in one order, as everywhere: contact points, then conversations. */
async function lockAll(tx: Tx, organizationId: string, fetched: readonly FetchedMail[]): Promise<void> {
  if (fetched.length < 2) return;
  const addresses = fetched.flatMap(({ mail }) => [mail.from, ...mail.to, ...mail.cc]);
  const people = await lockPeopleByEmail(
    tx,
    organizationId,
    addresses.map(({ address }) => address),
  );
  if (people.length === 0) return;
  const conversationIds = people.map(({ conversationId }) => conversationId);
  await lockConversations(tx, { organizationId, conversationIds });
}

async function keepItems(
  tx: Tx,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  fetched: readonly ServerId[],
  mailIds: string[],
): Promise<void> {
  await tx.query(
    `insert into mailbox_items (organization_id, folder_id, server_id, mail_id, fetched_at)
     select $1, $2, server_id, mail_id, $5 from unnest($3::text[], $4::uuid[]) as i(server_id, mail_id)
     on conflict (organization_id, folder_id, server_id) do nothing`,
    [mailbox.organizationId, folder.id, fetched.map(({ id }) => id), mailIds, await tx.now()],
  );
  await tx.query(
    `update mailbox_folders set last_uid = greatest(last_uid, $3), synced_at = $4
     where organization_id = $1 and id = $2 and uid_validity is not distinct from $5`,
    [
      mailbox.organizationId,
      folder.id,
      Math.max(...fetched.map(({ uid }) => uid ?? 0)),
      await tx.now(),
      folder.uidValidity,
    ],
  );
}

/** @throws MailboxChanged */
async function assertCurrent(tx: Tx, { organizationId, userId, version }: OpenMailbox): Promise<void> {
  const current = await tx.query(
    'select 1 from mailboxes where organization_id = $1 and user_id = $2 and version = $3 and "fetch" for key share',
    [organizationId, userId, version],
  );
  if (current.length === 0) throw new MailboxChanged();
}

/** The first import begins, or goes on after a break. */
export async function beginImport(db: Database, mailbox: OpenMailbox, missing: number): Promise<void> {
  await db.query(
    `update mailboxes b set state = 'importing', state_reason = null, state_detail = null, import_done = done.count, import_total = done.count + $4,
       state_changed_at = case when state = 'importing' then state_changed_at else $5 end, updated_at = $5
     from (select count(*)::int as count from mailbox_items i join mailbox_folders f on f.organization_id = i.organization_id and f.id = i.folder_id
       where f.organization_id = $1 and f.user_id = $2) done
     where b.organization_id = $1 and b.user_id = $2 and b.version = $3 and b.fetch`,
    [mailbox.organizationId, mailbox.userId, mailbox.version, missing, await db.now()],
  );
}

/** Everything was read. */
export async function recordSynced(db: Database, mailbox: OpenMailbox): Promise<void> {
  const now = await db.now();
  await db.transact(async (tx) => {
    const [row] = await tx.query<{ was: string }>(
      `update mailboxes b set state = 'ready', state_reason = null, state_detail = null, failures = 0, fetched_at = $4, updated_at = $4,
         reconciled_at = case when $5 then $4 else b.reconciled_at end,
         state_changed_at = case when b.state = 'ready' then b.state_changed_at else $4 end
       from (select state from mailboxes where organization_id = $1 and user_id = $2 for no key update) old
       where b.organization_id = $1 and b.user_id = $2 and b.version = $3 and b.fetch returning old.state as was`,
      [mailbox.organizationId, mailbox.userId, mailbox.version, now, mailbox.reconcile],
    );
    if (row && row.was !== 'ready') tx.notice({ type: 'settings', organizationId: mailbox.organizationId });
  });
}

/** R-BOX-4: it stands on the user's settings, and is tried again later. */
export async function recordFault(
  db: Database,
  mailbox: OpenMailbox,
  { fault, detail }: { fault: MailboxFault; detail: string | null },
): Promise<void> {
  const now = await db.now();
  await db.transact(async (tx) => {
    await tx.query(
      `update mailboxes set state = 'failing', state_reason = $4, state_detail = $5, failures = failures + 1, updated_at = $6,
         state_changed_at = case when state = 'failing' then state_changed_at else $6 end
       where organization_id = $1 and user_id = $2 and version = $3 and "fetch"`,
      [mailbox.organizationId, mailbox.userId, mailbox.version, fault, detail, now],
    );
    tx.notice({ type: 'settings', organizationId: mailbox.organizationId });
  });
}

/** When it is to be looked at again; null: not until somebody changes its settings. */
export async function nextDueAt(db: Database, { organizationId, userId }: MailboxIds): Promise<Date | null> {
  const [row] = await db.query<MailboxFacts>(
    `select b.kind as type, b.state, b.state_reason as fault, b.failures, b.updated_at as "failedAt", b.fetched_at as "fetchedAt" from mailboxes b
     join users u on u.organization_id = b.organization_id and u.id = b.user_id and u.deactivated_at is null
     where b.organization_id = $1 and b.user_id = $2 and b.fetch`,
    [organizationId, userId],
  );
  return row ? nextLookAt(row, await db.now()) : null;
}

export type UnappendedMail = { id: string; messageId: string; raw: Buffer };

/** Mails that were sent from Parley, and of which the user's server has no copy yet; the oldest first. */
export async function unappendedMails(
  db: Database,
  { organizationId, userId }: MailboxIds,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select m.id from mails m where m.organization_id = $1 and m.user_id = $2 and m.folder = 'sent' and m.direction = 'out'
       and m.state = 'sent' and m.attempts > 0 and m.appended_at is null order by m.id limit 50`,
    [organizationId, userId],
  );
  return rows.map(({ id }) => id);
}

/** Undefined: its bytes are not kept. */
export async function readUnappended(
  db: Database,
  { organizationId }: MailboxIds,
  mailId: string,
): Promise<UnappendedMail | undefined> {
  const [row] = await db.query<UnappendedMail>(
    `select m.id, m.message_id_header as "messageId", r.bytes as raw from mails m
     join mail_raws r on r.organization_id = m.organization_id and r.mail_id = m.id
     where m.organization_id = $1 and m.id = $2`,
    [organizationId, mailId],
  );
  return row;
}

/** `at`: its place on the server, where that says it; there it is known then, and not fetched. */
export async function recordAppended(
  db: Database,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  mailId: string,
  at: ServerId | undefined,
): Promise<void> {
  await db.transact(async (tx) => {
    const now = await tx.now();
    await tx.query('update mails set appended_at = $3 where organization_id = $1 and id = $2', [
      mailbox.organizationId,
      mailId,
      now,
    ]);
    if (at)
      await tx.query(
        `insert into mailbox_items (organization_id, folder_id, server_id, mail_id, fetched_at) values ($1, $2, $3, $4, $5)
         on conflict (organization_id, folder_id, server_id) do nothing`,
        [mailbox.organizationId, folder.id, at.id, mailId, now],
      );
  });
}
