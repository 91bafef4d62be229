import { useInfiniteQuery } from '@tanstack/react-query';
import {
  ArrowRightLeft,
  Ban,
  CalendarClock,
  CalendarX2,
  CircleSlash,
  CircleX,
  CornerDownRight,
  FileInput,
  Hand,
  History,
  Hourglass,
  LogOut,
  Merge,
  MessageCircle,
  MessageCircleReply,
  MessageSquareOff,
  MoveRight,
  PhoneForwarded,
  RotateCcw,
  ShieldCheck,
  StickyNote,
  TriangleAlert,
  UserCheck,
  UserPlus,
  type LucideIcon,
} from 'lucide-react';
import { lazy, memo, Suspense, useState } from 'react';
import { useLocation } from 'wouter';
import type { TimelineEntry, TimelineKind } from '../../../contracts/records';
import { call } from '../api';
import { dayKey, dayTitle, exactTime } from '../format';
import { useNow } from '../clock';
import { paths } from '../paths';
import { keyOf } from '../queries';
import { text } from '../text';
import { Badge, Button, cx, EmptyState, ErrorState, LoadingRows, MessageTicks, Time } from '../ui';
import { AcceptedChannel } from './accepted-channel';
import { costOf } from './cost-of';

const MessageDetails = lazy(async () => ({ default: (await import('./message-details')).MessageDetails }));

const words = text.timeline;
const icons: Record<TimelineKind, LucideIcon> = {
  messageSent: MessageCircle,
  messageSuppressed: Ban,
  messageFailed: TriangleAlert,
  messageReceived: MessageCircleReply,
  messageScheduled: CalendarClock,
  messageUnscheduled: CalendarX2,
  stageMoved: MoveRight,
  actionsSkipped: CircleSlash,
  rejected: CircleX,
  withdrawn: LogOut,
  reopened: RotateCcw,
  note: StickyNote,
  chatStarted: Hand,
  chatClosed: MessageSquareOff,
  chatExpired: Hourglass,
  chatHandedOver: ArrowRightLeft,
  consent: ShieldCheck,
  optOut: Ban,
  personCreated: UserPlus,
  applied: FileInput,
  merged: Merge,
  responsibleChanged: UserCheck,
  numberChanged: PhoneForwarded,
};

/** R-LOG-1: the history of a person, or of one application; *View Message* jumps to it. */
export function Timeline({
  personId,
  applicationId,
  onViewMessage,
}: {
  personId: string;
  applicationId?: string;
  /** Where to show a message; by default in the inbox. */
  onViewMessage?: (message: { id: string; conversationId: string }) => void;
}) {
  const now = useNow('halfMinute');
  const [detailsOf, setDetailsOf] = useState<string | null>(null);
  const query = useInfiniteQuery({
    queryKey: keyOf('GET /api/v1/people/{personId}/timeline', {
      params: { personId },
      query: { applicationId },
    }),
    queryFn: ({ pageParam, signal }) =>
      call(
        'GET /api/v1/people/{personId}/timeline',
        { params: { personId }, query: { applicationId, cursor: pageParam } },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  if (query.isPending) return <LoadingRows rows={6} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const entries = query.data.pages.flatMap((page) => page.items);
  if (entries.length === 0) return <EmptyState icon={<History className="size-6" />} title={words.empty} />;
  return (
    <div className="px-4 py-3 sm:px-6">
      <ol aria-label={words.label}>
        {entries.map((entry, index) => {
          const first = index === 0 || dayKey(entries[index - 1]!.occurredAt) !== dayKey(entry.occurredAt);
          return (
            <li key={entry.id}>
              {first && (
                <h3 className="pt-3 pb-1 text-[0.85rem] font-semibold text-ink-2">
                  {dayTitle(entry.occurredAt, now)}
                </h3>
              )}
              <Row entry={entry} onViewMessage={onViewMessage} onDetails={setDetailsOf} />
            </li>
          );
        })}
      </ol>
      {query.hasNextPage && (
        <p className="pt-3 text-center">
          <Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {words.older}
          </Button>
        </p>
      )}
      <Suspense fallback={null}>
        {detailsOf && <MessageDetails messageId={detailsOf} onClose={() => setDetailsOf(null)} />}
      </Suspense>
    </div>
  );
}

const Row = memo(function Row({
  entry,
  onViewMessage,
  onDetails,
}: {
  entry: TimelineEntry;
  onViewMessage?: (message: { id: string; conversationId: string }) => void;
  onDetails: (messageId: string) => void;
}) {
  const [, navigate] = useLocation();
  const { kind, message } = entry;
  // an opt-out names the message by which it was said; what became of that one is not its matter
  const own = kind === 'optOut' ? null : message;
  const Icon = icons[kind];
  const bad = kind === 'messageFailed' || kind === 'messageSuppressed' || kind === 'optOut';
  return (
    <div className="relative flex gap-3 py-2">
      <span
        aria-hidden
        className={cx(
          'flex size-8 shrink-0 items-center justify-center rounded-full',
          bad
            ? 'bg-danger-soft text-danger'
            : kind === 'note'
              ? 'bg-note-soft text-note'
              : entry.automatic
                ? 'bg-auto-soft text-auto'
                : 'bg-accent-soft text-accent-text',
        )}
      >
        <Icon className="size-4" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="break-words">{entry.text}</p>
        {own?.body && <p className="line-clamp-2 break-words text-ink-2">{own.body}</p>}
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 gap-y-1 text-[0.85rem] text-ink-2">
          {own && <AcceptedChannel message={own} onDetails={onDetails} />}
          <Time at={entry.occurredAt} />
          {entry.actor && <span>· {entry.actor}</span>}
          {entry.automatic && <Badge tone="auto">{text.message.origins.automatic}</Badge>}
          {own && own.state !== 'received' && (
            <span className="inline-flex items-center gap-1" title={states(own)}>
              <MessageTicks state={own.state} className="size-3.5!" />
              <span aria-hidden>{text.messageStates[own.state]}</span>
            </span>
          )}
          {own && costOf(own) > 0 && <span>{words.credits(costOf(own))}</span>}
          {message && (
            <button
              type="button"
              className="inline-flex items-center gap-1 rounded text-accent-text underline underline-offset-2"
              onClick={() =>
                onViewMessage
                  ? onViewMessage(message)
                  : navigate(paths.inbox(message.conversationId, message.id))
              }
            >
              <CornerDownRight aria-hidden className="size-3.5" />
              {words.view}
            </button>
          )}
        </p>
      </div>
    </div>
  );
});

function states(message: NonNullable<TimelineEntry['message']>): string {
  return (
    [
      [text.messageStates.sent, message.sentAt],
      [text.messageStates.delivered, message.deliveredAt],
      [text.messageStates.read, message.readAt],
      [text.messageStates.failed, message.failedAt],
    ] as const
  )
    .filter(([, at]) => at)
    .map(([name, at]) => `${name} ${exactTime(at!)}`)
    .join('\n');
}
