import { notFound } from '../../domain/errors';
import { settle, type Chat, type ChatChange, type Step } from '../../domain/chat';
import type { ChatSnapshot } from '../../domain/snapshot';
import { conversationWorkflowId } from '../../domain/workflow-ids';
import { ConcurrentChange, type Database, type Tx } from '../database';
import { writeTimeline, type NewTimelineEntry } from './timeline';

export type ConversationIds = { organizationId: string; conversationId: string };

/** A conversation locked by its transaction; `chat` as stored, not yet settled. */
export type LockedConversation = {
  organizationId: string;
  id: string;
  personId: string;
  chat: Chat;
  responsibleUserId: string | null;
  messageCount: number;
  inboundCount: number;
  unansweredSince: Date | null;
  lastSenderId: string | null;
  blockedBy: string | null;
  notBefore: Date | null;
  /** R-CHAT-13: the person was merged, and their words stand there now. */
  mergedIntoId: string | null;
  /** The person was erased: nothing is said here any more. */
  erased: boolean;
};

type ConversationRow = Omit<LockedConversation, 'chat'> & Chat;

const columns = `id, organization_id as "organizationId", person_id as "personId", status, owner_id as "ownerId",
  last_owner_id as "lastOwnerId", chat_version as "version", last_contact_at as "lastContactAt", opened_at as "openedAt",
  last_inbound_at as "lastInboundAt", deadline_at as "deadlineAt", responsible_user_id as "responsibleUserId",
  message_count as "messageCount", inbound_count as "inboundCount", unanswered_since as "unansweredSince",
  last_sender_id as "lastSenderId", blocked_by as "blockedBy", not_before as "notBefore",
  merged_into_id as "mergedIntoId", erased_at is not null as erased`;

/** Locks one conversation; 404 when it is not the organization's. */
export async function lockConversation(tx: Tx, ids: ConversationIds): Promise<LockedConversation> {
  const [row] = await tx.prepared<ConversationRow & { now: Date }>(
    `with locked as materialized (
       select ${columns} from conversations where organization_id = $1 and id = $2 for update)
     select *, clock_timestamp() as now from locked`,
    [ids.organizationId, ids.conversationId],
  );
  if (!row) throw notFound('conversation');
  tx.startsAt(row.now);
  return toLocked(row);
}

/** Locks several conversations of one organization, in the order of ids, as everywhere where several are. */
export async function lockConversations(
  tx: Tx,
  { organizationId, conversationIds }: { organizationId: string; conversationIds: string[] },
): Promise<Map<string, LockedConversation>> {
  const rows = await tx.prepared<ConversationRow>(
    `select ${columns} from conversations where organization_id = $1 and id = any($2::uuid[]) order by id for update`,
    [organizationId, conversationIds],
  );
  return new Map(rows.map((row) => [row.id, toLocked(row)]));
}

