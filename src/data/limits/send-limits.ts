import { setTimeout as sleep } from 'node:timers/promises';
import { usualRate } from '../../domain/send-limits';
import type { Database } from '../database';

/** The account that a rate belongs to: a WhatsApp number, the SMS account, the company's e-mail. */
export type RatedAccount = { organizationId: string; channelAccountId: string };

/** A place in the row of an account's sends: one call to the provider, not before `at` (milliseconds of the process's clock). */
export type Slot = RatedAccount & { at: number };

/**
 * The rate of each channel account, shared by all workers. A row per account says up to when its sends are spoken for; workers take the next
 * places in it, in one short statement of their own. Single messages come first: they may take places ahead of time, bulk only what is free
 * within the next quarter of a second. So a bulk of any size puts a single message off by no more than that.
 *
 * Single messages: `take` inside the claiming transaction (memory only), `turn` when there is none, `ready` before the call.
 * Bulk: `lease` before the batch is claimed, `ready` before each call, `giveBack` for what was not needed.
 */
export type SendLimits = {
  /** A place for a single message out of those this process holds: no wait. Undefined: wait for your `turn`. */
  take(account: RatedAccount): Slot | undefined;
  /** The next place for a single message; `busyUntil`: there is none soon, come again then. */
  turn(account: RatedAccount): Promise<{ slot: Slot } | { busyUntil: Date }>;
  /** One place for what is no message to a person: a test. Waits until it has come; false: there is none soon. Nothing is held for later. */
  once(account: RatedAccount): Promise<boolean>;
  /** Up to `want` places for bulk messages, in order; waits some seconds until there are any, then gives none: ask again. */
  lease(account: RatedAccount, want: number): Promise<Slot[]>;
  /** Waits until the place has come. A place long past (the process was held up) is exchanged for a new one. */
  ready(slot: Slot): Promise<void>;
  /** Not needed after all: for the next messages of this process. */
  giveBack(slots: readonly Slot[]): void;
  /** The provider has said "slow down": nothing for `waitMs`, then half the rate, which recovers with time. Holds for all workers. */
  slowDown(account: RatedAccount, waitMs: number): Promise<void>;
};

/** How far ahead of time places are given out: single messages, bulk. */
const singleAheadMs = 1_000;
const bulkAheadMs = 250;
/** What was not used so long is still there: a worker that stumbles catches up. */
const catchUpMs = 250;
/** Single messages: a process holds what an eighth of a second allows. */
const heldMs = 125;
/** Bulk waits for as much at once as this time allows; so long at most. */
const blockMs = 100;
const patienceMs = 5_000;
/** A place that was not used for so long after its time is exchanged. */
const staleMs = 1_000;
/** Let go of an account that nothing has gone over for so long. */
const forgetMs = 60_000;

type Held = {
  single: Slot[];
  bulk: Slot[];
  /** How many single places are held when all are there. */
  block: number;
  refilling: Promise<Shortage | null> | undefined;
  /** Waiting for a single place. */
  waiting: number;
  /** Used before it was asked for. */
  owed: number;
  /** Who finds no place soon is told to come again one after another. */
  overflowAt: number;
  usedAt: number;
};

/** There is no place soon: when there is one, and how many milliseconds lie between two. */
type Shortage = { freeAt: number; intervalMs: number };

type Granted = { granted: number; startsInMs: number; intervalMs: number };

const rateSql = `coalesce(a.messages_per_second, a.provider_rate, case a.channel ${Object.entries(usualRate)
  .map(([channel, rate]) => `when '${channel}' then ${rate}`)
  .join(' ')} end)::float8`;

/** A hundredth of the full rate comes back each second. */
const recoveredSql = (row: string, now: string): string =>
  `least(1, ${row}.slow_factor + coalesce(greatest(0, extract(epoch from ${now} - ${row}.slowed_at)), 0) * 0.01)`;

