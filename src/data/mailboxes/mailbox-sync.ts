import type { MailboxFault } from '../../contracts/mailboxes';
import type { ParsedMail } from '../../channels/email/parse-mail';
import type { ServerChanges, ServerId } from '../../channels/mailbox/types';
import { nextLookAt, reconcileEveryMs, type MailboxFacts } from '../../domain/mailbox-schedule';
import type { MailProviderId } from '../../domain/mail-providers';
import type { Database, Tx } from '../database';
import type { UserServer } from './connect-mailbox';
import { loginOf, storeFolders, type MailboxIds } from './mailboxes';
import { noticeMailbox } from '../mail/mailbox-signals';
import { readInConversations } from '../mail/seen-together';
import { followPlaces, forgetMoves, leavePlaces, takeSeen } from './mail-places';
import { receiveAllIn } from '../mail/receive-mail';
import type { MailFolder } from '../mail/store-mail';

/** A mailbox that is being read, with settings of one version. */
export type OpenMailbox = MailboxIds & {
  version: number;
  server: UserServer;
  /** Nothing has been fetched completely yet. */
  first: boolean;
  /** What is on the server is compared with what is stored. */
  reconcile: boolean;
  /** Mail from before is no news; null: it was connected before anybody wrote that down. */
  connectedAt: Date | null;
  /** When its user last read, unread or moved mails here that the server may not know of. */
  seenChangedAt: Date | null;
};

export type SyncFolder = {
  id: string;
  path: string;
  folder: MailFolder;
  uidValidity: number | null;
  lastUid: number;
  /** Up to which changes are taken over. */
  modSeq: string | null;
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
    Omit<UserServer, 'password' | 'signedIn'> & {
      provider: MailProviderId | null;
      passwordSealed: Buffer | null;
      version: number;
      fetchedAt: Date | null;
      reconciledAt: Date | null;
      connectedAt: Date | null;
      seenChangedAt: Date | null;
    }
  >(
    `select b.kind as type, b.host, b.port, b.security, b.username, b.password_sealed as "passwordSealed", b.oauth_provider as provider, b.version, b.fetched_at as "fetchedAt",
       b.reconciled_at as "reconciledAt", b.connected_at as "connectedAt", b.seen_changed_at as "seenChangedAt"
     from mailboxes b join users u on u.organization_id = b.organization_id and u.id = b.user_id and u.deactivated_at is null
     where b.organization_id = $1 and b.user_id = $2 and b.fetch and b.host is not null
       and (b.password_sealed is not null or b.oauth_token_sealed is not null)`,
    [ids.organizationId, ids.userId],
  );
  const login = row && loginOf(row, secretKey, ids);
  if (!login) return null;
  const {
    passwordSealed: _password,
    provider: _provider,
    version,
    fetchedAt,
    reconciledAt,
    connectedAt,
    seenChangedAt,
    ...server
  } = row;
  const now = await db.now();
  return {
    ...ids,
    version,
    server: { ...server, ...login },
    first: fetchedAt === null,
    reconcile: reconciledAt === null || now.getTime() - reconciledAt.getTime() >= reconcileEveryMs,
    connectedAt: connectedAt ?? (fetchedAt === null ? now : null),
    seenChangedAt,
  };
}

