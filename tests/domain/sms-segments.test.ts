import { smsSize } from '../../src/domain/sms-segments';

const of = (text: string) => smsSize(text).segments;

describe('smsSize', () => {
  it.each([
    ['nothing', '', 1],
    ['160 of GSM-7', 'a'.repeat(160), 1],
    ['161 of GSM-7', 'a'.repeat(161), 2],
    ['306 of GSM-7', 'a'.repeat(306), 2],
    ['307 of GSM-7', 'a'.repeat(307), 3],
    ['accents that GSM-7 has', 'àèéìòùÄÖÑÜßñ¿¡£¥§'.repeat(10).slice(0, 160), 1],
    ['80 extension characters, two each', '€'.repeat(80), 1],
    ['81 extension characters', '€'.repeat(81), 2],
    ['70 of UCS-2', 'я'.repeat(70), 1],
    ['71 of UCS-2', 'я'.repeat(71), 2],
    ['134 of UCS-2', 'я'.repeat(134), 2],
    ['135 of UCS-2', 'я'.repeat(135), 3],
    ['35 emoji, two units each', '😀'.repeat(35), 1],
    ['36 emoji', '😀'.repeat(36), 2],
  ])('R-CRED-2: %s', (_name, text, segments) => {
    expect(of(text)).toBe(segments);
  });

  it('one character beyond GSM-7 makes all of it UCS-2', () => {
    expect(smsSize(`${'a'.repeat(70)}ç`)).toEqual({ encoding: 'ucs2', units: 71, segments: 2, left: 63 });
    expect(smsSize(`${'a'.repeat(70)}Ç`)).toEqual({ encoding: 'gsm7', units: 71, segments: 1, left: 89 });
  });

  it('cuts no character in two between segments', () => {
    // 76 pairs fill 152 of 153: the 77th does not fit, so two segments hold 152 pairs only
    expect(of('€'.repeat(152))).toBe(2);
    expect(of('€'.repeat(153))).toBe(3);
    // 33 emoji fill 66 of 67
    expect(of('😀'.repeat(66))).toBe(2);
    expect(of('😀'.repeat(67))).toBe(3);
  });

  it('says what still fits', () => {
    expect(smsSize('Hello')).toEqual({ encoding: 'gsm7', units: 5, segments: 1, left: 155 });
    expect(smsSize('a'.repeat(161))).toMatchObject({ segments: 2, left: 145 });
  });
});
