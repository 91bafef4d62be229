import fc from 'fast-check';
import { canonicalPhoneKey, fromWaId, normalisePhone, phoneVariants, toWaId } from '../../src/domain/phone';
import { whatsAppLinks } from '../../src/domain/phone-links';

describe('normalisePhone', () => {
  it.each([
    ['+34 612 34 56 78', undefined, '+34612345678', 'ES', 'mobile'],
    ['612 345 678', 'ES', '+34612345678', 'ES', 'mobile'],
    ['612 345 678', 'es', '+34612345678', 'ES', 'mobile'],
    ['0049 151 23456789', undefined, '+4915123456789', 'DE', 'mobile'],
    ['0049 151 23456789', 'US', '+4915123456789', 'DE', 'mobile'],
    ['030 901820', 'DE', '+4930901820', 'DE', 'landline'],
    ['(201) 555-0123', 'US', '+12015550123', 'US', 'unknown'],
    ['+44 56 0012 3456', undefined, '+445600123456', 'GB', 'voip'],
    ['011 15-2345-6789', 'AR', '+5491123456789', 'AR', 'mobile'],
    ['+55 11 98765-4321', undefined, '+5511987654321', 'BR', 'mobile'],
  ])('R-ELIG: %s from %s is %s', (text, country, e164, expectedCountry, type) => {
    expect(normalisePhone(text, country)).toEqual({ ok: true, e164, country: expectedCountry, type });
  });

  it.each([
    ['+55 31 8765-1234', undefined, '+5531987651234', 'BR'],
    ['(31) 8765-1234', 'BR', '+5531987651234', 'BR'],
    ['0055 31 8765-1234', 'ES', '+5531987651234', 'BR'],
    ['+52 1 55 1234 5678', undefined, '+525512345678', 'MX'],
  ])('R-CHAT-13: %s from %s, written in the old way, is %s', (text, country, e164, expectedCountry) => {
    expect(normalisePhone(text, country)).toMatchObject({ ok: true, e164, country: expectedCountry });
  });

  it.each([
    ['', 'ES'],
    ['612 345 678', undefined],
    ['612 345 678', 'XX'],
    ['+34 12', undefined],
    ['+999 123 456 789', undefined],
    ['call 612 345 678 please', 'ES'],
    ['not a number', 'ES'],
  ])('R-ELIG: %p from %p is phone_invalid', (text, country) => {
    expect(normalisePhone(text, country)).toEqual({ ok: false, reason: 'phone_invalid' });
  });

  it('never throws, and gives a number that it reads as itself', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('ES', 'BR', 'US', undefined), (text, country) => {
        const phone = normalisePhone(text, country);
        if (phone.ok) expect(normalisePhone(phone.e164)).toEqual(phone);
      }),
    );
  });
});

describe('R-CHAT-13: variants of one phone', () => {
  it.each([
    ['Brazil, mobile', '+5511987654321', '+551187654321', '+5511987654321'],
    ['Mexico', '+525512345678', '+5215512345678', '+525512345678'],
    ['Argentina', '+5491123456789', '+541123456789', '+5491123456789'],
  ])('%s share one key', (_country, one, other, key) => {
    expect(canonicalPhoneKey(one)).toBe(key);
    expect(canonicalPhoneKey(other)).toBe(key);
    expect(phoneVariants(one).sort()).toEqual([one, other].sort());
    expect(phoneVariants(other).sort()).toEqual([one, other].sort());
  });

  it.each(['+551133334444', '+34612345678', '+12015550123', '+5211234', '+4915123456789'])(
    '%s has no variants',
    (e164) => {
      expect(canonicalPhoneKey(e164)).toBe(e164);
      expect(phoneVariants(e164)).toEqual([e164]);
    },
  );

  it('every variant has the same key and the same variants', () => {
    const national = fc.stringMatching(/^[1-9]\d{7,11}$/);
    fc.assert(
      fc.property(fc.constantFrom('+55', '+52', '+54', '+34'), national, (prefix, digits) => {
        const e164 = `${prefix}${digits}`;
        const variants = phoneVariants(e164);
        expect(variants).toContain(e164);
        expect(variants).toContain(canonicalPhoneKey(e164));
        for (const variant of variants) {
          expect(canonicalPhoneKey(variant)).toBe(canonicalPhoneKey(e164));
          expect(phoneVariants(variant)).toEqual(variants);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('WhatsApp ids and links', () => {
  it('turns a wa_id into E.164 and back', () => {
    expect(fromWaId('34612345678')).toBe('+34612345678');
    expect(toWaId('+34612345678')).toBe('34612345678');
  });

  it.each(['', 'abc', '12', '1234567890123456'])('takes %p for no number', (waId) => {
    expect(fromWaId(waId)).toBeUndefined();
  });

  it('R-SEND-4: a mobile number leads to WhatsApp Web, on phones to wa.me', () => {
    expect(whatsAppLinks('+34612345678')).toEqual({
      web: 'https://web.whatsapp.com/send?phone=34612345678',
      phone: 'https://wa.me/34612345678',
    });
  });
});
