import type { WrittenMail } from '../../channels/email/compose-mail';
import type { ParsedMail } from '../../channels/email/parse-mail';
import type { MailAddress, MailReason } from '../../contracts/mails';
import { mailOutboxWorkflowId } from '../../domain/workflow-ids';
import { newId, type Database, type Tx } from '../database';
import { noticeMailbox, pokeMailOutbox } from './mailbox-signals';
import { fileMail, lockPeopleByEmail } from './file-mail';
import { readMailSender, type MailSender } from './mail-sender';
import { keepRaw } from './store-mail';
import { wakeFetching } from '../mailboxes/mailboxes';

export type MailOutboxIds = { organizationId: string; userId: string };

/** What is needed to hand over one mail; `attemptToken` proves whose attempt it is. */
export type ClaimedMail = {
  mailId: string;
  attemptToken: string;
  mail: Omit<WrittenMail, 'attachments' | 'sender'>;
  bcc: MailAddress[];
  sender: MailSender;
  attempts: number;
  /** When it was to go. */
  since: Date;
};

export type MailClaim =
  | { kind: 'send'; claimed: ClaimedMail }
  | { kind: 'ended' }
  | { kind: 'wait'; until: Date }
  | { kind: 'idle' };

type QueuedMail = {
  id: string;
  state: 'queued' | 'dispatching';
  deadlineAt: Date | null;
  notBefore: Date | null;
  attempts: number;
  messageId: string;
  fromName: string;
  fromAddress: string;
  to: MailAddress[];
  cc: MailAddress[];
  bcc: MailAddress[];
  subject: string;
  text: string;
  quoted: string | null;
  quotedHtml: string | null;
  inReplyTo: string | null;
  references: string[];
  since: Date;
};

const lookedAtOnce = 20;

/**
 * Tx A of sending a user's mail: the next that may go is marked as dispatching just before its call. An attempt whose end nobody saw is
 * `unknown` after its deadline, and no machine sends it again. What has to wait holds up no other.
 */
export async function claimNextMail(
  db: Database,
  ids: MailOutboxIds,
  { deadlineMs, mailDomain }: { deadlineMs: number; mailDomain: string | null },
): Promise<MailClaim> {
  const { organizationId, userId } = ids;
  return db.transact(async (tx) => {
    const waiting = await tx.query<QueuedMail>(
      `select m.id, m.state, m.dispatch_deadline_at as "deadlineAt", m.not_before as "notBefore", m.attempts, m.message_id_header as "messageId",
         m.from_name as "fromName", m.from_address as "fromAddress", m."to", m.cc, m.bcc, m.subject, m.text, m.quoted,
         case when m.quoted is not null then (select a.html from mails a where a.organization_id = m.organization_id and a.user_id = m.user_id
           and a.id = m.reply_to_mail_id) end as "quotedHtml",
         m.in_reply_to as "inReplyTo", m."references", m.occurred_at as since
       from mails m where m.organization_id = $1 and m.user_id = $2 and m.state in ('queued', 'dispatching')
       order by m.created_at, m.id limit ${lookedAtOnce} for update`,
      [organizationId, userId],
    );
    const now = await tx.now();
    const flying = waiting.find(({ state }) => state === 'dispatching');
    if (flying) {
      if (flying.deadlineAt! > now) return { kind: 'wait', until: flying.deadlineAt! };
      await settle(tx, ids, flying.id, { state: 'unknown', reason: 'unknown', detail: null });
      return { kind: 'ended' };
    }
    const next = waiting.find(({ notBefore }) => notBefore === null || notBefore <= now);
    if (!next) return waiting.length === 0 ? { kind: 'idle' } : { kind: 'wait', until: earliest(waiting) };
    const sender = await readMailSender(tx, ids, mailDomain);
    if (!sender.active) {
      await settle(tx, ids, next.id, { state: 'failed', reason: 'not_permitted', detail: null });
      return { kind: 'ended' };
    }
    const attemptToken = newId();
    await tx.query(
      `update mails set state = 'dispatching', attempt_token = $3, attempts = attempts + 1, dispatch_deadline_at = $4
       where organization_id = $1 and id = $2`,
      [organizationId, next.id, attemptToken, new Date(now.getTime() + deadlineMs)],
    );
    noticeMailbox(tx, organizationId, userId);
    const { id: mailId, bcc, attempts, since, fromName, fromAddress, ...mail } = next;
    return {
      kind: 'send',
      claimed: {
        mailId,
        attemptToken,
        bcc,
        sender,
        attempts: attempts + 1,
        since,
        mail: {
          messageId: mail.messageId,
          date: now,
          from: { name: fromName, address: fromAddress },
          to: mail.to,
          cc: mail.cc,
          subject: mail.subject,
          text: mail.text,
          signature: sender.signature,
          quoted: mail.quoted,
          quotedHtml: mail.quotedHtml,
          inReplyTo: mail.inReplyTo,
          references: mail.references,
        },
      },
    };
  });
}

