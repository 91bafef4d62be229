import { planReach, type ReachLease } from '../../domain/send-limits';
import { newId, type Database, type Queries, type Tx } from '../database';

/** A WhatsApp Business Account and the number of people it may write to outside their windows in a day; null: no limit is known. */
export type Portfolio = { organizationId: string; wabaId: string; limit: number | null };

/**
 * WhatsApp's messaging limit: people, not messages, that are written to outside their service windows within a moving day. Each worker takes a
 * share of what is left, in a transaction of its own (`lease`), and spends it in memory as it claims messages (`take`); what was spent
 * stands in `outreach`, written with the claim (`noteReached`). Who was reached within the day costs nothing again (`reachedAlready`).
 */
export type MessagingLimits = {
  /** How many of `people` this process may reach now out of its share: memory only. To be settled once the transaction is over. */
  take(portfolio: Portfolio, people: number): number;
  /** The transaction that took them is over; `unused` of them were not written to `outreach`. */
  settle(portfolio: Portfolio, people: number, unused?: number): void;
  /** Sees to it that the process's share has `people`, as far as the limit allows; when it allows none, until when that is so. */
  lease(portfolio: Portfolio, people: number): Promise<{ heldUntil: Date | null }>;
  /** What the last `lease` in vain has said, while that is fresh. */
  heldUntil(portfolio: Portfolio): Date | null;
  /** Meta itself has refused: others use the limit too, or the number is restricted. Nobody new before `until`, for all workers. */
  hold(portfolio: Portfolio, until: Date): Promise<void>;
};

/** A share is void after a minute with the others; here a little before. */
const shareMs = 55_000;
/** For so long nobody asks again: the limit may be raised, or other workers hand back what they hold. */
const freshMs = 5_000;
/** Claims under way are settled by then. */
const settledMs = 500;

type Share = {
  people: number;
  until: number;
  /** Taken by transactions that are still under way. */
  pending: number;
  heldUntil: Date | null;
  askedAt: number;
  leasing: Promise<unknown> | undefined;
};

/** One per process. */
export function createMessagingLimits({ db, dayMs }: { db: Database; dayMs: number }): MessagingLimits {
  const holder = newId();
  const shares = new Map<string, Share>();
  const localNow = (): number => db.clock.now().getTime();

  function shareOf({ organizationId, wabaId }: Portfolio): Share {
    const key = `${organizationId}:${wabaId}`;
    let share = shares.get(key);
    if (!share) {
      share = { people: 0, until: 0, pending: 0, heldUntil: null, askedAt: 0, leasing: undefined };
      shares.set(key, share);
    }
    if (share.until <= localNow()) share.people = 0;
    return share;
  }

  async function ask(portfolio: Portfolio, share: Share, people: number): Promise<void> {
    // Handed back with the question: nothing is taken of it meanwhile.
    share.people = 0;
    const { pending } = share;
    const plan = await db.transact((tx) => shareOut(tx, portfolio, { holder, want: people, pending, dayMs }));
    const now = localNow();
    const heldUntil = plan.heldUntil && pending > 0 ? new Date(now + settledMs) : plan.heldUntil;
    Object.assign(share, { people: plan.people, heldUntil, until: now + shareMs, askedAt: now });
  }

  const isHeld = ({ heldUntil }: Share): boolean => heldUntil !== null && heldUntil.getTime() > localNow();

  async function lease(portfolio: Portfolio, people: number): Promise<{ heldUntil: Date | null }> {
    const share = shareOf(portfolio);
    if (share.leasing) await share.leasing;
    if (share.people < people) {
      share.leasing ??= ask(portfolio, share, people).finally(() => (share.leasing = undefined));
      await share.leasing;
    }
    return { heldUntil: share.people > 0 ? null : share.heldUntil };
  }

  /** What is spent stands in `outreach`; counted as a share too it would keep others waiting for a minute. */
  async function handBack({ organizationId, wabaId }: Portfolio): Promise<void> {
    await db.query(
      `update messaging_limits set leases = coalesce((select jsonb_agg(l) from jsonb_array_elements(leases) l where l->>'holder' <> $3), '[]')
       where organization_id = $1 and waba_id = $2`,
      [organizationId, wabaId, holder],
    );
  }

  return {
    lease,

    take(portfolio, people) {
      const share = shareOf(portfolio);
      if (portfolio.limit === null && !isHeld(share)) {
        // Nothing to share out; only whether Meta has refused another worker is asked now and then.
        if (share.askedAt <= localNow() - shareMs) void lease(portfolio, 1).catch(() => undefined);
        share.people = people;
      }
      const taken = Math.min(people, share.people);
      share.people -= taken;
      share.pending += taken;
      return taken;
    },

    settle(portfolio, people, unused = 0) {
      const share = shareOf(portfolio);
      share.pending -= people;
      if (!share.leasing && share.until > localNow()) share.people += unused;
      const spent = people > unused && share.people === 0 && share.pending === 0;
      if (spent && portfolio.limit !== null && !share.leasing) {
        share.leasing = handBack(portfolio)
          .catch(() => undefined)
          .finally(() => (share.leasing = undefined));
      }
    },

    heldUntil(portfolio) {
      const share = shareOf(portfolio);
      return share.people === 0 && isHeld(share) && share.askedAt > localNow() - freshMs
        ? share.heldUntil
        : null;
    },

    async hold(portfolio, until) {
      const share = shareOf(portfolio);
      // An answer that is on its way knows nothing of it.
      if (share.leasing) await share.leasing.catch(() => undefined);
      Object.assign(share, { people: 0, heldUntil: until, askedAt: localNow() });
      await db.query(
        `insert into messaging_limits as l (organization_id, waba_id, held_until) values ($1, $2, $3)
         on conflict (organization_id, waba_id) do update set held_until = greatest(l.held_until, excluded.held_until), leases = '[]'`,
        [portfolio.organizationId, portfolio.wabaId, until],
      );
    },
  };
}

