import type { Database } from './database';

/** Of the messages between two instants: by channel and state, how many, and the credits of those that were taken. */
export const daySumsSql = (organizationId: string, starts: string, ends: string): string =>
  `select m.channel, m.state, count(*)::int as messages, coalesce(sum(m.credits) filter (
     where m.direction = 'out' and m.state not in ('failed', 'suppressed', 'cancelled') and m.credits > 0 and not exists (
       select 1 from credit_entries back where back.organization_id = ${organizationId} and back.message_id = m.id
         and back.kind in ('release', 'refund'))), 0)::int as credits
   from messages m where m.organization_id = ${organizationId} and m.occurred_at >= ${starts} and m.occurred_at < ${ends}
   group by m.channel, m.state`;

/** Most receipts have come by then. The triggers look at whatever is older than five days: a transaction may have begun before midnight. */
const openDays = 7;
/** Of a sweep, and of a transaction. */
const mostDays = 300;
const daysAtOnce = 10;

/**
 * Adds up days that are over, once, so that a report of years reads a row for each. Whatever comes to such a day or changes in it later empties
 * the row (`counts` is null) by a trigger, in its own transaction; reports count that day themselves until it is added up again here.
 * Part of the sweep.
 */
export async function countReportDays(db: Database): Promise<number> {
  const parts = await db.query<{ organizationId: string; days: string[] }>(
    `with found as (
       select o.id, d.day from organizations o
       cross join lateral (
         select coalesce(
           (select max(r.day) + 1 from report_days r where r.organization_id = o.id),
           (select (m.occurred_at at time zone o.time_zone)::date from messages m where m.organization_id = o.id
              order by m.occurred_at limit 1)) as day) next
       cross join lateral (
         select r.day from report_days r where r.organization_id = o.id and r.counts is null
         union all
         select next.day + n from generate_series(0, (clock_timestamp() at time zone o.time_zone)::date - $1::int - next.day) n) d
       order by o.id, d.day limit $2),
     numbered as (select id, day, (row_number() over (partition by id order by day) - 1) / $3 as part from found)
     select id as "organizationId", array_agg(to_char(day, 'YYYY-MM-DD') order by day) as days
     from numbered group by id, part order by id, part`,
    [openDays, mostDays, daysAtOnce],
  );
  for (const part of parts) await countSome(db, part);
  return parts.reduce((sum, { days }) => sum + days.length, 0);
}

/** Alone with the organization's late changes: each is in these sums, or comes after and empties them. */
async function countSome(
  db: Database,
  { organizationId, days }: { organizationId: string; days: string[] },
): Promise<void> {
  const midnight = (day: string) => `(${day}::timestamp at time zone o.time_zone)`;
  await db.transact(async (tx) => {
    await tx.query('select lock_report_days($1, true)', [organizationId]);
    await tx.query(
      `insert into report_days (organization_id, day, counts)
       select o.id, d.day, (
         select coalesce(jsonb_agg(s), '[]') from (${daySumsSql('o.id', midnight('d.day'), midnight('(d.day + 1)'))}) s)
       from organizations o, unnest($2::date[]) d(day) where o.id = $1
       on conflict (organization_id, day) do update set counts = excluded.counts`,
      [organizationId, days],
    );
  });
}
