import { Funnel } from 'lucide-react';
import type { ReactNode } from 'react';
import { text } from './text';
import { CountBadge, IconButton, Popover } from './ui';

const words = text.inbox;

/** A funnel that says how many filters are on, and opens the form to set them. */
export function FilterButton({
  count,
  align,
  className,
  children,
}: {
  count: number;
  align?: 'start' | 'end';
  className: string;
  children: ReactNode;
}) {
  return (
    <Popover
      label={words.filters}
      {...(align && { align })}
      className={className}
      trigger={
        <IconButton
          label={count > 0 ? words.filtersOn(count) : words.filters}
          tooltip={false}
          variant="secondary"
          className="relative"
          icon={
            <>
              <Funnel aria-hidden className="size-4.5" />
              <CountBadge count={count} label="" className="absolute -top-1.5 -right-1.5" />
            </>
          }
        />
      }
    >
      {children}
    </Popover>
  );
}
