export type Breaker = {
  /** Whether a call may be made. Once the breaker has opened, one at a time after each pause. */
  tryPass(): boolean;
  succeeded(): void;
  failed(): void;
  readonly open: boolean;
  /** Whether `tryPass` would say yes. */
  readonly ready: boolean;
};

/** Opens after `threshold` failures in a row, for `minMs` doubling up to `maxMs`. */
export function createBreaker({
  threshold,
  minMs,
  maxMs,
}: {
  threshold: number;
  minMs: number;
  maxMs: number;
}): Breaker {
  let failures = 0;
  let pauseMs = minMs;
  let shutUntil = 0;
  let probing = false;
  const isOpen = () => failures >= threshold;
  const isReady = () => !isOpen() || (!probing && performance.now() >= shutUntil);
  return {
    get open() {
      return isOpen();
    },
    get ready() {
      return isReady();
    },
    tryPass() {
      if (!isReady()) return false;
      probing = isOpen();
      return true;
    },
    succeeded() {
      failures = 0;
      pauseMs = minMs;
      probing = false;
    },
    failed() {
      failures++;
      if (!isOpen()) return;
      // Calls that were under way together count as one failed probe.
      if (performance.now() >= shutUntil) {
        shutUntil = performance.now() + pauseMs;
        pauseMs = Math.min(pauseMs * 2, maxMs);
      }
      probing = false;
    },
  };
}
