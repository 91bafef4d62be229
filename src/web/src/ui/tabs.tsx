import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from './cx';

/** The row of tabs; the panels stand inside as `TabPanel`s. */
export function Tabs<T extends string>({
  label,
  value,
  onChange,
  items,
  header,
  children,
  className,
  listClassName,
  panelId,
}: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  items: { value: T; label: ReactNode; count?: number }[];
  /** Stands above the row of tabs. */
  header?: ReactNode;
  children?: ReactNode;
  className?: string;
  listClassName?: string;
  /** Where the tabs only choose what stands elsewhere: the id of that. */
  panelId?: string;
}) {
  return (
    <Radix.Root value={value} onValueChange={(next) => onChange(next as T)} className={className}>
      {header}
      <Radix.List
        aria-label={label}
        className={cx(
          'flex gap-1 overflow-x-auto border-b border-line [scrollbar-width:none]',
          listClassName,
        )}
      >
        {items.map((entry) => (
          <Radix.Trigger
            key={entry.value}
            value={entry.value}
            {...(children ? {} : { 'aria-controls': panelId })}
            className={cx(
              '-mb-px inline-flex min-h-10 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-3 text-[0.93rem] font-medium text-ink-2',
              'hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink',
            )}
          >
            {entry.label}
            {entry.count !== undefined && entry.count > 0 && (
              <span className="rounded-full bg-hover px-1.5 text-[0.8rem] text-ink-2 tabular-nums">
                {entry.count}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({
  value,
  className,
  children,
}: {
  value: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Radix.Content value={value} className={cx('focus-visible:-outline-offset-2', className)}>
      {children}
    </Radix.Content>
  );
}
