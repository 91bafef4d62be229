import { Bot, Clock4, PencilLine, Timer } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import type { ConversationRow } from '../../../../contracts/conversations';
import { hasDraft } from '../../conversation/drafts';
import { messageSummary } from '../../conversation/summary';
import { useNow } from '../../clock';
import { paths } from '../../paths';
import { text } from '../../text';
import { Avatar, Badge, Countdown, cx, MessageTicks, RelativeTime, StatusDot, WaitingTime } from '../../ui';

const words = text.inbox;

export const InboxRow = memo(function InboxRow({
  row,
  myId,
  current,
  cursor,
  onFocus,
}: {
  row: ConversationRow;
  myId: string;
  /** It is the one that is open. */
  current: boolean;
  /** It is where the keys are. */
  cursor: boolean;
  onFocus: (id: string) => void;
}) {
  const { person, lastMessage, unread, unanswered, unansweredSince, owner, status } = row;
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_6.3rem] [content-visibility:auto]">
      <Link
        href={paths.inbox(row.id)}
        data-row={row.id}
        tabIndex={cursor ? 0 : -1}
        aria-current={current ? 'true' : undefined}
        onFocus={() => onFocus(row.id)}
        className={cx(
          'relative flex gap-3 px-4 py-3 focus-visible:-outline-offset-2',
          current ? 'bg-accent-soft' : 'hover:bg-hover',
          unanswered && 'before:absolute before:inset-y-0 before:left-0 before:w-1 before:bg-warn',
        )}
      >
        <Avatar name={person.name} />
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-2">
            <span className="truncate">
              <span className={unread > 0 ? 'font-bold' : 'font-medium'}>{person.name}</span>
              {person.kind === 'contact' && (
                <span className="text-[0.87rem] text-ink-2"> · {person.employerName ?? words.contact}</span>
              )}
            </span>
            {lastMessage && (
              <RelativeTime at={lastMessage.at} className="shrink-0 text-[0.82rem] text-ink-2" />
            )}
          </span>
          <span className="mt-0.5 flex items-center gap-1.5 text-[0.93rem] text-ink-2">
            <LastMessage row={row} myId={myId} current={current} />
            {unread > 0 && (
              <span className="inline-flex min-w-5 shrink-0 items-center justify-center rounded-full bg-accent px-1.5 text-[0.76rem] leading-5 font-semibold text-accent-ink tabular-nums">
                <span aria-hidden>{unread > 99 ? '99+' : unread}</span>
                <span className="sr-only">{words.unread(unread)}</span>
              </span>
            )}
          </span>
          <span className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-[0.82rem] text-ink-2">
            <StatusDot status={status} />
            {status === 'active' && owner && (
              <span className="truncate">{owner.id === myId ? words.mine : owner.name}</span>
            )}
            {unanswered && unansweredSince && (
              <span className="inline-flex items-center gap-1 font-semibold text-warn">
                <Clock4 aria-hidden className="size-3.5" />
                {words.waiting} <WaitingTime since={unansweredSince} short />
              </span>
            )}
            <WindowLeft until={row.windowUntil} />
            {person.toReview && <Badge tone="warn">{text.header.toReview}</Badge>}
          </span>
        </span>
      </Link>
    </li>
  );
});

function LastMessage({ row, myId, current }: { row: ConversationRow; myId: string; current: boolean }) {
  const last = row.lastMessage;
  // the draft of the open one stands before one's eyes
  if (!current && hasDraft(myId, row.id)) {
    return (
      <span className="flex min-w-0 flex-1 items-center gap-1">
        <PencilLine aria-hidden className="size-3.5 shrink-0 text-danger" />
        <span className="truncate">
          <span className="font-medium text-danger">{words.draft}</span>
          {last ? ` · ${messageSummary(last)}` : ''}
        </span>
      </span>
    );
  }
  if (!last) return <span className="flex-1 truncate italic">{words.noMessages}</span>;
  return (
    <span className={cx('flex min-w-0 flex-1 items-center gap-1', row.unread > 0 && 'text-ink')}>
      {last.direction === 'out' && <MessageTicks state={last.state} />}
      {last.automatic && last.direction === 'out' && (
        <Bot role="img" aria-label={text.message.origins.automatic} className="size-3.5 shrink-0 text-auto" />
      )}
      <span className="truncate">{messageSummary(last)}</span>
    </span>
  );
}

function WindowLeft({ until }: { until: string | null }) {
  const now = useNow('halfMinute');
  if (until === null || Date.parse(until) <= now) return null;
  return (
    <span className="inline-flex items-center gap-1" title={words.windowTip}>
      <Timer aria-hidden className="size-3.5" />
      <span className="sr-only">{words.window}</span>
      <Countdown until={until} short />
    </span>
  );
}
