import type { ParsedMail } from '../../channels/email/parse-mail';
import { newId, type Tx } from '../database';
import { createParams } from '../sql';
import { noticeMailbox } from './mailbox-signals';

export type MailFolder = 'inbox' | 'sent' | 'drafts' | 'archive' | 'junk' | 'trash';

/** Where a mail that has come, or was sent elsewhere, is put. */
export type MailPlace = {
  organizationId: string;
  /** Whose it is; null: the conversation's. */
  userId: string | null;
  /** Of one that is the conversation's: that of the reply address which it came to. */
  conversationId?: string;
  direction: 'in' | 'out';
  state: 'received' | 'held' | 'sent';
  folder: MailFolder;
  /** It was fetched from there. */
  fromServer?: boolean;
  private: boolean;
  heldReason?: string;
  seen?: boolean;
};

/** `known`: the same mail stands there already, under this id. */
export type StoredMail = { mailId: string; known: boolean };

/** Where a mail is told by its Message-ID and content: as the indexes `mails_once` and `mails_once_in_conversation` say. */
const keptState = `state in ('received', 'held') or direction = 'out' and state = 'sent'`;

/** Stores a mail once per place, with the bytes as they came and its attachments. By Message-ID and content: either alone can be used again. */
export async function storeMail(
  tx: Tx,
  { private: isPrivate, seen = false, ...place }: MailPlace,
  mail: ParsedMail,
  raw: Buffer,
): Promise<StoredMail> {
  const [stored] = await storeMails(tx, place, [{ mail, raw, private: isPrivate, seen }]);
  return stored!;
}

type NewMail = { mail: ParsedMail; raw: Buffer; private: boolean; seen: boolean };

/** The same for mails of one place, in as many statements as for one. Those that come first may be answered by those that follow. */
export async function storeMails(
  tx: Tx,
  place: Omit<MailPlace, 'private' | 'seen'>,
  mails: readonly NewMail[],
): Promise<StoredMail[]> {
  const { organizationId, userId } = place;
  const now = await tx.now();
  const threadOf = await findThreads(tx, place, mails);
  const isDeleted = await findDeleted(tx, place, mails);
  const rows = mails.map((one) => ({ ...one, mailId: newId(), threadId: threadOf(one.mail) }));
  const kept = rows.filter(({ mail }) => !isDeleted(mail));
  const inserted = await insertMails(tx, place, kept, now);
  const fresh = kept.filter(({ mailId }) => inserted.has(mailId));
  if (fresh.length > 0) {
    const raws = fresh.map(({ mailId, raw }) => [organizationId, mailId, raw]);
    await insertRows(tx, 'mail_raws (organization_id, mail_id, bytes)', raws);
    const files = fresh.flatMap(({ mailId, mail }) =>
      mail.attachments.map(({ contentId, mimeType, filename, bytes }) => [
        organizationId,
        newId(),
        mailId,
        contentId,
        'stored',
        mimeType,
        filename,
        bytes.length,
        bytes,
        now,
      ]),
    );
    await insertRows(
      tx,
      'media (organization_id, id, mail_id, content_id, state, mime_type, filename, size, bytes, created_at)',
      files,
    );
    if (userId !== null) noticeMailbox(tx, organizationId, userId);
  }
  const known = kept.filter(({ mailId }) => !inserted.has(mailId));
  const ids = await idsOf(tx, place, known);
  return rows.map(({ mail, mailId }) =>
    inserted.has(mailId)
      ? { mailId, known: false }
      : { mailId: ids.get(keyOf(mail.messageId, mail.contentHash)) ?? mailId, known: true },
  );
}

type MailRow = NewMail & { mailId: string; threadId: string };

/** The ids of those that were not there. */
async function insertMails(
  tx: Tx,
  place: Omit<MailPlace, 'private' | 'seen'>,
  rows: MailRow[],
  now: Date,
): Promise<Set<string>> {
  const { organizationId, userId, direction, state, folder } = place;
  const inserted = await insertRows<{ id: string }>(
    tx,
    `mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, in_reply_to,
       "references", from_name, from_address, "to", cc, reply_to, subject, text, quoted, html, quiet, size, attachments, attachment_names,
       private, held_reason, server_folder, conversation_id, seen_at, sent_at, occurred_at, created_at, updated_at)`,
    rows.map(({ mailId, threadId, mail, raw, private: isPrivate, seen }) => [
      ...[
        organizationId,
        mailId,
        userId,
        direction,
        state,
        folder,
        threadId,
        mail.messageId,
        mail.contentHash,
      ],
      ...[mail.inReplyTo, mail.references, mail.from.name, mail.from.address, JSON.stringify(mail.to)],
      ...[JSON.stringify(mail.cc), mail.replyTo, mail.subject, mail.text, mail.quoted, mail.html, mail.quiet],
      ...[raw.length, mail.attachments.length, attachmentNames(mail), isPrivate, place.heldReason ?? null],
      ...[place.fromServer ? folder : null, place.conversationId ?? null],
      ...[seen ? now : null, direction === 'out' ? now : null, writtenAt(mail, now), now, now],
    ]),
    'on conflict do nothing returning id',
  );
  return new Set(inserted.map(({ id }) => id));
}

