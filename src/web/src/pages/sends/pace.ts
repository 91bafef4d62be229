/** How many waited at an instant (milliseconds). */
export type Sample = { at: number; waiting: number };

const windowMs = 60_000;
/** Before that, a rate says nothing. */
const leastMs = 4_000;

/** The samples of the last minute, with this one. Where more wait than before (it was taken up again), it is measured anew. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && sample.waiting > last.waiting) return [sample];
  return [...samples.filter(({ at }) => at >= sample.at - windowMs), sample];
}

/** Over the last minute, or as long as it was looked at; `leftMs` null: nothing has moved in it. Undefined: it is too early to tell. */
export function paceOf(samples: readonly Sample[]): { perMinute: number; leftMs: number | null } | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < leastMs) return undefined;
  const gone = first.waiting - last.waiting;
  const elapsedMs = last.at - first.at;
  if (gone === 0) return elapsedMs < windowMs / 2 ? undefined : { perMinute: 0, leftMs: null };
  return {
    perMinute: Math.max(1, Math.round((gone * 60_000) / elapsedMs)),
    leftMs: (last.waiting * elapsedMs) / gone,
  };
}

/** "about 3 minutes left": no more exact than it is known. */
export function timeLeft(leftMs: number): string {
  const minutes = leftMs / 60_000;
  if (minutes < 0.75) return 'less than a minute left';
  if (minutes < 90) return about(minutes, 'minute');
  return minutes < 36 * 60 ? about(minutes / 60, 'hour') : about(minutes / 1440, 'day');
}

function about(count: number, unit: string): string {
  const whole = Math.max(1, Math.round(count));
  return `about ${whole} ${unit}${whole === 1 ? '' : 's'} left`;
}
