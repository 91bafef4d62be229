import { DomainError, notFound } from '../../domain/errors';
import type { ActingUser, Actor } from '../../domain/permissions';
import { lockConversation } from '../conversations/conversation-store';
import { newId, type Database, type Tx } from '../database';
import { fullNameSql, type Queryable } from '../sql';
import { visiblePerson } from '../visibility';
import { noticeMailbox } from './mailbox-signals';
import { fileMail, lockMailPoints, withdraw, type FiledMail, type MailPerson } from './file-mail';
import { ownerOfMail } from './mail-owner';
import { answeredBy } from './store-mail';

/** Whoever is signed in: a program has no mail of its own. */
export type MailUser = Actor & { user: ActingUser };

/**
 * R-CONF-1, R-CONF-2: the box *Confidential* of a mail of one's own. Ticking it takes the mail, and those that answer it, out of every conversation;
 * unticking it lets this one stand there again, and mails that answer it later.
 */
export async function setMailPrivate(
  db: Database,
  { organizationId, user }: MailUser,
  mailId: string,
  isPrivate: boolean,
): Promise<void> {
  await db.transact(async (tx) => {
    const filed = await tx.query<{ personId: string }>(
      `select f.person_id as "personId" from mails w join mail_filings f on f.organization_id = w.organization_id and f.mail_id = w.id
       where w.organization_id = $1 and w.id = $2 and w.user_id = $3`,
      [organizationId, mailId, user.id],
    );
    await lockMailPoints(
      tx,
      organizationId,
      filed.map(({ personId }) => personId),
    );
    const [mail] = await tx.query<StoredMail>(
      `select ${mailColumns} from mails w where w.organization_id = $1 and w.id = $2 and w.user_id = $3 for update`,
      [organizationId, mailId, user.id],
    );
    if (!mail) throw notFound('mail');
    if (mail.private === isPrivate) return;
    if (isPrivate) await hide(tx, organizationId, user.id, mail.id);
    else await show(tx, organizationId, mail);
    noticeMailbox(tx, organizationId, user.id);
  });
}

/**
 * The same for an e-mail that stands in a conversation, by the user whose mail it is: it is in their mailbox, they have sent it, or it
 * answers what they sent. Returns the mail's id.
 *
 * @throws DomainError `not_permitted` for everybody else who sees it
 */
export async function makeMessagePrivate(
  db: Database,
  actor: MailUser,
  messageId: string,
): Promise<{ mailId: string }> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    const [seen] = await tx.query<{ personId: string; conversationId: string }>(
      `select p.id as "personId", c.id as "conversationId" from messages m
       join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
       join people p on p.organization_id = c.organization_id and p.id = c.person_id
       where m.organization_id = $1 and m.id = $2 and ${visiblePerson(actor, 'p')}`,
      [organizationId, messageId],
    );
    if (!seen) throw notFound('message');
    await lockMailPoints(tx, organizationId, [seen.personId]);
    await lockConversation(tx, { organizationId, conversationId: seen.conversationId });
    const message = await readEmail(tx, { organizationId, user }, messageId);
    if (!message) throw notFound('message');
    assertMail(message);
    const mailId = message.mailId ?? (await mailOfMessage(tx, organizationId, user, messageId));
    await hide(tx, organizationId, user.id, mailId);
    noticeMailbox(tx, organizationId, user.id);
    return { mailId };
  });
}

/** Whether the box is offered to this user. */
export async function mayMakePrivate(
  db: Queryable,
  { organizationId, user }: { organizationId: string; user: ActingUser | null },
  messageId: string,
): Promise<boolean> {
  if (!user) return false;
  const message = await readEmail(db, { organizationId, user }, messageId);
  return message !== undefined && message.mine && isMail(message);
}

/** `mailId`: theirs, or nobody's. */
type EmailMessage = { channel: string; state: string; mine: boolean; mailId: string | null };

/** Whose mail a message is: of the user who has it in their mailbox; who has sent it by hand; of one that came to a reply address, as `ownerOfMail` says. */
async function readEmail(
  db: Queryable,
  { organizationId, user }: { organizationId: string; user: ActingUser },
  messageId: string,
): Promise<EmailMessage | undefined> {
  const [message] = await db.query<
    Omit<EmailMessage, 'mine'> & {
      conversationId: string;
      replyToId: string | null;
      /** In whose mailbox it is; null: it is nobody's. */
      mailUserId: string | null;
      inReplyTo: string | null;
      references: string[] | null;
      sent: boolean;
      /** Only colleagues have it. */
      theirs: boolean;
    }
  >(
    `select m.channel, m.state, m.conversation_id as "conversationId", m.reply_to_id as "replyToId", own.id as "mailId", own.user_id as "mailUserId",
       own.in_reply_to as "inReplyTo", own."references", m.direction = 'out' and m.origin = 'manual' and m.sender_user_id is not distinct from $3 as sent,
       m.direction = 'out' or own.id is null and exists (select 1 from mail_filings f
         where f.organization_id = m.organization_id and f.message_id = m.id) as theirs
     from messages m left join lateral (
       select w.* from mail_filings f join mails w on w.organization_id = f.organization_id and w.id = f.mail_id
       where f.organization_id = m.organization_id and f.message_id = m.id and (w.user_id = $3 or w.user_id is null)
       order by w.user_id nulls last, w.id limit 1) own on true
     where m.organization_id = $1 and m.id = $2`,
    [organizationId, messageId, user.id],
  );
  if (!message) return undefined;
  const { channel, state, mailId, conversationId, replyToId, inReplyTo, references } = message;
  const answered = answeredBy({ inReplyTo, references: references ?? [] });
  const mine =
    message.mailUserId === user.id ||
    message.sent ||
    (!message.theirs &&
      (await ownerOfMail(db, { organizationId, conversationId, answered, replyToId })) === user.id);
  return { channel, state, mine, mailId };
}

