import { endpointAway, endpointEndsMs, failingLongMs, webhookWaitMs } from '../../domain/webhook-backoff';
import { newId, type Database, type Tx } from '../database';
import { keptMessage, placeEvents } from './events';
import { administratorIds } from '../organization/administrators';
import { notify } from '../notify';
import { wakeEndpoint } from './webhook-endpoints';

export type EndpointIds = { organizationId: string; endpointId: string };

/** A worker's turn at an endpoint: nobody else's results count meanwhile. */
export type Turn = EndpointIds & {
  id: string;
  url: string;
  /** The one in force, and while it is new also the one before. */
  secretsSealed: Buffer[];
  /** Failed attempts since the last one that went through. */
  failures: number;
  failing: boolean;
  /** Another has taken over, or the endpoint is paused or gone: nothing more is posted. */
  over: boolean;
};

export type DueDelivery = {
  id: string;
  eventId: string | null;
  type: string;
  conversationId: string | null;
  again: boolean;
  createdAt: Date;
};

const mine = 'organization_id = $1 and id = $2 and turn = $3';

/** Takes over the endpoint; null where there is nothing to be done: it is gone, paused, or left alone for a while. */
export async function beginTurn(db: Database, ids: EndpointIds): Promise<Turn | null> {
  return db.transact(async (tx) => {
    const [endpoint] = await tx.query<
      Pick<Turn, 'url' | 'failures'> & {
        secretSealed: Buffer;
        oldSecretSealed: Buffer | null;
        oldSecretUntil: Date | null;
        pausedAt: Date | null;
        notBefore: Date | null;
        failingSince: Date | null;
      }
    >(
      `select url, secret_sealed as "secretSealed", old_secret_sealed as "oldSecretSealed", old_secret_until as "oldSecretUntil", failures, failing_since as "failingSince", paused_at as "pausedAt",
         not_before as "notBefore"
       from webhook_endpoints where organization_id = $1 and id = $2 for update`,
      [ids.organizationId, ids.endpointId],
    );
    const now = await tx.now();
    if (!endpoint || endpoint.pausedAt || (endpoint.notBefore && endpoint.notBefore > now)) return null;
    const id = newId();
    await tx.query(
      'update webhook_endpoints set turn = $3, woken_at = $4 where organization_id = $1 and id = $2',
      [ids.organizationId, ids.endpointId, id, now],
    );
    const { url, secretSealed, oldSecretSealed, oldSecretUntil, failures, failingSince } = endpoint;
    const old = oldSecretSealed && oldSecretUntil && oldSecretUntil > now ? [oldSecretSealed] : [];
    return {
      ...ids,
      id,
      url,
      secretsSealed: [secretSealed, ...old],
      failures,
      failing: failingSince !== null,
      over: false,
    };
  });
}

const takenAtOnce = 500;

/** Makes a delivery of each event that the endpoint has not got yet. While it is away they wait in the feed. */
export async function takeEvents(db: Database, turn: Turn): Promise<void> {
  if (endpointAway(turn.failures)) return;
  await placeEvents(db, turn.organizationId);
  for (;;) {
    const examined = await db.transact(async (tx) => {
      const [endpoint] = await tx.query<{ position: number; types: string[] }>(
        `select position, types from webhook_endpoints where ${mine} for update`,
        [turn.organizationId, turn.endpointId, turn.id],
      );
      if (!endpoint) return 0;
      const events = await tx.query<{ id: string; type: string; position: number }>(
        `select id, type, position from events where organization_id = $1 and position > $2 order by position limit $3`,
        [turn.organizationId, endpoint.position, takenAtOnce],
      );
      const wanted = events.filter(
        ({ type }) => endpoint.types.length === 0 || endpoint.types.includes(type),
      );
      if (events.length === 0) return 0;
      await tx.query(
        `insert into event_deliveries (organization_id, id, endpoint_id, event_id, position, conversation_id, type, state, next_try_at, created_at)
         select e.organization_id, w.id, $2, e.id, e.position, e.conversation_id, e.type, 'pending', $4, $4
         from jsonb_to_recordset($3::jsonb) as w(id uuid, event_id uuid)
         join events e on e.organization_id = $1 and e.id = w.event_id and ${keptMessage('e')}
         on conflict (organization_id, endpoint_id, event_id) do nothing`,
        [
          turn.organizationId,
          turn.endpointId,
          JSON.stringify(wanted.map((event) => ({ id: newId(), event_id: event.id }))),
          await tx.now(),
        ],
      );
      await tx.query('update webhook_endpoints set position = $3 where organization_id = $1 and id = $2', [
        turn.organizationId,
        turn.endpointId,
        events.at(-1)!.position,
      ]);
      return events.length;
    });
    if (examined < takenAtOnce) return;
  }
}