const earliest = (waiting: QueuedMail[]): Date =>
  new Date(Math.min(...waiting.map(({ notBefore }) => notBefore!.getTime())));

export const mailAttachments = (
  db: Database,
  organizationId: string,
  mailId: string,
): Promise<WrittenMail['attachments']> =>
  db.query(
    `select coalesce(filename, 'attachment') as filename, mime_type as "mimeType", bytes, content_id as "contentId" from media
     where organization_id = $1 and mail_id = $2 and state = 'stored' order by created_at, id`,
    [organizationId, mailId],
  );

export type SentMail = Pick<ClaimedMail, 'mailId' | 'attemptToken'> & {
  /** The bytes that left, and what they say. */
  raw: Buffer;
  parsed: ParsedMail;
  refused: string[];
};

/**
 * Tx B: the server has taken it. It is kept as it left, and goes into the files of the people it is to (R-BOX-5), unless it is private
 * (R-CONF). A late one also settles what was taken for unknown.
 */
export async function recordMailSent(db: Database, ids: MailOutboxIds, sent: SentMail): Promise<void> {
  const { organizationId, userId } = ids;
  const { mailId, attemptToken, raw, parsed, refused } = sent;
  await db.transact(async (tx) => {
    const [addressed] = await tx.query<{ addresses: string[] }>(
      `select array(select a ->> 'address' from jsonb_array_elements("to" || cc || bcc) a) as addresses from mails
       where organization_id = $1 and id = $2`,
      [organizationId, mailId],
    );
    if (!addressed) return;
    const people = await lockPeopleByEmail(tx, organizationId, addressed.addresses);
    const [mail] = await tx.query<{ private: boolean }>(
      `select private from mails where organization_id = $1 and id = $2 and attempt_token = $3 and state in ('dispatching', 'unknown') for update`,
      [organizationId, mailId, attemptToken],
    );
    if (!mail) return;
    const copy = await replaceCopy(tx, ids, mailId, parsed);
    const now = await tx.now();
    const isPrivate = mail.private || copy.private || people.some(({ confidential }) => confidential);
    await tx.query(
      `update mails set state = 'sent', folder = 'sent', content_hash = $3, text = $4, quoted = $5, html = $6, size = $7, private = $8,
         reason = $9, reason_detail = $10, sent_at = $11, occurred_at = $11, updated_at = $11, attempt_token = null, dispatch_deadline_at = null,
         not_before = null
       where organization_id = $1 and id = $2`,
      [
        organizationId,
        mailId,
        parsed.contentHash,
        parsed.text,
        parsed.quoted,
        parsed.html,
        raw.length,
        isPrivate,
        refused.length === 0 ? null : 'some_refused',
        refused.length === 0 ? null : refused.join(', '),
        now,
      ],
    );
    await keepRaw(tx, organizationId, mailId, raw);
    await fileMail(
      tx,
      { organizationId, mailId, direction: 'out', userId, private: isPrivate },
      parsed,
      people,
    );
    // R-BOX-3: a copy goes into the Sent folder of their server
    await wakeFetching(tx, ids);
    noticeMailbox(tx, organizationId, userId);
  });
}

/** Servers that keep what they send may have brought it back already: the copy gives way to the mail itself. `private`: it was made so meanwhile. */
async function replaceCopy(
  tx: Tx,
  { organizationId, userId }: MailOutboxIds,
  mailId: string,
  { messageId, contentHash }: ParsedMail,
): Promise<{ private: boolean }> {
  const [copy] = await tx.query<{ id: string; private: boolean }>(
    `select id, private from mails where organization_id = $1 and user_id = $2 and message_id_header = $3 and content_hash = $4 and id <> $5
       and direction = 'out' and state = 'sent' for update`,
    [organizationId, userId, messageId, contentHash, mailId],
  );
  if (!copy) return { private: false };
  const ids = [organizationId, copy.id, mailId];
  await tx.query('update mailbox_items set mail_id = $3 where organization_id = $1 and mail_id = $2', ids);
  await tx.query(
    `update messages set content = jsonb_set(content, '{mailId}', to_jsonb($3::text)) where organization_id = $1
       and id in (select message_id from mail_filings where organization_id = $1 and mail_id = $2) and content ->> 'mailId' = $2::text`,
    ids,
  );
  await tx.query('update mail_filings set mail_id = $3 where organization_id = $1 and mail_id = $2', ids);
  await tx.query('delete from media where organization_id = $1 and mail_id = $2', [organizationId, copy.id]);
  await tx.query('delete from mails where organization_id = $1 and id = $2', [organizationId, copy.id]);
  return copy;
}

