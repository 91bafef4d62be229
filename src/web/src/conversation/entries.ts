import type { Message } from '../../../contracts/messages';
import type { Note } from '../../../contracts/records';
import { dayKey } from '../format';
import type { Outgoing } from './outgoing';

/** What stands in the thread, from top to bottom. */
export type Entry =
  | { type: 'day'; key: string; at: string }
  | { type: 'new'; key: string }
  | { type: 'message'; key: string; message: Message; joined: boolean }
  | { type: 'note'; key: string; note: Note }
  | { type: 'outgoing'; key: string; outgoing: Outgoing };

const joinWithinMs = 4 * 60_000;

/** Messages and notes in one order of time, with a heading for each day and a line where the unread ones begin. */
export function buildEntries({
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
}): Entry[] {
  const oldest = messages[0]?.occurredAt;
  const shownNotes = complete || !oldest ? notes : notes.filter(({ occurredAt }) => occurredAt >= oldest);
  const dated = [
    ...messages.map((message) => ({ at: message.occurredAt, message, note: null })),
    ...shownNotes.map((note) => ({ at: note.occurredAt, message: null, note })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));

  const entries: Entry[] = [];
  let day = '';
  let before: Message | null = null;
  for (const { at, message, note } of dated) {
    if (dayKey(at) !== day) {
      day = dayKey(at);
      entries.push({ type: 'day', key: `day-${day}`, at });
      before = null;
    }
    if (note) {
      entries.push({ type: 'note', key: note.id, note });
      before = null;
    } else if (message) {
      if (message.id === firstNewId) {
        entries.push({ type: 'new', key: 'new' });
        before = null;
      }
      entries.push({
        type: 'message',
        key: message.id,
        message,
        joined: before !== null && joins(before, message),
      });
      before = message;
    }
  }
  for (const one of outgoing) {
    if (dayKey(one.at) !== day) {
      day = dayKey(one.at);
      entries.push({ type: 'day', key: `day-${day}`, at: one.at });
    }
    entries.push({ type: 'outgoing', key: one.intent, outgoing: one });
  }
  return entries;
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
    Date.parse(message.occurredAt) - Date.parse(before.occurredAt) < joinWithinMs
  );
}
