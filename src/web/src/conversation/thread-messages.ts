import type { Message } from '../../../contracts/messages';

export type Thread = {
  /** Oldest first, without gaps. */
  items: Message[];
  /** For what is older; null: the beginning is there. */
  olderCursor: string | null;
  /** What the newest page held when it was last read. */
  listed: ReadonlySet<string>;
};

/** What is there, with the newest page read again. */
export function withNewest(thread: Thread | undefined, newest: Message[], nextCursor: string | null): Thread {
  const known = new Set(thread?.items.map(({ id }) => id));
  const overlaps = newest.some(({ id }) => known.has(id));
  const listed = new Set(newest.map(({ id }) => id));
  // more arrived than one page: what lies between is missing, so older messages are read again when asked for
  if (!thread || !overlaps) return { items: merge([], newest), olderCursor: nextCursor, listed };
  // one that stood there and does not, though older ones do, has left the conversation (R-CONF-1)
  const oldest = nextCursor === null ? '' : newest.at(-1)!.occurredAt;
  const left = ({ id, occurredAt }: Message) =>
    thread.listed.has(id) && !listed.has(id) && occurredAt >= oldest;
  return {
    items: merge(
      thread.items.filter((item) => !left(item)),
      newest,
    ),
    olderCursor: thread.olderCursor,
    listed,
  };
}

/** The newer copy of a message wins; one that did not change stays the same object, so that it is not drawn again. */
export function merge(items: Message[], fresh: Message[]): Message[] {
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const item of fresh) {
    const known = byId.get(item.id);
    if (!known || JSON.stringify(known) !== JSON.stringify(item)) byId.set(item.id, item);
  }
  return [...byId.values()].sort(
    (a, b) => Date.parse(a.occurredAt) - Date.parse(b.occurredAt) || a.position - b.position,
  );
}
