import type { Tx } from '../database';
import { readInConversations } from '../mail/seen-together';
import type { MailboxIds } from './mailboxes';

/**
 * Places of a folder, or all of it, are forgotten; returns whose they were. Of a mail that stands nowhere any more it is kept how the server had it
 * last, until it is found again (`takeSeen`): it may have been moved.
 */
export async function leavePlaces(
  tx: Tx,
  { organizationId }: MailboxIds,
  folderId: string,
  serverIds?: string[],
): Promise<string[]> {
  const left = await tx.query<{ mailId: string; seen: boolean }>(
    `delete from mailbox_items where organization_id = $1 and folder_id = $2 and ($3::text[] is null or server_id = any($3))
     returning mail_id as "mailId", seen`,
    [organizationId, folderId, serverIds ?? null],
  );
  const mailIds = left.map(({ mailId }) => mailId);
  if (mailIds.length > 0)
    await tx.query(
      `update mails m set server_seen = l.seen from unnest($2::uuid[], $3::boolean[]) as l(id, seen)
       where m.organization_id = $1 and m.id = l.id
         and not exists (select 1 from mailbox_items i where i.organization_id = $1 and i.mail_id = m.id)`,
      [organizationId, mailIds, left.map(({ seen }) => seen)],
    );
  return mailIds;
}

/**
 * Mails were found, and are about to stand there: those that were read or unread on the server since it was last known follow. What differs for
 * another reason was read or unread here, and the server is told. True: a mail has changed.
 */
export async function takeSeen(
  tx: Tx,
  ids: MailboxIds,
  found: { mailId: string; seen: boolean }[],
): Promise<boolean> {
  const { organizationId } = ids;
  const changed = await tx.query<{ id: string; seen: boolean }>(
    `update mails m set seen_at = case when c.seen then $4::timestamptz end, updated_at = greatest(m.updated_at, $4)
     from unnest($2::uuid[], $3::boolean[]) as c(id, seen)
     where m.organization_id = $1 and m.id = c.id and m.state = 'received' and (m.seen_at is not null) <> c.seen
       and case when m.server_seen is null then c.seen and not exists (
           select 1 from mailbox_items i where i.organization_id = $1 and i.mail_id = m.id and i.seen)
         else m.server_seen <> c.seen end
     returning m.id, c.seen`,
    [organizationId, found.map(({ mailId }) => mailId), found.map(({ seen }) => seen), await tx.now()],
  );
  await tx.query(
    'update mails set server_seen = null where organization_id = $1 and id = any($2::uuid[]) and server_seen is not null',
    [organizationId, found.map(({ mailId }) => mailId)],
  );
  await readInConversations(tx, ids, changed);
  return changed.length > 0;
}

/**
 * Where mails stand on the server now, after some of their places were found or forgotten: those that were moved there move here as well. One
 * that was moved here stays where it is, and so does one that is gone from everywhere. Junk and waste count where nothing else has it.
 */
export async function followPlaces(
  tx: Tx,
  { organizationId, userId }: MailboxIds,
  mailIds: string[],
): Promise<boolean> {
  if (mailIds.length === 0) return false;
  const moved = await tx.query(
    `update mails m set server_folder = p.folders[1], updated_at = greatest(m.updated_at, $4), folder = case
         when m.moved_here or m.server_folder is null or m.direction = 'in' and p.folders[1] = 'sent' then m.folder
         when m.direction = 'out' and p.folders[1] = 'inbox' then 'sent' else p.folders[1] end
     from (select i.mail_id, array_agg(f.folder order by f.folder) as folders from mailbox_items i
       join mailbox_folders f on f.organization_id = i.organization_id and f.id = i.folder_id and f.folder is not null
       where i.organization_id = $1 and i.mail_id = any($3::uuid[]) group by i.mail_id) p
     where m.organization_id = $1 and m.user_id = $2 and m.id = p.mail_id
       and (m.server_folder is null or m.server_folder <> all(p.folders)
         or m.server_folder in ('junk', 'trash') and m.server_folder <> p.folders[1])
     returning 1`,
    [organizationId, userId, mailIds, await tx.now()],
  );
  return moved.length > 0;
}

/** After everything was compared: what is nowhere on the server any more need not be moved there. */
export async function forgetMoves(tx: Tx, { organizationId, userId }: MailboxIds): Promise<void> {
  await tx.query(
    `update mails m set moved_here = false where m.organization_id = $1 and m.user_id = $2 and m.moved_here
       and not exists (select 1 from mailbox_items i where i.organization_id = $1 and i.mail_id = m.id)`,
    [organizationId, userId],
  );
}
