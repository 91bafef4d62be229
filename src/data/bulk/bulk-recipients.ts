import { z } from 'zod';
import { unattendedReasonText, type ReasonCode } from '../../contracts/reasons';
import type { BulkHold, BulkRecipient, BulkSendDetail, RecipientFilters } from '../../contracts/sends';
import { csvLine, csvStart } from '../../domain/csv';
import type { Actor } from '../../domain/permissions';
import { outcomeSql, recipientTables } from './bulk-outcome';
import { assertBulkSend, readBulkSend } from './bulk-sends';
import type { Database } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { accountOfChannelSql } from '../messages/send-facts';
import { matchesName } from '../people/people-filter';
import { createParams, isoSql, personNameSql, type Queryable } from '../sql';

const reasonSql = 'coalesce(m.reason, r.reason)';

const columns = `r.position, r.person_id as "personId", r.application_id as "applicationId", ${personNameSql('p')} as name, r.channel,
  ${outcomeSql} as outcome, r.message_id as "messageId", ${reasonSql} as reason, ${isoSql('r.not_before')} as "notBefore"`;

const people = 'join people p on p.organization_id = r.organization_id and p.id = r.person_id';

const recipientPosition = z.tuple([z.number().int()]);

type RecipientRow = Omit<BulkRecipient, 'reasonText'>;

/** In the order in which they are sent to. */
export async function listBulkRecipients(
  db: Queryable,
  actor: Actor,
  bulkSendId: string,
  { cursor, limit, ...filters }: RecipientFilters & { cursor?: string | undefined; limit: number },
): Promise<Page<BulkRecipient>> {
  await assertBulkSend(db, actor, bulkSendId);
  const after = cursor === undefined ? -1 : decodeCursor(cursor, recipientPosition)[0];
  const { where, values, add } = conditions(actor, bulkSendId, filters, after);
  const rows = await db.query<RecipientRow>(
    `select ${columns} ${recipientTables} ${people} where ${where} order by r.position limit ${add(limit + 1)}`,
    values,
  );
  return toPage(
    rows,
    limit,
    (row) => ({ ...row, reasonText: row.reason === null ? null : unattendedReasonText(row.reason) }),
    (row) => [row.position],
  );
}

function conditions(actor: Actor, bulkSendId: string, filters: RecipientFilters, after: number) {
  const params = createParams(actor.organizationId);
  const { add } = params;
  const { outcome, reason, q } = filters;
  const where = [
    `r.organization_id = $1 and r.bulk_send_id = ${add(bulkSendId)} and r.position > ${add(after)}`,
    ...(outcome ? [`${outcomeSql} = ${add(outcome)}`] : []),
    ...(reason ? [`${reasonSql} = ${add(reason)}`] : []),
    ...(q ? [matchesName(q.toLowerCase().split(/\s+/).slice(0, 10), 'p', add)] : []),
  ];
  return { ...params, where: where.join(' and ') };
}

type CsvRow = RecipientRow & Record<'to' | 'sentAt' | 'deliveredAt' | 'readAt' | 'failedAt', string | null>;

const batch = 2_000;

/** The same list as a file, a batch at a time: no more than that is ever held. */
export async function* bulkRecipientsCsv(
  db: Database,
  actor: Actor,
  bulkSendId: string,
  filters: RecipientFilters,
): AsyncGenerator<string, void, void> {
  await assertBulkSend(db, actor, bulkSendId);
  const [organization] = await db.query<{ timeZone: string }>(
    'select time_zone as "timeZone" from organizations where id = $1',
    [actor.organizationId],
  );
  const { timeZone } = organization!;
  yield csvStart + csvLine([...headings, ...times.map((time) => `${time} (${timeZone})`), ...idHeadings]);
  for (let after = -1; ;) {
    const { where, values, add } = conditions(actor, bulkSendId, filters, after);
    const zone = `${add(timeZone)}::text`;
    const local = (column: string) =>
      `to_char(m.${column} at time zone ${zone}, 'YYYY-MM-DD HH24:MI:SS') as "${column.replace('_at', 'At')}"`;
    const rows: CsvRow[] = await db.query<CsvRow>(
      `select ${columns}, cp.value as "to", ${['sent_at', 'delivered_at', 'read_at', 'failed_at'].map(local).join(', ')}
       ${recipientTables} ${people}
       left join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id
       where ${where} order by r.position limit ${batch}`,
      values,
    );
    if (rows.length > 0) yield rows.map((row) => csvLine(cellsOf(row))).join('');
    const last = rows.at(-1);
    if (!last || rows.length < batch) return;
    after = last.position;
  }
}

