import fc from 'fast-check';
import { inkOn, luminance } from '../../src/domain/brand';
import { checkLogo } from '../../src/domain/logo';
import { jpegOf, pngOf, webpOf } from '../support/pictures';

it('text can be read on every colour: at least 4.5 : 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (value) => {
      const color = `#${value.toString(16).padStart(6, '0')}`;
      const [dark, light] = [luminance(color), luminance(inkOn(color))].sort((a, b) => a - b);
      return (light! + 0.05) / (dark! + 0.05) >= 4.5;
    }),
  );
  expect([inkOn('#0b5d5e'), inkOn('#ffd400')]).toEqual(['#ffffff', '#000000']);
});

describe('a logo', () => {
  it('is a PNG, JPEG or WebP, by its bytes', () => {
    expect(checkLogo(pngOf(1200, 600))).toEqual({ ok: true, mimeType: 'image/png' });
    expect(checkLogo(jpegOf(320, 80))).toEqual({ ok: true, mimeType: 'image/jpeg' });
    for (const kind of ['VP8 ', 'VP8L', 'VP8X'] as const)
      expect(checkLogo(webpOf(kind, 320, 80))).toEqual({ ok: true, mimeType: 'image/webp' });
  });

  it.each([
    ['PNG', pngOf(1201, 10)],
    ['JPEG', jpegOf(10, 601)],
    ['WebP', webpOf('VP8 ', 1300, 10)],
    ['lossless WebP', webpOf('VP8L', 10, 601)],
    ['extended WebP', webpOf('VP8X', 70_000, 10)],
  ])('is at most 1200 × 600, as %s', (_, bytes) => {
    expect(checkLogo(bytes)).toMatchObject({ ok: false, sentence: expect.stringContaining('×') as string });
  });

  it('is no SVG, no GIF, nothing cut, nothing larger than 200 KB', () => {
    const refused = (bytes: Buffer) => expect(checkLogo(bytes)).toMatchObject({ ok: false });
    refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'));
    refused(Buffer.from('GIF89a\x01\x00\x01\x00'));
    refused(Buffer.alloc(0));
    for (const bytes of [pngOf(10, 10), jpegOf(10, 10), webpOf('VP8X', 10, 10)])
      refused(bytes.subarray(0, 15));
    refused(Buffer.concat([pngOf(10, 10), Buffer.alloc(200 * 1024)]));
  });
});
