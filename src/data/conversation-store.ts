import { notFound } from '../domain/errors';
import { settle, type Chat, type ChatChange, type Step } from '../domain/chat';
import type { ChatSnapshot } from '../domain/snapshot';
import { conversationWorkflowId } from '../domain/workflow-ids';
import type { Database, Tx } from './database';
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
};

type ConversationRow = Omit<LockedConversation, 'chat'> & Chat;

const columns = `id, organization_id as "organizationId", person_id as "personId", status, owner_id as "ownerId",
  last_owner_id as "lastOwnerId", chat_version as "version", last_contact_at as "lastContactAt", opened_at as "openedAt",
  last_inbound_at as "lastInboundAt", deadline_at as "deadlineAt", responsible_user_id as "responsibleUserId",
  message_count as "messageCount", inbound_count as "inboundCount", unanswered_since as "unansweredSince",
  last_sender_id as "lastSenderId", blocked_by as "blockedBy", not_before as "notBefore"`;

/** Locks one conversation; 404 when it is not the organization's. */
export async function lockConversation(tx: Tx, ids: ConversationIds): Promise<LockedConversation> {
  const [row] = await tx.query<ConversationRow>(
    `select ${columns} from conversations where organization_id = $1 and id = $2 for update`,
    [ids.organizationId, ids.conversationId],
  );
  if (!row) throw notFound('conversation');
  return toLocked(row);
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
    ...chat
  } = row;
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
    chat,
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
  await tx.query(
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
  const rows = await tx.query(
    `select 1 from messages where organization_id = $1 and conversation_id = $2 and state in ('queued', 'dispatching') limit 1`,
    [ids.organizationId, ids.conversationId],
  );
  return rows.length > 0;
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
