import { z } from 'zod';
import {
  mailReasons,
  type Mail,
  type MailFolder,
  type MailQuery,
  type MailReason,
  type MailRow,
  mailFolders,
} from '../../contracts/mails';
import { notFound } from '../../domain/errors';
import type { ActingUser, Actor } from '../../domain/permissions';
import { decodeCursor, toPage, type Page } from '../page';
import { columnsSql, createParams, fullNameSql, isAttachmentSql, isoSql, type Queryable } from '../sql';
import { visiblePerson } from '../visibility';

/** Whose mailbox it is: nobody else's mails are ever read here, whatever their role (R-BOX-5, R-CONF-1). */
export type MailboxUser = Actor & { user: ActingUser };

const previewLength = 160;

export const mailPreviewSql = (alias: string): string =>
  `left(btrim(regexp_replace(left(${alias}.text, 600), '\\s+', ' ', 'g')), ${previewLength})`;

const rowColumns = {
  id: 'm.id',
  threadId: 'm.thread_id',
  folder: 'm.folder',
  direction: 'm.direction',
  state: 'm.state',
  from: `jsonb_build_object('name', m.from_name, 'address', m.from_address)`,
  to: 'm."to"',
  subject: 'm.subject',
  preview: mailPreviewSql('m'),
  attachmentCount: 'm.attachments',
  private: 'm.private',
  seen: `m.seen_at is not null or m.direction = 'out'`,
  occurredAt: isoSql('m.occurred_at'),
};

const cursorSchema = z.tuple([z.iso.datetime(), z.uuid()]);

