// Dates, times and lengths of time as people read them, in the browser's time zone and habits.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const weekday = new Intl.DateTimeFormat('en', { weekday: 'long' });
const dayMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const fullDay = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });

export const clockTime = (at: string): string => clock.format(new Date(at));
export const exactTime = (at: string): string => exact.format(new Date(at));

/** `14:05` today, `Yesterday`, `Tuesday`, `3 Nov`, `3 Nov 2025`. */
export function shortWhen(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days <= 0) return clock.format(date);
  if (days === 1) return 'Yesterday';
  if (days < 7) return weekday.format(date);
  return (date.getFullYear() === new Date(now).getFullYear() ? dayMonth : dayMonthYear).format(date);
}

/** The heading over a day's messages. */
export function dayTitle(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  return date.getFullYear() === new Date(now).getFullYear()
    ? fullDay.format(date)
    : dayMonthYear.format(date);
}

export function dayKey(at: string): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`;
}

/** Two units at most: `2 d 3 h`, `5 h 12 m`, `12 m`, `40 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  if (days >= 2) return `${days} d${hours % 24 > 0 ? ` ${hours % 24} h` : ''}`;
  if (hours >= 1) return `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} m` : ''}`;
  if (minutes >= 1) return `${minutes} m`;
  return `${seconds} s`;
}

/** The largest unit alone: `3 d`, `5 h`, `12 m`, `40 s`. */
export function shortDuration(ms: number): string {
  const [first = ''] = duration(ms).match(/^\d+ \w/) ?? [];
  return first;
}

/** The same in words, for screen readers. */
export function durationWords(ms: number): string {
  return duration(ms)
    .replace(/(\d+) d/, (_, n: string) => plural(Number(n), 'day'))
    .replace(/(\d+) h/, (_, n: string) => plural(Number(n), 'hour'))
    .replace(/(\d+) m/, (_, n: string) => plural(Number(n), 'minute'))
    .replace(/(\d+) s$/, (_, n: string) => plural(Number(n), 'second'));
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => [...(word ?? '')][0] ?? '',
  );
  return letters.join('').toUpperCase() || '#';
}

function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}
