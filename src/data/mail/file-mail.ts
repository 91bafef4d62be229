import type { ParsedMail } from '../../channels/email/parse-mail';
import {
  lockConversation,
  noticeConversation,
  type LockedConversation,
} from '../conversations/conversation-store';
import { writeTimeline } from '../conversations/timeline';
import { ConcurrentChange, newId, type Tx } from '../database';
import { pastOf, storeInbound } from '../inbound/store-inbound';
import { removeMessages } from '../messages/remove-messages';
import { idsIn } from './message-ids';
import { readInConversations } from './seen-together';
import { answeredBy, writtenAt } from './store-mail';

/** A person with one of their e-mail addresses; null: a mail that was filed by hand, under somebody who has none. */
export type MailPerson = {
  personId: string;
  contactPointId: string | null;
  conversationId: string;
  confidential: boolean;
};

/**
 * Whose addresses these are; their contact points are locked, which comes first in the order of locks, and with them those of `personId`, whose thread
 * it is about.
 */
export async function lockPeopleByEmail(
  tx: Tx,
  organizationId: string,
  addresses: string[],
  personId: string | null = null,
): Promise<MailPerson[]> {
  const [people] = await lockPeopleOfMails(tx, organizationId, [addresses], personId);
  return people!;
}

/** The same for the addresses of each of several mails. */
export async function lockPeopleOfMails(
  tx: Tx,
  organizationId: string,
  addresses: string[][],
  personId: string | null = null,
): Promise<MailPerson[][]> {
  const asked = addresses.flat();
  if (asked.length === 0 && personId === null) return addresses.map(() => []);
  // locked first, and read then: a merge that this waits for has given them to another
  const locked = await tx.query<{ id: string }>(
    `select id from contact_points where organization_id = $1 and kind = 'email' and (key = any($2) or person_id = $3) order by id for update`,
    [organizationId, asked, personId],
  );
  if (locked.length === 0) return addresses.map(() => []);
  const rows = await tx.query<{ key: string } & MailPerson>(
    `select cp.key, cp.person_id as "personId", cp.id as "contactPointId", c.id as "conversationId", p.confidential from contact_points cp
     join people p on p.organization_id = cp.organization_id and p.id = cp.person_id
     join conversations c on c.organization_id = cp.organization_id and c.person_id = cp.person_id
     where cp.organization_id = $1 and cp.id = any($2::uuid[]) order by cp.id`,
    [organizationId, locked.map(({ id }) => id)],
  );
  return addresses.map((own) => {
    const theirs = rows.filter(({ key }) => own.includes(key));
    return [...new Map(theirs.map(({ key: _key, ...person }) => [person.personId, person])).values()];
  });
}

/** The same for people who are known already: whoever files a mail of theirs, or takes one out, comes after the other. */
export async function lockMailPoints(tx: Tx, organizationId: string, personIds: string[]): Promise<void> {
  await tx.query(
    `select 1 from contact_points where organization_id = $1 and person_id = any($2::uuid[]) and kind = 'email' order by id for update`,
    [organizationId, personIds],
  );
}

/** What of a mail goes into files. */
export type FiledMail = Pick<
  ParsedMail,
  'messageId' | 'contentHash' | 'inReplyTo' | 'references' | 'subject' | 'text' | 'date' | 'quiet'
>;

export type Filed = {
  organizationId: string;
  mailId: string;
  direction: 'in' | 'out';
  /** Who has sent it. */
  userId: string | null;
  private: boolean;
  byHand?: boolean;
  /** It has come just now, to a reply address. */
  arrived?: boolean;
  /** It was there already when the user's mailbox was connected. */
  imported?: boolean | undefined;
  /** The application of its thread, where a reply address names it (R-MAIL-5). */
  applicationId?: string | null;
};

/**
 * Puts a mail into the files of people: unless a copy of it is private (R-CONF-1), as a message of the conversation, which all its copies share
 * (R-BOX-5, R-BOX-6). Each conversation is locked, in the order of ids.
 */
