import type { SendChannel } from './eligibility';

/** Messages a second where neither the provider nor an Administrator has said otherwise. */
export const usualRate: Record<SendChannel, number> = { whatsapp: 80, sms: 10, email: 10 };

/** WhatsApp, to one and the same person: so many at once, afterwards one in so many milliseconds. */
export const pairLimit = { burst: 45, everyMs: 6_000 };

/**
 * When the next message to one person may go. `sentAt`: when the last `burst` messages went to them, in any order.
 * Each spends one of `burst` tokens; one comes back every `everyMs`.
 */
export function pairFreeAt(sentAt: readonly Date[], { burst, everyMs } = pairLimit): Date | null {
  if (sentAt.length < burst) return null;
  // When the bucket would be full again: it may be behind by `burst - 1` tokens for one more to go.
  let fullAt = 0;
  for (const at of sentAt.map((date) => date.getTime()).sort((a, b) => a - b)) {
    fullAt = Math.max(fullAt, at) + everyMs;
  }
  return new Date(fullAt - (burst - 1) * everyMs);
}

/** People in 24 hours; null: no limit, or none that is known. */
export function peopleOfTier(tier: string | null): number | null {
  const [, count, thousands] = /^TIER_(\d+)(K?)$/.exec(tier ?? '') ?? [];
  return count === undefined ? null : Number(count) * (thousands ? 1_000 : 1);
}

/** What a worker has taken of the messaging limit and not used yet; void at `until` (ISO 8601). */
export type ReachLease = { holder: string; people: number; until: string };

const leaseMs = 60_000;
/** So many at most without need, so that little lies idle with one worker while another is out of it. */
const spareAtMost = 50;

export type ReachPlan = {
  /** How many the asking worker holds now. */
  people: number;
  leases: ReachLease[];
};

/**
 * Shares what is left of a messaging limit: `want` people for `holder`, and a little more where there is plenty, so that the next ask comes
 * later. What the holder still has is handed back with the question.
 */
export function planReach(
  state: { limit: number | null; used: number; leases: readonly ReachLease[] },
  ask: { holder: string; want: number; now: Date },
): ReachPlan {
  const others = state.leases.filter(
    (lease) => lease.holder !== ask.holder && Date.parse(lease.until) > ask.now.getTime(),
  );
  const left =
    state.limit === null
      ? Infinity
      : Math.max(0, state.limit - state.used - others.reduce((sum, lease) => sum + lease.people, 0));
  const spare = Math.min(spareAtMost, Math.floor(left / 20));
  const people = Math.min(left, Math.max(ask.want, spare));
  const until = new Date(ask.now.getTime() + leaseMs).toISOString();
  return {
    people,
    leases: people === 0 ? others : [...others, { holder: ask.holder, people, until }],
  };
}
