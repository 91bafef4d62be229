import type { Database } from '../data/database';
import type { Delivery } from './coalesce';

/**
 * Claims rows that are due, oldest first, by putting off their next try: the claim is over at once, and a process that
 * dies loses nothing. Rows of all processes; `SKIP LOCKED` keeps two relays from claiming the same.
 */
export async function claimDueRows(db: Database, limit: number): Promise<Delivery[]> {
  const rows = await db.query<{ id: string; workflowType: string; workflowId: string; payload: object }>(
    `with clock as materialized (select clock_timestamp() + $1 * interval '1 millisecond' as now),
     due as (
       select id from outbox where next_try_at <= (select now from clock)
       order by next_try_at limit $2 for update skip locked
     )
     update outbox set attempts = attempts + 1,
       next_try_at = clock.now + least(interval '15 seconds' * power(2, least(attempts, 10)), interval '5 minutes')
     from due, clock where outbox.id = due.id
     returning outbox.id, workflow_type as "workflowType", workflow_id as "workflowId", payload`,
    [db.clock.offsetMs, limit],
  );
  return rows.map(({ id, payload, ...row }) => ({
    ...row,
    payload: payload as Record<string, unknown>,
    rowIds: [id],
  }));
}

export async function deleteRows(db: Database, rowIds: string[]): Promise<void> {
  await db.query('delete from outbox where id = any($1::uuid[])', [rowIds]);
}
