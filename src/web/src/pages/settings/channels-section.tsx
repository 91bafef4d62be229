import { MessageCircle, Plus, RefreshCw, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { ChannelAccount } from '../../../../contracts/channels';
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
  RelativeTime,
  toast,
  toastError,
} from '../../ui';
import { ChannelChangeDialog } from './channel-change-dialog';
import { ChannelConnectDialog } from './channel-connect-dialog';
import { ChannelLimits } from './channel-limits';
import { ChannelLimitsDialog } from './channel-limits-dialog';
import { ChannelTestDialog } from './channel-test-dialog';
import { CopyField } from './copy-field';
import { EmailSection } from './email-section';
import { SectionHead } from './section-head';
import { SmsSection } from './sms-section';
import { settingsText } from './text';

const words = settingsText.channels;

/** R-CHAT-14: the WhatsApp numbers of the organization. */
export function ChannelsSection() {
  const channels = useRoute('GET /api/v1/channels', {});
  const [connecting, setConnecting] = useState(false);
  const connect = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden className="size-4" />}
      onClick={() => setConnecting(true)}
    >
      {words.connect}
    </Button>
  );
  return (
    <div className="max-w-3xl">
      <SectionHead
        title={settingsText.channels.title}
        intro={words.intro}
        action={channels.data && channels.data.items.length > 0 && connect}
      />
      {channels.isPending && <LoadingRows rows={2} />}
      {channels.error && !channels.data && (
        <ErrorState error={channels.error} onRetry={() => void channels.refetch()} />
      )}
      {channels.data?.items.length === 0 && (
        <EmptyState icon={<MessageCircle className="size-6" />} title={words.none} action={connect}>
          {words.noneHint}
        </EmptyState>
      )}
      <ul className="space-y-5">
        {channels.data?.items.map((account) => (
          <li key={account.id}>
            <ChannelCard account={account} />
          </li>
        ))}
      </ul>
      {connecting && <ChannelConnectDialog onClose={() => setConnecting(false)} />}
      <SmsSection />
      <EmailSection />
    </div>
  );
}

const tones = { connected: 'ok', paused: 'warn', disconnected: 'danger' } as const;

function ChannelCard({ account }: { account: ChannelAccount }) {
  const [open, setOpen] = useState<'change' | 'again' | 'limits' | 'test' | 'disconnect' | null>(null);
  const changed = () =>
    refresh(
      'GET /api/v1/channels',
      'GET /api/v1/me',
      'GET /api/v1/templates',
      'GET /api/v1/conversations/{conversationId}',
    );
  const params = { channelAccountId: account.id };
  const resume = useAction('POST /api/v1/channels/{channelAccountId}/resume', {
    onSuccess: (next) => {
      changed();
      if (next.state === 'connected') toast({ tone: 'ok', title: words.resumed });
      else
        toast({
          tone: 'danger',
          title: words.stillPaused,
          lines: next.stateText ? [next.stateText] : undefined,
        });
    },
    onError: toastError,
  });
  const sync = useAction('POST /api/v1/channels/{channelAccountId}/sync-templates', {
    onSuccess: () => {
      changed();
      toast({ tone: 'ok', title: words.syncDone });
    },
    onError: toastError,
  });
  const connected = account.state === 'connected';
  return (
    <article className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <ChannelIcon channel={account.channel} className="size-6 text-accent-text" />
        <div className="min-w-0 flex-1">
          <h3 className="truncate font-semibold">{account.name}</h3>
          <p className="text-[0.9rem] text-ink-2 tabular-nums">
            {[account.displayPhone, account.verifiedName].filter(Boolean).join(' · ')}
          </p>
        </div>
        <Badge tone={tones[account.state]}>{words.states[account.state]}</Badge>
      </header>
      {account.stateText && (
        <div
          className={`mt-3 flex items-start gap-2 rounded-lg px-3 py-2 ${account.state === 'disconnected' ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn'}`}
        >
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <div>
            <p>{account.stateText}</p>
            {account.state === 'paused' && <p className="mt-1">{words.paused}</p>}
          </div>
        </div>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        {account.state === 'paused' && (
          <Button
            size="sm"
            variant="primary"
            busy={resume.isPending}
            onClick={() => resume.mutate({ params })}
          >
            {words.resume}
          </Button>
        )}
        {connected && (
          <Button size="sm" onClick={() => setOpen('test')}>
            {words.test}
          </Button>
        )}
        {account.state !== 'disconnected' && (
          <Button
            size="sm"
            icon={<RefreshCw aria-hidden className="size-4" />}
            busy={sync.isPending}
            onClick={() => sync.mutate({ params })}
          >
            {words.sync}
          </Button>
        )}
        <Button
          size="sm"
          variant={account.state === 'disconnected' ? 'primary' : 'secondary'}
          onClick={() => setOpen(account.state === 'disconnected' ? 'again' : 'change')}
        >
          {account.state === 'disconnected' ? words.reconnect : words.change}
        </Button>
        {account.state !== 'disconnected' && (
          <Button size="sm" variant="quiet" className="text-danger!" onClick={() => setOpen('disconnect')}>
            {words.disconnect}
          </Button>
        )}
      </div>
      <p className="mt-2 text-[0.87rem] text-ink-2">
        {account.templatesSyncedAt ? (
          <>
            {words.synced} <RelativeTime at={account.templatesSyncedAt} />
          </>
        ) : (
          words.neverSynced
        )}
      </p>
      {account.state !== 'disconnected' && (
        <ChannelLimits account={account} onChange={() => setOpen('limits')} />
      )}
      <details className="mt-4 border-t border-line pt-3">
        <summary className="cursor-pointer font-medium">{words.webhook}</summary>
        <div className="mt-3 space-y-4">
          <p className="text-[0.9rem] text-ink-2">{words.webhookHint}</p>
          <CopyField label={words.webhookUrl} value={account.webhookUrl} />
          <CopyField label={words.verifyToken} value={account.verifyToken} />
          <dl className="grid grid-cols-1 gap-x-4 gap-y-1 text-[0.9rem] sm:grid-cols-[14rem_1fr]">
            <dt className="text-ink-2">{words.phoneNumberId}</dt>
            <dd className="font-mono break-all">{account.phoneNumberId}</dd>
            <dt className="text-ink-2">{words.wabaId}</dt>
            <dd className="font-mono break-all">{account.wabaId}</dd>
          </dl>
        </div>
      </details>
      {open === 'again' && <ChannelConnectDialog again={account} onClose={() => setOpen(null)} />}
      {open === 'change' && (
        <ChannelChangeDialog account={account} onClose={() => setOpen(null)} onChanged={changed} />
      )}
      {open === 'limits' && (
        <ChannelLimitsDialog account={account} onClose={() => setOpen(null)} onChanged={changed} />
      )}
      {open === 'test' && <ChannelTestDialog account={account} onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'disconnect'}
        danger
        onOpenChange={(next) => setOpen(next ? 'disconnect' : null)}
        title={words.disconnectTitle(account.name)}
        body={words.disconnectText}
        confirmLabel={words.disconnect}
        onConfirm={async () => {
          await call('POST /api/v1/channels/{channelAccountId}/disconnect', { params });
          changed();
          toast({ title: words.disconnected });
        }}
      />
    </article>
  );
}
