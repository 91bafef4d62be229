import type { CSSProperties } from 'react';
import type { Brand } from '../../../contracts/common';
import { inkOn } from '../../../domain/brand';
import { cx } from './cx';

/** Gives the buttons and own bubbles inside an element the company's colour. */
export function brandStyle({ color }: Brand): CSSProperties | undefined {
  if (color === null) return undefined;
  const ink = inkOn(color);
  return {
    '--primary': color,
    // away from the text, so that it stays readable
    '--primary-hover': `color-mix(in srgb, ${color} 85%, ${ink === '#ffffff' ? 'black' : 'white'})`,
    '--primary-ink': ink,
    '--bubble-out': `color-mix(in srgb, ${color} 14%, var(--surface))`,
  } as CSSProperties;
}

/** The company's logo, where it has one; on white, for which logos are made. */
export function BrandLogo({
  brand,
  company,
  className,
}: {
  brand: Brand;
  company: string;
  className?: string;
}) {
  if (brand.logoUrl === null) return null;
  return (
    <img
      src={brand.logoUrl}
      alt={company}
      className={cx(
        'h-11 w-fit max-w-full rounded-md bg-white object-contain object-left p-1 text-black',
        className,
      )}
    />
  );
}
