import { z } from 'zod';
import type { MailQuery, MailThread } from '../../contracts/mails';
import { notFound } from '../../domain/errors';
import { folderAfterMove, type SettledFolder } from '../../domain/mail-folders';
import type { Database, Tx } from '../database';
import { decodeCursor, seemsMany, stretch, toPage, type Page } from '../page';
import { askedOneByOne, columnsSql, createParams, isoSql, type Queryable } from '../sql';
import { writeMailChanges, type MailChange } from './mail-changes';
import { mailPreviewSql, mailSearchSql, type MailboxUser } from './mailbox-read';
import { fileOutOfJunk, lockPeopleOfJunk, type JunkPeople } from './take-out-of-junk';

const unseen = (alias: string) => `${alias}.seen_at is null and ${alias}.state = 'received'`;

/**
 * Which mails `t` of its thread are shown with `m`: in junk and waste those that are there too, elsewhere all that are in neither. Each draft
 * stands alone.
 */
const shownTogether = `t.organization_id = m.organization_id and t.user_id = m.user_id and t.thread_id = m.thread_id and case
    when m.folder = 'drafts' then t.id = m.id
    when m.folder in ('junk', 'trash') then t.folder = m.folder
    else t.folder in ('inbox', 'sent', 'archive') end`;

const columns = columnsSql({
  id: 'm.thread_id',
  mailId: 'm.id',
  folder: 'm.folder',
  direction: 'm.direction',
  state: 'm.state',
  writers: 'thread.writers',
  answered: 'thread.answered',
  to: 'm."to"',
  subject: 'm.subject',
  preview: mailPreviewSql('m'),
  count: 'thread.count',
  unread: 'thread.unread',
  hasAttachments: 'thread.attachments',
  private: 'thread.private',
  occurredAt: isoSql('m.occurred_at'),
});

/** Of the mails shown together: whoever wrote them, the latest first, and what is true of one of them. */
const threadFacts = `cross join lateral (
    select count(*)::int as count, count(*) filter (where ${unseen('t')})::int as unread, bool_or(t.private) as private,
      bool_or(t.attachments > 0) as attachments, bool_or(t.direction = 'out') as answered, (
        select coalesce(jsonb_agg(w.name order by w.at desc), '[]') from (
          select coalesce(nullif(t.from_name, ''), t.from_address) as name, max(t.occurred_at) as at from mails t
          where ${shownTogether} and t.direction = 'in' group by 1 order by at desc limit 4) w) as writers
    from mails t where ${shownTogether}) thread`;

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/** R-BOX-7: the user's mails, one row a thread, by the newest of its mails that is in the folder, or that is searched for. */
export async function listThreads(
  db: Queryable,
  actor: MailboxUser,
  query: MailQuery,
): Promise<Page<MailThread>> {
  if (!query.q || mailSearchSql(query.q) === undefined) return pageOf(db, actor, query);
  const few = createParams(actor.organizationId, actor.user.id);
  const many = await seemsMany(
    db,
    `select 1 from mails m where m.organization_id = $1 and m.user_id = $2 and ${mailSearchSql(query.q)!('m', few.add)}`,
    few.values,
  );
  // words of many mails fill a page on the way through the newest
  const soon = many ? await pageOf(db, actor, query, 'stretch') : undefined;
  return soon && soon.nextCursor !== null ? soon : pageOf(db, actor, query, 'all');
}

async function pageOf(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  { folder, unread, q, cursor, limit }: MailQuery,
  searched?: 'stretch' | 'all',
): Promise<Page<MailThread>> {
  const { values, add } = createParams(organizationId, user.id);
  const folderParam = folder && `${add(folder)}::mail_folder`;
  const search = q ? mailSearchSql(q) : undefined;
  const meant = (alias: string) =>
    [
      ...(folderParam ? [`${alias}.folder = ${folderParam}`] : []),
      ...(unread ? [unseen(alias)] : []),
      ...(search ? [search(alias, add)] : []),
    ].join(' and ') || 'true';
  const count = add(limit + 1);
  let older = 'true';
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(cursor, position);
    older = `(m.occurred_at, m.id) < (${add(at)}::timestamptz, ${add(id)}::uuid)`;
  }
  const mine = 'm.organization_id = $1 and m.user_id = $2';
  const newestFirst = 'order by m.occurred_at desc, m.id desc';
  const newest =
    searched === 'all'
      ? `select m.id, m.occurred_at from (
           select distinct on (m.thread_id, ${partOf}) m.id, m.occurred_at from mails m where ${mine} and ${meant('m')}
           order by m.thread_id, ${partOf}, m.occurred_at desc, m.id desc) m
         where ${older} ${newestFirst} limit ${count}`
      : `select m.id, m.occurred_at from ${
          searched
            ? `(select * from mails m where ${mine} and ${older} ${newestFirst} limit ${stretch}) m`
            : 'mails m'
        } where ${mine} and ${older} and ${meant('m')} and ${newestOfThread(meant('t'))} ${newestFirst} limit ${count}`;
  const rows = await db.query<MailThread>(
    `with newest as materialized (${newest})
     select ${columns} from newest join mails m on m.organization_id = $1 and m.id = newest.id ${threadFacts}
     ${newestFirst}`,
    values,
  );
  return toPage(
    rows,
    limit,
    (row) => row,
    (row) => [row.occurredAt, row.mailId],
  );
}

