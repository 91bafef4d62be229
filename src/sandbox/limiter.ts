type Bucket = { tokens: number; at: number };

/** Token buckets by key. */
export type Limiter = {
  /** Takes one token; false when there is none. A capacity of 0 means no limit. */
  take(key: string, limit: { capacity: number; perMs: number }, now: number): boolean;
  clear(): void;
};

/** People reached outside windows within a moving day, by portfolio. */
export type Reach = {
  /** Counts the person; false when they would be one too many. A limit of 0 means none. */
  take(portfolio: string, person: string, limit: { people: number; dayMs: number }, now: number): boolean;
  clear(): void;
};

export function createReach(): Reach {
  const portfolios = new Map<string, Map<string, number>>();
  return {
    take(portfolio, person, { people, dayMs }, now) {
      if (people === 0) return true;
      const reached = portfolios.get(portfolio) ?? new Map<string, number>();
      portfolios.set(portfolio, reached);
      // In the order in which they were last reached.
      for (const [one, at] of reached) {
        if (at > now - dayMs) break;
        reached.delete(one);
      }
      if (!reached.has(person) && reached.size >= people) return false;
      reached.delete(person);
      reached.set(person, now);
      return true;
    },
    clear() {
      portfolios.clear();
    },
  };
}

export function createLimiter(): Limiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(key, limit, now) {
      if (limit.capacity === 0) return true;
      const bucket = buckets.get(key) ?? { tokens: limit.capacity, at: now };
      const refilled = Math.min(limit.capacity, bucket.tokens + Math.max(0, now - bucket.at) * limit.perMs);
      const allowed = refilled >= 1;
      buckets.set(key, { tokens: allowed ? refilled - 1 : refilled, at: Math.max(now, bucket.at) });
      return allowed;
    },
    clear() {
      buckets.clear();
    },
  };
}