/** A mail of which nobody knew whether it had left stands among those that were sent, on the user's server: it has. Returns it. */
export async function settleByCopy(
  tx: Tx,
  { organizationId, userId }: MailOutboxIds,
  { messageId, contentHash, text, quoted, html }: ParsedMail,
  raw: Buffer,
): Promise<{ mailId: string; known: false } | undefined> {
  const [mail] = await tx.query<{ mailId: string }>(
    `update mails set state = 'sent', folder = 'sent', content_hash = $4, text = $5, quoted = $6, html = $7, size = $8, reason = null,
       reason_detail = null, attempt_token = null, sent_at = occurred_at, appended_at = $9, updated_at = $9
     where organization_id = $1 and user_id = $2 and message_id_header = $3 and direction = 'out' and state = 'unknown'
     returning id as "mailId"`,
    [organizationId, userId, messageId, contentHash, text, quoted, html, raw.length, await tx.now()],
  );
  if (!mail) return undefined;
  await keepRaw(tx, organizationId, mail.mailId, raw);
  noticeMailbox(tx, organizationId, userId);
  return { ...mail, known: false };
}

/** Tx B of what was not taken, or of which nobody knows. */
export async function recordMailNotSent(
  db: Database,
  ids: MailOutboxIds,
  { mailId, attemptToken }: Pick<ClaimedMail, 'mailId' | 'attemptToken'>,
  end: { state: 'failed' | 'unknown'; reason: MailReason; detail: string | null },
): Promise<void> {
  await db.transact((tx) => settle(tx, ids, mailId, end, attemptToken));
}

/** Tx B of what may be tried again by itself: nothing has left. */
export async function recordMailRetry(
  db: Database,
  ids: MailOutboxIds,
  { mailId, attemptToken }: Pick<ClaimedMail, 'mailId' | 'attemptToken'>,
  { afterMs, detail }: { afterMs: number; detail: string | null },
): Promise<void> {
  await db.transact(async (tx) => {
    const now = await tx.now();
    await tx.query(
      `update mails set state = 'queued', reason = 'retrying', reason_detail = $4, not_before = $5, attempt_token = null, dispatch_deadline_at = null,
         updated_at = $6
       where organization_id = $1 and id = $2 and attempt_token = $3 and state = 'dispatching'`,
      [ids.organizationId, mailId, attemptToken, detail, new Date(now.getTime() + afterMs), now],
    );
    noticeMailbox(tx, ids.organizationId, ids.userId);
  });
}

/** It stands among the drafts again, with the reason: its user decides. */
async function settle(
  tx: Tx,
  { organizationId, userId }: MailOutboxIds,
  mailId: string,
  { state, reason, detail }: { state: 'failed' | 'unknown'; reason: MailReason; detail: string | null },
  attemptToken: string | null = null,
): Promise<void> {
  await tx.query(
    `update mails set state = $3, folder = 'drafts', reason = $4, reason_detail = $5, not_before = null, updated_at = $6
     where organization_id = $1 and id = $2 and state in ('queued', 'dispatching') and ($7::uuid is null or attempt_token = $7)`,
    [organizationId, mailId, state, reason, detail, await tx.now(), attemptToken],
  );
  noticeMailbox(tx, organizationId, userId);
}

/** Wakes whose mail nobody drives: lost pokes, attempts of workers that died. For the sweep. */
export async function wakeMailOutboxes(db: Database, old: Date): Promise<void> {
  const stuck = await db.query<MailOutboxIds>(
    `select distinct organization_id as "organizationId", user_id as "userId" from mails m
     where m.state in ('queued', 'dispatching') and (state = 'queued' and occurred_at < $1 and (not_before is null or not_before < $1)
         or state = 'dispatching' and dispatch_deadline_at < $1)
       and not exists (select 1 from outbox o where o.workflow_id = $2 || m.user_id) limit 100`,
    [old, mailOutboxWorkflowId('')],
  );
  for (const ids of stuck) await db.transact((tx) => pokeMailOutbox(tx, ids));
}
