import { MessagesSquare, Reply } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import type { Message } from '../../../contracts/messages';
import { text } from '../text';
import { Badge, Button, cx, EmptyState, ErrorState, LoadingRows, MessageTicks, TextLink, Time } from '../ui';
import { usePages } from '../use-pages';
import { AcceptedChannel } from './accepted-channel';
import { readableName } from './use-templates';

const MessageDetails = lazy(async () => ({ default: (await import('./message-details')).MessageDetails }));

const words = text.messageList;

/** R-LOG-2: every message in and out over all channels, with its exact date and time, newest first. */
export function MessageList({
  conversationId,
  applicationId,
  personName,
  onReply,
}: {
  conversationId: string;
  /** Those of this application alone. */
  applicationId?: string;
  personName: string;
  onReply: (message: Message) => void;
}) {
  const [detailsOf, setDetailsOf] = useState<string | null>(null);
  const { list, items } = usePages('GET /api/v1/conversations/{conversationId}/messages', {
    params: { conversationId },
    query: { applicationId, limit: 50 },
  });
  if (list.isPending) return <LoadingRows rows={6} />;
  if (list.error && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (items.length === 0)
    return <EmptyState icon={<MessagesSquare className="size-6" />} title={words.none} />;
  return (
    <>
      <ol aria-label={words.label} className="divide-y divide-line">
        {items.map((message) => (
          <MessageListRow
            key={message.id}
            message={message}
            personName={personName}
            onDetails={setDetailsOf}
            onReply={onReply}
          />
        ))}
      </ol>
      {list.hasNextPage && (
        <p className="pt-3 text-center">
          <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {text.timeline.older}
          </Button>
        </p>
      )}
      <Suspense fallback={null}>
        {detailsOf && <MessageDetails messageId={detailsOf} onClose={() => setDetailsOf(null)} />}
      </Suspense>
    </>
  );
}

/** `personLink`: where its conversation is, in a list of many. */
export function MessageListRow({
  message,
  personName,
  personLink,
  onDetails,
  onReply,
}: {
  message: Message;
  personName: string;
  personLink?: string;
  onDetails: (messageId: string) => void;
  onReply: (message: Message) => void;
}) {
  const incoming = message.direction === 'in';
  const said = message.body ?? message.media?.filename ?? text.kinds[message.kind];
  return (
    <li className="grid gap-x-4 gap-y-1 py-2.5 lg:grid-cols-[13rem_11rem_1fr_auto] lg:items-start">
      <p className="flex items-center gap-2 text-[0.9rem] text-ink-2 tabular-nums">
        <Time at={message.occurredAt} />
        <AcceptedChannel message={message} onDetails={onDetails} />
      </p>
      <p className={cx('min-w-0 text-[0.9rem]', personLink ? 'break-words' : 'truncate')}>
        {!incoming && (message.sender?.name ?? text.message.origins[message.origin])}
        {!incoming && personLink && ` ${words.to} `}
        {personLink ? <TextLink href={personLink}>{personName}</TextLink> : incoming && personName}
      </p>
      <div className="min-w-0">
        {message.title && <p className="font-medium break-words">{message.title}</p>}
        <p className="line-clamp-3 break-words whitespace-pre-line">{said}</p>
        {message.template && (
          <p className="text-[0.85rem] text-ink-2">{words.template(readableName(message.template.name))}</p>
        )}
        {message.reasonText && <p className="text-[0.9rem] text-danger">{message.reasonText}</p>}
      </div>
      <div className="flex items-center gap-2">
        <Badge
          tone={message.reason ? 'danger' : incoming ? 'neutral' : 'ok'}
          icon={<MessageTicks state={message.state} className="size-3.5!" />}
        >
          {text.messageStates[message.state]}
        </Badge>
        {incoming && (
          <Button
            size="sm"
            aria-label={words.replyTo(said)}
            icon={<Reply aria-hidden className="size-4" />}
            onClick={() => onReply(message)}
          >
            {text.message.reply}
          </Button>
        )}
      </div>
    </li>
  );
}
