import { saysTheSame, type StoredComponent } from '../../src/domain/whatsapp-template';

const body: StoredComponent = { type: 'BODY', text: 'Hello {{1}}' };
const header: StoredComponent = { type: 'HEADER', format: 'TEXT', text: 'News' };
const buttons = (text: string): StoredComponent => ({
  type: 'BUTTONS',
  buttons: [{ type: 'QUICK_REPLY', text }],
});

it.each<[string, StoredComponent[], StoredComponent[], boolean]>([
  ['itself', [header, body], [header, body], true],
  ['another order', [body, header], [header, body], true],
  [
    'a header whose format goes without saying',
    [{ type: 'HEADER', text: 'News' }, body],
    [header, body],
    true,
  ],
  ['examples beside it', [{ ...body, example: { body_text: [['x']] } } as StoredComponent], [body], true],
  ['another text', [{ ...body, text: 'Hi {{1}}' }], [body], false],
  ['one part less', [body], [header, body], false],
  ['another button', [body, buttons('Yes')], [body, buttons('No')], false],
])('a template says the same as %s: %#', (_, one, other, same) => {
  expect(saysTheSame(one, other)).toBe(same);
});
