import type { Conversation, ConversationRow, Counts } from '../../contracts/conversations';
import { ownedText, reasonText, type ReasonCode } from '../../contracts/reasons';
import { windowUntil } from '../../domain/chat';
import { channelNames } from '../../domain/channel-trouble';
import { reasonsAgainst, type SendChannel, type SendIntent } from '../../domain/eligibility';
import { notFound } from '../../domain/errors';
import { withoutKeys } from '../../domain/mail-keys';
import {
  isAdministrator,
  mayCloseChat,
  mayHandOver,
  maySend,
  sendingRight,
  type Actor,
} from '../../domain/permissions';
import { whatsAppLinks } from '../../domain/phone-links';
import { conversationWorkflowId } from '../../domain/workflow-ids';
import { settleOverdue, type ConversationIds } from './conversation-store';
import { whatsAppCredits } from '../credits/credits';
import type { Database } from '../database';
import { countHeldMails } from '../mail/held-mails';
import { findConversations, inboxPosition, type InboxFilter } from './inbox-filter';
import { decodeCursor, encodeCursor, type Page } from '../page';
import { notificationSeenSql } from '../mail/private-mails';
import { loadSendFacts, type LoadedSendFacts } from '../messages/send-facts';
import { askedOneByOne, fullNameSql, isoSql, userSummarySql, type Queryable } from '../sql';
import { personInSight, visiblePerson } from '../visibility';

export type ConversationQuery = InboxFilter & {
  cursor?: string | undefined;
  limit: number;
};

type Context = { actor: Actor; dayMs: number };

type Row = Omit<ConversationRow, 'windowUntil' | 'unanswered'> & { lastInboundAt: string | null };

/**
 * R-CHAT-9: My Chats, All Chats (every conversation in which something was said or a chat was started) or Unassigned, as this actor may see them.
 * What has run out is settled first, so that no list shows a status that is over.
 */
export async function listConversations(
  db: Database,
  { actor, dayMs }: Context,
  query: ConversationQuery,
): Promise<Page<ConversationRow>> {
  await settleOverdue(db, { organizationId: actor.organizationId, dayMs });
  const now = await db.now();
  const { cursor, limit, ...filter } = query;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, inboxPosition);
  const places = await findConversations(db, actor, filter, { after, limit: limit + 1 });
  const shown = places.slice(0, limit);
  const rows = await db.prepared<Row>(
    `select ${rowColumns('$3')} ${rowTables} where c.organization_id = $1 and c.id = any($2::uuid[])`,
    [actor.organizationId, shown.map(({ id }) => id), actor.user?.id ?? null],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const last = shown.at(-1);
  return {
    items: shown.flatMap(({ id }) => (byId.has(id) ? [toRow(byId.get(id)!, now, dayMs)] : [])),
    nextCursor: places.length > limit && last ? encodeCursor([last.part, last.sortAt, last.id]) : null,
  };
}

const rowTables = `from conversations c
  join people p on p.organization_id = c.organization_id and p.id = c.person_id
  left join employers e on e.organization_id = p.organization_id and e.id = p.employer_id
  left join users owner on owner.organization_id = c.organization_id and owner.id = c.owner_id
  left join users last_owner on last_owner.organization_id = c.organization_id and last_owner.id = c.last_owner_id
  left join users responsible on responsible.organization_id = c.organization_id and responsible.id = c.responsible_user_id
  left join messages m on m.organization_id = c.organization_id and m.id = c.last_message_id
  left join users sender on sender.organization_id = m.organization_id and sender.id = m.sender_user_id
  left join lateral (
    select max(w.last_inbound_at) as last_inbound_at from contact_points cp
    join service_windows w on w.organization_id = cp.organization_id and w.contact_point_id = cp.id
    where cp.organization_id = c.organization_id and cp.person_id = c.person_id) w on true`;

const rowColumns = (
  userId: string,
): string => `c.id, c.status, c.chat_version as version, coalesce(c.channels, '{}')::text[] as channels,
  jsonb_build_object('id', p.id, 'kind', p.kind, 'name', ${fullNameSql('p')}, 'employerName', e.name, 'toReview', p.to_review) as person,
  ${userSummarySql('owner')} as owner, ${userSummarySql('last_owner')} as "lastOwner", ${userSummarySql('responsible')} as "responsibleUser",
  ${isoSql('c.deadline_at')} as "deadlineAt", ${isoSql('c.unanswered_since')} as "unansweredSince",
  ${isoSql('w.last_inbound_at')} as "lastInboundAt",
  greatest(c.inbound_count - coalesce((select r.inbound_read from conversation_reads r
    where r.organization_id = c.organization_id and r.conversation_id = c.id and r.user_id = ${userId}::uuid), 0), 0) as unread,
  case when m.id is not null then jsonb_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind, 'body', m.body, 'state', m.state,
    'automatic', m.origin in ('automatic', 'bulk', 'api'), 'senderName', nullif(${fullNameSql('sender')}, ''), 'at', ${isoSql('m.occurred_at')}) end
    as "lastMessage"`;

