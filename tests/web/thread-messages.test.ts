import type { Message } from '../../src/contracts/messages';
import { merge, withNewest } from '../../src/web/src/conversation/thread-messages';

const message = (position: number) =>
  ({ id: `m${position}`, position, occurredAt: `2026-11-02T10:0${position}:00.000Z` }) as Message;
const newestFirst = (...positions: number[]) => positions.map(message);
const shown = ({ items }: { items: Message[] }) => items.map(({ position }) => position);

it('R-CONF-1: what has become confidential goes from an open page, too', () => {
  const thread = withNewest(undefined, newestFirst(5, 4, 3), 'older');
  const longer = { ...thread, items: merge(thread.items, newestFirst(2, 1)), olderCursor: null };
  expect(shown(withNewest(longer, newestFirst(5, 3, 2), 'older'))).toEqual([1, 2, 3, 5]);
  expect(shown(withNewest(longer, newestFirst(4, 3, 2), 'older'))).toEqual([1, 2, 3, 4]);
  expect(shown(withNewest(thread, [], null))).toEqual([]);
});

it('what a newer page has pushed out, and what was just sent, stays', () => {
  const thread = withNewest(undefined, newestFirst(3, 2, 1), null);
  expect(shown(withNewest(thread, newestFirst(5, 4, 3), 'older'))).toEqual([1, 2, 3, 4, 5]);
  const sent = { ...thread, items: merge(thread.items, [message(4)]) };
  expect(shown(withNewest(sent, newestFirst(3, 2, 1), null))).toEqual([1, 2, 3, 4]);
});
