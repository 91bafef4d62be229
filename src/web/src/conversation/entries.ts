import type { Message } from '../../../contracts/messages';
import type { Note } from '../../../contracts/records';
import { dayKey } from '../format';
import type { Outgoing } from './outgoing';

/** What stands in the thread, from top to bottom. */
export type Entry =
  | { type: 'new'; key: string }
  | { type: 'message'; key: string; message: Message; joined: boolean }
  | { type: 'note'; key: string; note: Note }
  | { type: 'outgoing'; key: string; outgoing: Outgoing };

/** What belongs to one day, under its heading. */
export type Day = { key: string; at: string; entries: Entry[] };

const joinWithinMs = 4 * 60_000;

/** Messages and notes in one order of time, day by day, with a line where the unread ones begin. */
export function buildDays({
  messages,
  notes,
  outgoing,
  firstNewId,
  complete,
}: {
  messages: Message[];
  notes: Note[];
  outgoing: Outgoing[];
  firstNewId: string | null;
  /** Whether the beginning is loaded: notes from before the oldest message wait until then. */
  complete: boolean;
}): Day[] {
  const oldest = messages[0]?.occurredAt;
  const shownNotes = complete || !oldest ? notes : notes.filter(({ occurredAt }) => occurredAt >= oldest);
  const dated = [
    ...messages.map((message) => ({ at: message.occurredAt, message, note: null })),
    ...shownNotes.map((note) => ({ at: note.occurredAt, message: null, note })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

  const days: Day[] = [];
  const dayOf = (at: string): Day => {
    const key = dayKey(at);
    const last = days.at(-1);
    if (last?.key === key) return last;
    const day = { key, at, entries: [] };
    days.push(day);
    return day;
  };
  let before: Message | null = null;
  for (const { at, message, note } of dated) {
    const day = dayOf(at);
    if (day.entries.length === 0) before = null;
    if (note) {
      day.entries.push({ type: 'note', key: note.id, note });
      before = null;
    } else if (message) {
      if (message.id === firstNewId) {
        day.entries.push({ type: 'new', key: 'new' });
        before = null;
      }
      day.entries.push({
        type: 'message',
        key: message.id,
        message,
        joined: before !== null && joins(before, message),
      });
      before = message;
    }
  }
  for (const one of outgoing)
    dayOf(one.at).entries.push({ type: 'outgoing', key: one.intent, outgoing: one });
  return days;
}

/** The oldest of the last `unread` messages of the person. */
export function firstUnread(messages: Message[], unread: number): string | null {
  if (unread <= 0) return null;
  let left = unread;
  let first: string | null = null;
  for (let index = messages.length - 1; index >= 0 && left > 0; index--) {
    const message = messages[index]!;
    if (message.direction !== 'in') continue;
    first = message.id;
    left--;
  }
  return first;
}

function joins(before: Message, message: Message): boolean {
  return (
    before.direction === message.direction &&
    before.origin === message.origin &&
    before.sender?.id === message.sender?.id &&
    before.mail?.from.address === message.mail?.from.address &&
    Date.parse(message.occurredAt) - Date.parse(before.occurredAt) < joinWithinMs
  );
}
