const [second, minute, hour] = [1000, 60_000, 3_600_000];

/** After each failed attempt a longer wait, the last one again and again. */
const waitsMs = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];

/** `failures`: attempts that failed so far, one at least. */
export const webhookWaitMs = (failures: number): number =>
  waitsMs[Math.min(Math.max(failures, 1), waitsMs.length) - 1]!;

/** After so many failures in a row the endpoint as a whole is taken for away: one call at a time asks whether it is back. */
export const endpointAway = (failures: number): boolean => failures >= 5;

/** An endpoint that fails for so long is told to the Administrators. */
export const failingLongMs = hour;

/** One that has taken nothing at all for so long is paused, and the Administrators are told; what it has not got waits for them. */
export const endpointEndsMs = 7 * 24 * hour;