/** A row each, so that workers take their shares one after another. */
async function shareOut(
  tx: Tx,
  { organizationId, wabaId, limit }: Portfolio,
  ask: { holder: string; want: number; pending: number; dayMs: number },
): Promise<{ people: number; heldUntil: Date | null }> {
  const key = [organizationId, wabaId];
  const lockSql =
    'select leases, held_until as "heldUntil" from messaging_limits where organization_id = $1 and waba_id = $2 for update';
  type Row = { leases: ReachLease[]; heldUntil: Date | null };
  let [row] = await tx.query<Row>(lockSql, key);
  if (!row) {
    await tx.query(
      'insert into messaging_limits (organization_id, waba_id) values ($1, $2) on conflict do nothing',
      key,
    );
    [row] = await tx.query<Row>(lockSql, key);
  }
  const { leases, heldUntil } = row!;
  const now = await tx.now();
  if (heldUntil && heldUntil > now) return { people: 0, heldUntil };
  const used = limit === null ? 0 : await countReached(tx, { organizationId, wabaId, now, dayMs: ask.dayMs });
  const plan = planReach({ limit, used: used + ask.pending, leases }, { ...ask, now });
  await tx.query('update messaging_limits set leases = $3 where organization_id = $1 and waba_id = $2', [
    ...key,
    JSON.stringify(plan.leases),
  ]);
  if (plan.people > 0) return { people: plan.people, heldUntil: null };
  return {
    people: 0,
    heldUntil: await freeAt(tx, { organizationId, wabaId, limit: limit!, used, now, ...ask }, plan.leases),
  };
}

type Window = { organizationId: string; wabaId: string; now: Date; dayMs: number };

/** People reached outside windows within the day that ends now. */
export async function countReached(db: Pick<Queries, 'query'>, window: Window): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select count(*) as count from outreach where organization_id = $1 and waba_id = $2 and reached_at > $3',
    [window.organizationId, window.wabaId, new Date(window.now.getTime() - window.dayMs)],
  );
  return row!.count;
}

/** When somebody new can be reached: the oldest of the day leave it, or what another worker has not used comes back. */
async function freeAt(
  tx: Tx,
  { organizationId, wabaId, limit, used, now, dayMs }: Window & { limit: number; used: number },
  leases: readonly ReachLease[],
): Promise<Date> {
  const returns = leases.map((lease) => Date.parse(lease.until));
  const [oldest] = await tx.query<{ at: Date }>(
    `select reached_at as at from outreach where organization_id = $1 and waba_id = $2 and reached_at > $3
     order by reached_at offset $4 limit 1`,
    [organizationId, wabaId, new Date(now.getTime() - dayMs), Math.max(0, used - limit)],
  );
  const leaves = oldest ? [oldest.at.getTime() + dayMs] : [];
  return new Date(Math.min(...returns, ...leaves, now.getTime() + dayMs));
}

/** Who of these was reached within the day: they cost nothing again. */
export async function reachedAlready(
  tx: Queries,
  { organizationId, wabaId, now, dayMs }: Window,
  contactPointIds: readonly string[],
): Promise<Set<string>> {
  const rows = await tx.prepared<{ id: string }>(
    `select contact_point_id as id from outreach
     where organization_id = $1 and waba_id = $2 and contact_point_id = any($3::uuid[]) and reached_at > $4`,
    [organizationId, wabaId, contactPointIds, new Date(now.getTime() - dayMs)],
  );
  return new Set(rows.map((row) => row.id));
}

/** Writes down who is written to outside their window; in the transaction that claims their message. */
export async function noteReached(
  tx: Queries,
  { organizationId, wabaId, now }: Pick<Window, 'organizationId' | 'wabaId' | 'now'>,
  reached: readonly { contactPointId: string; messageId: string }[],
): Promise<void> {
  await tx.prepared(
    `insert into outreach as o (organization_id, waba_id, contact_point_id, message_id, reached_at)
     select $1, $2, r.point, r.message, $5 from unnest($3::uuid[], $4::uuid[]) as r(point, message) order by r.point
     on conflict (organization_id, waba_id, contact_point_id) do update set message_id = excluded.message_id, reached_at = excluded.reached_at`,
    [
      organizationId,
      wabaId,
      reached.map((one) => one.contactPointId),
      reached.map((one) => one.messageId),
      now,
    ],
  );
}

/** The provider refused the message: nobody was reached by it. */
export async function forgetReached(
  tx: Queries,
  { organizationId, wabaId }: Pick<Window, 'organizationId' | 'wabaId'>,
  messageId: string,
): Promise<void> {
  await tx.query(
    `delete from outreach o using messages m where m.organization_id = $1 and m.id = $3
       and o.organization_id = $1 and o.waba_id = $2 and o.contact_point_id = m.contact_point_id and o.message_id = m.id`,
    [organizationId, wabaId, messageId],
  );
}
