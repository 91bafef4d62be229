import type { ConversationIds } from '../conversations/conversation-store';
import type { Tx } from '../database';
import { noticeMailbox } from './mailbox-signals';

type MailboxIds = { organizationId: string; userId: string };

/** Of messages `m`: those that count as unread until they are read. */
const counted = `m.direction = 'in' and not coalesce(m.content ? 'past', false)`;

/** What of a user's own mail, `$2`, stands as a message in conversations. */
const ownMails = `mail_filings f
  join mails w on w.organization_id = f.organization_id and w.id = f.mail_id and w.user_id = $2 and w.state = 'received'`;

const readEdge = 'organization_id, conversation_id, user_id, inbound_read, read_at';

/**
 * A user's mail and its message in a conversation are read as one. Mails were read, or unread again, in the mailbox: the user's mark in each
 * conversation moves on over what they have read there, as far as the first message that they have not; or back, where nothing was read since.
 */
export async function readInConversations(
  tx: Tx,
  ids: MailboxIds,
  turned: readonly { id: string; seen: boolean }[],
): Promise<void> {
  const [seen, unseen] = [true, false].map((to) =>
    turned.filter((mail) => mail.seen === to).map(({ id }) => id),
  );
  const moved = [...(await moveOn(tx, ids, seen!)), ...(await moveBack(tx, ids, unseen!))];
  const { organizationId } = ids;
  for (const conversation of moved) tx.notice({ type: 'conversation', organizationId, ...conversation });
}

type Moved = { conversationId: string; personId: string };

async function moveOn(tx: Tx, { organizationId, userId }: MailboxIds, mailIds: string[]): Promise<Moved[]> {
  if (mailIds.length === 0) return [];
  const own = `exists (select 1 from ${ownMails} where f.organization_id = $1 and f.message_id = u.id and w.seen_at is not null)`;
  return tx.query<Moved>(
    `with touched as (
           select distinct m.conversation_id as id from ${ownMails}
           join messages m on m.organization_id = f.organization_id and m.id = f.message_id and ${counted}
           where f.organization_id = $1 and f.mail_id = any($3::uuid[]) and w.seen_at is not null),
         told as (
           update notifications n set seen_at = $4 from ${ownMails}
           where f.organization_id = $1 and f.mail_id = any($3::uuid[]) and w.seen_at is not null and n.organization_id = $1
             and n.message_id = f.message_id and n.user_id = $2 and n.seen_at is null and n.kind = 'messageReceived'),
         marks as (
           select c.id, least(c.inbound_count, (
             select coalesce(min(u.n) filter (where not ${own}) - 1, coalesce(r.inbound_read, 0) + count(*)) from (
               select m.id, row_number() over (order by m.position) as n from messages m
               where m.organization_id = $1 and m.conversation_id = c.id and ${counted}
               order by m.position offset coalesce(r.inbound_read, 0)) u)) as read
           from touched join conversations c on c.organization_id = $1 and c.id = touched.id
           left join conversation_reads r on r.organization_id = $1 and r.conversation_id = c.id and r.user_id = $2),
         written as (
           insert into conversation_reads as r (${readEdge}) select $1, id, $2, read, $4 from marks where read > 0
           on conflict (organization_id, conversation_id, user_id) do update set inbound_read = excluded.inbound_read, read_at = excluded.read_at
             where r.inbound_read < excluded.inbound_read
           returning r.conversation_id)
         select c.id as "conversationId", c.person_id as "personId" from written join conversations c on c.organization_id = $1 and c.id = written.conversation_id`,
    [organizationId, userId, mailIds, await tx.now()],
  );
}

async function moveBack(tx: Tx, { organizationId, userId }: MailboxIds, mailIds: string[]): Promise<Moved[]> {
  if (mailIds.length === 0) return [];
  const theirs = `exists (select 1 from ${ownMails} where f.organization_id = $1 and f.message_id = u.id and f.mail_id = any($3::uuid[]))`;
  return tx.query<Moved>(
    `with touched as (
           select distinct m.conversation_id as id from ${ownMails} join messages m on m.organization_id = f.organization_id and m.id = f.message_id
           where f.organization_id = $1 and f.mail_id = any($3::uuid[])),
         marks as (
           select c.id, c.person_id, c.inbound_count - (
             select coalesce(min(u.n) filter (where not ${theirs}) - 1, c.inbound_count - r.inbound_read + count(*)) from (
               select m.id, row_number() over (order by m.position desc) as n from messages m
               where m.organization_id = $1 and m.conversation_id = c.id and ${counted}
               order by m.position desc offset c.inbound_count - r.inbound_read limit $4) u) as read
           from touched join conversations c on c.organization_id = $1 and c.id = touched.id
           join conversation_reads r on r.organization_id = $1 and r.conversation_id = c.id and r.user_id = $2 and r.inbound_read <= c.inbound_count)
         update conversation_reads r set inbound_read = marks.read from marks
         where r.organization_id = $1 and r.conversation_id = marks.id and r.user_id = $2 and r.inbound_read > marks.read and marks.read >= 0
         returning marks.id as "conversationId", marks.person_id as "personId"`,
    [organizationId, userId, mailIds, mailIds.length + 1],
  );
}

/** The user is about to have read a conversation: mails of theirs that they read as its messages are read in their mailbox as well. */
export async function readInMailbox(
  tx: Tx,
  { organizationId, conversationId }: ConversationIds,
  userId: string,
): Promise<void> {
  const mails = await tx.query<{ id: string }>(
    `select w.id from conversations c
     left join conversation_reads r on r.organization_id = c.organization_id and r.conversation_id = c.id and r.user_id = $2
     cross join lateral (select m.id from messages m where m.organization_id = $1 and m.conversation_id = c.id and ${counted}
       order by m.position offset coalesce(r.inbound_read, 0)) u
     join ${ownMails} on f.organization_id = $1 and f.message_id = u.id
     where c.organization_id = $1 and c.id = $3 and 'email' = any(c.channels) and w.seen_at is null
     order by w.id for update of w`,
    [organizationId, userId, conversationId],
  );
  if (mails.length === 0) return;
  const ids = mails.map(({ id }) => id);
  const now = await tx.now();
  await tx.query(
    'update mails set seen_at = $3, updated_at = greatest($3, updated_at) where organization_id = $1 and id = any($2::uuid[])',
    [organizationId, ids, now],
  );
  await tellMailbox(tx, { organizationId, userId }, ids);
}

/** Mails were read, unread or moved here: the user's server is told, and their open pages. */
export async function tellMailbox(
  tx: Tx,
  { organizationId, userId }: MailboxIds,
  mailIds: string[],
): Promise<void> {
  await tx.query(
    `update mailboxes b set seen_changed_at = $4 where b.organization_id = $1 and b.user_id = $2 and exists (
       select 1 from mailbox_items i join mails m on m.organization_id = i.organization_id and m.id = i.mail_id
       where i.organization_id = $1 and i.mail_id = any($3::uuid[]) and (m.moved_here or i.seen <> (m.seen_at is not null)))`,
    [organizationId, userId, mailIds, await tx.now()],
  );
  noticeMailbox(tx, organizationId, userId);
}
