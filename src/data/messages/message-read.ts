import { z } from 'zod';
import type { Message, MessageDetails, MessageState } from '../../contracts/messages';
import type { EmployerMessage } from '../../contracts/people';
import { reasonText } from '../../contracts/reasons';
import { notFound } from '../../domain/errors';
import { mayCancelScheduled, seesEverything, type Actor } from '../../domain/permissions';
import type { ConversationIds } from '../conversations/conversation-store';
import { assertVisible } from './accept-message';
import type { MessageContent } from './message-content';
import { hideKeys, withoutKeys } from '../../domain/mail-keys';
import { decodeCursor, toPage, type Page } from '../page';
import { createParams, fullNameSql, isAttachmentSql, isoSql, userSummarySql, type Queryable } from '../sql';
import { visiblePerson } from '../visibility';

type Row = Omit<
  Message,
  | 'location'
  | 'contacts'
  | 'copies'
  | 'buttons'
  | 'reasonText'
  | 'canRetry'
  | 'reactions'
  | 'template'
  | 'attachments'
> & {
  content: MessageContent | null;
  attachments: Message['attachments'] | null;
  template: { id: string; name: string } | null;
  reactions: Message['reactions'] | null;
};

const fileSql = (alias: string): string =>
  `jsonb_build_object('id', ${alias}.id, 'state', ${alias}.state, 'mimeType', ${alias}.mime_type, 'filename', ${alias}.filename,
    'size', ${alias}.size, 'voice', ${alias}.voice, 'url', case when ${alias}.state = 'stored' then '/api/v1/media/' || ${alias}.id end)`;

const quotedAtMost = 20_000;

const mailSql = `case when w.id is not null then jsonb_build_object('id', w.id, 'subject', w.subject, 'to', w."to", 'cc', w.cc,
    'from', jsonb_build_object('name', w.from_name, 'address', w.from_address), 'hasHtml', w.html is not null,
    'hasOriginal', exists (select 1 from mail_raws wr where wr.organization_id = w.organization_id and wr.mail_id = w.id),
    'quoted', left(w.quoted, ${quotedAtMost}),
    'attachments', case when w.attachments = 0 then '[]' else (
      select coalesce(jsonb_agg(${fileSql('wf')} order by wf.id), '[]')
      from media wf where wf.organization_id = w.organization_id and wf.mail_id = w.id
        and ${isAttachmentSql('wf', 'w')}) end) end`;

const columns = `m.id, m.conversation_id as "conversationId", m.application_id as "applicationId", m.position, m.channel, m.direction, m.origin,
  m.state, m.kind, m.title, m.body, m.content, m.credits, m.reason, m.reason_detail as "reasonDetail",
  case when f.id is not null then ${fileSql('f')} end as media,
  case when m.content ? 'mediaIds' then (
    select jsonb_agg(${fileSql('af')} order by a.place) from jsonb_array_elements_text(m.content -> 'mediaIds') with ordinality a(id, place)
    join media af on af.organization_id = m.organization_id and af.id = a.id::uuid) end as attachments,
  case when t.id is not null then jsonb_build_object('id', t.id, 'name', t.name) end as template,
  case when r.id is not null then jsonb_build_object('id', r.id, 'body', r.body, 'kind', r.kind, 'direction', r.direction) end as "replyTo",
  (select jsonb_agg(jsonb_build_object('by', case when x.actor = 'person' then 'person' else 'user' end,
      'name', case when x.actor = 'person' then ${fullNameSql('p')} else ${fullNameSql('xu')} end, 'emoji', x.emoji) order by x.occurred_at)
    from reactions x left join users xu on xu.organization_id = x.organization_id and xu.id::text = x.actor
    where x.organization_id = m.organization_id and x.message_id = m.id and x.emoji <> '') as reactions,
  ${userSummarySql('sender')} as sender, ${mailSql} as mail,
  (select n.id from messages n where n.organization_id = m.organization_id and n.conversation_id = m.conversation_id and n.retry_of_id = m.id limit 1)
    as "retriedById",
  ${isoSql('m.occurred_at')} as "occurredAt", ${isoSql('m.created_at')} as "createdAt", ${isoSql('m.sent_at')} as "sentAt",
  ${isoSql('m.delivered_at')} as "deliveredAt", ${isoSql('m.read_at')} as "readAt", ${isoSql('m.failed_at')} as "failedAt"`;

