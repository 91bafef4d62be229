import { setTimeout as sleep } from 'node:timers/promises';

export type WaitOptions = {
  /** What is waited for, for the error. */
  what: string;
  timeoutMs?: number;
  everyMs?: number;
};

/**
 * Asks again and again until the answer is neither undefined, null nor false, and returns it. A check that throws counts as
 * not yet; its error is told when time runs out.
 */
export async function waitFor<T>(
  check: () => Promise<T> | T,
  { what, timeoutMs = 30_000, everyMs = 20 }: WaitOptions,
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== undefined && answer !== null && answer !== false) {
        return answer as Exclude<T, undefined | null | false>;
      }
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`, { cause: lastError });
    }
    await sleep(everyMs);
  }
}
