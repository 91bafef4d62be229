/** R-SEND-10: minutes of the day from and until which nothing is sent by itself; may wrap over midnight. */
export type QuietHours = { from: number; until: number };

const minuteMs = 60_000;
const dayMinutes = 1440;
/** Of a clock that goes forward or back; no zone has one of more than an hour or two. */
const largestChangeMs = 180 * minuteMs;

/**
 * When a message that is due at `at` may go: `at` itself, or, within the quiet hours of the person's time zone, the instant they end.
 * Their end is found on the person's clock, so that a night in which it is changed is an hour longer or shorter; where the change
 * jumps over that end, they end with the jump.
 */
export function quietUntil(at: Date, hours: QuietHours | null, timeZone: string): Date {
  if (!hours || !isQuiet(minuteOfDay(at, timeZone), hours)) return at;
  const ahead = (hours.until - minuteOfDay(at, timeZone) + dayMinutes) % dayMinutes;
  const wholeMinute = Math.floor(at.getTime() / minuteMs) * minuteMs;
  const usual = wholeMinute + ahead * minuteMs;
  // Off by a change of the clock, it may stand in the next quiet hours: then minute by minute, from where these have not ended yet.
  let end =
    minuteOfDay(new Date(usual), timeZone) === hours.until
      ? usual
      : Math.max(wholeMinute, usual - largestChangeMs);
  while (isQuiet(minuteOfDay(new Date(end), timeZone), hours)) end += minuteMs;
  return new Date(end);
}

function isQuiet(minute: number, { from, until }: QuietHours): boolean {
  return from < until ? minute >= from && minute < until : minute >= from || minute < until;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function minuteOfDay(at: Date, timeZone: string): number {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  const [hour = 0, minute = 0] = format.format(at).split(':').map(Number);
  return hour * 60 + minute;
}
