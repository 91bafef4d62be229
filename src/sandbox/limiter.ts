type Bucket = { tokens: number; at: number };

/** Token buckets by key. */
export type Limiter = {
  /** Takes one token; false when there is none. A capacity of 0 means no limit. */
  take(key: string, limit: { capacity: number; perMs: number }, now: number): boolean;
  clear(): void;
};

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
