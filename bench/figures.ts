/** The value below which `share` of the figures lie. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const median = (figures: readonly number[]): number => quantile(figures, 0.5);

/** Runs `count` tasks, at most `width` at once. */
export async function inLanes(
  count: number,
  width: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (next < count) await task(next++);
    }),
  );
}

/** Starts `perSecond` tasks a second for a while, whether or not earlier ones are done, and waits for all. */
export async function atRate(
  perSecond: number,
  seconds: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  const started = performance.now();
  const total = Math.round(perSecond * seconds);
  const tasks: Promise<void>[] = [];
  for (let index = 0; index < total; index++) {
    const due = started + (index * 1000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    tasks.push(task(index));
  }
  await Promise.all(tasks);
}