/** Those that are mapped; the inbox first. */
export async function mappedFolders(
  db: Database,
  { organizationId, userId }: MailboxIds,
): Promise<SyncFolder[]> {
  return db.query<SyncFolder>(
    `select id, path, folder, uid_validity as "uidValidity", last_uid as "lastUid", mod_seq::text as "modSeq" from mailbox_folders
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

/** The folders of its server, mapped as far as that says what they are for. */
export async function storeFound(
  db: Database,
  mailbox: OpenMailbox,
  found: Parameters<typeof storeFolders>[2],
): Promise<void> {
  await db.transact(async (tx) => {
    await assertCurrent(tx, mailbox);
    await storeFolders(tx, mailbox, found);
  });
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
    await leavePlaces(tx, mailbox, folder.id);
    await tx.query(
      'update mailbox_folders set uid_validity = $3, last_uid = 0, mod_seq = null where organization_id = $1 and id = $2',
      [mailbox.organizationId, folder.id, validity],
    );
  });
  return { ...folder, uidValidity: validity, lastUid: 0, modSeq: null };
}

/** What of a folder, or of these names in it, is stored, by its names on the server, and whether it is read there as far as we know. */
export async function storedItems(
  db: Database,
  { organizationId }: MailboxIds,
  folderId: string,
  names?: string[],
): Promise<Map<string, boolean>> {
  const rows = await db.query<{ id: string; seen: boolean }>(
    `select server_id as id, seen from mailbox_items
     where organization_id = $1 and folder_id = $2 and ($3::text[] is null or server_id = any($3))`,
    [organizationId, folderId, names ?? null],
  );
  return new Map(rows.map(({ id, seen }) => [id, seen]));
}

/** They are no longer on the server. The mails stay. */
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
 * What the user has done elsewhere. Of each mail it is known how the server had it last: what differs from that has changed there, and holds
 * here from now on; where the mail differs from it, it was read or unread here, and the server is told (`unpushedSeen`). What is gone from a
 * folder is forgotten as a place: the mail stays.
 */
export async function takeOver(
  db: Database,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  { seen, gone }: ServerChanges,
  modSeq: string | null,
): Promise<void> {
  if (seen.size === 0 && gone.length === 0 && modSeq === folder.modSeq) return;
  const { organizationId, userId } = mailbox;
  await db.transact(async (tx) => {
    await assertCurrent(tx, mailbox);
    const changed = await tx.query<{ id: string; seen: boolean }>(
      `with changed as (
         update mailbox_items i set seen = c.seen from unnest($3::text[], $4::boolean[]) as c(server_id, seen)
         where i.organization_id = $1 and i.folder_id = $2 and i.server_id = c.server_id and i.seen <> c.seen returning i.mail_id, i.seen)
       update mails m set seen_at = case when c.seen then $5::timestamptz end, updated_at = greatest(m.updated_at, $5)
       from changed c where m.organization_id = $1 and m.id = c.mail_id and m.state = 'received' and (m.seen_at is not null) <> c.seen
       returning m.id, c.seen`,
      [organizationId, folder.id, [...seen.keys()], [...seen.values()], await tx.now()],
    );
    await readInConversations(tx, mailbox, changed);
    const left = await leavePlaces(tx, mailbox, folder.id, gone);
    const moved = await followPlaces(tx, mailbox, left);
    await tx.query(
      'update mailbox_folders set mod_seq = $3 where organization_id = $1 and id = $2 and uid_validity is not distinct from $4',
      [organizationId, folder.id, modSeq, folder.uidValidity],
    );
    if (changed.length > 0 || moved) noticeMailbox(tx, organizationId, userId);
  });
}

export type UnpushedSeen = { folderId: string; path: string; id: string; seen: boolean };

/** Mails that were read or unread here, and whose server does not know of it. Asked one way and the other, few mails are looked at. */
export async function unpushedSeen(
  db: Database,
  { organizationId, userId }: MailboxIds,
): Promise<UnpushedSeen[]> {
  const items = `select f.id as "folderId", f.path, i.server_id as id, not i.seen as seen from mailbox_folders f
     join mailbox_items i on i.organization_id = f.organization_id and i.folder_id = f.id
     join mails m on m.organization_id = i.organization_id and m.id = i.mail_id and m.user_id = $2 and m.state = 'received'
     where f.organization_id = $1 and f.user_id = $2 and f.folder is not null and`;
  return db.query<UnpushedSeen>(
    `${items} i.seen and m.seen_at is null
     union all ${items} not i.seen and m.seen_at is not null
     order by path, id limit 1000`,
    [organizationId, userId],
  );
}

export async function recordPushed(
  db: Database,
  { organizationId }: MailboxIds,
  { folderId, seen }: Pick<UnpushedSeen, 'folderId' | 'seen'>,
  ids: string[],
): Promise<void> {
  await db.query(
    'update mailbox_items set seen = $4 where organization_id = $1 and folder_id = $2 and server_id = any($3)',
    [organizationId, folderId, ids, seen],
  );
}

/** What the server would not take is tried again when everything is compared; what was read or unread meanwhile, at once. */
export async function endPushing(
  db: Database,
  { organizationId, userId, seenChangedAt }: OpenMailbox,
): Promise<void> {
  await db.query(
    'update mailboxes set seen_changed_at = null where organization_id = $1 and user_id = $2 and seen_changed_at = $3',
    [organizationId, userId, seenChangedAt],
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
     left join mails m on m.organization_id = i.organization_id and m.id = i.mail_id
     where i.organization_id = $1 and i.folder_id = $4 and coalesce(m.size, 0) < $5
       and (not b.keep_copy or i.fetched_at <= $6::timestamptz - make_interval(hours => 24 * b.remove_after_days))
     order by i.fetched_at limit 1000`,
    [organizationId, userId, version, folderId, maxBytes, await db.now()],
  );
  return rows.map(({ id }) => id);
}

export type FetchedMail = ServerId & { mail: ParsedMail; raw: Buffer; seen: boolean | null };

