import { MessagesSquare } from 'lucide-react';
import { Link } from 'wouter';
import type { ReportMessage } from '../../../../contracts/reports';
import { paths } from '../../paths';
import { text } from '../../text';
import {
  Badge,
  Button,
  ChannelIcon,
  EmptyState,
  ErrorState,
  LoadingRows,
  MessageTicks,
  Time,
} from '../../ui';
import { usePages } from '../../use-pages';
import { reportsText } from './text';
import type { ReportQuery } from './use-filters';

const words = reportsText.list;
const bad: readonly ReportMessage['state'][] = ['failed', 'suppressed', 'unconfirmed'];

/** The messages themselves, newest first. */
export function MessageList({ query }: { query: ReportQuery }) {
  const { list, items } = usePages('GET /api/v1/reports/messages', { query: { ...query, limit: 50 } });
  return (
    <section aria-labelledby="report-messages" className="mt-8">
      <h2 id="report-messages" className="font-display text-xl font-semibold">
        {words.label}
      </h2>
      <div aria-busy={list.isFetching} className={list.isPlaceholderData ? 'opacity-60' : undefined}>
        {list.isPending && <LoadingRows rows={6} />}
        {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.data && items.length === 0 && (
          <EmptyState icon={<MessagesSquare className="size-6" />} title={words.none}>
            {words.noneHint}
          </EmptyState>
        )}
        {items.length > 0 && (
          <ul aria-label={words.label} className="mt-1 divide-y divide-line">
            {items.map((message) => (
              <Row key={message.id} message={message} />
            ))}
          </ul>
        )}
        {list.hasNextPage && (
          <Button className="mt-4" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {words.more}
          </Button>
        )}
      </div>
    </section>
  );
}

function Row({ message }: { message: ReportMessage }) {
  const { person, sender, vacancy, template } = message;
  return (
    <li className="relative grid gap-x-4 gap-y-0.5 py-2.5 hover:bg-sunken sm:px-2 lg:grid-cols-[11rem_1.2fr_9rem_1.2fr_1.2fr_4.5rem] lg:items-center">
      <p className="flex items-center gap-2 text-[0.9rem] text-ink-2 tabular-nums">
        <ChannelIcon channel={message.channel} className="size-4 shrink-0" />
        <Time at={message.occurredAt} />
      </p>
      <p className="min-w-0 truncate">
        <Link
          href={paths.inbox(message.conversationId, message.id)}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus"
        >
          {person.name || words.unnamed}
        </Link>
      </p>
      <p>
        <Badge
          tone={bad.includes(message.state) ? 'danger' : message.direction === 'in' ? 'neutral' : 'ok'}
          icon={<MessageTicks state={message.state} className="size-3.5!" />}
        >
          {text.messageStates[message.state]}
        </Badge>
      </p>
      <p className="min-w-0 truncate text-[0.9rem] text-ink-2">
        {sender ?? reportsText.origins[message.origin]}
        {template ? ` · ${template}` : ''}
      </p>
      <p className="min-w-0 truncate text-[0.9rem] text-ink-2">{vacancy?.title}</p>
      <p className="text-[0.9rem] text-ink-2 tabular-nums lg:text-right">
        {message.credits > 0 && words.creditCount(message.credits)}
      </p>
    </li>
  );
}