const tables = `from messages m
  join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
  join people p on p.organization_id = c.organization_id and p.id = c.person_id
  left join media f on f.organization_id = m.organization_id and f.id = (m.content ->> 'mediaId')::uuid
  left join templates t on t.organization_id = m.organization_id and t.id = m.template_id
  left join messages r on r.organization_id = m.organization_id and r.id = m.reply_to_id
  left join users sender on sender.organization_id = m.organization_id and sender.id = m.sender_user_id
  left join mails w on w.organization_id = m.organization_id and w.id = (m.content ->> 'mailId')::uuid and not w.private`;

const position = z.tuple([z.iso.datetime(), z.number().int()]);

/** The messages of a conversation, newest first by when they were said. */
export async function listMessages(
  db: Queryable,
  actor: Actor,
  ids: ConversationIds,
  query: { cursor?: string | undefined; limit: number; applicationId?: string | undefined },
): Promise<Page<Message>> {
  await assertVisible(db, actor, ids);
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, position);
  const rows = await db.query<Row>(
    `select ${columns} ${tables}
     where m.organization_id = $1 and m.conversation_id = $2
       and ($3::timestamptz is null or (m.occurred_at, m.position) < ($3::timestamptz, $4::int))
       and ($5::uuid is null or m.application_id = $5)
     order by m.occurred_at desc, m.position desc limit $6`,
    [
      ids.organizationId,
      ids.conversationId,
      after?.[0] ?? null,
      after?.[1] ?? null,
      query.applicationId ?? null,
      query.limit + 1,
    ],
  );
  return toPage(rows, query.limit, toMessage, (row) => [row.occurredAt, row.position]);
}

const positionOfMany = z.tuple([z.iso.datetime(), z.uuid()]);

/**
 * R-BOX-5: what was said with the contacts of an employer, newest first by when it was said. Of each conversation no more is read than a page
 * shows, from the index it is listed by itself.
 */
export async function listEmployerMessages(
  db: Queryable,
  actor: Actor,
  employerId: string,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<EmployerMessage>> {
  const params = createParams(actor.organizationId, employerId);
  const limit = params.add(query.limit + 1);
  let older = 'true';
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, positionOfMany);
    const before = params.add(at);
    older = `m.occurred_at <= ${before}::timestamptz and (m.occurred_at, m.id) < (${before}::timestamptz, ${params.add(id)}::uuid)`;
  }
  const newest = await db.query<{ id: string }>(
    `select found.id from people p
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
     cross join lateral (
       select m.id, m.occurred_at from messages m
       where m.organization_id = c.organization_id and m.conversation_id = c.id and ${older}
       order by m.occurred_at desc, m.id desc limit ${limit}) found
     where p.organization_id = $1 and p.employer_id = $2 and p.merged_into_id is null and p.erased_at is null and ${visiblePerson(actor, 'p')}
     order by found.occurred_at desc, found.id desc limit ${limit}`,
    params.values,
  );
  const rows = await db.query<Row & Pick<EmployerMessage, 'person'>>(
    `select ${columns}, jsonb_build_object('id', p.id, 'name', ${fullNameSql('p')}) as person ${tables}
     where m.organization_id = $1 and m.id = any($2::uuid[])
     order by m.occurred_at desc, m.id desc`,
    [actor.organizationId, newest.map(({ id }) => id)],
  );
  return toPage(
    rows,
    query.limit,
    (row) => ({ ...toMessage(row), person: row.person }),
    (row) => [row.occurredAt, row.id],
  );
}