/** Which part of a thread makes one row: see `shownTogether`. */
const partOf = `case when m.folder = 'drafts' then m.id::text when m.folder in ('junk', 'trash') then m.folder::text end`;

const newestOfThread = (meant: string): string =>
  `(m.folder = 'drafts' or ${askedOneByOne(
    `not exists (select 1 from mails t where ${shownTogether} and ${meant} and (t.occurred_at, t.id) > (m.occurred_at, m.id))`,
  )})`;

export type ThreadChange = { seen?: boolean | undefined; folder?: SettledFolder | undefined };

/**
 * Marks whole threads as read or unread, or moves them: each with the mails shown together in the folder it is named with. Returns how these
 * were before, with which `changeMails` undoes it.
 *
 * @throws DomainError `not_found` when one of them is nobody's or somebody else's
 */
export async function changeThreads(
  db: Database,
  actor: MailboxUser,
  threads: { threadId: string; folder: SettledFolder }[],
  { seen, folder }: ThreadChange,
): Promise<MailChange[]> {
  return db.transact(async (tx) => {
    const people = await lockPeopleOfThreads(tx, actor, threads, folder);
    const mails = await lockThreads(tx, actor, threads);
    const changes = mails.flatMap((mail) => {
      const after = {
        mailId: mail.id,
        seen: seen === undefined || mail.direction === 'out' ? mail.seen : seen,
        folder: folder === undefined ? mail.folder : folderAfterMove(mail, folder),
      };
      return after.seen === mail.seen && after.folder === mail.folder ? [] : [{ mail, after }];
    });
    await writeMailChanges(
      tx,
      actor,
      changes.map(({ after }) => after),
    );
    const filed = await fileOutOfJunk(tx, actor, people);
    return changes.map(({ mail: { id: mailId, seen: before, folder: from } }) => ({
      ...{ mailId, seen: before, folder: from },
      ...(filed.get(mailId)?.length && { filed: filed.get(mailId)! }),
    }));
  });
}

async function lockPeopleOfThreads(
  tx: Tx,
  actor: MailboxUser,
  threads: { threadId: string; folder: SettledFolder }[],
  folder: SettledFolder | undefined,
): Promise<JunkPeople> {
  const junk = threads.filter((thread) => thread.folder === 'junk' || thread.folder === 'trash');
  if (junk.length === 0 || folder === undefined) return new Map();
  const mails = await tx.query<{ mailId: string }>(
    `select id as "mailId" from mails where organization_id = $1 and user_id = $2 and thread_id = any($3::uuid[]) and folder in ('junk', 'trash')`,
    [actor.organizationId, actor.user.id, junk.map(({ threadId }) => threadId)],
  );
  return lockPeopleOfJunk(
    tx,
    actor,
    mails.map(({ mailId }) => ({ mailId, folder })),
  );
}

export type ThreadMail = { id: string; direction: 'in' | 'out'; folder: SettledFolder; seen: boolean };

/** The mails of threads that came or were sent; what is being written or is on its way stays as it is. */
export async function lockThreads(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  threads: { threadId: string; folder: SettledFolder }[],
): Promise<ThreadMail[]> {
  const rows = await tx.query<ThreadMail & { threadId: string }>(
    `select t.id, t.thread_id as "threadId", t.direction, t.folder, t.seen_at is not null as seen
     from mails t where t.organization_id = $1 and t.user_id = $2 and t.state in ('received', 'sent') and exists (
       select 1 from unnest($3::uuid[], $4::mail_folder[]) as m(thread_id, folder) where t.thread_id = m.thread_id and case
         when m.folder in ('junk', 'trash') then t.folder = m.folder else t.folder in ('inbox', 'sent', 'archive') end)
       and t.thread_id = any($3::uuid[])
     order by t.id for update`,
    [organizationId, user.id, threads.map(({ threadId }) => threadId), threads.map(({ folder }) => folder)],
  );
  const found = new Set(rows.map(({ threadId }) => threadId));
  if (threads.some(({ threadId }) => !found.has(threadId))) throw notFound('mail');
  return rows;
}