const headings = ['Person', 'Channel', 'To', 'Result', 'Reason', 'Reason in words'];
const times = ['Sent', 'Delivered', 'Read', 'Failed'];
const idHeadings = ['Person id', 'Match id', 'Message id'];

const cellsOf = (row: CsvRow): (string | null)[] => [
  row.name,
  row.channel,
  row.to,
  row.outcome,
  row.reason,
  row.reason === null ? null : unattendedReasonText(row.reason),
  row.sentAt,
  row.deliveredAt,
  row.readAt,
  row.failedAt,
  row.personId,
  row.applicationId,
  row.messageId,
];

/** With what came of it by reason, and why it does not move. */
export async function readBulkSendDetail(
  db: Database,
  actor: Actor,
  bulkSendId: string,
): Promise<BulkSendDetail> {
  const send = await readBulkSend(db, actor, bulkSendId);
  const ids = [actor.organizationId, bulkSendId];
  const reasons = await db.query<{ code: ReasonCode; count: number }>(
    `select reason as code, sum(people)::int as count from bulk_counts
     where organization_id = $1 and bulk_send_id = $2 and reason is not null group by 1 having sum(people) <> 0 order by 2 desc, 1`,
    ids,
  );
  return {
    ...send,
    hold: await holdOf(db, send, ids),
    reasons: reasons.map((one) => ({ ...one, text: unattendedReasonText(one.code) })),
  };
}

type WaitingGroup = { why: Exclude<BulkHold, 'scheduled'> | null; people: number; until: string | null };

/** What holds up all who wait; where it moves for one, nothing does. */
async function holdOf(
  db: Database,
  { state, counts, sendAt }: Pick<BulkSendDetail, 'state' | 'counts' | 'sendAt'>,
  ids: string[],
): Promise<BulkSendDetail['hold']> {
  if (state !== 'running' || counts.waiting === 0) return null;
  const now = await db.now();
  if (sendAt !== null && Date.parse(sendAt) > now.getTime()) return { why: 'scheduled', until: sendAt };
  const groups = await db.query<WaitingGroup>(
    `select why, sum(people)::int as people, ${isoSql('min(until)')} as until from (
       select case when r.quiet then 'quiet_hours' when a.state = 'paused' then 'channel_paused'
           when r.channel = 'whatsapp' and b.whatsapp_held_until > $3 then 'messaging_limit' end as why,
         case when r.quiet then r.until else b.whatsapp_held_until end as until, r.people
       from (select channel, coalesce(not_before > $3, false) as quiet, min(not_before) as until, count(*) as people from bulk_recipients
         where organization_id = $1 and bulk_send_id = $2 and state = 'waiting' group by 1, 2) r
       join bulk_sends b on b.organization_id = $1 and b.id = $2
       left join lateral (${accountOfChannelSql('state', { organizationId: '$1', channel: 'r.channel' })}) a on true
       union all
       select case when c.blocked_by in ('channel_paused', 'messaging_limit', 'quiet_hours') then c.blocked_by end, c.not_before, 1
       from messages m
       join bulk_recipients r on r.organization_id = m.organization_id and r.message_id = m.id and r.bulk_send_id = $2
       join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
       where m.organization_id = $1 and m.state in ('queued', 'dispatching')) waiting
     group by why order by why is null desc, sum(people) desc`,
    [...ids, now],
  );
  const [most] = groups;
  if (!most || most.why === null) return null;
  return { why: most.why, until: most.why === 'channel_paused' ? null : most.until };
}
