import { setTimeout as sleep } from 'node:timers/promises';

export type Running = { stop(): Promise<void> };

export type Part = {
  name: string;
  stop(): Promise<void>;
};

export type KeepRunningOptions<T extends Running> = {
  name: string;
  /** Starts it and resolves when it is ready; calls `onExit` when it ends without having been asked to. */
  start(onExit: (how: string) => void): Promise<T>;
  say(line: string): void;
  /** Aborted when all is to end: nothing is started any more. */
  signal?: AbortSignal;
  firstPauseMs?: number;
  longestPauseMs?: number;
  /** After running this long it counts as well: the next pause is the first again. */
  steadyAfterMs?: number;
};

/** Starts a part and, whenever it ends by itself, starts it again after a pause that doubles. The first start may fail. */
export async function keepRunning<T extends Running>(options: KeepRunningOptions<T>): Promise<Part> {
  const { name, start, say, firstPauseMs = 500, longestPauseMs = 30_000, steadyAfterMs = 60_000 } = options;
  const stopping = new AbortController();
  options.signal?.addEventListener('abort', () => stopping.abort());
  let pauseMs = firstPauseMs;
  let restarting: Promise<void> = Promise.resolve();

  let running: T | undefined = await launch();
  return {
    name,
    async stop() {
      stopping.abort();
      await restarting;
      await running?.stop();
    },
  };

  async function launch(): Promise<T> {
    const startedAt = performance.now();
    return start((how) => {
      if (performance.now() - startedAt > steadyAfterMs) pauseMs = firstPauseMs;
      running = undefined;
      restarting = restart(how);
    });
  }

  async function restart(what: string): Promise<void> {
    if (stopping.signal.aborted) return;
    say(`${name} ${what}; starting it again in ${pauseMs / 1000} s`);
    await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    if (stopping.signal.aborted) return;
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    try {
      running = await launch();
      say(`${name} runs again`);
    } catch (error) {
      await restart(`does not start (${(error as Error).message})`);
    }
  }
}
