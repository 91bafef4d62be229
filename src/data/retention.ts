import type { Database, Tx } from './database';
import { placeEvents } from './events/events';
import { eraseLateFacts } from './people/erase-person';

/** For how long each is kept, in milliseconds; the defaults stand in `config.ts`. */
export type KeepMs = {
  events: number;
  /** The log of deliveries to webhook endpoints. */
  webhookLog: number;
  idempotencyKeys: number;
  /** Raw webhooks of providers that could not be worked off; all others go at once. */
  refusedWebhooks: number;
};

export type RemovedCounts = Record<'events' | 'deliveries' | 'others', number>;

/** Small enough that nobody waits for a lock of it; the rest is left to the next sweep. */
const batch = 1000;
const mostBatches = 20;

/** Meta repeats a webhook for seven days: a message that is not known by then was never ours. */
const parkedMs = 8 * 24 * 3_600_000;

/** Removes, in small batches, what is older than it is kept. Part of the sweep. */
export async function removeOld(db: Database, keepMs: KeepMs): Promise<RemovedCounts> {
  const now = await db.now();
  const before = (ms: number) => new Date(now.getTime() - ms);
  let others = 0;
  for (const [table, age, cut] of [
    ['application_notices', 'created_at', before(parkedMs)],
    ['parked_receipts', 'received_at', before(parkedMs)],
    ['parked_reactions', 'received_at', before(parkedMs)],
    ['provider_messages', 'remove_at', now],
    ['idempotency_keys', 'created_at', before(keepMs.idempotencyKeys)],
    [`webhook_deliveries where state = 'poison'`, 'received_at', before(keepMs.refusedWebhooks)],
    ['user_tokens', 'expires_at', now],
    ['sign_in_attempts', 'reset_at', now],
    ['sessions', 'expire', now],
  ] as const)
    others += await removeBatches(db, table, age, cut);
  const deliveries = await removeBatches(
    db,
    `event_deliveries where state = 'delivered'`,
    'delivered_at',
    before(keepMs.webhookLog),
  );
  await db.query(
    `update webhook_endpoints set old_secret_sealed = null, old_secret_until = null where old_secret_until <= $1`,
    [now],
  );
  await eraseLateFacts(db);
  return { events: await removeEvents(db, now, keepMs.events), deliveries, others };
}

async function removeBatches(db: Database, source: string, age: string, cut: Date): Promise<number> {
  const [table, condition = 'true'] = source.split(' where ');
  let removed = 0;
  for (let round = 0; round < mostBatches; round++) {
    const gone = await db.query(
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where ${condition} and ${age} < $1 order by ${age} limit ${batch} for update skip locked))
       returning 1`,
      [cut],
    );
    removed += gone.length;
    if (gone.length < batch) break;
  }
  return removed;
}

async function removeEvents(db: Database, now: Date, keepMs: number): Promise<number> {
  const cut = new Date(now.getTime() - keepMs);
  const organizations = await db.query<{ id: string }>(
    `select o.id from organizations o where o.events_enabled and (
       (select occurred_at from events e where e.organization_id = o.id and e.position is not null order by e.position limit 1) < $1
       or (select occurred_at from events e where e.organization_id = o.id and e.position is null order by e.seq limit 1) < $1)
     order by o.id`,
    [cut],
  );
  // What an endpoint that is called has not taken yet is kept twice as long.
  const limit = new Date(now.getTime() - 2 * keepMs);
  let removed = 0;
  for (const { id } of organizations) {
    await placeEvents(db, id);
    for (let round = 0; round < mostBatches; round++) {
      const gone = await db.transact((tx) => removeFirstEvents(tx, id, cut, limit));
      removed += gone;
      if (gone < batch) break;
    }
  }
  return removed;
}

/** Only ever the first of the feed: a cursor is either before what is gone, and is told so, or misses nothing. */
async function removeFirstEvents(tx: Tx, organizationId: string, cut: Date, limit: Date): Promise<number> {
  await tx.query('select 1 from webhook_endpoints where organization_id = $1 order by id for update', [
    organizationId,
  ]);
  const [{ to } = { to: null }] = await tx.query<{ to: number | null }>(
    `with first as (
       select position, occurred_at from events where organization_id = $1 and position is not null order by position limit ${batch}),
     aged as (
       select position, bool_and(occurred_at < $2) over (order by position) as old,
         bool_and(occurred_at < $3) over (order by position) as over_limit from first),
     held as (
       select min(least(w.position + 1, (select min(d.position) from event_deliveries d
         where d.organization_id = w.organization_id and d.endpoint_id = w.id and d.state = 'pending'))) as position
       from webhook_endpoints w where w.organization_id = $1 and w.paused_at is null)
     select max(position) as to from aged
     where over_limit or (old and position < coalesce((select position from held), position + 1))`,
    [organizationId, cut, limit],
  );
  if (to === null) return 0;
  await tx.query(
    `with waiting as (
       delete from event_deliveries where organization_id = $1 and state = 'pending' and position <= $2 returning endpoint_id),
     missed as (
       select w.id, (select count(*) from waiting d where d.endpoint_id = w.id)
         + (select count(*) from events e where e.organization_id = $1 and e.position > w.position and e.position <= $2
             and (w.types = '{}' or e.type = any(w.types))) as count
       from webhook_endpoints w where w.organization_id = $1)
     update webhook_endpoints w set position = greatest(w.position, $2), missed = w.missed + missed.count
     from missed where w.organization_id = $1 and w.id = missed.id and (missed.count > 0 or w.position < $2)`,
    [organizationId, to],
  );
  await tx.query('update organizations set events_removed_to = $2 where id = $1', [organizationId, to]);
  const gone = await tx.query(
    'delete from events where organization_id = $1 and position <= $2 returning 1',
    [organizationId, to],
  );
  return gone.length;
}
