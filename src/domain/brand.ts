import type { Brand } from '../contracts/common';

export const maxLogoBytes = 200 * 1024;

/** In lower case: it goes into style attributes as it stands. */
export const brandColorPattern = /^#[0-9a-f]{6}$/;

/** The colour of text on a ground of `color` (`#rrggbb`): white where that can be read, else black; at least 4.5 : 1 (WCAG 2.2, 1.4.3). */
export const inkOn = (color: string): '#ffffff' | '#000000' =>
  1.05 / (luminance(color) + 0.05) >= 4.5 ? '#ffffff' : '#000000';

/** WCAG 2.2: 0 is black, 1 white. */
export function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** As mail programs fetch the logo. */
export const brandInMail = ({ color, logoUrl }: Brand, publicUrl: string): Brand => ({
  color,
  logoUrl: logoUrl && `${publicUrl}${logoUrl}`,
});
