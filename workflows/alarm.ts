import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

export type Alarm = {
  /**
   * Rings at `at` (milliseconds) at the latest. One that is already set for earlier is left alone: it rings, its owner
   * looks again and sets it anew. Moving it each time would cost two events and an action for every message.
   */
  set(at: number): void;
};

/** One timer at a time; `summary` is what operators read beside it. */
export function createAlarm(summary: string, ring: () => void): Alarm {
  let current: { at: number; scope: CancellationScope } | undefined;
  return {
    set(at) {
      if (current && current.at <= at) return;
      current?.scope.cancel();
      const scope = new CancellationScope();
      current = { at, scope };
      scope
        .run(() => sleep(Math.max(at - Date.now(), 1), { summary }))
        .then(
          () => {
            if (current?.scope === scope) current = undefined;
            ring();
          },
          (error: unknown) => {
            if (!isCancellation(error)) throw error;
          },
        );
    },
  };
}
