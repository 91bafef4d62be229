import type { PrivateMail } from '../../../contracts/confidential';
import type { Message } from '../../../contracts/messages';
import type { Note } from '../../../contracts/records';
import { dayKey } from '../format';
import type { Outgoing } from './outgoing';

/** What stands in the thread, from top to bottom. */
export type Entry =
  | { type: 'new'; key: string }
  | { type: 'message'; key: string; message: Message; joined: boolean }
  | { type: 'note'; key: string; note: Note }
  | { type: 'private'; key: string; mail: PrivateMail }
  | { type: 'outgoing'; key: string; outgoing: Outgoing };

/** What belongs to one day, under its heading. */
export type Day = { key: string; at: string; entries: Entry[] };

const joinWithinMs = 4 * 60_000;

/** Messages, notes and confidential mails in one order of time, day by day, with a line where the unread ones begin. */
export function buildDays({
  messages,
  notes,
  privateMails,
  outgoing,
  firstNewId,
  complete,
}: {
  messages: Message[];
  notes: Note[];
  privateMails: PrivateMail[];
  outgoing: Outgoing[];
  firstNewId: string | null;
  /** Whether the beginning is loaded: what else is from before the oldest message wait until then. */
  complete: boolean;
}): Day[] {
  const oldest = messages[0]?.occurredAt;
  const others: Entry[] = [
    ...notes.map((note) => ({ type: 'note' as const, key: note.id, note })),
    ...privateMails.map((mail) => ({ type: 'private' as const, key: mail.id, mail })),
  ];
  const dated = [
    ...messages.map((message) => ({ at: message.occurredAt, message, other: null })),
    ...others
      .map((other) => ({ at: occurredAt(other), message: null, other }))
      .filter(({ at }) => complete || !oldest || at >= oldest),
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
  for (const { at, message, other } of dated) {
    const day = dayOf(at);
    if (day.entries.length === 0) before = null;
    if (other) {
      day.entries.push(other);
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

const occurredAt = (entry: Entry): string =>
  entry.type === 'note' ? entry.note.occurredAt : entry.type === 'private' ? entry.mail.occurredAt : '';

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