/** One message that the actor may see. */
export async function readMessage(db: Queryable, actor: Actor, messageId: string): Promise<Message> {
  const sql = `select ${columns} ${tables} where m.organization_id = $1 and m.id = $2 and ${visiblePerson(actor, 'p')}`;
  const values = [actor.organizationId, messageId];
  const [row] = await (seesEverything(actor) ? db.prepared<Row>(sql, values) : db.query<Row>(sql, values));
  if (!row) throw notFound('message');
  return toMessage(row);
}

export type ReceiptRow = {
  status: 'sent' | 'delivered' | 'read' | 'failed';
  occurredAt: string;
  receivedAt: string;
  providerCode: number | null;
  detail: string | null;
};

/** What the provider said of it, in the order it happened. */
export async function readReceipts(
  db: Queryable,
  organizationId: string,
  messageId: string,
): Promise<ReceiptRow[]> {
  return db.query<ReceiptRow>(
    `select status, ${isoSql('occurred_at')} as "occurredAt", ${isoSql('received_at')} as "receivedAt", provider_code as "providerCode", detail
     from receipts where organization_id = $1 and message_id = $2 order by occurred_at, status`,
    [organizationId, messageId],
  );
}

/** R-SEND-9: what goes, or went, in place of it, and what it stands in for. */
export async function readFallback(
  db: Queryable,
  actor: Actor,
  messageId: string,
): Promise<Pick<MessageDetails, 'fallback' | 'replacedBy' | 'fallbackOf'>> {
  type FallbackRow = Pick<MessageDetails, 'replacedBy' | 'fallbackOf'> & {
    fallback: (NonNullable<MessageDetails['fallback']> & { userId: string | null }) | null;
  };
  const [row] = await db.query<FallbackRow>(
    `select case when s.state = 'planned' and m.state not in ('delivered', 'read') then jsonb_build_object('scheduledMessageId', s.id,
         'channel', s.channels[1], 'dueAt', ${isoSql('s.due_at')}, 'quiet', s.quiet, 'userId', s.user_id) end as fallback,
       case when r.id is not null then jsonb_build_object('id', r.id, 'channel', r.channel) end as "replacedBy",
       case when f.id is not null then jsonb_build_object('id', f.id, 'channel', f.channel, 'state', f.state) end as "fallbackOf"
     from messages m
     left join scheduled_messages s on s.organization_id = m.organization_id and s.after_message_id = m.id
     left join messages r on r.organization_id = s.organization_id and r.id = s.message_id and s.state = 'done'
     left join messages f on f.organization_id = m.organization_id and f.id = m.fallback_of_id
     where m.organization_id = $1 and m.id = $2`,
    [actor.organizationId, messageId],
  );
  const { fallback = null, replacedBy = null, fallbackOf = null } = row ?? {};
  if (!fallback) return { fallback: null, replacedBy, fallbackOf };
  const { userId, ...planned } = fallback;
  return {
    fallback: { ...planned, mayCancel: mayCancelScheduled(actor, { userId }) },
    replacedBy,
    fallbackOf,
  };
}

const retryable: readonly MessageState[] = ['failed', 'suppressed', 'unknown', 'unconfirmed'];

function toMessage(row: Row): Message {
  const { content, reactions, attachments, ...message } = row;
  const { template, location, contacts, copies } = content ?? {};
  const reason = row.reason;
  const { mail } = message;
  return {
    ...withoutKeys(message),
    replyTo: withoutKeys(message.replyTo),
    mail: mail && (JSON.parse(hideKeys(JSON.stringify(mail))) as Message['mail']),
    location: location ?? null,
    contacts: contacts ?? null,
    copies: copies ?? null,
    buttons: template?.display.buttons ?? [],
    reactions: reactions ?? [],
    attachments: attachments ?? [],
    reasonText: reason === null ? null : reasonText[reason],
    canRetry: row.direction === 'out' && retryable.includes(row.state) && row.retriedById === null,
  };
}