/** Mails of the server's, together with their places there and how far the folder is read: all of it, or nothing. */
export async function keepFetched(
  db: Database,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  fetched: readonly FetchedMail[],
): Promise<void> {
  const { organizationId, userId } = mailbox;
  await db.transact(async (tx) => {
    await assertCurrent(tx, mailbox);
    const mails = fetched.map(({ mail, raw, seen }) => {
      const imported = wasThereBefore(mailbox, mail);
      return { mail, raw, imported, seen: seen ?? imported };
    });
    const place = { organizationId, userId, folder: folder.folder, fromServer: true };
    const stored = await receiveAllIn(tx, place, mails);
    const mailIds = stored.map(({ mailId }) => mailId);
    const read = await takeSeen(
      tx,
      mailbox,
      fetched.flatMap(({ seen }, index) => (seen === null ? [] : [{ mailId: mailIds[index]!, seen }])),
    );
    await keepItems(tx, mailbox, folder, fetched, mailIds);
    const moved = await followPlaces(tx, mailbox, mailIds);
    if (read || moved) noticeMailbox(tx, organizationId, userId);
    await noteUntold(tx, mailbox, mailIds);
    if (mailbox.first)
      await tx.query(
        `update mailboxes set import_done = least(import_done + $3, import_total) where organization_id = $1 and user_id = $2`,
        [organizationId, userId, fetched.length],
      );
  });
}

/** What the first import finds has been read and answered elsewhere, as far as it was. */
const wasThereBefore = ({ first, connectedAt }: OpenMailbox, { date }: ParsedMail): boolean =>
  connectedAt !== null && (date === null ? first : date < connectedAt);

async function keepItems(
  tx: Tx,
  mailbox: OpenMailbox,
  folder: SyncFolder,
  fetched: readonly Pick<FetchedMail, 'id' | 'uid' | 'seen'>[],
  mailIds: string[],
): Promise<void> {
  await tx.query(
    `insert into mailbox_items (organization_id, folder_id, server_id, mail_id, fetched_at, seen)
     select $1, $2, server_id, mail_id, $5, seen from unnest($3::text[], $4::uuid[], $6::boolean[]) as i(server_id, mail_id, seen)
     on conflict (organization_id, folder_id, server_id) do nothing`,
    [
      ...[mailbox.organizationId, folder.id, fetched.map(({ id }) => id), mailIds, await tx.now()],
      fetched.map(({ seen }) => seen ?? false),
    ],
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

/** Some that are found were read, unread or moved here meanwhile. */
async function noteUntold(tx: Tx, { organizationId, userId }: OpenMailbox, mailIds: string[]): Promise<void> {
  await tx.query(
    `update mailboxes b set seen_changed_at = $4 where b.organization_id = $1 and b.user_id = $2 and b.kind = 'imap' and exists (
       select 1 from mails m join mailbox_items i on i.organization_id = m.organization_id and i.mail_id = m.id
       where m.organization_id = $1 and m.id = any($3::uuid[]) and (m.moved_here or m.state = 'received' and i.seen <> (m.seen_at is not null)))`,
    [organizationId, userId, mailIds, await tx.now()],
  );
}

/** @throws MailboxChanged */
export async function assertCurrent(tx: Tx, { organizationId, userId, version }: OpenMailbox): Promise<void> {
  const current = await tx.query(
    'select 1 from mailboxes where organization_id = $1 and user_id = $2 and version = $3 and "fetch" for key share',
    [organizationId, userId, version],
  );
  if (current.length === 0) throw new MailboxChanged();
}

/** The first import begins, or goes on after a break. */
export async function beginImport(db: Database, mailbox: OpenMailbox, missing: number): Promise<void> {
  await db.query(
    `update mailboxes b set state = 'importing', state_reason = null, state_detail = null, import_done = done.count, import_total = done.count + $4, connected_at = $6,
       state_changed_at = case when state = 'importing' then state_changed_at else $5 end, updated_at = $5
     from (select count(*)::int as count from mailbox_items i join mailbox_folders f on f.organization_id = i.organization_id and f.id = i.folder_id
       where f.organization_id = $1 and f.user_id = $2) done
     where b.organization_id = $1 and b.user_id = $2 and b.version = $3 and b.fetch`,
    [
      ...[mailbox.organizationId, mailbox.userId, mailbox.version, missing, await db.now()],
      mailbox.connectedAt,
    ],
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
    if (row && mailbox.reconcile) {
      await forgetMoves(tx, mailbox);
      // whoever has pressed *Fetch now* looks at when that was
      noticeMailbox(tx, mailbox.organizationId, mailbox.userId);
    }
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
    await tx.query(
      `update mails set appended_at = $3, server_folder = coalesce(server_folder, 'sent') where organization_id = $1 and id = $2`,
      [mailbox.organizationId, mailId, now],
    );
    if (at)
      await tx.query(
        `insert into mailbox_items (organization_id, folder_id, server_id, mail_id, fetched_at, seen)
         select organization_id, id, $3, $4, $5, true from mailbox_folders where organization_id = $1 and id = $2 for key share
         on conflict (organization_id, folder_id, server_id) do nothing`,
        [mailbox.organizationId, folder.id, at.id, mailId, now],
      );
  });
}
