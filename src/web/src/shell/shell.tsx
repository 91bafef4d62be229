import {
  BriefcaseBusiness,
  ChartColumn,
  Inbox,
  Mail,
  Send,
  Settings,
  UsersRound,
  type LucideIcon,
} from 'lucide-react';
import { useEffect } from 'react';
import { Link, useLocation, useRoute } from 'wouter';
import { useLive, useLiveState } from '../live';
import { paths } from '../paths';
import { useCounts, useMe, useRoute as useQueryOf } from '../queries';
import { text } from '../text';
import { setTitleCount } from '../title';
import { CountBadge, cx } from '../ui';
import { AccountMenu } from './account-menu';
import { LowBalanceNotice } from './low-balance-notice';
import { navItemClass } from './nav-item';
import { NotificationBell } from './notification-bell';
import { PausedChannelNotice } from './paused-channel-notice';
import { useKeptFocus } from './use-kept-focus';
import { useNotifications } from './use-notifications';
import { useSignOutOfOtherTabs } from './use-sign-out';
import { Pages } from './pages';

/** The frame around every page: navigation, notifications, account. */
export function Shell() {
  useLive();
  useNotifications();
  useSignOutOfOtherTabs();
  const page = useKeptFocus();
  const me = useMe();
  const counts = useCounts();
  const unanswered = counts.data?.my ?? 0;
  // on a phone an open conversation needs the whole height
  const [inConversation] = useRoute('/inbox/:conversationId');
  useEffect(() => setTitleCount(unanswered), [unanswered]);

  return (
    <div className="flex h-dvh flex-col-reverse sm:flex-row">
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-20 rounded-lg bg-accent px-3 py-2 text-accent-ink focus:translate-y-0"
      >
        {text.shell.skip}
      </a>
      <nav
        aria-label={text.shell.navigation}
        className={cx(
          'flex shrink-0 items-stretch justify-around border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)]',
          'sm:w-20 sm:flex-col sm:items-center sm:justify-start sm:gap-1 sm:border-t-0 sm:border-r sm:py-3',
          inConversation && 'max-sm:hidden',
        )}
      >
        <span aria-hidden className="mb-3 hidden sm:block">
          <Mark />
        </span>
        <NavLink href={paths.inbox()} icon={Inbox} label={text.shell.inbox}>
          <CountBadge
            count={unanswered}
            label={text.shell.unansweredChats}
            className="absolute top-0.5 left-1/2 ml-0.5"
          />
        </NavLink>
        <NavLink href={paths.mail()} icon={Mail} label={text.shell.mail}>
          <UnreadMails />
        </NavLink>
        <NavLink href={paths.vacancies()} icon={BriefcaseBusiness} label={text.shell.vacancies} />
        <NavLink href={paths.people()} icon={UsersRound} label={text.shell.people} />
        {me.permissions.send && <NavLink href={paths.sends()} icon={Send} label={text.shell.sends} />}
        {me.permissions.reports && (
          <NavLink href={paths.reports()} icon={ChartColumn} label={text.shell.reports} />
        )}
        {(me.permissions.settings || me.permissions.send) && (
          <NavLink
            href={paths.settings()}
            icon={Settings}
            label={text.shell.settings}
            className="max-sm:hidden"
          />
        )}
        <span className="hidden flex-1 sm:block" />
        <NotificationBell unseen={counts.data?.notifications ?? 0} />
        <AccountMenu />
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionNotice />
        <PausedChannelNotice />
        {me.permissions.settings && <LowBalanceNotice />}
        <main
          ref={page}
          id="main"
          tabIndex={-1}
          className="min-h-0 min-w-0 flex-1 bg-surface focus-visible:outline-none"
        >
          <Pages />
        </main>
      </div>
    </div>
  );
}

function NavLink({
  href,
  icon: Icon,
  label,
  className,
  children,
}: {
  href: string;
  icon: LucideIcon;
  label: string;
  className?: string;
  children?: React.ReactNode;
}) {
  const [path] = useLocation();
  const current = path === href || path.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      aria-current={current ? 'page' : undefined}
      className={cx(navItemClass, current && 'text-accent-text! sm:bg-accent-soft!', className)}
    >
      <Icon aria-hidden className="size-5.5" strokeWidth={current ? 2.2 : 1.8} />
      {label}
      {children}
    </Link>
  );
}

/** Of the inbox of the own mailbox. */
function UnreadMails() {
  const counts = useQueryOf('GET /api/v1/mails/counts', {}, { refetchInterval: 60_000 });
  return (
    <CountBadge
      count={counts.data?.folders.inbox ?? 0}
      label={text.shell.unreadMails}
      className="absolute top-0.5 left-1/2 ml-0.5"
    />
  );
}

/** Says so when changes no longer arrive by themselves. */
function ConnectionNotice() {
  const state = useLiveState();
  return (
    <div role="status" className="shrink-0">
      {state === 'broken' && (
        <p className="bg-warn-soft px-4 py-1.5 text-center text-[0.9rem] text-warn">{text.shell.offline}</p>
      )}
    </div>
  );
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-9 text-accent">
      <path
        d="M4 9a5 5 0 0 1 5-5h14a5 5 0 0 1 5 5v9a5 5 0 0 1-5 5H13l-7 6v-6.6A5 5 0 0 1 4 18z"
        fill="currentColor"
      />
      <path d="M11 11h10M11 16h6" stroke="var(--accent-ink)" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