const taken: readonly string[] = ['received', 'sent', 'delivered', 'read'];

const isMail = ({ channel, state }: EmailMessage): boolean => channel === 'email' && taken.includes(state);

function assertMail(message: EmailMessage): void {
  if (message.channel !== 'email') throw new DomainError('conflict', 'Only an e-mail can be confidential.');
  if (!message.mine)
    throw new DomainError('not_permitted', 'Only the user whose e-mail it is can make it confidential.');
  if (!isMail(message))
    throw new DomainError('conflict', 'This e-mail has not left: wait until it is sent, or cancel it.');
}

type StoredMail = FiledMail & {
  id: string;
  direction: 'in' | 'out';
  state: string;
  private: boolean;
  userId: string;
};

const mailColumns = `w.id, w.direction, w.state, w.private, w.user_id as "userId", w.message_id_header as "messageId",
  w.content_hash as "contentHash", w.in_reply_to as "inReplyTo", w."references", w.subject, w.text, w.occurred_at as date, w.quiet`;

/**
 * The mail, and those of the user and of nobody that answer it, or pass it on, be they only being written: they quote it. Nobody's, and the copies of
 * them that came to other conversations, become the user's.
 */
async function hide(tx: Tx, organizationId: string, userId: string, mailId: string): Promise<void> {
  const mails = await tx.query<{ id: string; ownId: string }>(
    `with thread as (
       select w.id, w.message_id_header, w.content_hash, w.state from mails w where w.organization_id = $1 and w.id = $2
       union
       select w.id, w.message_id_header, w.content_hash, w.state from mails w
       where w.organization_id = $1 and w.user_id = $3 and w.folder in ('drafts', 'sent') and w.reply_to_mail_id = $2
       union
       select answer.id, answer.message_id_header, answer.content_hash, answer.state from mails first
       join mail_filings ff on ff.organization_id = first.organization_id and ff.mail_id = first.id
       join mail_filings f on f.organization_id = ff.organization_id and f.person_id = ff.person_id
       join mails answer on answer.organization_id = f.organization_id and answer.id = f.mail_id
       where first.organization_id = $1 and first.id = $2 and (answer.user_id = $3 or answer.user_id is null)
         and (answer.in_reply_to = first.message_id_header or first.message_id_header = any(answer."references")))
     select w.id, case when w.state = 'held' then w.id else coalesce((select o.id from mails o where o.organization_id = $1 and o.user_id = $3
         and o.message_id_header = w.message_id_header and o.content_hash = w.content_hash order by o.id limit 1), w.id) end as "ownId"
     from (select * from thread union
       select w.id, w.message_id_header, w.content_hash, w.state from thread t join mails w on w.organization_id = $1 and w.user_id is null
         and w.message_id_header = t.message_id_header and w.content_hash = t.content_hash) w`,
    [organizationId, mailId, userId],
  );
  await hideDrafts(tx, organizationId, mailId);
  await tx.query(
    'update mails set private = true, user_id = $3, updated_at = $4 where organization_id = $1 and id = any($2::uuid[])',
    [organizationId, mails.map(({ ownId }) => ownId), userId, await tx.now()],
  );
  // read when they are locked: one of them may just have been sent
  const messages = await tx.query<{ messageId: string }>(
    `select distinct message_id as "messageId" from mail_filings
     where organization_id = $1 and mail_id = any($2::uuid[]) and message_id is not null`,
    [organizationId, mails.map(({ id }) => id)],
  );
  await withdraw(
    tx,
    organizationId,
    messages.map(({ messageId }) => messageId),
  );
}

/** What colleagues are writing in answer to their copies of it. */
async function hideDrafts(tx: Tx, organizationId: string, mailId: string): Promise<void> {
  await tx.query(
    `update mails d set private = true, updated_at = $3 from mails w, mails copy
     where w.organization_id = $1 and w.id = $2 and copy.organization_id = $1 and copy.message_id_header = w.message_id_header
       and d.organization_id = $1 and d.user_id = copy.user_id and d.folder = 'drafts' and d.reply_to_mail_id = copy.id and not d.private`,
    [organizationId, mailId, await tx.now()],
  );
}