export async function fileMail(tx: Tx, filed: Filed, mail: FiledMail, people: MailPerson[]): Promise<void> {
  const withheld = filed.private || (await hasPrivateCopy(tx, filed.organizationId, mail));
  if (withheld) await withdrawCopies(tx, filed.organizationId, mail);
  for (const person of [...people].sort((one, other) =>
    one.conversationId < other.conversationId ? -1 : 1,
  )) {
    const messageId = withheld ? null : await messageOf(tx, filed, mail, person);
    await tx.query(
      `insert into mail_filings (organization_id, mail_id, person_id, message_id, by_hand) values ($1, $2, $3, $4, $5)
       on conflict (organization_id, mail_id, person_id) do update set message_id = excluded.message_id`,
      [filed.organizationId, filed.mailId, person.personId, messageId, filed.byHand ?? false],
    );
  }
  const { organizationId, userId, mailId } = filed;
  if (filed.direction === 'in' && userId !== null && !withheld && !filed.imported)
    await readInConversations(tx, { organizationId, userId }, [{ id: mailId, seen: true }]);
}

/** Of one that was sent from the conversation nothing but its id was kept to tell it by. */
async function hasPrivateCopy(tx: Tx, organizationId: string, mail: FiledMail): Promise<boolean> {
  const [copy] = await tx.query(
    `select 1 from (
       select message_id_header, content_hash from mails where organization_id = $1 and private and message_id_header = $2
       union all select message_id_header, content_hash from deleted_mails where organization_id = $1 and private and message_id_header = $2) copy
     where content_hash in ($3, encode(sha256(convert_to(substr(message_id_header, 2, 36), 'UTF8')), 'hex')) limit 1`,
    [organizationId, mail.messageId, mail.contentHash],
  );
  return copy !== undefined;
}

/** A copy that is public has come before the private one. */
async function withdrawCopies(tx: Tx, organizationId: string, mail: FiledMail): Promise<void> {
  const messages = await tx.query<{ messageId: string }>(
    `select distinct f.message_id as "messageId" from mails w
     join mail_filings f on f.organization_id = w.organization_id and f.mail_id = w.id
     where w.organization_id = $1 and w.message_id_header = $2 and w.content_hash = $3 and f.message_id is not null`,
    [organizationId, mail.messageId, mail.contentHash],
  );
  await withdraw(
    tx,
    organizationId,
    messages.map(({ messageId }) => messageId),
  );
}

/** Takes the messages of mails that are private now out of the conversations. */
export async function withdraw(tx: Tx, organizationId: string, messageIds: string[]): Promise<void> {
  if (messageIds.length === 0) return;
  await tx.query(
    'update mail_filings set message_id = null where organization_id = $1 and message_id = any($2::uuid[])',
    [organizationId, messageIds],
  );
  await removeMessages(tx, organizationId, messageIds);
}

/** The mail's message in the person's conversation: one of ours that has come back, that of another copy, or a new one. */
async function messageOf(tx: Tx, filed: Filed, mail: FiledMail, person: MailPerson): Promise<string> {
  const { organizationId } = filed;
  const conversation = await lockConversation(tx, { organizationId, conversationId: person.conversationId });
  if (conversation.mergedIntoId !== null) throw new ConcurrentChange();
  // what the person sends is none of ours, whatever its Message-ID
  const ours = filed.arrived
    ? null
    : await messageNamed(tx, conversation, { own: [mail.messageId], theirs: [] });
  if (ours) return ours.id;
  const channelAccountId = await emailAccountId(tx, organizationId);
  const providerId = `${mail.messageId} ${mail.contentHash.slice(0, 16)} ${conversation.id}`;
  const messageId = newId();
  const [taken] = await tx.query<{ messageId: string }>(
    `with fresh as (
       insert into provider_messages (channel_account_id, provider_id, organization_id, message_id) values ($1, $2, $3, $4)
       on conflict (channel_account_id, provider_id) do nothing returning message_id)
     select message_id as "messageId" from provider_messages where channel_account_id = $1 and provider_id = $2
       and not exists (select 1 from fresh)`,
    [channelAccountId, providerId, organizationId, messageId],
  );
  if (taken) return taken.messageId;
  const now = await tx.now();
  const common = {
    messageId,
    channel: 'email' as const,
    channelAccountId,
    contactPointId: person.contactPointId,
    providerId,
    kind: 'text',
    title: mail.subject,
    body: mail.text,
    content: { mailId: filed.mailId },
    replyTo: await messageNamed(tx, conversation, { own: answeredBy(mail), theirs: answeredBy(mail) }),
    imported: filed.imported,
    at: writtenAt(mail, now),
    now,
  };
  if (filed.direction === 'in')
    await storeInbound(tx, conversation, {
      ...common,
      ...threadOf(filed),
      quiet: mail.quiet,
      arrived: filed.arrived,
    });
  else await storeSentElsewhere(tx, conversation, { ...common, userId: filed.userId });
  return messageId;
}

