import { z } from 'zod';
import { fieldErrors } from '../../src/contracts/field-errors';

const schema = z.strictObject({
  name: z.string().min(1).max(3),
  count: z.number().int().min(1).max(9),
  when: z.iso.datetime(),
  email: z.email(),
  kind: z.enum(['one', 'two']),
  tags: z.array(z.string()).max(1),
  own: z.string().regex(/^\d+$/, 'digits, such as 12'),
});
const good = {
  name: 'Ann',
  count: 1,
  when: '2026-05-01T09:00:00Z',
  email: 'a@b.example',
  kind: 'one',
  tags: [],
  own: '1',
};

it.each([
  [{ name: undefined }, 'name', 'is missing'],
  [{ name: 4 }, 'name', 'must be a text'],
  [{ name: null }, 'name', 'must be a text'],
  [{ name: '' }, 'name', 'must not be empty'],
  [{ name: 'Anna' }, 'name', 'is longer than 3 characters'],
  [{ count: 10 }, 'count', 'must be at most 9'],
  [{ count: 0 }, 'count', 'must be at least 1'],
  [{ count: 1.5 }, 'count', 'must be a whole number'],
  [{ when: 'tomorrow' }, 'when', 'is no time such as 2026-05-01T09:00:00Z'],
  [{ email: 'anna' }, 'email', 'is no e-mail address'],
  [{ kind: 'three' }, 'kind', 'must be one of: one, two'],
  [{ tags: ['a', 'b'] }, 'tags', 'has more than 1 entry'],
  [{ own: 'x' }, 'own', 'digits, such as 12'],
  [{ more: 1 }, '', 'is not known here: more'],
])('%j is told at its field, in plain words', (wrong, path, message) => {
  const parsed = schema.safeParse({ ...good, ...wrong });
  expect(parsed.success ? [] : fieldErrors(parsed.error)).toEqual([{ path, message }]);
});
