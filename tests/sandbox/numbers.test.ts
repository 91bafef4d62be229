import { digitsOf, usualWaId, variantKey } from '../../src/sandbox/numbers';

describe('numbers', () => {
  it.each([
    ['+34 600-111-222', '34600111222'],
    ['(55) 31 98765 4321', '5531987654321'],
    ['0034600111222', undefined],
    ['12345', undefined],
    ['1234567890123456', undefined],
    ['not a number', undefined],
    ['551198', undefined],
    ['+1 234 567 8901', '12345678901'],
    ['+1 123 456 7890', undefined],
  ])('reads %s', (text, digits) => {
    expect(digitsOf(text)).toBe(digits);
  });

  it.each([
    ['a Brazilian mobile from area 31 on loses the ninth digit', '5531987654321', '553187654321'],
    ['a Brazilian mobile of area 11 keeps it', '5511987654321', '5511987654321'],
    ['a Brazilian mobile of area 11 gets it', '551187654321', '5511987654321'],
    ['a Mexican number gets a 1', '525512345678', '5215512345678'],
    ['an Argentine number gets a 9', '541123456789', '5491123456789'],
    ['others stay', '34600111222', '34600111222'],
  ])('%s', (_name, written, waId) => {
    expect(usualWaId(written)).toBe(waId);
    expect(variantKey(written)).toBe(variantKey(waId));
  });
});
