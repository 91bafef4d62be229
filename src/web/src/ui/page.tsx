import { ArrowLeft } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { Link } from 'wouter';
import { text } from '../text';
import { setTitle } from '../title';
import { cx } from './cx';

export function usePageTitle(title: string): void {
  useEffect(() => setTitle(title), [title]);
}

/** A page with its header on top and a body that scrolls. */
export function Page({
  header,
  className,
  children,
}: {
  header: ReactNode;
  className?: string;
  children: ReactNode;
}) {
  return (
    <div className="flex h-full min-h-0 flex-col">
      {header}
      <div className={cx('scroll-y min-h-0 flex-1 px-4 pt-4 pb-10 sm:px-8', className)}>{children}</div>
    </div>
  );
}

export function PageHeader({
  title,
  titleText,
  subtitle,
  back,
  actions,
  children,
}: {
  title: ReactNode;
  /** For the window's title, where `title` is not a plain text. */
  titleText?: string;
  subtitle?: ReactNode;
  back?: { href: string; label: string };
  actions?: ReactNode;
  children?: ReactNode;
}) {
  usePageTitle(titleText ?? (typeof title === 'string' ? title : text.product));
  return (
    <header className="shrink-0 border-b border-line bg-surface px-4 pt-3 sm:px-8 sm:pt-5">
      {back && (
        <Link
          href={back.href}
          className="mb-1 inline-flex items-center gap-1.5 rounded-sm text-[0.9rem] text-ink-2 hover:text-ink hover:underline"
        >
          <ArrowLeft aria-hidden className="size-4" />
          {back.label}
        </Link>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <div className="min-w-[min(100%,9rem)] flex-1">
          <h1 className="truncate font-display text-2xl font-semibold tracking-tight">{title}</h1>
          {subtitle && <div className="text-ink-2">{subtitle}</div>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </header>
  );
}
