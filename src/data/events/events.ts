import type { EventType, OutgoingEvent } from '../../contracts/events';
import type { TimelineKind } from '../../contracts/records';
import { DomainError } from '../../domain/errors';
import { hideKeys } from '../../domain/mail-keys';
import type { Database, Tx } from '../database';
import { isAttachmentSql, isoSql, type Queryable } from '../sql';

export type NewEvent = {
  id: string;
  organizationId: string;
  type: EventType;
  /** Default: the person's. */
  conversationId?: string;
  personId: string;
  applicationId?: string | null;
  messageId?: string | null;
  data?: Record<string, unknown>;
  occurredAt: Date;
};

const eventColumns = `organization_id uuid, event text, id uuid, conversation_id uuid, person_id uuid, application_id uuid, message_id uuid,
  event_data jsonb, occurred_at timestamptz`;

/**
 * Keeps events, where the organization has somebody to tell (R-LOG-5): for a CTE of the statement that makes it happen, so that a message
 * costs no round trip more. `rows` stands for `eventRows`, or `timelineRows`.
 */
export const insertEventsSql = (rows: string, organizationId = 'e.organization_id'): string =>
  `insert into events (organization_id, id, type, conversation_id, person_id, application_id, message_id, data, occurred_at)
   select o.id, e.id, e.event, coalesce(e.conversation_id, (select c.id from conversations c
       where c.organization_id = o.id and c.person_id = e.person_id)),
     e.person_id, e.application_id, e.message_id, coalesce(e.event_data, '{}'), e.occurred_at
   from jsonb_to_recordset(${rows}::jsonb) as e(${eventColumns})
   join organizations o on o.id = ${organizationId} and o.events_enabled
   where e.event is not null`;

export function eventRows(events: NewEvent[]): string {
  return JSON.stringify(
    events.map((event) => ({
      organization_id: event.organizationId,
      event: event.type,
      id: event.id,
      conversation_id: event.conversationId ?? null,
      person_id: event.personId,
      application_id: event.applicationId ?? null,
      message_id: event.messageId ?? null,
      event_data: event.data ?? {},
      occurred_at: event.occurredAt.toISOString(),
    })),
  );
}

/** For what makes no statement of its own to keep them in. */
export async function writeEvents(tx: Tx, events: NewEvent[]): Promise<void> {
  await tx.query(`with evented as (${insertEventsSql('$1')}) select 1`, [eventRows(events)]);
}

type Told = { kind: TimelineKind; actorUserId?: string | null; data?: Record<string, unknown> };

/** The event of a timeline entry: ids and states only, never words. */
export function eventOfEntry(entry: Told): { event: EventType; event_data: object } | undefined {
  const { kind, data = {} } = entry;
  const byUserId = entry.actorUserId ?? null;
  const pick = (...keys: string[]) => Object.fromEntries(keys.map((key) => [key, data[key] ?? null]));
  const chat = (status: string, ownerId: unknown, previousOwnerId: unknown) => ({
    byUserId,
    chat: { status, ownerId: ownerId ?? null, previousOwnerId: previousOwnerId ?? null },
  });
  switch (kind) {
    case 'messageSent':
    case 'messageReceived':
      return { event: 'message.created', event_data: { byUserId } };
    case 'messageSuppressed':
      return { event: 'message.suppressed', event_data: { byUserId, ...pick('reason') } };
    case 'messageFailed':
      return { event: 'message.failed', event_data: { byUserId, ...pick('reason') } };
    case 'messageScheduled':
    case 'messageUnscheduled':
      return {
        event: kind === 'messageScheduled' ? 'message.scheduled' : 'message.unscheduled',
        event_data: {
          byUserId,
          scheduled: { id: data.scheduledMessageId, channel: data.channel, dueAt: data.dueAt ?? null },
        },
      };
    case 'chatStarted':
      return { event: 'chat.started', event_data: chat('active', byUserId, null) };
    case 'chatClosed':
      return { event: 'chat.closed', event_data: chat('open', null, data.ownerId) };
    case 'chatHandedOver':
      return { event: 'chat.handedOver', event_data: chat('active', data.to, data.from) };
    case 'chatExpired':
      return {
        event: 'chat.expired',
        event_data: chat(data.to === 'closed' ? 'closed' : 'open', null, data.ownerId),
      };
    case 'stageMoved':
      return { event: 'application.moved', event_data: { byUserId, ...pick('fromStageId', 'toStageId') } };
    case 'rejected':
    case 'withdrawn':
    case 'reopened':
      return { event: `application.${kind}`, event_data: { byUserId } };
    case 'consent':
      return { event: 'consent.changed', event_data: { byUserId, ...pick('channel', 'granted') } };
    case 'optOut':
      return {
        event: 'optOut.changed',
        event_data: { byUserId, ...pick('optedOut', 'marketingOnly', 'channels') },
      };
    default:
      return undefined;
  }
}

