import { useEffect, useRef, useSyncExternalStore } from 'react';

// Countdowns follow the server's clock: one that is wrong on this computer must not show a window as closed.
let skewMs = 0;

/** Learns from a `Date` header (whole seconds) how far this computer's clock is off. */
export function noteServerTime(header: string | null): void {
  const server = header === null ? NaN : Date.parse(header);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - Date.now();
  skewMs = Math.abs(difference) < 2000 ? 0 : difference;
}

export function serverNow(): number {
  return Date.now() + skewMs;
}

/** The time now, brought up to date every second or every half minute. One timer serves all that ask. */
export function useNow(every: 'second' | 'halfMinute'): number {
  const beat = every === 'second' ? seconds : halfMinutes;
  return useSyncExternalStore(beat.subscribe, beat.read);
}

const longestTimeoutMs = 2 ** 31 - 1;

/** Acts once when the first of these moments has passed, which nobody may tell: a chat runs out, a window closes. */
export function useWhenPast(moments: (string | null)[], act: () => void): void {
  const latest = useRef(act);
  latest.current = act;
  // one that is just over is still to be acted on
  const since = serverNow() - 1000;
  const next = Math.min(
    ...moments.map((moment) => (moment === null ? Infinity : Date.parse(moment))).filter((at) => at > since),
  );
  useEffect(() => {
    if (next === Infinity) return;
    // a little later: the clocks may differ
    const timer = setTimeout(
      () => latest.current(),
      Math.min(Math.max(0, next - serverNow()) + 250, longestTimeoutMs),
    );
    return () => clearTimeout(timer);
  }, [next]);
}

function makeBeat(everyMs: number) {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let now = Math.floor(serverNow() / 1000) * 1000;
  const tick = () => {
    now = Math.floor(serverNow() / 1000) * 1000;
    for (const listener of listeners) listener();
  };
  return {
    read: () => now,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      if (timer === undefined) {
        timer = setInterval(tick, everyMs);
        now = Math.floor(serverNow() / 1000) * 1000;
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && timer !== undefined) {
          clearInterval(timer);
          timer = undefined;
        }
      };
    },
  };
}

const seconds = makeBeat(1000);
const halfMinutes = makeBeat(30_000);
