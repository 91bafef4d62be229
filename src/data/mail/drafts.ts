import { mailReasons, type DraftChange, type MailAddress, type NewDraft } from '../../contracts/mails';
import { DomainError, notFound } from '../../domain/errors';
import { quoteOf, recipientsOf, subjectOf, type AnsweredMail } from '../../domain/mail-answer';
import { sendingRight } from '../../domain/permissions';
import { newId, type Database, type Tx } from '../database';
import { storeFile } from '../messages/store-file';
import { isoSql } from '../sql';
import { readMailSender } from './mail-sender';
import type { MailboxUser } from './mailbox-read';
import { countAttachments } from './store-mail';
import { noticeMailbox, pokeMailOutbox } from './mailbox-signals';
import { messageIdFor } from './message-ids';

type Context = { actor: MailboxUser; mailDomain: string | null };

/** Of all attachments of one mail; most servers take no more. */
const attachmentBytesAtMost = 25 * 1024 * 1024;

/** What can still be written: a draft, and what did not go or nobody knows of. */
const writable = `state in ('draft', 'failed', 'unknown')`;

type Answered = AnsweredMail & {
  threadId: string;
  messageId: string;
  references: string[];
  private: boolean;
};

/** Begins a mail of the user's, alone or as an answer to one of theirs. Returns its id. */
export async function createDraft(
  db: Database,
  { actor, mailDomain }: Context,
  { answers, ...given }: NewDraft,
): Promise<{ id: string }> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    const now = await tx.now();
    const sender = await readMailSender(tx, { organizationId, userId: user.id }, mailDomain);
    const mail = answers && (await readAnswered(tx, actor, answers.mailId));
    const how = answers?.how ?? 'reply';
    const id = newId();
    const recipients = mail ? recipientsOf(how, mail, sender.ownAddresses) : { to: [], cc: [] };
    const answering = mail !== undefined && how !== 'forward';
    await tx.query(
      `insert into mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, in_reply_to, "references",
         from_name, from_address, "to", cc, bcc, subject, text, quoted, size, private, reply_to_mail_id, occurred_at, created_at, updated_at)
       values ($1, $2, $3, 'out', 'draft', 'drafts', $4, $5, '', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16, $17, $18, $18, $18)`,
      [
        organizationId,
        id,
        user.id,
        answering ? mail.threadId : newId(),
        messageIdFor(id, sender.address),
        answering ? mail.messageId : null,
        answering ? [...mail.references, mail.messageId].slice(-20) : [],
        sender.name,
        sender.address,
        JSON.stringify(given.to ?? recipients.to),
        JSON.stringify(given.cc ?? recipients.cc),
        JSON.stringify(given.bcc ?? []),
        given.subject ?? (mail ? subjectOf(how, mail.subject) : ''),
        given.text ?? '',
        mail && given.quote !== false ? quoteOf(how, mail, sender.timeZone) : null,
        // R-CONF-2: so is what answers or passes on a private mail
        given.private ?? (sender.outgoingConfidential || (mail?.private ?? false)),
        answers?.mailId ?? null,
        now,
      ],
    );
    if (answers?.how === 'forward')
      await copyAttachments(tx, organizationId, { from: answers.mailId, to: id });
    noticeMailbox(tx, organizationId, user.id);
    return { id };
  });
}

/** Changes a draft. @throws DomainError `conflict` when it was sent, or changed since `version` */
export async function changeDraft(
  db: Database,
  { actor, mailDomain }: Context,
  mailId: string,
  { version, quote, ...change }: DraftChange & { version: string },
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    const draft = await lockDraft(tx, actor, mailId);
    if (draft.version !== version)
      throw new DomainError('conflict', 'This draft was changed on another page. Open it again to go on.');
    const now = await tx.now();
    const quoted =
      quote && draft.quoted === null ? await quotedAgain(tx, { actor, mailDomain }, draft) : draft.quoted;
    // What nobody knows of may have arrived: written anew, or sent again, it is another mail.
    await tx.query(
      `update mails set state = 'draft', folder = 'drafts', reason = null, reason_detail = null,
         "to" = coalesce($3, "to"), cc = coalesce($4, cc), bcc = coalesce($5, bcc), subject = coalesce($6, subject), text = coalesce($7, text),
         quoted = $8, private = coalesce($9, private), occurred_at = $10,
         message_id_header = case when state = 'unknown' then $11 else message_id_header end,
         updated_at = greatest($10, updated_at + interval '1 millisecond')
       where organization_id = $1 and id = $2`,
      [
        organizationId,
        mailId,
        jsonOf(change.to),
        jsonOf(change.cc),
        jsonOf(change.bcc),
        change.subject ?? null,
        change.text ?? null,
        quote === false ? null : quoted,
        change.private ?? null,
        now,
        messageIdFor(newId(), draft.from),
      ],
    );
    noticeMailbox(tx, organizationId, user.id);
  });
}