/** From now on there is somebody to tell. */
export async function enableEvents(tx: Tx, organizationId: string): Promise<void> {
  await tx.query('update organizations set events_enabled = true where id = $1 and not events_enabled', [
    organizationId,
  ]);
}

const placedAtOnce = 5000;

/**
 * Gives committed events their place in the feed: one after the other, without gaps, and never before one that was given already. What
 * commits later comes later, so no reader ever passes it by; within a conversation the order is that of its commits, for `seq` is taken
 * under its lock.
 */
export async function placeEvents(db: Database, organizationId: string): Promise<void> {
  for (;;) {
    const [unplaced] = await db.prepared(
      'select 1 from events where organization_id = $1 and position is null limit 1',
      [organizationId],
    );
    if (!unplaced) return;
    const placed = await db.transact(async (tx) => {
      await tx.prepared(`select pg_advisory_xact_lock(hashtextextended('events:' || $1, 0))`, [
        organizationId,
      ]);
      return tx.prepared(
        `with last as materialized (
           select coalesce(
             (select position from events where organization_id = $1 and position is not null order by position desc limit 1),
             (select events_removed_to from organizations where id = $1)) as position),
         unplaced as materialized (
           select id, row_number() over (order by seq) as number from (
             select id, seq from events where organization_id = $1 and position is null order by seq limit $2) u)
         update events e set position = last.position + unplaced.number from unplaced, last
         where e.organization_id = $1 and e.id = unplaced.id returning 1`,
        [organizationId, placedAtOnce],
      );
    });
    if (placed.length < placedAtOnce) return;
  }
}

export type EventPage = { items: OutgoingEvent[]; cursor: string; more: boolean };

/** R-LOG-5: the feed. */
export async function readFeed(
  db: Database,
  organizationId: string,
  query: { after?: string | undefined; limit: number },
): Promise<EventPage> {
  await placeEvents(db, organizationId);
  const after = Number(query.after ?? 0);
  const rows = await selectEvents(db, {
    where: 'e.organization_id = $1 and e.position > $2',
    order: 'order by e.position limit $3',
    values: [organizationId, after, query.limit + 1],
  });
  // After the read: what is removed meanwhile is noticed, too.
  if (query.after !== undefined) await assertKept(db, organizationId, after);
  if (rows.length === 0 && after > 0) await assertReached(db, organizationId, after);
  const shown = rows.slice(0, query.limit);
  return {
    items: shown.map(toEvent),
    cursor: String(shown.at(-1)?.position ?? after),
    more: rows.length > query.limit,
  };
}

async function assertKept(db: Database, organizationId: string, after: number): Promise<void> {
  const [removed] = await db.prepared(
    'select 1 from organizations where id = $1 and events_removed_to > $2',
    [organizationId, after],
  );
  if (!removed) return;
  throw new DomainError(
    'cursor_expired',
    'Events after this cursor are older than events are kept, and gone. Read the present state of what you need, then ask ' +
      'again without `after`: the feed goes on from the oldest event that is kept.',
  );
}

/** A place that the feed has not come to yet, as after a restored backup: what takes it in the meantime would be left out. */
async function assertReached(db: Database, organizationId: string, after: number): Promise<void> {
  const [reached] = await db.prepared(
    `select 1 from organizations o where o.id = $1 and (o.events_removed_to >= $2
       or exists (select 1 from events e where e.organization_id = $1 and e.position >= $2))`,
    [organizationId, after],
  );
  if (reached) return;
  throw new DomainError(
    'cursor_expired',
    'This cursor is ahead of the feed: it is of another one, or of before a backup was restored. Read the present state of what you ' +
      'need, then ask again without `after`.',
  );
}

