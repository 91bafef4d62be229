import { DomainError } from '../../domain/errors';
import type { SettledFolder } from '../../domain/mail-folders';
import type { Database, Tx } from '../database';
import type { Queryable } from '../sql';
import type { MailboxUser } from './mailbox-read';
import { noticeMailbox } from './mailbox-signals';
import { lockThreads } from './mail-threads';

const atOnce = 500;

/** How many mails are in the waste, and how many of them stay in the file of a person when it is emptied. */
export async function countTrash(
  db: Queryable,
  { organizationId, user }: MailboxUser,
): Promise<{ count: number; filed: number }> {
  const [row] = await db.query<{ count: number; filed: number }>(
    `select count(*)::int as count, count(*) filter (where exists (
       select 1 from mail_filings f where f.organization_id = m.organization_id and f.mail_id = m.id and f.message_id is not null))::int as filed
     from mails m where m.organization_id = $1 and m.user_id = $2 and m.folder = 'trash'`,
    [organizationId, user.id],
  );
  return row!;
}

/**
 * Deletes what threads have in the waste for good: with the bytes as they came, and the attachments. What stands in the file of a person stays
 * there (R-BOX-5), and leaves the mailbox alone. Nothing is done on the user's server.
 *
 * @throws DomainError `conflict` for a thread that is not in the waste
 */
export async function deleteThreads(
  db: Database,
  actor: MailboxUser,
  threads: { threadId: string; folder: SettledFolder }[],
): Promise<{ deleted: number }> {
  if (threads.some(({ folder }) => folder !== 'trash'))
    throw new DomainError('conflict', 'Only what is in Trash can be deleted for good. Move it there first.');
  return db.transact(async (tx) => {
    const mails = await lockThreads(tx, actor, threads);
    await deleteForGood(
      tx,
      actor,
      mails.map(({ id }) => id),
    );
    return { deleted: mails.length };
  });
}

/** The same for all of the waste, some hundred mails at a time; `more`: it goes on with another call. */
export async function emptyTrash(
  db: Database,
  actor: MailboxUser,
): Promise<{ deleted: number; more: boolean }> {
  return db.transact(async (tx) => {
    const mails = await tx.query<{ id: string }>(
      `select id from mails where organization_id = $1 and user_id = $2 and folder = 'trash' and state in ('received', 'sent')
       order by occurred_at desc, id desc limit ${atOnce} for update`,
      [actor.organizationId, actor.user.id],
    );
    await deleteForGood(
      tx,
      actor,
      mails.map(({ id }) => id),
    );
    return { deleted: mails.length, more: mails.length === atOnce };
  });
}

/** Of mails that are locked. */
async function deleteForGood(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  mailIds: string[],
): Promise<void> {
  if (mailIds.length === 0) return;
  await tx.query(
    `insert into deleted_mails (organization_id, user_id, message_id_header, content_hash, private, deleted_at)
     select organization_id, user_id, message_id_header, content_hash, bool_or(private), $3 from mails where organization_id = $1 and id = any($2::uuid[])
     group by organization_id, user_id, message_id_header, content_hash
     on conflict (organization_id, user_id, message_id_header, content_hash)
       do update set private = deleted_mails.private or excluded.private, deleted_at = excluded.deleted_at`,
    [organizationId, mailIds, await tx.now()],
  );
  await tx.query(
    'update mails set reply_to_mail_id = null where organization_id = $1 and user_id = $2 and reply_to_mail_id = any($3::uuid[])',
    [organizationId, user.id, mailIds],
  );
  // of a confidential one the user alone was told
  await tx.query(
    `delete from notifications where organization_id = $1 and user_id = $2 and kind = 'privateMail' and data ->> 'mailId' = any($3::text[])`,
    [organizationId, user.id, mailIds],
  );
  const kept = await leaveToFiles(tx, organizationId, mailIds);
  const gone = mailIds.filter((id) => !kept.has(id));
  await tx.query('delete from media where organization_id = $1 and mail_id = any($2::uuid[])', [
    organizationId,
    gone,
  ]);
  // the bytes as they came, and the filings, go along
  await tx.query('delete from mails where organization_id = $1 and id = any($2::uuid[])', [
    organizationId,
    gone,
  ]);
  noticeMailbox(tx, organizationId, user.id);
}

/** A mail that a conversation shows becomes the conversation's, unless that has a copy of its own. */
async function leaveToFiles(tx: Tx, organizationId: string, mailIds: string[]): Promise<Set<string>> {
  const shown = await tx.query<{ id: string; twinId: string | null }>(
    `select w.id, (select t.id from mails t where t.organization_id = w.organization_id and t.user_id is null and t.state <> 'held'
         and t.message_id_header = w.message_id_header and t.content_hash = w.content_hash limit 1) as "twinId"
     from mails w where w.organization_id = $1 and w.id = any($2::uuid[]) and exists (
       select 1 from mail_filings f join messages m on m.organization_id = f.organization_id and m.id = f.message_id
       where f.organization_id = w.organization_id and f.mail_id = w.id and m.content ->> 'mailId' = w.id::text)`,
    [organizationId, mailIds],
  );
  const kept = shown.filter(({ twinId }) => twinId === null).map(({ id }) => id);
  // out of the waste as well: whoever makes it confidential has it in their mailbox again
  await tx.query(
    `update mails set user_id = null, folder = (case direction when 'in' then 'inbox' else 'sent' end)::mail_folder, moved_here = false
     where organization_id = $1 and id = any($2::uuid[])`,
    [organizationId, kept],
  );
  const twins = shown.filter(({ twinId }) => twinId !== null);
  await tx.query(
    `update messages m set content = jsonb_set(m.content, '{mailId}', to_jsonb(t.twin_id))
     from unnest($2::text[], $3::text[]) as t(id, twin_id), mail_filings f
     where f.organization_id = $1 and f.mail_id = t.id::uuid and m.organization_id = $1 and m.id = f.message_id and m.content ->> 'mailId' = t.id`,
    [organizationId, twins.map(({ id }) => id), twins.map(({ twinId }) => twinId)],
  );
  return new Set(kept);
}
