import { z } from 'zod';
import type { ReportCount, ReportFilters, ReportMessage, ReportSummary } from '../contracts/reports';
import { csvLine, csvStart } from '../domain/csv';
import { DomainError } from '../domain/errors';
import { hideKeys } from '../domain/mail-keys';
import type { Actor } from '../domain/permissions';
import { csvLineSql, type CsvCell } from './csv-sql';
import type { Database } from './database';
import { decodeCursor, toPage, type Page } from './page';
import { daySumsSql } from './report-days';
import { askedOneByOne, createParams, fullNameSql, isoSql, personNameSql } from './sql';

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
  ${creditsSql} as credits, jsonb_build_object('id', p.id, 'name', ${personNameSql('p')}) as person,
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
const rowsSql = (query: Query, after: string, limit: string, shown: string) =>
  `with m as materialized (
     select m.* from messages m where ${query.where} ${after} order by m.occurred_at desc, m.id desc limit ${limit})
   select ${shown} from m ${tables} order by m.occurred_at desc, m.id desc`;

const position = z.tuple([z.iso.datetime(), z.uuid()]);

/** R-LOG-3: the messages of a period, newest first. */
export async function listReport(
  db: Database,
  actor: Actor,
  { cursor, limit, ...filters }: ReportFilters & { cursor?: string | undefined; limit: number },
): Promise<Page<ReportMessage>> {
  const period = await periodOf(db, actor, filters);
  const found = await findOfVacancy(db, actor, filters);
  const query = conditions(actor, period, filters, found);
  const after = cursor === undefined ? null : decodeCursor(cursor, position);
  const rows = await db.query<ReportMessage>(
    rowsSql(query, beforeSql(query, after), query.add(limit + 1), columns),
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
  const { vacancyId, userId, origin } = filters;
  const counts = await ((vacancyId ?? userId ?? origin)
    ? countMessages(db, actor, period, filters)
    : countDays(db, actor, period, filters));
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

/** Days that are over from what they were added up to, the others from their messages: in one statement, so that each is as of the same instant. */
function countDays(
  db: Database,
  actor: Actor,
  period: Period,
  { channel, state }: ReportFilters,
): Promise<ReportCount[]> {
  const { values, add } = createParams(actor.organizationId);
  const [from, to, timeZone] = [period.from, period.to, period.timeZone].map(add) as [string, string, string];
  const [ofChannel, ofState] = [`${add(channel ?? null)}::channel`, `${add(state ?? null)}::message_state`];
  const midnight = (plus: string) => `((d.day + ${plus})::timestamp at time zone ${timeZone}::text)`;
  return db.query<ReportCount>(
    `with days as materialized (
       select d.day, r.counts from (
         select ${from}::date + n as day from generate_series(0, ${to}::date - ${from}::date) n) d
       left join report_days r on r.organization_id = $1 and r.day = d.day)
     select to_char(day, 'YYYY-MM-DD') as day, channel, state, messages, credits from (
       select d.day, s.* from days d,
         jsonb_to_recordset(d.counts) as s(channel channel, state message_state, messages int, credits int)
       where d.counts is not null
       union all
       select d.day, s.* from days d, lateral (${daySumsSql('$1', midnight('0'), midnight('1'))}) s where d.counts is null) sums
     where (${ofChannel} is null or channel = ${ofChannel}) and (${ofState} is null or state = ${ofState})
     order by sums.day, channel, state`,
    values,
  );
}

/** In one pass over the index by time, which holds all that is asked. */
async function countMessages(
  db: Database,
  actor: Actor,
  period: Period,
  filters: ReportFilters,
): Promise<ReportCount[]> {
  const query = conditions(actor, period, filters);
  const costs = `m.direction = 'out' and m.state not in ${notSent}`;
  const [counts, givenBack] = await Promise.all([
    db.query<ReportCount>(sumsSql(query, period, 'messages m', costs), query.values),
    countGivenBack(db, actor, period, filters),
  ]);
  for (const count of counts) count.credits -= givenBack.get(keyOf(count)) ?? 0;
  return counts;
}

/** What was taken after all, though its credits had come back: apart, for these are few. */
async function countGivenBack(
  db: Database,
  actor: Actor,
  period: Period,
  filters: ReportFilters,
): Promise<Map<string, number>> {
  const query = conditions(actor, period, filters);
  query.where += ` and m.credits > 0 and m.direction = 'out' and m.state not in ${notSent}`;
  const messages = `credit_entries back join messages m on m.organization_id = back.organization_id and m.id = back.message_id
    and back.organization_id = $1 and back.kind in ('release', 'refund')`;
  const sums = await db.query<ReportCount>(sumsSql(query, period, messages, 'true'), query.values);
  return new Map(sums.map((sum) => [keyOf(sum), sum.credits]));
}

const keyOf = ({ day, channel, state }: ReportCount): string => `${day} ${channel} ${state}`;

/** The day is found among the midnights of the period: that is cheaper for each message than the calendar. */
function sumsSql(query: Query, period: Period, from: string, costs: string): string {
  const first = `${query.add(period.from)}::date`;
  const midnights = `array(select (${first} + d)::timestamp at time zone ${query.timeZone}
    from generate_series(0, ${query.add(period.to)}::date - ${first}) d order by d)`;
  return `select to_char(${first} + day - 1, 'YYYY-MM-DD') as day, channel, state, messages, credits
    from (select width_bucket(m.occurred_at, ${midnights}) as day, m.channel, m.state, count(*)::int as messages,
        coalesce(sum(m.credits) filter (where ${costs}), 0)::int as credits
      from ${from} where ${query.where} group by 1, m.channel, m.state) sums
    order by sums.day, channel, state`;
}

const batch = 2_000;

/** R-LOG-3: the same list as a CSV file, a batch at a time: no more than that is ever held. */
export async function* reportCsv(
  db: Database,
  actor: Actor,
  filters: ReportFilters,
): AsyncGenerator<string, void, void> {
  const period = await periodOf(db, actor, filters);
  const found = await findOfVacancy(db, actor, filters);
  yield csvStart + csvLine([`Time (${period.timeZone})`, ...headings]);
  let after: z.infer<typeof position> | null = null;
  for (;;) {
    const query = conditions(actor, period, filters, found);
    const line = `${csvLineSql(cells(query.timeZone))}, m.occurred_at, m.id`;
    const rows = rowsSql(query, beforeSql(query, after), String(batch), line);
    const [part]: CsvPart[] = await db.query<CsvPart>(
      `select string_agg(line, '' order by occurred_at desc, id desc) as lines, count(*)::int as rows,
         ${isoSql('min(occurred_at)')} as at, (array_agg(id order by occurred_at, id))[1] as id from (${rows}) r`,
      query.values,
    );
    const { lines, rows: count, at, id } = part!;
    if (lines !== null) yield hideKeys(lines);
    if (count < batch) return;
    after = [at, id];
  }
}

type CsvPart = { lines: string | null; rows: number; at: string; id: string };

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

/** In SQL: a line is made where its facts are, and the api passes it on, without keys as everywhere. */
function cells(timeZone: string): CsvCell[] {
  const time = (column: string) => ({
    plain: `to_char(m.${column} at time zone ${timeZone}, 'YYYY-MM-DD HH24:MI:SS')`,
  });
  return [
    time('occurred_at'),
    { text: personNameSql('p') },
    { text: 'v.title' },
    { plain: 'm.channel' },
    { plain: 'm.direction' },
    { plain: originSql },
    { plain: 'm.state' },
    { text: 'm.reason' },
    { text: fullNameSql('u') },
    { text: 't.name' },
    { text: 'm.title' },
    { text: 'm.body' },
    { plain: creditsSql },
    time('sent_at'),
    time('delivered_at'),
    time('read_at'),
    time('failed_at'),
    { plain: 'm.id' },
    { plain: 'm.conversation_id' },
  ];
}

const fewApplications = 1000;

/** The applications of a vacancy, where they are few: going by time, one would come upon their messages late. */
async function findOfVacancy(db: Database, actor: Actor, filters: ReportFilters): Promise<string[] | 'many'> {
  if (filters.vacancyId === undefined) return 'many';
  const rows = await db.query<{ id: string }>(
    'select id from applications where organization_id = $1 and vacancy_id = $2 limit $3',
    [actor.organizationId, filters.vacancyId, fewApplications + 1],
  );
  return rows.length > fewApplications ? 'many' : rows.map(({ id }) => id);
}

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

function conditions(
  actor: Actor,
  period: Period,
  filters: ReportFilters,
  ofVacancy?: string[] | 'many',
): Query {
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
  if (vacancyId !== undefined && Array.isArray(ofVacancy))
    where.push(`m.application_id = any(${params.add(ofVacancy)}::uuid[])`);
  else if (vacancyId !== undefined) {
    const about = `exists (select 1 from applications of where of.organization_id = $1 and of.id = m.application_id
      and of.vacancy_id = ${params.add(vacancyId)}::uuid)`;
    where.push(ofVacancy === 'many' ? askedOneByOne(about) : about);
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
