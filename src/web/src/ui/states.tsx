import { Compass, Lock, PlugZap } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api';
import { paths } from '../paths';
import { text } from '../text';
import { Button, ButtonLink } from './button';
import { cx } from './cx';

/** Nothing here yet: what it is, and what to do. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  className,
  pageHeading = false,
  takesFocus = false,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  className?: string;
  /** It is all that stands on the page: its title is the page's heading. */
  pageHeading?: boolean;
  /** It comes in the place of what had the focus, such as a form that was sent. */
  takesFocus?: boolean;
}) {
  const Title = pageHeading ? 'h1' : 'p';
  return (
    <div
      className={cx('mx-auto flex max-w-sm flex-col items-center gap-2 px-6 py-12 text-center', className)}
    >
      {icon && (
        <span
          aria-hidden
          className="mb-1 flex size-12 items-center justify-center rounded-full bg-accent-soft text-accent-text"
        >
          {icon}
        </span>
      )}
      <Title
        {...(takesFocus && { ref: focusOn, tabIndex: -1 })}
        className="font-display text-lg font-semibold outline-none"
      >
        {title}
      </Title>
      {children && <div className="text-ink-2">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** As the `ref` of what comes in the place of what had the focus. */
export function focusOn(element: HTMLElement | null): void {
  element?.focus();
}

/** What could not be loaded, why, and a way on. */
export function ErrorState({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}) {
  const status = error instanceof ApiError ? error.status : undefined;
  if (status === 404 || isNoAddress(error)) return <NotFound className={className} />;
  const forbidden = status === 403;
  return (
    <div role="alert" className={className}>
      <EmptyState
        icon={forbidden ? <Lock className="size-6" /> : <PlugZap className="size-6" />}
        title={forbidden ? text.errors.forbidden : text.errors.title}
        action={!forbidden && onRetry && <Button onClick={onRetry}>{text.errors.retry}</Button>}
      >
        {error instanceof ApiError ? error.detail : text.errors.unexpected}
      </EmptyState>
    </div>
  );
}

/** What stands for an id in the address cannot be one. */
function isNoAddress(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    error.status === 422 &&
    error.errors.length > 0 &&
    error.errors.every(({ path }) => path.endsWith('Id'))
  );
}

export function NotFound({ className, pageHeading }: { className?: string; pageHeading?: boolean }) {
  return (
    <EmptyState
      className={className}
      pageHeading={pageHeading}
      icon={<Compass className="size-6" />}
      title={text.common.notFoundTitle}
      action={<ButtonLink href={paths.inbox()}>{text.common.toInbox}</ButtonLink>}
    >
      {text.common.notFoundBody}
    </EmptyState>
  );
}

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx('skeleton block rounded-md', className)} />;
}

/** Grey rows in the place of a list that is on its way. */
export function LoadingRows({ rows = 6, label = text.common.loading }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex items-center gap-3 border-b border-line px-4 py-3.5">
          <Skeleton className="size-10 rounded-full" />
          <div className="flex-1 space-y-2">
            <Skeleton className="h-3.5 w-2/5" />
            <Skeleton className="h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}