/** Those of these conversations in which messages are still to be sent; the conversations are locked. */
export async function queuedAmong(
  tx: Tx,
  { organizationId, conversationIds }: { organizationId: string; conversationIds: string[] },
): Promise<Set<string>> {
  const rows = await tx.prepared<{ id: string }>(
    `select distinct conversation_id as id from messages
     where organization_id = $1 and conversation_id = any($2::uuid[]) and state in ('queued', 'dispatching')`,
    [organizationId, conversationIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Where a message has gone to. */
export type LockedPoint = { id: string; whatsapp: 'unknown' | 'present' | 'absent'; waId: string | null };

/** A message that was sent, by whatever names it. */
const sentMessage = {
  id: `select id, conversation_id, contact_point_id from messages
    where organization_id = $1 and id = $2 and (select count(*) from turn) >= 0`,
  // by the provider's id, else by our own id that it gave back
  receipt: `select m.id, m.conversation_id, m.contact_point_id, 1 as rank from provider_messages pm
      join messages m on m.organization_id = pm.organization_id and m.id = pm.message_id
      where pm.organization_id = $1 and pm.channel_account_id = $3 and pm.provider_id = $4 and m.direction = 'out'
    union all
    select id, conversation_id, contact_point_id, 2 from messages
      where organization_id = $1 and id = $2::uuid and direction = 'out'
    order by rank limit 1`,
};

/** Contact points come before conversations in the order of locks; the CTEs depend on each other in that order. */
const lockSent = (message: string): string =>
  `with message as materialized (${message}),
   point as materialized (
     select cp.id, cp.whatsapp, cp.wa_id from contact_points cp, message
     where cp.organization_id = $1 and cp.id = message.contact_point_id for no key update of cp),
   conversation as materialized (
     select ${columns} from conversations
     where organization_id = $1 and id = (select conversation_id from message where (select count(*) from point) >= 0) for update)
   select conversation.*, message.id as "messageId", clock_timestamp() as now, point.id as "pointId", point.whatsapp,
     point.wa_id as "waId"
   from conversation cross join message left join point on true`;

/** Held by whoever settles what a provider's id stands for, and taken first of all. */
const lockProviderIdSql = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';

const lockSentById = lockSent(sentMessage.id).replace(
  'with ',
  `with turn as materialized (${lockProviderIdSql.replace('$1', '$3::text')} where $3::text is not null), `,
);
const lockSentByReceipt = lockSent(sentMessage.receipt);

export type LockedSend = { messageId: string; conversation: LockedConversation; point: LockedPoint | null };

/** Locks what a sent message belongs to: the provider's id where it has one, the number it went to, its conversation. */
export async function lockSend(
  tx: Tx,
  message: {
    organizationId: string;
    messageId: string;
    provider?: { channelAccountId: string; providerId: string };
  },
): Promise<LockedSend> {
  const key = message.provider ? providerKey(message.provider) : null;
  const sent = await lockSendBy(tx, lockSentById, [message.organizationId, message.messageId, key]);
  if (!sent) throw notFound('message');
  return sent;
}

/** In one order for all, so that two who lock several wait for each other and never for both. */
export async function lockProviderIds(
  tx: Tx,
  providers: { channelAccountId: string; providerId: string }[],
): Promise<void> {
  await tx.prepared(
    'select pg_advisory_xact_lock(key) from (select distinct hashtextextended(name, 0) as key from unnest($1::text[]) name order by 1) k',
    [providers.map(providerKey)],
  );
}

const providerKey = (provider: { channelAccountId: string; providerId: string }): string =>
  `${provider.channelAccountId}:${provider.providerId}`;

/** The same for the message that a provider speaks of; undefined when none is known (yet). */
export function lockSendOfReceipt(
  tx: Tx,
  receipt: {
    organizationId: string;
    clientReference: string | null;
    channelAccountId: string;
    providerId: string;
  },
): Promise<LockedSend | undefined> {
  const { organizationId, clientReference, channelAccountId, providerId } = receipt;
  return lockSendBy(tx, lockSentByReceipt, [organizationId, clientReference, channelAccountId, providerId]);
}

async function lockSendBy(tx: Tx, sql: string, values: unknown[]): Promise<LockedSend | undefined> {
  type Row = ConversationRow & {
    now: Date;
    messageId: string;
    pointId: string | null;
  } & Pick<LockedPoint, 'whatsapp' | 'waId'>;
  const [row] = await tx.prepared<Row>(sql, values);
  if (!row) return undefined;
  // the message has moved while this waited for the lock: it is found in its new conversation
  if (row.mergedIntoId !== null) throw new ConcurrentChange();
  tx.startsAt(row.now);
  const { messageId, pointId, whatsapp, waId } = row;
  return {
    messageId,
    conversation: toLocked(row),
    point: pointId === null ? null : { id: pointId, whatsapp, waId },
  };
}

function toLocked(row: ConversationRow): LockedConversation {
  const {
    id,
    organizationId,
    personId,
    responsibleUserId,
    messageCount,
    inboundCount,
    unansweredSince,
    lastSenderId,
    blockedBy,
    notBefore,
    mergedIntoId,
    erased,
  } = row;
  const { status, ownerId, lastOwnerId, version, lastContactAt, openedAt, lastInboundAt, deadlineAt } = row;
  return {
    id,
    organizationId,
    personId,
    responsibleUserId,
    messageCount,
    inboundCount,
    unansweredSince,
    lastSenderId,
    blockedBy,
    notBefore,
    mergedIntoId,
    erased,
    chat: { status, ownerId, lastOwnerId, version, lastContactAt, openedAt, lastInboundAt, deadlineAt },
  };
}

/**
 * Writes the chat as a step left it, with its changes on the timeline and a notice to open pages.
 * Nothing is written when nothing changed. `actorUserId`: who caused the last change, null for time itself.
 */
export async function saveChat(
  tx: Tx,
  conversation: LockedConversation,
  step: Step,
  actorUserId: string | null,
): Promise<LockedConversation> {
  const { chat, changes } = step;
  if (chat === conversation.chat) return conversation;
  await tx.prepared(
    `update conversations set status = $3, owner_id = $4, last_owner_id = $5, chat_version = $6, last_contact_at = $7,
       opened_at = $8, last_inbound_at = $9, deadline_at = $10, inbox_user_id = $11, updated_at = $12,
       last_message_at = case when $13 then coalesce(last_message_at, $12) else last_message_at end
     where organization_id = $1 and id = $2`,
    [
      conversation.organizationId,
      conversation.id,
      chat.status,
      chat.ownerId,
      chat.lastOwnerId,
      chat.version,
      chat.lastContactAt,
      chat.openedAt,
      chat.lastInboundAt,
      chat.deadlineAt,
      chat.status === 'active' ? chat.ownerId : conversation.responsibleUserId,
      await tx.now(),
      // A chat that was started before anything was said stands in the lists too.
      changes.some((change) => change.type === 'started'),
    ],
  );
  await writeTimeline(
    tx,
    conversation.organizationId,
    changes.flatMap((change) => timelineOf(conversation.personId, change, actorUserId)),
  );
  noticeConversation(tx, conversation);
  return { ...conversation, chat };
}

function timelineOf(personId: string, change: ChatChange, actorUserId: string | null): NewTimelineEntry[] {
  const entry = { personId, occurredAt: change.at };
  switch (change.type) {
    case 'started':
      return [{ ...entry, kind: 'chatStarted', actorUserId: change.userId }];
    case 'closed':
      return [{ ...entry, kind: 'chatClosed', actorUserId, data: { ownerId: change.ownerId } }];
    case 'expired':
      return [{ ...entry, kind: 'chatExpired', data: { ownerId: change.ownerId, to: 'open' } }];
    case 'ran_out':
      return [{ ...entry, kind: 'chatExpired', data: { to: 'closed' } }];
    case 'handedOver':
      return [{ ...entry, kind: 'chatHandedOver', actorUserId, data: { from: change.from, to: change.to } }];
    case 'reopened':
      return [];
  }
}

export function noticeConversation(
  tx: Tx,
  conversation: { organizationId: string; id: string; personId: string },
): void {
  tx.notice({
    type: 'conversation',
    organizationId: conversation.organizationId,
    conversationId: conversation.id,
    personId: conversation.personId,
  });
}

export function snapshotOf(conversation: LockedConversation, pending: boolean): ChatSnapshot {
  return {
    version: conversation.chat.version,
    status: conversation.chat.status,
    ownerId: conversation.chat.ownerId,
    personId: conversation.personId,
    deadlineAt: conversation.chat.deadlineAt?.toISOString() ?? null,
    pending,
  };
}

/** Tells the conversation's workflow what was committed; it is started when it does not run. */
export async function pokeConversation(
  tx: Tx,
  conversation: LockedConversation,
  pending: boolean,
): Promise<void> {
  const { organizationId, id } = conversation;
  await tx.poke({
    organizationId,
    workflowType: 'conversation',
    workflowId: conversationWorkflowId(id),
    payload: { organizationId, conversationId: id, snapshot: snapshotOf(conversation, pending) },
  });
}

/** Whether messages of this conversation are still to be sent. */
export async function hasQueued(tx: Tx, ids: ConversationIds): Promise<boolean> {
  const [row] = await tx.prepared(
    `select 1 from messages where organization_id = $1 and conversation_id = $2 and state in ('queued', 'dispatching') limit 1`,
    [ids.organizationId, ids.conversationId],
  );
  return row !== undefined;
}

/** Writes down what has run out, dated when it was due. */
export async function settleConversation(
  db: Database,
  ids: ConversationIds,
  dayMs: number,
): Promise<ChatSnapshot> {
  return db.transact(async (tx) => {
    const locked = await lockConversation(tx, ids);
    const conversation = await saveChat(tx, locked, settle(locked.chat, await tx.now(), dayMs), null);
    return snapshotOf(conversation, await hasQueued(tx, ids));
  });
}

const settledAtOnce = 500;

/**
 * Settles all overdue conversations, of one organization or of all: before lists are read, and by the sweep. Returns how many
 * there were.
 */
export async function settleOverdue(
  db: Database,
  options: { organizationId?: string; dayMs: number },
): Promise<number> {
  const { organizationId = null, dayMs } = options;
  for (let settled = 0; ;) {
    const now = await db.now();
    const overdue = await db.query(
      'select 1 from conversations where deadline_at <= $1 and ($2::uuid is null or organization_id = $2) limit 1',
      [now, organizationId],
    );
    if (overdue.length === 0) return settled;
    settled += await db.transact((tx) => settleSome(tx, { organizationId, overdueAt: now, dayMs }));
  }
}

async function settleSome(
  tx: Tx,
  { organizationId, overdueAt, dayMs }: { organizationId: string | null; overdueAt: Date; dayMs: number },
): Promise<number> {
  // Locked in the order of ids, as everywhere where several are.
  const rows = await tx.query<ConversationRow>(
    `select ${columns} from conversations where deadline_at <= $1 and ($2::uuid is null or organization_id = $2)
     order by id limit $3 for update`,
    [overdueAt, organizationId, settledAtOnce],
  );
  if (rows.length === 0) return 0;
  const now = await tx.now();
  const settled = rows.map(toLocked).map((before) => ({ before, ...settle(before.chat, now, dayMs) }));
  await tx.query(
    `update conversations c set status = s.status, owner_id = s.owner_id, inbox_user_id = c.responsible_user_id, opened_at = s.opened_at,
       deadline_at = s.deadline_at, chat_version = s.version, updated_at = $2
     from jsonb_to_recordset($1::jsonb) as s(organization_id uuid, id uuid, status chat_status, owner_id uuid, opened_at timestamptz,
       deadline_at timestamptz, version int)
     where c.organization_id = s.organization_id and c.id = s.id`,
    [
      JSON.stringify(
        settled.map(({ before, chat }) => ({
          organization_id: before.organizationId,
          id: before.id,
          status: chat.status,
          owner_id: chat.ownerId,
          opened_at: chat.openedAt,
          deadline_at: chat.deadlineAt,
          version: chat.version,
        })),
      ),
      now,
    ],
  );
  for (const organization of new Set(settled.map(({ before }) => before.organizationId))) {
    const entries = settled
      .filter(({ before }) => before.organizationId === organization)
      .flatMap(({ before, changes }) =>
        changes.flatMap((change) => timelineOf(before.personId, change, null)),
      );
    await writeTimeline(tx, organization, entries);
  }
  for (const { before } of settled) noticeConversation(tx, before);
  return rows.length;
}