function toRow(row: Row, now: Date, dayMs: number): ConversationRow {
  const { lastInboundAt, ...shown } = row;
  const until = windowUntil(lastInboundAt === null ? null : new Date(lastInboundAt), now, dayMs);
  return {
    ...shown,
    lastMessage: withoutKeys(row.lastMessage),
    unanswered: row.unansweredSince !== null,
    windowUntil: until?.toISOString() ?? null,
  };
}

/** R-CHAT-10: the badge, and what waits elsewhere for this user. */
export async function countInbox(db: Database, { actor, dayMs }: Context): Promise<Counts> {
  await settleOverdue(db, { organizationId: actor.organizationId, dayMs });
  // to an erased person nobody owes an answer
  const visible = askedOneByOne(personInSight(actor, 'c', 'person_id'));
  const [row] = await db.query<Omit<Counts, 'heldMails'>>(
    `select
       (select count(*)::int from conversations c
          where c.organization_id = $1 and c.inbox_user_id = $2 and c.unanswered_since is not null and c.last_direction = 'in'
            and ${visible}) as my,
       (select count(*)::int from conversations c
          where c.organization_id = $1 and c.inbox_user_id is null and c.unanswered_since is not null and ${visible}) as unassigned,
       (select count(*)::int from notifications n where n.organization_id = $1 and n.user_id = $2 and n.seen_at is null
          and ${notificationSeenSql} is null) as notifications`,
    [actor.organizationId, actor.user?.id ?? null],
  );
  return { ...row!, heldMails: await countHeldMails(db, actor) };
}

/** The id of a person's conversation. */
export async function conversationOf(
  db: Database,
  organizationId: string,
  personId: string,
): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    'select id from conversations where organization_id = $1 and person_id = $2',
    [organizationId, personId],
  );
  if (!row) throw notFound('conversation');
  return row.id;
}

type DetailRow = Row &
  Pick<Conversation, 'email'> & { blockedBy: string | null; responsibleUserId: string | null };

/** One conversation with what this actor may do in it, and why not. */
export async function readConversation(
  db: Database,
  context: Context & { temporalUi: { url: string; namespace: string } | null },
  ids: ConversationIds,
): Promise<Conversation> {
  const { actor, dayMs } = context;
  await settleOverdue(db, { organizationId: actor.organizationId, dayMs });
  const [row] = await db.query<DetailRow>(
    `select ${rowColumns('$3')}, c.blocked_by as "blockedBy", c.responsible_user_id as "responsibleUserId", (
       select jsonb_build_object('contactPointId', cp.id, 'value', cp.value) from contact_points cp
       where cp.organization_id = p.organization_id and cp.person_id = p.id and cp.kind = 'email'
       order by (cp.bounced_at is null) desc, cp.position, cp.id limit 1) as email ${rowTables}
     where c.organization_id = $1 and ${visiblePerson(actor, 'p')} and c.id = (
       select coalesce(asked.merged_into_id, asked.id) from conversations asked where asked.organization_id = $1 and asked.id = $2)`,
    [ids.organizationId, ids.conversationId, actor.user?.id ?? null],
  );
  if (!row) throw notFound('conversation');
  const now = await db.now();
  const facts = await loadSendFacts(db, {
    organizationId: ids.organizationId,
    personIds: [row.person.id],
    channel: 'whatsapp',
    now,
    dayMs,
  });
  const fromTray = await hasAssignedApplication(db, actor, row.person.id);
  const { blockedBy, responsibleUserId: _, email, ...shown } = row;
  const sendable = facts.get(row.person.id)!;
  return {
    ...toRow(shown, now, dayMs),
    windowUntil: sendable.windowUntil?.toISOString() ?? null,
    can: permissions(actor, row, sendable, fromTray),
    whatsapp: whatsAppNumber(sendable),
    email,
    blocked: await blockedText(db, blockedBy, ids),
    heldMails: await countHeldMails(db, actor, row.person.id),
    workflowUrl: workflowUrl(context, ids.conversationId),
  };
}

async function hasAssignedApplication(db: Database, actor: Actor, personId: string): Promise<boolean> {
  if (actor.user?.role !== 'interviewer') return false;
  const rows = await db.query(
    `select 1 from applications a join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id
     where a.organization_id = $1 and a.person_id = $2 and vu.user_id = $3 limit 1`,
    [actor.organizationId, personId, actor.user.id],
  );
  return rows.length > 0;
}