/** Nothing of its conversation waits before it. */
const isNext = (due: string): string => `(d.again or d.conversation_id is null or not exists (
    select 1 from event_deliveries b where b.organization_id = d.organization_id and b.endpoint_id = d.endpoint_id
      and b.conversation_id = d.conversation_id and b.state = 'pending' and not b.again and b.position < d.position ${due}))`;

/** What is due, in the order of events; of a conversation only what follows nothing that has still to wait. */
export async function dueDeliveries(db: Database, turn: Turn, limit: number): Promise<DueDelivery[]> {
  return db.query<DueDelivery>(
    `select d.id, d.event_id as "eventId", d.type, d.conversation_id as "conversationId", d.again, d.created_at as "createdAt"
     from event_deliveries d
     where d.organization_id = $1 and d.endpoint_id = $2 and d.state = 'pending' and d.next_try_at <= $3
       and ${isNext('and b.next_try_at > $3')}
     order by d.position nulls first, d.id limit $4`,
    [turn.organizationId, turn.endpointId, await db.now(), limit],
  );
}

export type Attempt = { deliveryId: string; code: number | null; fault: string | null; durationMs: number };

/** It was taken. False: the turn is another's by now. */
export async function recordDelivered(db: Database, turn: Turn, attempt: Attempt): Promise<boolean> {
  return db.transact(async (tx) => {
    const now = await tx.now();
    if (!(await writeAttempt(tx, turn, attempt, { deliveredAt: now, nextTryAt: now }))) return false;
    if (!turn.failing) return true;
    // It is back: what was put off is tried at once, and it fails no more once all of that has gone through.
    const wasAway = endpointAway(turn.failures);
    if (wasAway) {
      await tx.query(
        `update event_deliveries set next_try_at = $3
         where organization_id = $1 and endpoint_id = $2 and state = 'pending' and next_try_at > $3`,
        [turn.organizationId, turn.endpointId, now],
      );
    }
    const [{ failing } = { failing: false }] = await tx.query<{ failing: boolean }>(
      `update webhook_endpoints w set failures = 0, not_before = null, away_since = null,
         failing_since = case when still.failing then failing_since end, told_at = case when still.failing then told_at end,
         mailed_at = case when still.failing then mailed_at end
       from (select exists (select 1 from event_deliveries
         where organization_id = $1 and endpoint_id = $2 and state = 'pending' and attempts > 0) as failing) still
       where w.organization_id = $1 and w.id = $2 returning still.failing`,
      [turn.organizationId, turn.endpointId],
    );
    turn.failures = 0;
    turn.failing = failing;
    tx.notice({ type: 'settings', organizationId: turn.organizationId });
    return true;
  });
}

/** It was not taken: it waits, and its conversation with it. */
export async function recordRefused(db: Database, turn: Turn, attempt: Attempt): Promise<boolean> {
  return db.transact(async (tx) => {
    const now = await tx.now();
    const [delivery] = await tx.query<{ attempts: number }>(
      'select attempts from event_deliveries where organization_id = $1 and id = $2',
      [turn.organizationId, attempt.deliveryId],
    );
    const nextTryAt = new Date(now.getTime() + webhookWaitMs((delivery?.attempts ?? 0) + 1));
    if (!(await writeAttempt(tx, turn, attempt, { deliveredAt: null, nextTryAt }))) return false;
    const failures = turn.failures + 1;
    const [endpoint] = await tx.query<{ name: string; tell: boolean; disabled: boolean }>(
      `with ended as (select coalesce(away_since <= $7, false) as now from webhook_endpoints where organization_id = $1 and id = $2)
       update webhook_endpoints w set failures = $3, failing_since = coalesce(failing_since, $4), away_since = coalesce(away_since, $4),
         not_before = $5, paused_at = case when ended.now then $4 end, disabled_at = case when ended.now then $4 end,
         told_at = case when ended.now then $4 when failing_since <= $6 then coalesce(told_at, $4) else told_at end,
         mailed_at = case when not ended.now then mailed_at end
       from ended where organization_id = $1 and id = $2
       returning name, coalesce(told_at = $4, false) as tell, ended.now as disabled`,
      [
        turn.organizationId,
        turn.endpointId,
        failures,
        now,
        endpointAway(failures) ? nextTryAt : null,
        new Date(now.getTime() - failingLongMs),
        new Date(now.getTime() - endpointEndsMs),
      ],
    );
    if (endpoint?.tell) await tellAdministrators(tx, turn.organizationId, endpoint, now);
    turn.failures = failures;
    turn.failing = true;
    turn.over ||= endpoint?.disabled ?? true;
    tx.notice({ type: 'settings', organizationId: turn.organizationId });
    return true;
  });
}