const threadOf = ({ applicationId }: Filed) => (applicationId === undefined ? {} : { applicationId });

/** The last message of the conversation that these Message-IDs name: ours carry the message's id, `theirs` are those of mails that came. */
async function messageNamed(
  tx: Tx,
  conversation: LockedConversation,
  { own, theirs }: { own: string[]; theirs: string[] },
): Promise<{ id: string; applicationId: string | null } | undefined> {
  const ids = idsIn(own);
  if (ids.length === 0 && theirs.length === 0) return undefined;
  const [message] = await tx.query<{ id: string; applicationId: string | null }>(
    `select m.id, m.application_id as "applicationId" from messages m
     where m.organization_id = $1 and m.conversation_id = $2 and (m.id = any($3::uuid[]) or m.id in (
       select f.message_id from mails w join mail_filings f on f.organization_id = w.organization_id and f.mail_id = w.id
       where w.organization_id = $1 and w.message_id_header = any($4)))
     order by m.position desc limit 1`,
    [conversation.organizationId, conversation.id, ids, theirs],
  );
  return message;
}

export async function emailAccountId(tx: Tx, organizationId: string): Promise<string> {
  const [account] = await tx.query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and channel = 'email' order by id limit 1`,
    [organizationId],
  );
  if (!account) throw new Error('the organization has no e-mail account');
  return account.id;
}

/** A mail that a user has sent from another program, or from their mailbox: nothing is sent for it any more. */
async function storeSentElsewhere(
  tx: Tx,
  conversation: LockedConversation,
  message: {
    messageId: string;
    channelAccountId: string;
    contactPointId: string | null;
    providerId: string;
    title: string;
    body: string;
    content: object;
    replyTo: { id: string; applicationId: string | null } | undefined;
    userId: string | null;
    imported?: boolean | undefined;
    at: Date;
    now: Date;
  },
): Promise<void> {
  const { organizationId, id: conversationId, personId } = conversation;
  const { messageId, replyTo, userId, imported, at, now } = message;
  const applicationId = replyTo?.applicationId ?? null;
  await tx.query(
    `with stored as (
       insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, title,
         body, content, reply_to_id, sender_user_id, channel_account_id, contact_point_id, provider_id, occurred_at, created_at, sent_at)
       values ($1, $2, $3, $4, $5, 'email', 'out', 'manual', 'sent', 'text', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $14))
     update conversations set message_count = message_count + 1, last_message_at = greatest(last_message_at, coalesce($16, $15)),
       last_message_id = case when last_message_at > $16 then last_message_id else $2 end,
       last_direction = case when last_message_at > $16 then last_direction else 'out' end,
       last_sender_id = case when last_message_at > $16 then last_sender_id else coalesce($10, last_sender_id) end,
       unanswered_since = case when unanswered_since > $16 then unanswered_since end,
       channels = case when 'email' = any(channels) then channels else channels || 'email'::channel end, updated_at = $15
     where organization_id = $1 and id = $3`,
    [
      organizationId,
      messageId,
      conversationId,
      conversation.messageCount + 1,
      applicationId,
      message.title,
      message.body,
      message.content,
      replyTo?.id ?? null,
      userId,
      message.channelAccountId,
      message.contactPointId,
      message.providerId,
      at,
      now,
      pastOf({ channel: 'email', imported, at, now }),
    ],
  );
  await writeTimeline(tx, organizationId, [
    { personId, applicationId, kind: 'messageSent', actorUserId: userId, messageId, occurredAt: at },
  ]);
  noticeConversation(tx, conversation);
}
