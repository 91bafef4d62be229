import { isSameList } from '../../src/web/src/same-list';

const messagesOf = (conversationId: string, query = {}) => ({ params: { conversationId }, query });

it('with another filter the list stays until the new one is there', () => {
  expect(isSameList(messagesOf('a', { limit: 10 }), messagesOf('a'))).toBe(true);
  expect(isSameList({ query: { action: 'x' } }, {})).toBe(true);
});

it('what one conversation held is never shown as another’s', () => {
  expect(isSameList(messagesOf('a'), messagesOf('b'))).toBe(false);
});
