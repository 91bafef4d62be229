import type { ParsedMail } from '../../channels/email/parse-mail';
import { newId, type Tx } from '../database';
import { storeFile } from '../messages/store-file';
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
  private: boolean;
  heldReason?: string;
  seen?: boolean;
};

/** `known`: the same mail stands there already, under this id. */
export type StoredMail = { mailId: string; known: boolean };

/** Where a mail is told by its Message-ID and content: as the indexes `mails_once` and `mails_once_in_conversation` say. */
const kept = `state in ('received', 'held') or direction = 'out' and state = 'sent'`;

/** Stores a mail once per place, with the bytes as they came and its attachments. By Message-ID and content: either alone can be used again. */
export async function storeMail(
  tx: Tx,
  place: MailPlace,
  mail: ParsedMail,
  raw: Buffer,
): Promise<StoredMail> {
  const { organizationId, userId, direction, state } = place;
  const now = await tx.now();
  const mailId = newId();
  if (await wasDeleted(tx, place, mail)) return { mailId, known: true };
  const stored = await tx.query(
    `insert into mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, in_reply_to,
       "references", from_name, from_address, "to", cc, reply_to, subject, text, quoted, html, quiet, size, attachments, private,
       held_reason, seen_at, sent_at, occurred_at, created_at, updated_at, conversation_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
       $27, $28, $29, $29, $30)
     on conflict do nothing
     returning 1`,
    [
      organizationId,
      mailId,
      userId,
      direction,
      state,
      place.folder,
      await threadOf(tx, place, mail),
      mail.messageId,
      mail.contentHash,
      mail.inReplyTo,
      mail.references,
      mail.from.name,
      mail.from.address,
      JSON.stringify(mail.to),
      JSON.stringify(mail.cc),
      mail.replyTo,
      mail.subject,
      mail.text,
      mail.quoted,
      mail.html,
      mail.quiet,
      raw.length,
      mail.attachments.length,
      place.private,
      place.heldReason ?? null,
      place.seen ? now : null,
      direction === 'out' ? now : null,
      writtenAt(mail, now),
      now,
      place.conversationId ?? null,
    ],
  );
  if (stored.length === 0) return { mailId: await idOf(tx, place, mail), known: true };
  await keepRaw(tx, organizationId, mailId, raw);
  for (const attachment of mail.attachments) await storeFile(tx, { organizationId, mailId }, attachment);
  if (mail.attachments.length > 0) await countAttachments(tx, organizationId, mailId);
  if (userId !== null) noticeMailbox(tx, organizationId, userId);
  return { mailId, known: false };
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

/** For good, by the user whose it is. What Parley itself has sent was kept without a hash of its content. */
async function wasDeleted(
  tx: Tx,
  { organizationId, userId }: MailPlace,
  mail: Pick<ParsedMail, 'messageId' | 'contentHash'>,
): Promise<boolean> {
  if (userId === null) return false;
  const rows = await tx.query(
    `select 1 from deleted_mails where organization_id = $1 and user_id = $2 and message_id_header = $3 and content_hash in ('', $4)`,
    [organizationId, userId, mail.messageId, mail.contentHash],
  );
  return rows.length > 0;
}

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

/** That of the nearest mail it answers in the same place; else a new one. */
async function threadOf(tx: Tx, { organizationId, userId }: MailPlace, mail: ParsedMail): Promise<string> {
  const answered = answeredBy(mail);
  if (answered.length === 0) return newId();
  const [row] = await tx.query<{ threadId: string }>(
    `select thread_id as "threadId" from mails
     where organization_id = $1 and user_id is not distinct from $2 and message_id_header = any($3)
     order by array_position($3, message_id_header), id limit 1`,
    [organizationId, userId, answered],
  );
  return row?.threadId ?? newId();
}

async function idOf(
  tx: Tx,
  { organizationId, userId, conversationId }: MailPlace,
  mail: ParsedMail,
): Promise<string> {
  // one that came to a conversation may have become somebody's since
  const [row] = await tx.query<{ id: string }>(
    `select id from mails where organization_id = $1 and message_id_header = $3 and content_hash = $4 and conversation_id is not distinct from $5
       and ($5::uuid is not null or user_id is not distinct from $2) and (${kept})`,
    [organizationId, userId, mail.messageId, mail.contentHash, conversationId ?? null],
  );
  return row!.id;
}
