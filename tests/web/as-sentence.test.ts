import { asSentence } from '../../src/web/src/as-sentence';

it.each([
  ['enter at least one address', 'Enter at least one address'],
  ['is used by another user', 'Is used by another user'],
  ['Enter a title.', 'Enter a title.'],
])('what the server says of a field, “%s”, stands beneath it as “%s”', (message, shown) => {
  expect(asSentence(message)).toBe(shown);
});
