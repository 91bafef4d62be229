import { useInfiniteQuery } from '@tanstack/react-query';
import {
  ArrowRightLeft,
  BellOff,
  Coins,
  Lock,
  MessageCircle,
  PlugZap,
  StickyNote,
  UserPlus,
  Volume2,
  VolumeX,
  type LucideIcon,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { Notification } from '../../../contracts/records';
import { call, type ApiError } from '../api';
import { paths } from '../paths';
import { keyOf, setMe, useAction, useMe } from '../queries';
import { text } from '../text';
import { Button, cx, EmptyState, ErrorState, LoadingRows, RelativeTime, toastError } from '../ui';
import { askBrowserPermission, browserPermission } from './alerts';
import { markSeen } from './use-notifications';

export function NotificationList({ onChosen }: { onChosen: () => void }) {
  const query = useInfiniteQuery({
    queryKey: keyOf('GET /api/v1/notifications', { query: { limit: 20 } }),
    queryFn: ({ pageParam, signal }) =>
      call('GET /api/v1/notifications', { query: { limit: 20, cursor: pageParam } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = items[0];
  // kept as it was when the list opened, so that one sees what was new
  const [newIds] = useState(() => new Set<string>());
  for (const { id, seenAt } of items) if (seenAt === null) newIds.add(id);

  useEffect(() => {
    if (newest && newest.seenAt === null) markSeen(newest.id).catch(toastError);
  }, [newest]);

  return (
    <>
      <div className="flex shrink-0 items-center justify-between gap-2 border-b border-line py-2 pr-2 pl-4">
        <h2 className="font-display text-lg font-semibold">{text.notifications.title}</h2>
        <MuteButton />
      </div>
      <div className="scroll-y min-h-0 flex-1">
        {query.isPending && <LoadingRows rows={3} />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && items.length === 0 && (
          <EmptyState icon={<BellOff className="size-6" />} title={text.notifications.empty} className="py-8">
            {text.notifications.emptyHint}
          </EmptyState>
        )}
        <ul>
          {grouped(items).map(({ item, count }) => (
            <Row key={item.id} item={item} count={count} isNew={newIds.has(item.id)} onChosen={onChosen} />
          ))}
        </ul>
        {query.hasNextPage && (
          <div className="p-2 text-center">
            <Button
              size="sm"
              variant="quiet"
              busy={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {text.common.loadMore}
            </Button>
          </div>
        )}
      </div>
      <PermissionRow />
    </>
  );
}

const icons: Record<Notification['kind'], LucideIcon> = {
  messageReceived: MessageCircle,
  privateMail: Lock,
  note: StickyNote,
  handedOver: ArrowRightLeft,
  channel: PlugZap,
  webhook: PlugZap,
  lowBalance: Coins,
  application: UserPlus,
};

function Row({
  item,
  count,
  isNew,
  onChosen,
}: {
  item: Notification;
  count: number;
  isNew: boolean;
  onChosen: () => void;
}) {
  const [, navigate] = useLocation();
  const Icon = icons[item.kind];
  const target = item.mailId
    ? paths.mail('inbox', item.mailId)
    : item.applicationId
      ? paths.match(item.applicationId)
      : item.conversationId
        ? paths.inbox(item.conversationId)
        : item.kind === 'channel'
          ? paths.settings('channels')
          : item.kind === 'webhook'
            ? paths.settings('webhooks')
            : item.kind === 'lowBalance'
              ? paths.settings('credits')
              : null;
  return (
    <li className="border-b border-line last:border-b-0">
      <button
        type="button"
        disabled={!target}
        onClick={() => {
          if (!target) return;
          navigate(target);
          onChosen();
        }}
        className={cx(
          'flex w-full gap-3 px-4 py-3 text-left focus-visible:-outline-offset-2',
          target && 'hover:bg-hover',
        )}
      >
        <Icon
          aria-hidden
          className={cx('mt-0.5 size-4.5 shrink-0', isNew ? 'text-accent-text' : 'text-ink-3')}
        />
        <span className="min-w-0 flex-1">
          <span className="flex justify-between gap-2">
            <span className={cx('truncate', isNew && 'font-semibold')}>
              {item.personName ?? text.product}
            </span>
            <RelativeTime at={item.occurredAt} className="shrink-0 text-[0.85rem] text-ink-3" />
          </span>
          <span className="line-clamp-2 text-ink-2">
            {count > 1 ? text.notifications.messages(count) : item.text}
          </span>
          {isNew && <span className="sr-only">{text.notifications.isNew}</span>}
        </span>
      </button>
    </li>
  );
}

/** Messages of one person in a row are told as one. */
function grouped(items: Notification[]): { item: Notification; count: number }[] {
  const groups: { item: Notification; count: number }[] = [];
  for (const item of items) {
    const last = groups.at(-1);
    const same =
      last?.item.kind === 'messageReceived' &&
      item.kind === 'messageReceived' &&
      last.item.conversationId === item.conversationId;
    if (last && same) last.count += 1;
    else groups.push({ item, count: 1 });
  }
  return groups;
}

function MuteButton() {
  const muted = useMe().user.soundMuted;
  const patch = useAction('PATCH /api/v1/me', {
    onSuccess: setMe,
    onError: (error: ApiError) => toastError(error),
  });
  return (
    <Button
      size="sm"
      variant="quiet"
      busy={patch.isPending}
      aria-pressed={muted}
      icon={muted ? <VolumeX aria-hidden className="size-4" /> : <Volume2 aria-hidden className="size-4" />}
      onClick={() => patch.mutate({ body: { soundMuted: !muted } })}
    >
      {muted ? text.notifications.soundOff : text.notifications.soundOn}
    </Button>
  );
}

/** Offers notifications of the browser where nobody has decided yet; never asks by itself. */
function PermissionRow() {
  const [permission, setPermission] = useState(browserPermission);
  if (permission !== 'default') return null;
  return (
    <div className="flex shrink-0 items-center gap-3 border-t border-line bg-sunken px-4 py-2.5">
      <p className="flex-1 text-[0.87rem] text-ink-2">{text.notifications.offer}</p>
      <Button size="sm" onClick={() => void askBrowserPermission().then(setPermission)}>
        {text.notifications.turnOn}
      </Button>
    </div>
  );
}