/** $3 how many, $4 ms: and what that time allows, $5 ms ahead, $6 offset of the clock. Milliseconds in, milliseconds out. */
const takeSql = `with locked as materialized (
    select r.next_at, r.slow_factor, r.slowed_at, ${rateSql} as full_rate from send_rates r
    join channel_accounts a on a.organization_id = r.organization_id and a.id = r.channel_account_id
    where r.organization_id = $1 and r.channel_account_id = $2 for update of r),
  timed as materialized (select *, clock_timestamp() + $6::float8 * interval '1 ms' as now from locked),
  rated as (select *, full_rate * ${recoveredSql('timed', 'now')} as rate from timed),
  based as (
    select *, greatest(next_at, now - greatest(${catchUpMs} * interval '1 ms', interval '1 s' / rate)) as base from rated),
  planned as (
    select *, greatest(0, least($3::int + ceil(rate * $4::float8 / 1000),
      floor(extract(epoch from now - base + $5::float8 * interval '1 ms') * rate + 0.001)))::int as granted from based)
  update send_rates r set next_at = p.base + p.granted * (interval '1 s' / p.rate) from planned p
  where r.organization_id = $1 and r.channel_account_id = $2
  returning p.granted, extract(epoch from p.base - p.now)::float8 * 1000 as "startsInMs", 1000 / p.rate as "intervalMs"`;

const newRowSql = `insert into send_rates (organization_id, channel_account_id, next_at)
  values ($1, $2, clock_timestamp() + $3::float8 * interval '1 ms') on conflict do nothing`;

/** Several calls that were under way are refused together: that counts once. */
const slowDownSql = `insert into send_rates as r (organization_id, channel_account_id, next_at, slow_factor, slowed_at)
  select $1, $2, now + $4::float8 * interval '1 ms', 0.5, now from (select clock_timestamp() + $3::float8 * interval '1 ms' as now) t
  on conflict (organization_id, channel_account_id) do update set
    next_at = greatest(r.next_at, excluded.next_at),
    slow_factor = case when r.slowed_at > excluded.slowed_at - interval '1 s' then r.slow_factor
      else greatest(0.02, ${recoveredSql('r', 'excluded.slowed_at')} / 2) end,
    slowed_at = excluded.slowed_at`;