/** The user's mails, newest first. */
export async function listMails(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  query: MailQuery,
): Promise<Page<MailRow>> {
  const params = createParams(organizationId, user.id);
  const search = query.q ? mailSearchSql(query.q) : undefined;
  const conditions = [
    'm.organization_id = $1 and m.user_id = $2',
    ...(query.folder ? [`m.folder = ${params.add(query.folder)}::mail_folder`] : []),
    ...(query.unread ? [`m.seen_at is null and m.state = 'received'`] : []),
    ...(search ? [search('m', params.add)] : []),
  ];
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, cursorSchema);
    conditions.push(`(m.occurred_at, m.id) < (${params.add(at)}::timestamptz, ${params.add(id)}::uuid)`);
  }
  const rows = await db.query<MailRow>(
    `select ${columnsSql(rowColumns)} from mails m where ${conditions.join(' and ')}
     order by m.occurred_at desc, m.id desc limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.occurredAt, row.id],
  );
}

/** Of the index made for it. */
const searchedSql = (alias: string): string => {
  const recipients = `jsonb_path_query_array(${alias}."to" || ${alias}.cc, '$[*].*')::text`;
  return `to_tsvector('simple', ${alias}.subject || ' ' || ${alias}.from_name || ' ' || ${alias}.from_address || ' ' || ${recipients} || ' '
    || translate(${alias}.from_address || ' ' || ${recipients}, '@', ' ') || ' ' || ${alias}.attachment_names || ' ' || left(${alias}.text, 100000))`;
};

/** Every word, or the beginning of one, in subject, people, text or names of attachments: a condition on a mail; undefined: no word was typed. */
export function mailSearchSql(
  typed: string,
): ((alias: string, add: (value: unknown) => string) => string) | undefined {
  const words = typed
    .split(/\s+/)
    .map((word) => word.replace(/['\\]/g, ''))
    .filter((word) => word !== '');
  if (words.length === 0) return undefined;
  const search = words.map((word) => `'${word}':*`).join(' & ');
  return (alias, add) => `${searchedSql(alias)} @@ to_tsquery('simple', ${add(search)})`;
}

export async function countMails(
  db: Queryable,
  { organizationId, user }: MailboxUser,
): Promise<Record<MailFolder, number>> {
  const rows = await db.query<{ folder: MailFolder; count: number }>(
    `select folder, count(*)::int as count from mails
     where organization_id = $1 and user_id = $2 and state = 'received' and seen_at is null group by folder
     union all select 'drafts', count(*)::int from mails where organization_id = $1 and user_id = $2 and folder = 'drafts'`,
    [organizationId, user.id],
  );
  const counts = new Map(rows.map(({ folder, count }) => [folder, count]));
  return Object.fromEntries(mailFolders.map((folder) => [folder, counts.get(folder) ?? 0])) as Record<
    MailFolder,
    number
  >;
}

type FullRow = MailRow & Omit<Mail, keyof MailRow | 'reason' | 'reasonText'> & { reason: string | null };

/** @throws DomainError `not_found`, also for the mail of anybody else */
export async function readMail(db: Queryable, actor: MailboxUser, mailId: string): Promise<Mail> {
  const { organizationId, user } = actor;
  const visible = visiblePerson(actor, 'p');
  const [row] = await db.query<FullRow>(
    `select ${columnsSql({
      ...rowColumns,
      cc: 'm.cc',
      bcc: 'm.bcc',
      replyTo: 'm.reply_to',
      text: 'm.text',
      quoted: 'm.quoted',
      hasHtml: 'm.html is not null',
      hasRemotePictures: `coalesce(m.html like '%data-remote=%', false)`,
      hasOriginal: `exists (select 1 from mail_raws r where r.organization_id = m.organization_id and r.mail_id = m.id)`,
      attachments: `(select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'filename', coalesce(f.filename, 'attachment'), 'mimeType', f.mime_type,
          'size', coalesce(f.size, 0), 'inline', not ${isAttachmentSql('f', 'm')}) order by f.created_at, f.id), '[]')
        from media f where f.organization_id = m.organization_id and f.mail_id = m.id)`,
      filedUnder: `(select coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', ${fullNameSql('p')}, 'kind', p.kind, 'byHand', mf.by_hand) order by p.id), '[]')
        from mail_filings mf join people p on p.organization_id = mf.organization_id and p.id = mf.person_id
        where mf.organization_id = m.organization_id and mf.mail_id = m.id and ${visible})`,
      proposed: `(select coalesce(jsonb_agg(distinct jsonb_build_object('id', p.id, 'name', ${fullNameSql('p')}, 'kind', p.kind)), '[]')
        from contact_points cp join people p on p.organization_id = cp.organization_id and p.id = cp.person_id
        where m.state in ('received', 'sent') and cp.organization_id = m.organization_id and cp.kind = 'email' and cp.key = any(
            case when m.direction = 'in' then array[m.from_address]
              else array(select a ->> 'address' from jsonb_array_elements(m."to" || m.cc || m.bcc) a) end)
          and p.erased_at is null and p.merged_into_id is null and ${visible}
          and not exists (select 1 from mail_filings mf where mf.organization_id = m.organization_id and mf.mail_id = m.id and mf.person_id = p.id))`,
      replyToMailId: 'm.reply_to_mail_id',
      signature: `case when m.state in ('draft', 'failed', 'unknown') then (select nullif(btrim(b.signature), '') from mailboxes b
        where b.organization_id = m.organization_id and b.user_id = m.user_id) end`,
      reason: 'm.reason',
      reasonDetail: 'm.reason_detail',
      sentAt: isoSql('m.sent_at'),
      version: isoSql('m.updated_at'),
    })}
     from mails m where m.organization_id = $1 and m.user_id = $2 and m.id = $3`,
    [organizationId, user.id, mailId],
  );
  if (!row) throw notFound('mail');
  const reason = row.reason !== null && row.reason in mailReasons ? (row.reason as MailReason) : null;
  return { ...row, reason, reasonText: reason && mailReasons[reason] };
}

/** Its HTML, and the pictures that came with it. */
export async function readMailHtml(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  mailId: string,
): Promise<{
  html: string;
  subject: string;
  pictures: { contentId: string; mimeType: string; bytes: Buffer }[];
}> {
  const [mail] = await db.query<{ html: string; subject: string }>(
    'select html, subject from mails where organization_id = $1 and user_id = $2 and id = $3 and html is not null',
    [organizationId, user.id, mailId],
  );
  if (!mail) throw notFound('mail');
  const pictures = await db.query<{ contentId: string; mimeType: string; bytes: Buffer }>(
    `select content_id as "contentId", mime_type as "mimeType", bytes from media
     where organization_id = $1 and mail_id = $2 and content_id is not null and state = 'stored' and mime_type like 'image/%'`,
    [organizationId, mailId],
  );
  return { ...mail, pictures };
}

/** With a mail in the waste or in junk those that are there, too; else all that are in neither. */
export async function readThread(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  mailId: string,
): Promise<MailRow[]> {
  const rows = await db.query<MailRow>(
    `select ${columnsSql(rowColumns)} from mails asked join mails m on m.organization_id = $1 and m.user_id = $2 and m.thread_id = asked.thread_id
       and case when asked.folder in ('junk', 'trash') then m.folder = asked.folder else m.folder not in ('junk', 'trash') end
     where asked.organization_id = $1 and asked.user_id = $2 and asked.id = $3
     order by m.occurred_at, m.id limit ${threadAtMost}`,
    [organizationId, user.id, mailId],
  );
  if (rows.length === 0) throw notFound('mail');
  return rows;
}

const threadAtMost = 200;

export async function readRaw(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  mailId: string,
): Promise<{ bytes: Buffer; mimeType: string; filename: string }> {
  const [raw] = await db.query<{ bytes: Buffer }>(
    `select r.bytes from mails m join mail_raws r on r.organization_id = m.organization_id and r.mail_id = m.id
     where m.organization_id = $1 and m.user_id = $2 and m.id = $3`,
    [organizationId, user.id, mailId],
  );
  if (!raw) throw notFound('mail');
  return { bytes: raw.bytes, mimeType: 'message/rfc822', filename: 'mail.eml' };
}

export async function readAttachment(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  { mailId, attachmentId }: { mailId: string; attachmentId: string },
): Promise<{ bytes: Buffer; mimeType: string; filename: string | null }> {
  const [file] = await db.query<{ bytes: Buffer; mimeType: string; filename: string | null }>(
    `select f.bytes, f.mime_type as "mimeType", f.filename from mails m
     join media f on f.organization_id = m.organization_id and f.mail_id = m.id
     where m.organization_id = $1 and m.user_id = $2 and m.id = $3 and f.id = $4 and f.state = 'stored'`,
    [organizationId, user.id, mailId, attachmentId],
  );
  if (!file) throw notFound('file');
  // a stranger wrote it, and it becomes a header
  return /^[\w.+-]+\/[\w.+-]+$/.test(file.mimeType)
    ? file
    : { ...file, mimeType: 'application/octet-stream' };
}

/** All files of a mail, but for the pictures that stand in it, and what they are called together. */
export async function readAttachments(
  db: Queryable,
  { organizationId, user }: MailboxUser,
  mailId: string,
): Promise<{ subject: string; at: Date; files: { filename: string; bytes: Buffer }[] }> {
  const rows = await db.query<{ subject: string; at: Date; filename: string; bytes: Buffer }>(
    `select m.subject, m.occurred_at as at, coalesce(f.filename, 'file') as filename, f.bytes from mails m
     join media f on f.organization_id = m.organization_id and f.mail_id = m.id and f.state = 'stored'
     where m.organization_id = $1 and m.user_id = $2 and m.id = $3 and m.folder <> 'drafts'
       and ${isAttachmentSql('f', 'm')}
     order by f.id`,
    [organizationId, user.id, mailId],
  );
  const [first] = rows;
  if (!first) throw notFound('file');
  return { subject: first.subject, at: first.at, files: rows };
}