/** Unless a copy of somebody else is still private (decision 0026). It is news to nobody. */
async function show(tx: Tx, organizationId: string, mail: StoredMail): Promise<void> {
  const copies = await tx.query<{ id: string; state: string }>(
    `update mails set private = false, updated_at = $6 where organization_id = $1
       and (id = $2 or user_id = $3 and private and message_id_header = $4 and content_hash = $5 and content_hash <> '') returning id, state`,
    [organizationId, mail.id, mail.userId, mail.messageId, mail.contentHash, await tx.now()],
  );
  for (const { id, state } of copies)
    if (state === 'received' || state === 'sent') await showCopy(tx, organizationId, mail, id);
}

async function showCopy(
  tx: Tx,
  organizationId: string,
  { direction, userId, ...mail }: StoredMail,
  mailId: string,
): Promise<void> {
  const people = await tx.query<MailPerson>(
    `select f.person_id as "personId", c.id as "conversationId", p.confidential, (
       select cp.id from mails w join contact_points cp on cp.organization_id = w.organization_id and cp.person_id = f.person_id and cp.kind = 'email'
       where w.organization_id = f.organization_id and w.id = f.mail_id
       order by cp.key = w.from_address or w."to" @> jsonb_build_array(jsonb_build_object('address', cp.key)) desc, cp.position, cp.id limit 1)
         as "contactPointId"
     from mail_filings f
     join people p on p.organization_id = f.organization_id and p.id = f.person_id
     join conversations c on c.organization_id = f.organization_id and c.person_id = f.person_id
     where f.organization_id = $1 and f.mail_id = $2 and p.merged_into_id is null and p.erased_at is null`,
    [organizationId, mailId],
  );
  const filed = { organizationId, mailId, direction, userId, private: false };
  await fileMail(tx, filed, { ...mail, quiet: true }, people);
  await tx.query(
    `update mail_filings f set message_id = mine.message_id
     from mail_filings mine, mails w, mails copy
     where mine.organization_id = $1 and mine.mail_id = $2 and w.organization_id = $1 and w.id = $2 and copy.organization_id = $1
       and copy.message_id_header = w.message_id_header and copy.content_hash = w.content_hash
       and f.organization_id = $1 and f.mail_id = copy.id and f.person_id = mine.person_id and f.message_id is null`,
    [organizationId, mailId],
  );
}

/** A mail made of what was sent from the conversation: the user's, private, or nobody's. It is in the file of the person as it was. */
export async function mailOfMessage(
  tx: Tx,
  organizationId: string,
  user: Pick<ActingUser, 'id' | 'name'> | null,
  messageId: string,
): Promise<string> {
  const mailId = newId();
  const now = await tx.now();
  await tx.query(
    `insert into mails (organization_id, id, user_id, direction, state, folder, thread_id, message_id_header, content_hash, "references",
       from_name, from_address, "to", cc, bcc, subject, text, size, attachments, private, seen_at, sent_at, occurred_at, created_at, updated_at)
     select m.organization_id, $3, $4, m.direction, case m.direction when 'in' then 'received' else 'sent' end::mail_state,
       case m.direction when 'in' then 'inbox' else 'sent' end::mail_folder, $3, coalesce(m.provider_id, '<' || m.id || '>'),
       encode(sha256(convert_to(m.id::text, 'UTF8')), 'hex'), '{}',
       case m.direction when 'in' then ${fullNameSql('p')} else coalesce($5, o.name) end, case m.direction when 'in' then coalesce(cp.key, '') else '' end,
       case m.direction when 'in' then '[]' else jsonb_build_array(jsonb_build_object('name', ${fullNameSql('p')}, 'address', coalesce(cp.key, ''))) end,
       coalesce(m.content -> 'copies' -> 'cc', '[]'), coalesce(m.content -> 'copies' -> 'bcc', '[]'),
       coalesce(m.title, ''), coalesce(m.body, ''), octet_length(coalesce(m.body, '')), (
         select count(*) from media f where f.organization_id = m.organization_id and f.message_id = m.id),
       $4::uuid is not null, $6, m.sent_at, m.occurred_at, m.created_at, $6
     from messages m
     join organizations o on o.id = m.organization_id
     join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     join people p on p.organization_id = c.organization_id and p.id = c.person_id
     left join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id
     where m.organization_id = $1 and m.id = $2`,
    [organizationId, messageId, mailId, user?.id ?? null, user?.name ?? null, now],
  );
  await tx.query(
    'update media set mail_id = $3 where organization_id = $1 and message_id = $2 and mail_id is null',
    [organizationId, messageId, mailId],
  );
  await tx.query(
    `insert into mail_filings (organization_id, mail_id, person_id, message_id)
     select m.organization_id, $3, c.person_id, m.id from messages m
     join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     where m.organization_id = $1 and m.id = $2`,
    [organizationId, messageId, mailId],
  );
  return mailId;
}
