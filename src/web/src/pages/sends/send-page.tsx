import { Ban, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { useParams } from 'wouter';
import type { BulkRecipient, BulkSend } from '../../../../contracts/sends';
import { serverNow } from '../../clock';
import { durationWords } from '../../format';
import { paths } from '../../paths';
import { refresh, useAction, useRoute } from '../../queries';
import { sendsText as words } from '../../send/text';
import { text } from '../../text';
import { usePages } from '../../use-pages';
import {
  Badge,
  Button,
  ChannelIcon,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingRows,
  Page,
  PageHeader,
  Tabs,
  TextLink,
  Time,
  toastError,
} from '../../ui';
import { ProgressBar } from './progress-bar';
import { stateTones } from './state-tones';

const everyMs = 1000;
const outcomes = ['waiting', 'sent', 'suppressed', 'failed', 'unknown', 'cancelled'] as const;

/** One send to many: how far it is, pause, resume, cancel, and what became of each (R-SEND-6). */
export function SendPage() {
  const { bulkSendId = '' } = useParams<{ bulkSendId: string }>();
  const params = { bulkSendId };
  const [moving, setMoving] = useState(true);
  const send = useRoute(
    'GET /api/v1/bulk-sends/{bulkSendId}',
    { params },
    { refetchInterval: moving ? everyMs : undefined },
  );
  const unfinished = send.data === undefined || send.data.counts.waiting > 0;
  if (moving !== unfinished) setMoving(unfinished);
  const back = { href: paths.sends(), label: words.back };
  if (!send.data) {
    return (
      <Page header={<PageHeader title={words.title} back={back} />}>
        {send.error ? (
          <ErrorState error={send.error} onRetry={() => void send.refetch()} />
        ) : (
          <LoadingRows rows={4} />
        )}
      </Page>
    );
  }
  const { name, templateName, title, state, channels, createdBy, createdAt, counts } = send.data;
  return (
    <Page
      header={
        <PageHeader
          title={name || templateName || title || words.unnamed(counts.planned)}
          back={back}
          subtitle={
            <span className="flex flex-wrap items-center gap-2 text-[0.9rem]">
              <Badge tone={stateTones[state]}>{words.states[state]}</Badge>
              <span>
                {channels.map((channel) => text.channels[channel]).join(', ')}
                {createdBy && ` · ${words.by(createdBy.name)}`} · <Time at={createdAt} />
              </span>
            </span>
          }
          actions={<Actions send={send.data} />}
        />
      }
    >
      <div className="space-y-4 pb-4">
        {send.data.reasonText && (
          <p role="status" className="rounded-xl bg-warn-soft px-3 py-2 text-warn">
            {send.data.reasonText}
          </p>
        )}
        <ProgressBar send={send.data} />
        <Pace send={send.data} />
        {send.data.text && (
          <p className="max-w-xl rounded-xl bg-sunken px-4 py-3 whitespace-pre-line">{send.data.text}</p>
        )}
      </div>
      <Recipients bulkSendId={bulkSendId} counts={counts} />
    </Page>
  );
}

function Actions({ send }: { send: BulkSend }) {
  const params = { bulkSendId: send.id };
  const changed = {
    refresh: ['GET /api/v1/bulk-sends/{bulkSendId}' as const, 'GET /api/v1/bulk-sends' as const],
    onError: toastError,
  };
  const pause = useAction('POST /api/v1/bulk-sends/{bulkSendId}/pause', changed);
  const resume = useAction('POST /api/v1/bulk-sends/{bulkSendId}/resume', changed);
  const cancel = useAction('POST /api/v1/bulk-sends/{bulkSendId}/cancel', { refresh: changed.refresh });
  const [asking, setAsking] = useState(false);
  if (send.state === 'finished' || send.state === 'cancelled') return null;
  return (
    <>
      {send.state === 'running' ? (
        <Button
          size="sm"
          busy={pause.isPending}
          icon={<Pause aria-hidden className="size-4" />}
          onClick={() => pause.mutate({ params })}
        >
          {words.pause}
        </Button>
      ) : (
        <Button
          size="sm"
          variant="primary"
          busy={resume.isPending}
          icon={<Play aria-hidden className="size-4" />}
          onClick={() => resume.mutate({ params })}
        >
          {words.resume}
        </Button>
      )}
      <Button
        size="sm"
        variant="danger"
        icon={<Ban aria-hidden className="size-4" />}
        onClick={() => setAsking(true)}
      >
        {words.cancel}
      </Button>
      <ConfirmDialog
        open={asking}
        danger
        onOpenChange={setAsking}
        title={words.cancelTitle}
        body={words.cancelBody}
        confirmLabel={words.cancel}
        onConfirm={async () => {
          await cancel.mutateAsync({ params });
          refresh('GET /api/v1/bulk-sends/{bulkSendId}/recipients');
        }}
      />
    </>
  );
}

/** How fast it goes, measured since this page looks at it. */
function Pace({ send }: { send: BulkSend }) {
  const first = useRef<{ at: number; waiting: number } | null>(null);
  const { waiting } = send.counts;
  const now = serverNow();
  if (send.state !== 'running') first.current = null;
  else first.current ??= { at: now, waiting };
  if (!first.current || waiting === 0) return null;
  const seconds = (now - first.current.at) / 1000;
  const gone = first.current.waiting - waiting;
  if (seconds < 2 || gone <= 0) return null;
  const perSecond = gone / seconds;
  return (
    <p role="status" className="text-[0.93rem] text-ink-2">
      {words.timeLeft(Math.round(perSecond * 60), durationWords((waiting / perSecond) * 1000))}
    </p>
  );
}

function Recipients({ bulkSendId, counts }: { bulkSendId: string; counts: BulkSend['counts'] }) {
  const [outcome, setOutcome] = useState<BulkRecipient['outcome'] | 'all'>('all');
  const { list, items } = usePages('GET /api/v1/bulk-sends/{bulkSendId}/recipients', {
    params: { bulkSendId },
    query: outcome === 'all' ? {} : { outcome },
  });
  const settled = counts.planned - counts.waiting;
  const shown = useRef(settled);
  if (shown.current !== settled) {
    shown.current = settled;
    refresh('GET /api/v1/bulk-sends/{bulkSendId}/recipients');
  }
  return (
    <section aria-label={words.recipients}>
      <Tabs
        label={words.recipients}
        value={outcome}
        onChange={setOutcome}
        panelId="recipients"

        items={[
          { value: 'all', label: words.all, count: counts.planned },
          ...outcomes
            .filter((one) => counts[one] > 0)
            .map((one) => ({ value: one, label: words.outcomes[one], count: counts[one] })),
        ]}
      />
      <div id="recipients">
        {list.error && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {items.length === 0 && list.isSuccess && <EmptyState title={words.noRecipients} className="py-6" />}
        <ul className="divide-y divide-line">
          {items.map((recipient) => (
            <li key={recipient.position} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
              <ChannelIcon channel={recipient.channel} className="size-4" />
              <TextLink href={paths.person(recipient.personId)}>{recipient.name}</TextLink>
              <span className="text-[0.9rem] text-ink-2">{words.outcomes[recipient.outcome]}</span>
              {recipient.notBefore && recipient.outcome === 'waiting' && (
                <span className="text-[0.9rem] text-ink-2">
                  {words.notBefore} <Time at={recipient.notBefore} />
                </span>
              )}
              {recipient.reasonText && (
                <span className="basis-full text-[0.9rem] text-ink-2">{recipient.reasonText}</span>
              )}
              {recipient.messageId && (
                <TextLink href={paths.person(recipient.personId, { messageId: recipient.messageId })}>
                  {words.viewMessage}
                </TextLink>
              )}
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <div className="py-3">
            <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