/** Some events by their ids, as they are told; one that is gone is left out. */
export async function readEvents(
  db: Queryable,
  organizationId: string,
  ids: string[],
): Promise<Map<string, OutgoingEvent>> {
  const rows = await selectEvents(db, {
    where: 'e.organization_id = $1 and e.id = any($2::uuid[])',
    order: '',
    values: [organizationId, ids],
  });
  return new Map(rows.map((row) => [row.id, toEvent(row)]));
}

type Row = {
  id: string;
  type: EventType;
  position: number;
  timestamp: string;
  conversationId: string | null;
  person: object;
  application: object | null;
  messageId: string | null;
  message: { direction: 'in' | 'out'; text: string | null } | null;
  fromStage: object | null;
  toStage: object | null;
  data: Record<string, unknown>;
};

/** R-CONF-1: its message, where it is about one, has not become private since; or it tells of just that. */
export const keptMessage = (e: string): string =>
  `(${e}.message_id is null or ${e}.type not like 'message.%' or ${e}.type = 'message.removed' or exists (
     select 1 from messages kept where kept.organization_id = ${e}.organization_id and kept.id = ${e}.message_id))`;

const attachmentIdsSql = (m: string): string => `coalesce(${m}.content -> 'mediaIds', (
  select jsonb_agg(f.id order by f.id) from media f
  join mails w on w.organization_id = f.organization_id and w.id = f.mail_id and not w.private
  where f.organization_id = ${m}.organization_id and f.mail_id = (${m}.content ->> 'mailId')::uuid
    and ${isAttachmentSql('f', 'w')}), '[]')`;

const externalRef = (alias: string, more = ''): string =>
  `case when ${alias}.id is not null then jsonb_build_object('id', ${alias}.id, 'externalId', ${alias}.external_id${more}) end`;

function selectEvents(
  db: Queryable,
  { where, order, values }: { where: string; order: string; values: unknown[] },
): Promise<Row[]> {
  return db.prepared<Row>(
    `select e.id, e.type, e.position, ${isoSql('e.occurred_at')} as timestamp, e.conversation_id as "conversationId",
       e.message_id as "messageId", e.data, ${externalRef('p', `, 'kind', p.kind`)} as person,
       ${externalRef('a', `, 'vacancy', ${externalRef('v')}`)} as application,
       ${externalRef('fs')} as "fromStage", ${externalRef('ts')} as "toStage",
       case when m.id is not null then jsonb_build_object('id', m.id, 'channel', m.channel, 'direction', m.direction, 'origin', m.origin,
         'kind', m.kind, 'title', m.title, 'text', m.body, 'mediaId', m.content ->> 'mediaId',
         'attachmentIds', ${attachmentIdsSql('m')},
         'occurredAt', ${isoSql('m.occurred_at')}) end as message
     from events e
     join people p on p.organization_id = e.organization_id and p.id = e.person_id
     left join messages m on m.organization_id = e.organization_id and m.id = e.message_id
     left join applications a on a.organization_id = e.organization_id and a.id = coalesce(e.application_id, m.application_id)
     left join vacancies v on v.organization_id = e.organization_id and v.id = a.vacancy_id
     left join stages fs on fs.organization_id = e.organization_id and fs.id = (e.data ->> 'fromStageId')::uuid
     left join stages ts on ts.organization_id = e.organization_id and ts.id = (e.data ->> 'toStageId')::uuid
     where ${where} and ${keptMessage('e')} ${order}`,
    values,
  );
}

function toEvent({ id, type, timestamp, conversationId, person, application, ...row }: Row): OutgoingEvent {
  const { fromStageId: _from, toStageId: _to, ...data } = row.data;
  const message = row.message && {
    ...row.message,
    text: row.message.text && hideKeys(row.message.text),
    state: stateThen(type, row.message.direction),
  };
  const ofMessage = type === 'message.removed' ? { messageId: row.messageId } : { message };
  return {
    id,
    type,
    timestamp,
    data: {
      conversationId,
      person,
      application,
      byUserId: null,
      ...data,
      ...(type.startsWith('message.') && !('scheduled' in data) ? ofMessage : {}),
      ...(type === 'application.moved' ? { fromStage: row.fromStage, toStage: row.toStage } : {}),
    },
  } as OutgoingEvent;
}

/** A message's state at its event, whatever has become of it since. */
function stateThen(type: EventType, direction: 'in' | 'out'): string {
  if (type === 'message.delayed') return 'sent';
  if (type !== 'message.created') return type.slice('message.'.length);
  return direction === 'in' ? 'received' : 'queued';
}
