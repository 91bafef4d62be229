import { Bell } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { text } from '../text';
import { CountBadge, LoadingRows, Popover } from '../ui';
import { navItemClass } from './nav-item';

const NotificationList = lazy(async () => ({
  default: (await import('./notification-list')).NotificationList,
}));

export function NotificationBell({ unseen }: { unseen: number }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover
      label={text.notifications.title}
      align="end"
      open={open}
      onOpenChange={setOpen}
      className="flex w-96 flex-col overflow-hidden p-0"
      trigger={
        <button type="button" className={navItemClass} aria-label={text.notifications.button(unseen)}>
          <Bell aria-hidden className="size-5.5" strokeWidth={1.8} />
          <span aria-hidden className="sm:hidden">
            {text.notifications.short}
          </span>
          <CountBadge count={unseen} label="" className="absolute top-0.5 left-1/2 ml-0.5" />
        </button>
      }
    >
      <Suspense fallback={<LoadingRows rows={3} />}>
        <NotificationList onChosen={() => setOpen(false)} />
      </Suspense>
    </Popover>
  );
}
