import { z } from 'zod';
import type { ReportCount, ReportFilters, ReportMessage, ReportSummary } from '../contracts/reports';
import { csvLine, csvStart } from '../domain/csv';
import { DomainError } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import type { Database } from './database';
import { decodeCursor, toPage, type Page } from './page';
import { createParams, fullNameSql, isoSql } from './sql';

type Period = { from: string; to: string; timeZone: string };
type Query = ReturnType<typeof createParams> & { where: string; timeZone: string };

const defaultDays = 30;
const mostDays = 3 * 366;
const notSent = `('failed', 'suppressed', 'cancelled')`;

const originSql = `case when m.direction = 'in' then 'person' when m.origin = 'manual' then 'hand' else 'automatic' end`;
/** What came back, or was never taken, costs nothing. */
const creditsSql = `case when m.direction = 'out' and m.state not in ${notSent} and back.message_id is null then m.credits else 0 end`;
const givenBack = `left join credit_entries back
  on back.organization_id = m.organization_id and back.message_id = m.id and back.kind in ('release', 'refund')`;

const columns = `m.id, m.conversation_id as "conversationId", m.channel, m.direction, ${originSql} as origin, m.state, m.reason,
  ${creditsSql} as credits, jsonb_build_object('id', p.id, 'name', ${fullNameSql('p')}) as person,
  case when v.id is not null then jsonb_build_object('id', v.id, 'title', v.title) end as vacancy,
  ${fullNameSql('u')} as sender, t.name as template, ${isoSql('m.occurred_at')} as "occurredAt"`;

const tables = `join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
  join people p on p.organization_id = c.organization_id and p.id = c.person_id
  left join applications a on a.organization_id = m.organization_id and a.id = m.application_id
  left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
  left join users u on u.organization_id = m.organization_id and u.id = m.sender_user_id
  left join templates t on t.organization_id = m.organization_id and t.id = m.template_id
  ${givenBack}`;

/** The rows of the list and the file: the messages first, and only those shown are joined. */
const rowsSql = (query: Query, after: string, limit: string, extra = '') =>
  `with m as materialized (
     select m.* from messages m where ${query.where} ${after} order by m.occurred_at desc, m.id desc limit ${limit})
   select ${columns} ${extra} from m ${tables} order by m.occurred_at desc, m.id desc`;

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/** R-LOG-3: the messages of a period, newest first. */
export async function listReport(
  db: Database,
  actor: Actor,
  { cursor, limit, ...filters }: ReportFilters & { cursor?: string | undefined; limit: number },
): Promise<Page<ReportMessage>> {
  const query = conditions(actor, await periodOf(db, actor, filters), filters);
  const after = cursor === undefined ? null : decodeCursor(cursor, position);
  const rows = await db.query<ReportMessage>(
    rowsSql(query, beforeSql(query, after), query.add(limit + 1)),
    query.values,
  );
  return toPage(
    rows,
    limit,
    (row) => row,
    (row) => [row.occurredAt, row.id],
  );
}

/** Totals, and what the charts draw. */
export async function summarizeReport(
  db: Database,
  actor: Actor,
  filters: ReportFilters,
): Promise<ReportSummary> {
  const period = await periodOf(db, actor, filters);
  const query = conditions(actor, period, filters);
  const counts = await db.query<ReportCount>(
    `select to_char(day, 'YYYY-MM-DD') as day, channel, state, count(*)::int as messages, sum(credits)::int as credits
     from (select (m.occurred_at at time zone ${query.timeZone})::date as day, m.channel, m.state, ${creditsSql} as credits
       from messages m ${givenBack} where ${query.where}) m
     group by m.day, channel, state order by m.day, channel, state`,
    query.values,
  );
  const total = (of: (count: ReportCount) => number) => counts.reduce((sum, count) => sum + of(count), 0);
  const inState = (...states: string[]) =>
    total(({ state, messages }) => (states.includes(state) ? messages : 0));
  return {
    ...period,
    totals: {
      messages: total(({ messages }) => messages),
      sent: inState('sent', 'delivered', 'read', 'unconfirmed'),
      received: inState('received'),
      notSent: inState('failed', 'suppressed', 'cancelled'),
      credits: total(({ credits }) => credits),
    },
    counts,
  };
}

type CsvRow = ReportMessage & {
  at: string;
  title: string | null;
  body: string | null;
  sentAt: string | null;
  deliveredAt: string | null;
  readAt: string | null;
  failedAt: string | null;
};

