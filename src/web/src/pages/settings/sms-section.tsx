import { MessageSquareText, Plus, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { SmsChannel } from '../../../../contracts/channels';
import { call } from '../../api';
import { refresh, useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  ChannelIcon,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingRows,
  toast,
  toastError,
} from '../../ui';
import { CopyField } from './copy-field';
import { SectionHead } from './section-head';
import { SendRate } from './send-rate';
import { SmsDialog } from './sms-dialog';
import { SmsTestDialog } from './sms-test-dialog';
import { smsText as words } from './sms-text';
import { settingsText } from './text';

const tones = { connected: 'ok', paused: 'warn', disconnected: 'danger' } as const;

/** R-SEND-3: the organization's SMS account and what its messages come from. */
export function SmsSection() {
  const sms = useRoute('GET /api/v1/channels/sms', {});
  const [editing, setEditing] = useState(false);
  return (
    <section aria-label={words.title} className="mt-10">
      <SectionHead title={words.title} intro={words.intro} />
      {sms.isPending && <LoadingRows rows={1} />}
      {sms.error && !sms.data && <ErrorState error={sms.error} onRetry={() => void sms.refetch()} />}
      {sms.data?.state === 'notConnected' && (
        <EmptyState
          icon={<MessageSquareText className="size-6" />}
          title={words.none}
          action={
            <Button
              variant="primary"
              icon={<Plus aria-hidden className="size-4" />}
              onClick={() => setEditing(true)}
            >
              {words.connect}
            </Button>
          }
        >
          {words.noneHint}
        </EmptyState>
      )}
      {sms.data && sms.data.state !== 'notConnected' && (
        <SmsCard sms={sms.data} state={sms.data.state} onEdit={() => setEditing(true)} />
      )}
      {editing && sms.data && <SmsDialog sms={sms.data} onClose={() => setEditing(false)} />}
    </section>
  );
}

function SmsCard({ sms, state, onEdit }: { sms: SmsChannel; state: keyof typeof tones; onEdit: () => void }) {
  const [disconnecting, setDisconnecting] = useState(false);
  const [testing, setTesting] = useState(false);
  const resume = useAction('POST /api/v1/channels/sms/resume', {
    refresh: ['GET /api/v1/channels/sms'],
    onSuccess: () => toast({ tone: 'ok', title: settingsText.channels.resumed }),
    onError: toastError,
  });
  return (
    <article className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ChannelIcon channel="sms" className="size-6 text-accent-text" />
        <div className="min-w-0 flex-1">
          <h3 className="truncate font-semibold">{sms.sender?.value}</h3>
          <p className="text-[0.9rem] break-words text-ink-2">
            {[sms.accountName, sms.sender && words.kinds[sms.sender.kind]].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Badge tone={tones[state]}>{settingsText.channels.states[state]}</Badge>
      </header>
      {sms.stateText && (
        <div
          className={`mt-3 flex items-start gap-2 rounded-lg px-3 py-2 ${state === 'disconnected' ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn'}`}
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <p>{sms.stateText}</p>
        </div>
      )}
      {!sms.canBeAnswered && <p className="mt-3 text-[0.9rem] text-ink-2">{words.notAnswered}</p>}
      <div className="mt-4 flex flex-wrap gap-2">
        {state === 'paused' && (
          <Button size="sm" variant="primary" busy={resume.isPending} onClick={() => resume.mutate({})}>
            {settingsText.channels.resume}
          </Button>
        )}
        {state !== 'disconnected' && (
          <Button size="sm" onClick={() => setTesting(true)}>
            {settingsText.channels.test}
          </Button>
        )}
        <Button size="sm" variant={state === 'disconnected' ? 'primary' : 'secondary'} onClick={onEdit}>
          {state === 'disconnected' ? settingsText.channels.reconnect : words.change}
        </Button>
        {state !== 'disconnected' && (
          <Button size="sm" variant="quiet" className="text-danger!" onClick={() => setDisconnecting(true)}>
            {settingsText.channels.disconnect}
          </Button>
        )}
      </div>
      {sms.limits && <SendRate channel="sms" name={words.title} limits={sms.limits} />}
      {sms.inboundUrl && (
        <details className="mt-4 border-t border-line pt-3">
          <summary className="cursor-pointer font-medium">{words.inbound}</summary>
          <div className="mt-3 space-y-4">
            <p className="text-[0.9rem] text-ink-2">{words.inboundHint}</p>
            <CopyField label={words.inboundUrl} value={sms.inboundUrl} />
          </div>
        </details>
      )}
      {testing && <SmsTestDialog sms={sms} onClose={() => setTesting(false)} />}
      <ConfirmDialog
        open={disconnecting}
        danger
        onOpenChange={setDisconnecting}
        title={words.disconnectTitle}
        body={words.disconnectText}
        confirmLabel={settingsText.channels.disconnect}
        onConfirm={async () => {
          await call('POST /api/v1/channels/sms/disconnect', {});
          refresh('GET /api/v1/channels/sms');
          toast({ title: words.disconnected });
        }}
      />
    </article>
  );
}