async function insertRows<T extends object>(
  tx: Tx,
  into: string,
  rows: unknown[][],
  more = '',
): Promise<T[]> {
  const inserted: T[] = [];
  const together = Math.floor(paramsAtMost / (rows[0]?.length ?? 1));
  for (let from = 0; from < rows.length; from += together) {
    const params = createParams();
    const values = rows.slice(from, from + together).map((row) => `(${row.map(params.add).join(', ')})`);
    const sql = `insert into ${into} values ${values.join(', ')} ${more}`;
    inserted.push(...(await tx.query<T>(sql, params.values)));
  }
  return inserted;
}

/** PostgreSQL takes no more in one statement. */
const paramsAtMost = 65_535;

/** By which names, and parts of names, its files are found. */
const attachmentNames = ({ attachments }: ParsedMail): string =>
  attachments
    .map(({ filename }) => `${filename} ${filename.replace(/[._-]/g, ' ')}`)
    .join(' ')
    .slice(0, 10_000);

const keyOf = (messageId: string, contentHash: string): string => `${messageId} ${contentHash}`;

/** Which were deleted for good by the user whose they are. What Parley itself has sent was kept without a hash of its content. */
async function findDeleted(
  tx: Tx,
  { organizationId, userId }: Pick<MailPlace, 'organizationId' | 'userId'>,
  mails: readonly NewMail[],
): Promise<(mail: ParsedMail) => boolean> {
  if (userId === null) return () => false;
  const rows = await tx.query<{ messageId: string; contentHash: string }>(
    `select message_id_header as "messageId", content_hash as "contentHash" from deleted_mails
     where organization_id = $1 and user_id = $2 and message_id_header = any($3)`,
    [organizationId, userId, mails.map(({ mail }) => mail.messageId)],
  );
  const deleted = new Set(rows.map(({ messageId, contentHash }) => keyOf(messageId, contentHash)));
  return ({ messageId, contentHash }) =>
    deleted.has(keyOf(messageId, contentHash)) || deleted.has(keyOf(messageId, ''));
}

/** How many, and by which names and parts of names they are found. */
export const countAttachments = (tx: Tx, organizationId: string, mailId: string) =>
  tx.query(
    `update mails set attachments = files.count, attachment_names = left(coalesce(files.names, ''), 10000)
     from (select count(*) as count, string_agg(filename || ' ' || translate(filename, '._-', '   '), ' ' order by id) as names
       from media where organization_id = $1 and mail_id = $2) files
     where mails.organization_id = $1 and mails.id = $2`,
    [organizationId, mailId],
  );

/** The bytes as they came, or left. */
export const keepRaw = (tx: Tx, organizationId: string, mailId: string, raw: Buffer) =>
  tx.query(
    `insert into mail_raws (organization_id, mail_id, bytes) values ($1, $2, $3)
     on conflict (organization_id, mail_id) do update set bytes = excluded.bytes`,
    [organizationId, mailId, raw],
  );

/** By the sender's clock, which may be wrong: nothing was written later than now. */
export const writtenAt = ({ date }: Pick<ParsedMail, 'date'>, now: Date): Date =>
  date === null || date > now ? now : date;

/** The mails that this one says it answers, the nearest first. */
export const answeredBy = ({
  inReplyTo,
  references,
}: Pick<ParsedMail, 'inReplyTo' | 'references'>): string[] => [
  ...new Set([...(inReplyTo === null ? [] : [inReplyTo]), ...references.toReversed()]),
];

/** A mail's thread is that of the nearest mail it answers in the same place; else a new one. To be asked in their order. */
async function findThreads(
  tx: Tx,
  { organizationId, userId }: Pick<MailPlace, 'organizationId' | 'userId'>,
  mails: readonly NewMail[],
): Promise<(mail: ParsedMail) => string> {
  const answered = mails.flatMap(({ mail }) => answeredBy(mail));
  if (answered.length === 0) return newId;
  const rows = await tx.query<{ messageId: string; threadId: string }>(
    `select distinct on (message_id_header) message_id_header as "messageId", thread_id as "threadId" from mails
     where organization_id = $1 and user_id is not distinct from $2 and message_id_header = any($3)
     order by message_id_header, id`,
    [organizationId, userId, [...answered, ...mails.map(({ mail }) => mail.messageId)]],
  );
  const threads = new Map(rows.map(({ messageId, threadId }) => [messageId, threadId]));
  return (mail) => {
    const nearest = answeredBy(mail).find((messageId) => threads.has(messageId));
    const threadId = nearest === undefined ? newId() : threads.get(nearest)!;
    if (!threads.has(mail.messageId)) threads.set(mail.messageId, threadId);
    return threadId;
  };
}

async function idsOf(
  tx: Tx,
  { organizationId, userId, conversationId }: Omit<MailPlace, 'private' | 'seen'>,
  mails: readonly NewMail[],
): Promise<Map<string, string>> {
  if (mails.length === 0) return new Map();
  // one that came to a conversation may have become somebody's since
  const rows = await tx.query<{ id: string; messageId: string; contentHash: string }>(
    `select id, message_id_header as "messageId", content_hash as "contentHash" from mails
     where organization_id = $1 and message_id_header = any($3) and content_hash = any($4) and conversation_id is not distinct from $5
       and ($5::uuid is not null or user_id is not distinct from $2) and (${keptState})`,
    [
      ...[organizationId, userId, mails.map(({ mail }) => mail.messageId)],
      ...[mails.map(({ mail }) => mail.contentHash), conversationId ?? null],
    ],
  );
  return new Map(rows.map(({ id, messageId, contentHash }) => [keyOf(messageId, contentHash), id]));
}