const batch = 2_000;

/** R-LOG-3: the same list as a CSV file, a batch at a time: no more than that is ever held. */
export async function* reportCsv(
  db: Database,
  actor: Actor,
  filters: ReportFilters,
): AsyncGenerator<string, void, void> {
  const period = await periodOf(db, actor, filters);
  yield csvStart + csvLine([`Time (${period.timeZone})`, ...headings]);
  let after: z.infer<typeof position> | null = null;
  for (;;) {
    const query = conditions(actor, period, filters);
    const local = (column: string) =>
      `to_char(m.${column} at time zone ${query.timeZone}, 'YYYY-MM-DD HH24:MI:SS')`;
    const rows: CsvRow[] = await db.query<CsvRow>(
      rowsSql(
        query,
        beforeSql(query, after),
        String(batch),
        `, m.title, m.body, ${local('occurred_at')} as at, ${local('sent_at')} as "sentAt", ${local('delivered_at')} as "deliveredAt",
         ${local('read_at')} as "readAt", ${local('failed_at')} as "failedAt"`,
      ),
      query.values,
    );
    if (rows.length > 0) yield rows.map((row) => csvLine(cellsOf(row))).join('');
    const last = rows.at(-1);
    if (!last || rows.length < batch) return;
    after = [last.occurredAt, last.id];
  }
}

const headings = [
  'Person',
  'Vacancy',
  'Channel',
  'Direction',
  'Automatic or by hand',
  'State',
  'Reason',
  'Sent by',
  'Template',
  'Title',
  'Text',
  'Credits',
  'Sent',
  'Delivered',
  'Read',
  'Failed',
  'Message id',
  'Conversation id',
];

const cellsOf = (row: CsvRow): (string | number | null)[] => [
  row.at,
  row.person.name,
  row.vacancy?.title ?? null,
  row.channel,
  row.direction,
  row.origin,
  row.state,
  row.reason,
  row.sender,
  row.template,
  row.title,
  row.body,
  row.credits,
  row.sentAt,
  row.deliveredAt,
  row.readAt,
  row.failedAt,
  row.id,
  row.conversationId,
];

async function periodOf(db: Database, actor: Actor, filters: ReportFilters): Promise<Period> {
  const [row] = await db.query<{ timeZone: string; today: string }>(
    `select time_zone as "timeZone", to_char($2::timestamptz at time zone time_zone, 'YYYY-MM-DD') as today
     from organizations where id = $1`,
    [actor.organizationId, await db.now()],
  );
  const { timeZone, today } = row!;
  const to = filters.to ?? (filters.from !== undefined && filters.from > today ? filters.from : today);
  const from = filters.from ?? daysBefore(to, defaultDays - 1);
  if (from > to) throw wrong('from', 'is later than the last day');
  if (from < daysBefore(to, mostDays)) throw wrong('from', 'is more than three years before the last day');
  return { from, to, timeZone };
}

function conditions(actor: Actor, period: Period, filters: ReportFilters): Query {
  const params = createParams(actor.organizationId);
  const timeZone = `${params.add(period.timeZone)}::text`;
  const midnight = (day: string, plus: string) =>
    `((${day}::date + ${plus})::timestamp at time zone ${timeZone})`;
  const where = [
    'm.organization_id = $1',
    `m.occurred_at >= ${midnight(params.add(period.from), '0')}`,
    `m.occurred_at < ${midnight(params.add(period.to), '1')}`,
  ];
  const { channel, vacancyId, userId, origin, state } = filters;
  if (channel !== undefined) where.push(`m.channel = ${params.add(channel)}::channel`);
  if (state !== undefined) where.push(`m.state = ${params.add(state)}::message_state`);
  if (userId !== undefined) where.push(`m.sender_user_id = ${params.add(userId)}::uuid`);
  if (origin !== undefined) where.push(`${originSql} = ${params.add(origin)}`);
  if (vacancyId !== undefined) {
    where.push(
      `m.application_id in (select id from applications where organization_id = $1 and vacancy_id = ${params.add(vacancyId)}::uuid)`,
    );
  }
  return { ...params, where: where.join(' and '), timeZone };
}

function beforeSql(query: Query, after: z.infer<typeof position> | null): string {
  if (!after) return '';
  return `and (m.occurred_at, m.id) < (${query.add(after[0])}::timestamptz, ${query.add(after[1])}::uuid)`;
}

function daysBefore(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - days);
  return date.toISOString().slice(0, 10);
}

const wrong = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });
