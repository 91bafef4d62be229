/**
 * Timers of exactly so many milliseconds run out when the test says so, and not by themselves: on a machine that stands still a short deadline
 * would pass before what is to happen within it has.
 */
export function holdTimers(ms: number): { runOut(): void } {
  const held: (() => void)[] = [];
  const start = globalThis.setTimeout;
  const hold = (work: () => void, afterMs?: number) => {
    if (afterMs !== ms) return start(work, afterMs);
    held.push(work);
    return start(() => undefined, 0);
  };
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(hold);
  return { runOut: () => held.splice(0).forEach((work) => work()) };
}
