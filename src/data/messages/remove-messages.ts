import { takeBackAnswer } from '../conversations/answers';
import {
  lockConversation,
  noticeConversation,
  type LockedConversation,
} from '../conversations/conversation-store';
import { ConcurrentChange, newId, type Tx } from '../database';
import { writeEvents } from '../events/events';

type Gone = {
  id: string;
  position: number;
  direction: 'in' | 'out';
  applicationId: string | null;
  channelAccountId: string | null;
  providerId: string | null;
  senderUserId: string | null;
  createdAt: Date;
  past: boolean;
};

/**
 * R-CONF-1: takes messages out of their conversations, with all that tells of them and what they changed there: as if they had never come.
 * The positions of the others stay, with a gap. Each conversation is locked, in the order of ids.
 */
export async function removeMessages(tx: Tx, organizationId: string, messageIds: string[]): Promise<void> {
  const conversations = await tx.query<{ conversationId: string }>(
    `select distinct conversation_id as "conversationId" from messages where organization_id = $1 and id = any($2::uuid[]) order by 1`,
    [organizationId, messageIds],
  );
  for (const { conversationId } of conversations) {
    const conversation = await lockConversation(tx, { organizationId, conversationId });
    // they have moved while this waited for the lock
    if (conversation.mergedIntoId !== null) throw new ConcurrentChange();
    const gone = await tx.query<Gone>(
      `select id, position, direction, application_id as "applicationId", channel_account_id as "channelAccountId", provider_id as "providerId",
         sender_user_id as "senderUserId", created_at as "createdAt",
         coalesce(content ? 'past', false) as past
       from messages where organization_id = $1 and conversation_id = $2 and id = any($3::uuid[]) order by position desc`,
      [organizationId, conversationId, messageIds],
    );
    for (const message of gone) await remove(tx, conversation, message);
    await tell(tx, conversation, gone);
    noticeConversation(tx, conversation);
  }
}

async function remove(tx: Tx, conversation: LockedConversation, message: Gone): Promise<void> {
  const { organizationId, id: conversationId } = conversation;
  const ids = [organizationId, conversationId, message.id];
  if (message.direction === 'in' && !message.past) {
    // of those who had read as far as it: what they have read counts one less
    await tx.query(
      `update conversation_reads r set inbound_read = r.inbound_read - 1
       where r.organization_id = $1 and r.conversation_id = $2 and r.inbound_read >= (
         select count(*) from messages m where m.organization_id = $1 and m.conversation_id = $2 and m.direction = 'in'
           and m.position <= $3 and not coalesce(m.content ? 'past', false))`,
      [organizationId, conversationId, message.position],
    );
  }
  await forget(tx, conversation, message);
  await tx.query('delete from messages where organization_id = $1 and conversation_id = $2 and id = $3', ids);
  await recount(tx, conversation, message);
  if (message.direction === 'out') await takeBackAnswer(tx, { organizationId, conversationId });
}

/** R-LOG-5: other systems may have them already. Not who did it, nor why: that is the mail's user's. */
async function tell(tx: Tx, conversation: LockedConversation, gone: Gone[]): Promise<void> {
  const { organizationId, id: conversationId, personId } = conversation;
  const occurredAt = await tx.now();
  const of = { organizationId, type: 'message.removed' as const, conversationId, personId, occurredAt };
  const events = gone.map(({ id, applicationId }) => ({ ...of, id: newId(), messageId: id, applicationId }));
  await writeEvents(tx, events);
}

