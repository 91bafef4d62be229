import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'wouter';
import { cx } from './cx';
import { Tooltip } from './menu';

type Variant = 'primary' | 'secondary' | 'quiet' | 'danger';
type Size = 'sm' | 'md';

const looks: Record<Variant, string> = {
  primary: 'bg-primary text-primary-ink hover:bg-primary-hover',
  secondary: 'border border-line-strong bg-surface text-ink hover:bg-hover',
  quiet: 'text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'bg-danger text-surface hover:bg-danger-hover',
};
const sizes: Record<Size, string> = {
  sm: 'min-h-8 gap-1.5 px-2.5 text-[0.87rem]',
  md: 'min-h-10 gap-2 px-4 text-[0.93rem]',
};

function buttonClass(variant: Variant, size: Size, className?: string): string {
  return cx(
    'inline-flex shrink-0 items-center justify-center rounded-lg font-medium whitespace-nowrap transition-colors',
    'disabled:opacity-55 aria-disabled:opacity-55',
    looks[variant],
    sizes[size],
    className,
  );
}

type Look = { variant?: Variant; size?: Size; icon?: ReactNode };

export function Button({
  variant = 'secondary',
  size = 'md',
  busy = false,
  icon,
  className,
  children,
  disabled,
  ...rest
}: Look & { busy?: boolean } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={buttonClass(variant, size, className)}
    >
      {busy ? <LoaderCircle aria-hidden className="size-4 animate-spin" /> : icon}
      {children}
    </button>
  );
}

export function ButtonLink({
  variant = 'secondary',
  size = 'md',
  icon,
  className,
  children,
  href,
  ...rest
}: Look & { href: string } & Omit<ComponentProps<'a'>, 'href'>) {
  return (
    <Link {...rest} href={href} className={buttonClass(variant, size, className)}>
      {icon}
      {children}
    </Link>
  );
}

/** A file of the API that the browser saves. */
export function DownloadLink({
  variant = 'secondary',
  size = 'md',
  icon,
  className,
  children,
  ...rest
}: Look & { href: string } & ComponentProps<'a'>) {
  return (
    <a download {...rest} className={buttonClass(variant, size, className)}>
      {icon}
      {children}
    </a>
  );
}

export function IconButton({
  label,
  icon,
  size = 'md',
  variant = 'quiet',
  tooltip = true,
  className,
  ...rest
}: { label: string; icon: ReactNode; size?: Size; variant?: Variant; tooltip?: boolean } & Omit<
  ComponentProps<'button'>,
  'children'
>) {
  const button = (
    <button
      type="button"
      {...rest}
      aria-label={label}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-lg transition-colors disabled:opacity-50 aria-disabled:opacity-50',
        looks[variant],
        size === 'sm' ? 'size-8' : 'size-10',
        className,
      )}
    >
      {icon}
    </button>
  );
  return tooltip ? <Tooltip text={label}>{button}</Tooltip> : button;
}

export function TextLink({
  href,
  className,
  children,
  ...rest
}: { href: string } & Omit<ComponentProps<'a'>, 'href'>) {
  return (
    <Link
      {...rest}
      href={href}
      className={cx(
        'rounded-sm text-accent-text underline decoration-1 underline-offset-3 hover:decoration-2',
        className,
      )}
    >
      {children}
    </Link>
  );
}
