import { Ban, Download, Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useParams } from 'wouter';
import type { ReasonCode } from '../../../../contracts/reasons';
import type { BulkRecipient, BulkSend, BulkSendDetail } from '../../../../contracts/sends';
import { readableName } from '../../conversation/use-templates';
import { serverNow } from '../../clock';
import { PagedList } from '../../paged-list';
import { paths } from '../../paths';
import { refresh, useAction, useRoute } from '../../queries';
import { RequestButton } from '../../request-button';
import { fallbackWords } from '../../send/fallback-field';
import { firstSentence, sendsText as words } from '../../send/text';
import { text } from '../../text';
import { usePages } from '../../use-pages';
import {
  Badge,
  Button,
  ChannelIcon,
  ConfirmDialog,
  DownloadLink,
  EmptyState,
  ErrorState,
  LoadingRows,
  Page,
  PageHeader,
  SelectField,
  Tabs,
  TextField,
  TextLink,
  Time,
  toastError,
} from '../../ui';
import { ProgressBar } from './progress-bar';
import { paceOf, timeLeft, withSample, type Sample } from './pace';
import { stateOf, states } from './send-state';

/** Counting a hundred thousand costs the server a moment. */
const everyMs = ({ state, counts }: BulkSend) =>
  state !== 'running' || counts.planned > 20_000 ? 5000 : 1000;
const outcomes = ['waiting', 'sent', 'suppressed', 'failed', 'unknown', 'cancelled'] as const;