/** One per process. `wait` is replaced in tests. */
export function createSendLimits({
  db,
  wait = (ms) => sleep(ms),
}: {
  db: Database;
  wait?: (ms: number) => Promise<void>;
}): SendLimits {
  const accounts = new Map<string, Held>();
  const localNow = (): number => db.clock.now().getTime();

  function heldOf({ channelAccountId }: RatedAccount): Held {
    const now = localNow();
    let held = accounts.get(channelAccountId);
    if (!held) {
      for (const [id, { usedAt, waiting }] of accounts)
        if (waiting === 0 && usedAt < now - forgetMs) accounts.delete(id);
      held = {
        single: [],
        bulk: [],
        block: 0,
        refilling: undefined,
        waiting: 0,
        owed: 0,
        overflowAt: 0,
        usedAt: now,
      };
      accounts.set(channelAccountId, held);
    }
    held.usedAt = now;
    return held;
  }

  /** Takes places in the row; when there is none, the time when there may be. */
  async function takePlaces(
    account: RatedAccount,
    ask: { count: number; allowedMs: number; aheadMs: number },
  ): Promise<{ slots: Slot[]; intervalMs: number; freeInMs: number }> {
    const { organizationId, channelAccountId } = account;
    const key = [organizationId, channelAccountId];
    const { offsetMs } = db.clock;
    const values = [...key, ask.count, ask.allowedMs, ask.aheadMs, offsetMs];
    let [row] = await db.prepared<Granted>(takeSql, values);
    if (!row) {
      await db.query(newRowSql, [...key, offsetMs]);
      [row] = await db.prepared<Granted>(takeSql, values);
    }
    // the account is gone: nothing is sent over it anyhow
    if (!row) return { slots: [], intervalMs: 1_000, freeInMs: 1_000 };
    const { granted, startsInMs, intervalMs } = row;
    const startsAt = localNow() + startsInMs;
    return {
      slots: Array.from({ length: granted }, (_, index) => ({
        organizationId,
        channelAccountId,
        at: startsAt + index * intervalMs,
      })),
      intervalMs,
      freeInMs: startsInMs + intervalMs - ask.aheadMs,
    };
  }

  /** Fills up the places for single messages. */
  function refill(account: RatedAccount, held: Held): Promise<Shortage | null> {
    held.refilling ??= (async () => {
      try {
        const { slots, intervalMs, freeInMs } = await takePlaces(account, {
          count: held.waiting + held.owed - held.single.length,
          allowedMs: heldMs,
          aheadMs: singleAheadMs,
        });
        held.block = Math.ceil(heldMs / intervalMs);
        const paid = slots.splice(0, held.owed).length;
        held.owed -= paid;
        held.single.push(...slots);
        return held.single.length > 0 ? null : { freeAt: localNow() + freeInMs, intervalMs };
      } finally {
        held.refilling = undefined;
      }
    })();
    return held.refilling;
  }

  function takeHeld(account: RatedAccount, held: Held): Slot | undefined {
    const slot = held.single.shift();
    // Half of it is left when the rest is fetched: the next message finds one at once.
    if (slot && held.single.length <= held.block / 2 && !held.refilling)
      refill(account, held).catch(() => undefined);
    // held for any time, it is as good as new
    return slot && { ...slot, at: Math.max(slot.at, localNow()) };
  }

  return {
    take(account) {
      const held = heldOf(account);
      const slot = takeHeld(account, held);
      if (slot || held.block > 0 || held.owed > 0 || held.refilling) return slot;
      // The first in a while goes at once and is put down to the row afterwards.
      held.owed = 1;
      refill(account, held).catch(() => undefined);
      return { ...account, at: localNow() };
    },

    async turn(account) {
      const held = heldOf(account);
      held.waiting++;
      try {
        for (;;) {
          const slot = takeHeld(account, held);
          if (slot) return { slot };
          const shortage = await refill(account, held);
          if (!shortage) continue;
          held.overflowAt = Math.max(held.overflowAt, shortage.freeAt) + shortage.intervalMs;
          return { busyUntil: new Date(held.overflowAt) };
        }
      } finally {
        held.waiting--;
      }
    },

    async once(account) {
      const { slots } = await takePlaces(account, { count: 1, allowedMs: 0, aheadMs: singleAheadMs });
      const ms = slots[0] ? slots[0].at - localNow() : 0;
      if (ms > 0) await wait(ms);
      return slots.length > 0;
    },

    async lease(account, want) {
      const held = heldOf(account);
      const until = localNow() + patienceMs;
      for (;;) {
        const fresh = localNow() - staleMs;
        const left = held.bulk.filter((slot) => slot.at >= fresh);
        held.bulk = left.slice(want);
        if (left.length > 0) return left.slice(0, want);
        const { slots, freeInMs, intervalMs } = await takePlaces(account, {
          count: want,
          allowedMs: 0,
          aheadMs: bulkAheadMs,
        });
        if (slots.length > 0 || localNow() >= until) return slots;
        const waitMs = Math.max(freeInMs, 0) + Math.max(10, Math.min(blockMs, (want - 1) * intervalMs));
        await wait(Math.min(waitMs, patienceMs));
      }
    },

    async ready(slot) {
      let { at } = slot;
      while (at < localNow() - staleMs) {
        const { slots, freeInMs } = await takePlaces(slot, {
          count: 1,
          allowedMs: 0,
          aheadMs: singleAheadMs,
        });
        at = slots[0]?.at ?? localNow() + Math.max(freeInMs, 0);
        if (!slots[0]) await wait(Math.max(freeInMs, 10));
      }
      const ms = at - localNow();
      if (ms > 0) await wait(ms);
    },

    giveBack(slots) {
      for (const slot of slots) {
        const held = heldOf(slot);
        (held.single.length < held.block ? held.single : held.bulk).push(slot);
      }
    },

    async slowDown(account, waitMs) {
      const held = heldOf(account);
      held.single = [];
      held.bulk = [];
      const { organizationId, channelAccountId } = account;
      await db.query(slowDownSql, [organizationId, channelAccountId, db.clock.offsetMs, waitMs]);
    },
  };
}