function permissions(
  actor: Actor,
  row: DetailRow,
  facts: LoadedSendFacts,
  fromTray: boolean,
): Conversation['can'] {
  const { user } = actor;
  const ownerId = row.owner?.id ?? null;
  const chat = { ownerId, responsibleUserId: row.responsibleUserId };
  const mayWrite = user !== null && maySend(user, { fromTray, ownsChat: ownerId === user.id });
  const verdict = (content: SendIntent['content']): Conversation['can']['sendText'] => {
    if (!mayWrite) return { code: 'not_permitted', text: reasonText.not_permitted };
    if (row.owner && ownerId !== user.id) {
      return {
        code: 'chat_owned_by_other',
        text: ownedText(row.owner.name),
      };
    }
    const [reason] = reasonsAgainst(facts, { content, credits: whatsAppCredits });
    return reason ? { code: reason, text: textOf(reason) } : null;
  };
  const active = row.status === 'active';
  return {
    sendText: verdict({ type: 'free' }),
    sendTemplate: verdict({ type: 'template', approved: true, category: null, complete: true }),
    start: mayWrite && !active,
    close: active && user !== null && mayCloseChat(user, chat),
    handOver: active && user !== null && mayHandOver(user, chat),
    dismiss: row.unansweredSince !== null && user !== null && sendingRight(user.role) !== 'nobody',
    note: user !== null,
  };
}

const textOf = (reason: ReasonCode): string => reasonText[reason];

function whatsAppNumber(facts: LoadedSendFacts): Conversation['whatsapp'] {
  if (!facts.contactPointId || !facts.to) return null;
  const value = `+${facts.to}`;
  return { contactPointId: facts.contactPointId, value, link: whatsAppLinks(value).web };
}

/** Which channels hold up messages of this conversation. */
async function blockedText(
  db: Queryable,
  blockedBy: string | null,
  ids: ConversationIds,
): Promise<string | null> {
  if (blockedBy === null) return null;
  if (blockedBy === 'messaging_limit') return messagingLimitText(db, ids);
  if (blockedBy === 'quiet_hours') return quietHoursText(db, ids);
  if (blockedBy !== 'channel_paused')
    return 'Messages are held back for the moment and go out by themselves.';
  const paused = await db.query<{ channel: SendChannel }>(
    `select distinct a.channel from messages m join channel_accounts a on a.organization_id = m.organization_id and a.channel = m.channel
     where m.organization_id = $1 and m.conversation_id = $2 and m.state = 'queued' and a.state = 'paused' order by a.channel`,
    [ids.organizationId, ids.conversationId],
  );
  // what waited may have been cancelled, or cut by an opt-out
  if (paused.length === 0) return null;
  const names = paused.map(({ channel }) => channelNames[channel]).join(' and ');
  return `${names} ${paused.length > 1 ? 'are' : 'is'} paused. Messages are kept and go out once ${paused.length > 1 ? 'they work' : 'it works'} again; Settings → Channels says what an Administrator can do.`;
}

async function messagingLimitText(db: Queryable, ids: ConversationIds): Promise<string> {
  return `Your number has written to as many new people as WhatsApp allows in 24 hours. What waits goes out ${await whenItGoes(db, ids)}, or at once when the person writes.`;
}

async function quietHoursText(db: Queryable, ids: ConversationIds): Promise<string> {
  return `The person has quiet hours. What is sent by itself goes out ${await whenItGoes(db, ids)}; what you write goes at once.`;
}

async function whenItGoes(db: Queryable, ids: ConversationIds): Promise<string> {
  const [row] = await db.query<{ until: Date | null; timeZone: string }>(
    `select c.not_before as until, o.time_zone as "timeZone" from conversations c join organizations o on o.id = c.organization_id
     where c.organization_id = $1 and c.id = $2`,
    [ids.organizationId, ids.conversationId],
  );
  const { until, timeZone } = row!;
  const format: Intl.DateTimeFormatOptions = {
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
  };
  return until ? `on ${until.toLocaleString('en-GB', { ...format, timeZone })} (${timeZone})` : 'by itself';
}

/** R-ROLE: a link for Administrators alone. */
function workflowUrl(
  { actor, temporalUi }: Context & { temporalUi: { url: string; namespace: string } | null },
  conversationId: string,
): string | null {
  if (!temporalUi || !isAdministrator(actor)) return null;
  return `${temporalUi.url}/namespaces/${temporalUi.namespace}/workflows/${encodeURIComponent(conversationWorkflowId(conversationId))}`;
}