/** One send to many: how far it is, pause, resume, cancel, and what became of each (R-SEND-6). */
export function SendPage() {
  const { bulkSendId = '' } = useParams<{ bulkSendId: string }>();
  const params = { bulkSendId };
  const [refetchInterval, setRefetchInterval] = useState<number | undefined>(1000);
  const send = useRoute('GET /api/v1/bulk-sends/{bulkSendId}', { params }, { refetchInterval });
  const goesOn = send.data && (send.data.state === 'running' || send.data.counts.waiting > 0);
  const wanted = send.data && goesOn ? everyMs(send.data) : undefined;
  if (send.data && wanted !== refetchInterval) setRefetchInterval(wanted);
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
  const { name, templateName, title, channels, createdBy, createdAt, counts } = send.data;
  const state = stateOf(send.data);
  return (
    <Page
      header={
        <PageHeader
          title={
            name || (templateName && readableName(templateName)) || title || words.unnamed(counts.planned)
          }
          back={back}
          subtitle={
            <span className="flex flex-wrap items-center gap-2 text-[0.9rem]">
              <Badge tone={states[state]}>{words.states[state]}</Badge>
              <span>
                {channels.map((channel) => text.channels[channel]).join(', ')}
                {createdBy && ` · ${words.by(createdBy.name)}`} · <Time at={createdAt} />
                {send.data.fallback && ` · ${fallbackWords(send.data.fallback)}`}
              </span>
            </span>
          }
          actions={<Actions send={send.data} />}
        />
      }
    >
      <div className="space-y-4 pb-4">
        {send.data.reasonText && (
          <div className="flex flex-wrap items-center justify-between gap-2 rounded-xl bg-warn-soft px-3 py-2">
            <p role="status" className="text-warn">
              {send.data.reasonText}
            </p>
            {send.data.reason === 'no_credits' && <RequestButton kind="credits" size="sm" />}
          </div>
        )}
        <ProgressBar send={send.data} />
        <Pace send={send.data} at={send.dataUpdatedAt} />
        {send.data.text && (
          <p className="max-w-xl rounded-xl bg-sunken px-4 py-3 whitespace-pre-line">{send.data.text}</p>
        )}
      </div>
      <Recipients send={send.data} />
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

/** What it waits for, or how fast it goes: measured while this page looks at it, over the last minute. */
function Pace({ send, at }: { send: BulkSendDetail; at: number }) {
  const moves = send.state === 'running' && send.hold === null && send.counts.waiting > 0;
  const [kept, setKept] = useState<{ at: number; samples: Sample[] }>({ at: 0, samples: [] });
  if (kept.at !== at) {
    const sample = { at: serverNow(), waiting: send.counts.waiting };
    setKept({ at, samples: moves ? withSample(kept.samples, sample) : [] });
  }
  // of one that was cancelled the last are still under way
  if (send.counts.waiting === 0 || send.state === 'cancelled') return null;
  return (
    <p role="status" className="text-[0.93rem] text-ink-2">
      {send.hold ? (
        <>
          {words.holds[send.hold.why]}
          {send.hold.until && (
            <>
              {' '}
              <Time at={send.hold.until} />
            </>
          )}
        </>
      ) : send.reason === 'no_credits' ? (
        words.outOfCredits
      ) : send.state === 'paused' ? (
        words.pausedNow
      ) : (
        paceWords(paceOf(kept.samples))
      )}
    </p>
  );
}

function paceWords(pace: ReturnType<typeof paceOf>): string {
  if (!pace) return words.measuring;
  return pace.leftMs === null ? words.stalled : words.pace(pace.perMinute, timeLeft(pace.leftMs));
}

const typingPauseMs = 300;

function Recipients({ send: { id, counts, reasons } }: { send: BulkSendDetail }) {
  const [outcome, setOutcome] = useState<BulkRecipient['outcome'] | 'all'>('all');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [q, setQ] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setQ(typed.trim()), typingPauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  const filters = {
    ...(outcome !== 'all' && { outcome }),
    ...(reason !== '' && { reason: reason as ReasonCode }),
    ...(q !== '' && { q }),
  };
  const pages = usePages('GET /api/v1/bulk-sends/{bulkSendId}/recipients', {
    params: { bulkSendId: id },
    query: filters,
  });
  const settled = counts.planned - counts.waiting;
  const shown = useRef(settled);
  if (shown.current !== settled) {
    shown.current = settled;
    refresh('GET /api/v1/bulk-sends/{bulkSendId}/recipients');
  }
  return (
    <section aria-label={words.recipients}>
      <div className="flex flex-wrap items-end gap-2 pb-2">
        <TextField
          className="min-w-0 flex-1 basis-48 sm:max-w-xs"
          label={words.search}
          hideLabel
          type="search"
          placeholder={words.search}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {reasons.length > 0 && (
          <SelectField
            className="min-w-0 max-w-full"
            label={words.reason}
            hideLabel
            value={reason}
            options={[
              { value: '', label: words.anyReason },
              ...reasons.map((one) => ({
                value: one.code,
                label: words.reasonCount(firstSentence(one.text), one.count),
              })),
            ]}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        <DownloadLink
          href={`/api/v1/bulk-sends/${id}/recipients/csv?${new URLSearchParams(filters).toString()}`}
          icon={<Download aria-hidden className="size-4" />}
        >
          {words.download}
        </DownloadLink>
      </div>
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
        <PagedList pages={pages} empty={<EmptyState title={words.noRecipients} className="py-6" />}>
          {(recipient) => (
            <li key={recipient.position} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
              <ChannelIcon channel={recipient.channel} className="size-4" />
              <TextLink href={paths.person(recipient.personId)}>{recipient.name}</TextLink>
              <span className="text-[0.9rem] text-ink-2">{words.outcomes[recipient.outcome]}</span>
              {recipient.notBefore && recipient.outcome === 'waiting' && (
                <span className="text-[0.9rem] text-ink-2">
                  {words.notBefore} <Time at={recipient.notBefore} />
                </span>
              )}
              {recipient.messageId && (
                <TextLink href={paths.person(recipient.personId, { messageId: recipient.messageId })}>
                  {words.viewMessage}
                </TextLink>
              )}
              {recipient.reasonText && (
                <span className="basis-full text-[0.9rem] text-ink-2">{recipient.reasonText}</span>
              )}
            </li>
          )}
        </PagedList>
      </div>
    </section>
  );
}