/** Whatever tells of the message. */
async function forget(tx: Tx, conversation: LockedConversation, message: Gone): Promise<void> {
  const { organizationId, id: conversationId, personId } = conversation;
  const told = await tx.query<{ id: string; userId: string }>(
    'delete from notifications where organization_id = $1 and message_id = $2 returning id, user_id as "userId"',
    [organizationId, message.id],
  );
  for (const { id, userId } of told)
    tx.notice({ type: 'notification', organizationId, userId, notificationId: id });
  const ofMessage = [organizationId, message.id];
  await tx.query('delete from receipts where organization_id = $1 and message_id = $2', ofMessage);
  await tx.query('delete from message_notices where organization_id = $1 and message_id = $2', ofMessage);
  await tx.query(
    'delete from provider_messages where channel_account_id = $1 and provider_id = $2 and message_id = $3',
    [message.channelAccountId, message.providerId, message.id],
  );
  await tx.query(
    'update media set message_id = null where organization_id = $1 and message_id = $2',
    ofMessage,
  );
  const ofPerson = [organizationId, personId, message.id];
  await tx.query(
    `delete from timeline_entries t where t.organization_id = $1 and t.person_id = $2 and t.kind like 'message%' and (t.message_id = $3
       or t.data ->> 'scheduledMessageId' in (select s.id::text from scheduled_messages s where s.organization_id = $1 and s.person_id = $2
         and s.message_id = $3))`,
    ofPerson,
  );
  await tx.query(
    'update timeline_entries set message_id = null where organization_id = $1 and person_id = $2 and message_id = $3',
    ofPerson,
  );
  await tx.query(
    'delete from scheduled_messages where organization_id = $1 and person_id = $2 and message_id = $3',
    ofPerson,
  );
  // the events themselves keep their places in the feed, where they are not shown
  await tx.query(
    `delete from event_deliveries d using events e where d.organization_id = $1 and d.conversation_id = $2
       and e.organization_id = $1 and e.id = d.event_id and e.message_id = $3`,
    [organizationId, conversationId, message.id],
  );
  await tx.query(
    `update messages set reply_to_id = nullif(reply_to_id, $3), retry_of_id = nullif(retry_of_id, $3), fallback_of_id = nullif(fallback_of_id, $3)
     where organization_id = $1 and conversation_id = $2 and $3 in (reply_to_id, retry_of_id, fallback_of_id)`,
    [organizationId, conversationId, message.id],
  );
}

/** `message_count` counts positions, and stays. */
async function recount(tx: Tx, conversation: LockedConversation, message: Gone): Promise<void> {
  const { id, position, direction, createdAt, senderUserId, past } = message;
  const of = 'm.organization_id = c.organization_id and m.conversation_id = c.id';
  // old mail that was fetched later has been said when it was written
  const at = `case when coalesce(m.content ? 'past', false) or m.channel = 'email' and m.direction = 'out' then least(m.occurred_at, m.created_at)
    else m.created_at end`;
  const last = (column: string, states: string) =>
    `(select ${column} from messages m where ${of} and m.state not in ${states} order by ${at} desc, m.position desc limit 1)`;
  // a mark that this message has set is that of the next one which nobody had answered, either
  const next = `(select m.created_at from messages m where ${of} and m.direction = 'in' and m.position > $4 and not exists (
      select 1 from mail_filings f join mails w on w.organization_id = f.organization_id and w.id = f.mail_id
      where f.organization_id = m.organization_id and f.message_id = m.id and w.quiet)
    order by m.position limit 1)`;
  await tx.query(
    `update conversations c set
       inbound_count = c.inbound_count - case when $5 = 'in' and not $9 then 1 else 0 end,
       last_message_at = case when c.last_message_id = $3 then coalesce(${last(at, `('suppressed')`)},
         case when c.status <> 'closed' then coalesce(c.last_contact_at, c.opened_at) end) else c.last_message_at end,
       last_direction = case when c.last_message_id = $3 then ${last('m.direction', `('failed', 'suppressed', 'cancelled')`)} else c.last_direction end,
       last_message_id = case when c.last_message_id = $3 then ${last('m.id', `('suppressed')`)} else c.last_message_id end,
       last_sender_id = case when c.last_sender_id = $7 then (select m.sender_user_id from messages m where ${of} and m.direction = 'out'
         and m.sender_user_id is not null and m.state <> 'suppressed' order by ${at} desc, m.position desc limit 1) else c.last_sender_id end,
       channels = case when exists (select 1 from messages m where ${of} and m.channel = 'email') then c.channels
         else array_remove(c.channels, 'email') end,
       unanswered_since = case when $5 = 'in' and c.unanswered_since = $6 then ${next} else c.unanswered_since end,
       answered_since = case when $5 = 'in' and c.answered_since = $6 then (select at from (select ${next} as at) n
         where not exists (select 1 from messages m where ${of} and m.position >= c.answered_position and m.created_at <= n.at))
         else c.answered_since end,
       updated_at = $8
     where c.organization_id = $1 and c.id = $2`,
    [
      conversation.organizationId,
      conversation.id,
      id,
      position,
      direction,
      createdAt,
      senderUserId,
      await tx.now(),
      past,
    ],
  );
}
