import { waitFor, type WaitOptions } from '../support/wait';

/** Two servers, a worker and a database share the machine with other tests: a busy one is no failure. */
export const waitLong = <T>(check: () => Promise<T> | T, options: WaitOptions) =>
  waitFor(check, { timeoutMs: 60_000, everyMs: 50, ...options });