/** `version`: only as it was then. @throws DomainError `conflict` when it was changed since, or got a file; when it is no draft */
export async function discardDraft(
  db: Database,
  actor: MailboxUser,
  mailId: string,
  version?: string,
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    const draft = await lockDraft(tx, actor, mailId);
    if (version !== undefined && (draft.version !== version || draft.gotFiles))
      throw new DomainError(
        'conflict',
        'This draft was changed on another page. Look at it before you discard it.',
      );
    await tx.query('delete from media where organization_id = $1 and mail_id = $2', [organizationId, mailId]);
    await tx.query('delete from mails where organization_id = $1 and id = $2', [organizationId, mailId]);
    noticeMailbox(tx, organizationId, user.id);
  });
}

export async function attachFile(
  db: Database,
  actor: MailboxUser,
  mailId: string,
  file: { bytes: Buffer; mimeType: string; filename: string },
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    await lockDraft(tx, actor, mailId);
    const [sum] = await tx.query<{ bytes: number }>(
      'select coalesce(sum(size), 0)::int as bytes from media where organization_id = $1 and mail_id = $2',
      [organizationId, mailId],
    );
    if (sum!.bytes + file.bytes.length > attachmentBytesAtMost)
      throw new DomainError(
        'too_large',
        'The attachments of one mail may have 25 MB together. Take one off, or send a link.',
      );
    await storeFile(
      tx,
      { organizationId, mailId, uploadedById: user.id },
      { ...file, filename: file.filename.replace(/[/\\]/g, '_') },
    );
    await countAttachments(tx, organizationId, mailId);
    noticeMailbox(tx, organizationId, user.id);
  });
}

export async function detachFile(
  db: Database,
  actor: MailboxUser,
  { mailId, attachmentId }: { mailId: string; attachmentId: string },
): Promise<void> {
  const { organizationId, user } = actor;
  await db.transact(async (tx) => {
    await lockDraft(tx, actor, mailId);
    const gone = await tx.query(
      'delete from media where organization_id = $1 and mail_id = $2 and id = $3 returning 1',
      [organizationId, mailId, attachmentId],
    );
    if (gone.length === 0) throw notFound('file');
    await countAttachments(tx, organizationId, mailId);
    noticeMailbox(tx, organizationId, user.id);
  });
}

/**
 * Accepts a mail for sending: from here on it is kept, and goes once. Everybody may write from their mailbox; to candidates and contacts only
 * those who may from the inbox (R-ROLE-3): a mailbox is no way around the vacancy's tray.
 */
export async function sendDraft(
  db: Database,
  { actor, mailDomain }: Context,
  mailId: string,
  { version }: { version?: string | undefined },
  hashKey: (key: string) => string,
): Promise<{ id: string }> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    const draft = await lockDraft(tx, actor, mailId);
    if (version !== undefined && draft.version !== version)
      throw new DomainError(
        'conflict',
        'This draft was changed on another page. Look at it before you send it.',
      );
    const addresses = [...draft.to, ...draft.cc, ...draft.bcc].map(({ address }) => address);
    if (addresses.length === 0)
      throw new DomainError('invalid', 'The mail has no recipient. Enter one.', {
        errors: [{ path: 'to', message: 'enter at least one address' }],
      });
    await assertMayWrite(tx, actor, addresses, hashKey);
    const sender = await readMailSender(tx, { organizationId, userId: user.id }, mailDomain);
    const now = await tx.now();
    await tx.query(
      `update mails set state = 'queued', folder = 'sent', from_name = $3, from_address = $4, reason = null, reason_detail = null, attempts = 0,
         attempt_token = null, not_before = null, message_id_header = case when state = 'unknown' then $6 else message_id_header end,
         occurred_at = $5, updated_at = $5
       where organization_id = $1 and id = $2`,
      [organizationId, mailId, sender.name, sender.address, now, messageIdFor(newId(), sender.address)],
    );
    await pokeMailOutbox(tx, { organizationId, userId: user.id });
    noticeMailbox(tx, organizationId, user.id);
    return { id: mailId };
  });
}

