/** The only source of "now" outside transactions; transactions read the database's clock, shifted by `offsetMs` (0 but in tests). */
export interface Clock {
  now(): Date;
  /** Added to `clock_timestamp()` by the data layer, so that one shifted clock rules all parts of a test. */
  readonly offsetMs: number;
}

export const systemClock: Clock = { now: () => new Date(), offsetMs: 0 };

/** A clock that can be set forward: the data layer, the sandbox and a time-skipping Temporal server then move together. */
export function createShiftedClock(): Clock & { advance(ms: number): void } {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    get offsetMs() {
      return offsetMs;
    },
    advance(ms) {
      offsetMs += ms;
    },
  };
}