async function writeAttempt(
  tx: Tx,
  turn: Turn,
  attempt: Attempt,
  times: { deliveredAt: Date | null; nextTryAt: Date },
): Promise<boolean> {
  const [written] = await tx.query<{ paused: boolean }>(
    `with turn as materialized (select paused_at from webhook_endpoints where ${mine} for no key update)
     update event_deliveries set state = case when $5::timestamptz is null then 'pending'::event_delivery_state else 'delivered' end,
       delivered_at = $5, next_try_at = $6, attempts = attempts + 1, tried_at = $7, response_code = $8, fault = $9, duration_ms = $10
     where organization_id = $1 and id = $4 and state = 'pending' and exists (select 1 from turn)
     returning (select paused_at is not null from turn) as paused`,
    [
      turn.organizationId,
      turn.endpointId,
      turn.id,
      attempt.deliveryId,
      times.deliveredAt,
      times.nextTryAt,
      await tx.now(),
      attempt.code,
      attempt.fault,
      attempt.durationMs,
    ],
  );
  turn.over = written?.paused ?? true;
  return written !== undefined;
}

async function tellAdministrators(
  tx: Tx,
  organizationId: string,
  { name, disabled }: { name: string; disabled: boolean },
  at: Date,
): Promise<void> {
  await notify(tx, organizationId, {
    userIds: await administratorIds(tx, organizationId),
    kind: 'webhook',
    data: { name, ...(disabled ? { state: 'disabled' } : {}) },
    at,
  });
}

/** When there is something to do again; null: nothing waits, and the next event wakes it. */
export async function endTurn(db: Database, ids: EndpointIds): Promise<Date | null> {
  return db.transact(async (tx) => {
    const [endpoint] = await tx.query<{ pausedAt: Date | null; notBefore: Date | null; behind: boolean }>(
      `select paused_at as "pausedAt", not_before as "notBefore", ${behind('w')} as behind
       from webhook_endpoints w where organization_id = $1 and id = $2 for update`,
      [ids.organizationId, ids.endpointId],
    );
    if (!endpoint) return null;
    const now = await tx.now();
    const dueAt = endpoint.pausedAt ? null : await nextDueAt(tx, ids, { ...endpoint, now });
    // Later than now: until then it rests, and is woken by a new event alone.
    await tx.query('update webhook_endpoints set woken_at = $3 where organization_id = $1 and id = $2', [
      ids.organizationId,
      ids.endpointId,
      dueAt,
    ]);
    return dueAt;
  });
}

async function nextDueAt(
  tx: Tx,
  ids: EndpointIds,
  { notBefore, behind, now }: { notBefore: Date | null; behind: boolean; now: Date },
): Promise<Date | null> {
  const [{ at } = { at: null }] = await tx.query<{ at: Date | null }>(
    `select min(d.next_try_at) as at from event_deliveries d
     where d.organization_id = $1 and d.endpoint_id = $2 and d.state = 'pending' and ${isNext('')}`,
    [ids.organizationId, ids.endpointId],
  );
  const due = behind ? now : at;
  return due && notBefore && notBefore > due ? notBefore : due;
}

/** Events that have no delivery for the endpoint yet. */
const behind = (w: string): string => `(
  exists (select 1 from events e where e.organization_id = ${w}.organization_id and e.position > ${w}.position)
  or exists (select 1 from events e where e.organization_id = ${w}.organization_id and e.position is null))`;

/** As many workflows a second as a small cluster starts beside its other work; in no order, so that none is left behind. */
const wokenAtOnce = 20;

/**
 * Wakes the endpoints that have something to do: once a second instead of once an event, so that a message costs nothing more. One whose
 * workflow was woken and has not been at work for a minute is woken again.
 *
 * @returns how many
 */
export async function wakeEndpoints(db: Database): Promise<number> {
  return db.transact(async (tx) => {
    const now = await tx.now();
    const asleep = `(w.woken_at is null or w.woken_at < $1::timestamptz - interval '1 minute')`;
    const found = await tx.prepared<EndpointIds>(
      `select w.organization_id as "organizationId", w.id as "endpointId" from webhook_endpoints w
       where w.paused_at is null and (w.not_before is null or w.not_before <= $1) and (
         ((${asleep} or w.woken_at > $1) and ${behind('w')})
         or (${asleep} and exists (select 1 from event_deliveries d
           where d.organization_id = w.organization_id and d.endpoint_id = w.id and d.state = 'pending' and d.next_try_at <= $1)))
       order by random() limit ${wokenAtOnce} for update skip locked`,
      [now],
    );
    for (const { organizationId, endpointId } of found) await wakeEndpoint(tx, organizationId, endpointId);
    return found.length;
  });
}