async function assertMayWrite(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  addresses: string[],
  hashKey: (key: string) => string,
): Promise<void> {
  if (sendingRight(user.role) !== 'anyone') {
    const known = await tx.query(
      `select 1 from contact_points where organization_id = $1 and kind = 'email' and key = any($2) limit 1`,
      [organizationId, addresses],
    );
    if (known.length > 0) throw new DomainError('not_permitted', mailReasons.not_permitted);
  }
  const optedOut = await tx.query(
    `select 1 from opt_outs where organization_id = $1 and key_hash = any($2) and undone_at is null and not marketing_only
       and 'email' = any(channels) limit 1`,
    [organizationId, addresses.map(hashKey)],
  );
  if (optedOut.length > 0) throw new DomainError('opted_out', mailReasons.opted_out);
}

type Draft = {
  version: string;
  to: MailAddress[];
  cc: MailAddress[];
  bcc: MailAddress[];
  from: string;
  quoted: string | null;
  answers: boolean;
  replyToMailId: string | null;
  /** Since it was begun. */
  gotFiles: boolean;
};

/** @throws DomainError `not_found`, also for the mail of anybody else; `conflict` when it is on its way or sent */
async function lockDraft(tx: Tx, { organizationId, user }: MailboxUser, mailId: string): Promise<Draft> {
  const [draft] = await tx.query<Draft & { open: boolean }>(
    `select ${isoSql('updated_at')} as version, from_address as "from", "to", cc, bcc, quoted, in_reply_to is not null as answers, reply_to_mail_id as "replyToMailId",
       exists (select 1 from media f where f.organization_id = mails.organization_id and f.mail_id = mails.id and f.created_at > mails.created_at) as "gotFiles",
       direction = 'out' and ${writable} as open
     from mails where organization_id = $1 and user_id = $2 and id = $3 for update`,
    [organizationId, user.id, mailId],
  );
  if (!draft) throw notFound('mail');
  if (!draft.open)
    throw new DomainError('conflict', 'This mail is no draft: it was sent, is on its way, or came in.');
  return draft;
}

async function readAnswered(
  tx: Tx,
  { organizationId, user }: MailboxUser,
  mailId: string,
): Promise<Answered> {
  const [mail] = await tx.query<Answered & { fromName: string; fromAddress: string }>(
    `select direction, from_name as "fromName", from_address as "fromAddress", "to", cc, reply_to as "replyTo", subject, text, quoted,
       occurred_at as at, thread_id as "threadId", message_id_header as "messageId", "references",
       private or exists (select 1 from mails copy where copy.organization_id = $1 and copy.private
         and copy.message_id_header = mails.message_id_header) or exists (select 1 from deleted_mails copy
         where copy.organization_id = $1 and copy.private and copy.message_id_header = mails.message_id_header) as private
     from mails where organization_id = $1 and user_id = $2 and id = $3 and state in ('received', 'sent', 'unknown')`,
    [organizationId, user.id, mailId],
  );
  if (!mail) throw notFound('mail');
  const { fromName, fromAddress, ...rest } = mail;
  return { ...rest, from: { name: fromName, address: fromAddress } };
}

async function quotedAgain(
  tx: Tx,
  { actor, mailDomain }: Context,
  { replyToMailId, answers }: Draft,
): Promise<string | null> {
  if (replyToMailId === null) return null;
  const { timeZone } = await readMailSender(
    tx,
    { organizationId: actor.organizationId, userId: actor.user.id },
    mailDomain,
  );
  return quoteOf(answers ? 'reply' : 'forward', await readAnswered(tx, actor, replyToMailId), timeZone);
}

async function copyAttachments(
  tx: Tx,
  organizationId: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  await tx.query(
    `insert into media (organization_id, id, mail_id, content_id, state, mime_type, filename, size, bytes, created_at)
     select organization_id, gen_random_uuid(), $3, content_id, state, mime_type, filename, size, bytes, $4 from media
     where organization_id = $1 and mail_id = $2 and state = 'stored' order by id`,
    [organizationId, from, to, await tx.now()],
  );
  await countAttachments(tx, organizationId, to);
}

const jsonOf = (addresses: MailAddress[] | undefined): string | null =>
  addresses === undefined ? null : JSON.stringify(addresses);
