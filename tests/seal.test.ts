import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { open, seal, SealError } from '../src/seal';

const key = randomBytes(32);

it('opens what it has sealed, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
      expect(open(key, seal(key, text, context), context)).toBe(text);
    }),
  );
});

it('seals the same text differently each time', () => {
  expect(seal(key, 'token', 'a').equals(seal(key, 'token', 'a'))).toBe(false);
});

it('opens nothing in another place, with another key, or changed by a bit', () => {
  const sealed = seal(key, 'token', 'account 1');
  expect(() => open(key, sealed, 'account 2')).toThrow(SealError);
  expect(() => open(randomBytes(32), sealed, 'account 1')).toThrow('sealed with another key');
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed);
    changed[index]! ^= 1;
    expect(() => open(key, changed, 'account 1')).toThrow(SealError);
  }
  expect(() => open(key, Buffer.from('short'), 'account 1')).toThrow(SealError);
});

it('lets keys be rotated: the id in front says which one it was', () => {
  const next = randomBytes(32);
  const old = seal(key, 'old', 'a');
  expect(open([next, key], old, 'a')).toBe('old');
  expect(open([next, key], seal(next, 'new', 'a'), 'a')).toBe('new');
});
