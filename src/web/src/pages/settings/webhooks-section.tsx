import { Plus, TriangleAlert, Webhook } from 'lucide-react';
import { useState } from 'react';
import type { WebhookEndpoint } from '../../../../contracts/webhook-endpoints';
import { call } from '../../api';
import { useNow } from '../../clock';
import { exactTime } from '../../format';
import { refresh, useAction, useRoute } from '../../queries';
import {
  Badge,
  Button,
  ConfirmDialog,
  EmptyState,
  ErrorState,
  LoadingRows,
  RelativeTime,
  toast,
  toastError,
} from '../../ui';
import { SectionHead } from './section-head';
import { settingsText } from './text';
import { WebhookDialog } from './webhook-dialog';
import { WebhookLog } from './webhook-log';
import { RotateSecretDialog, SecretDialog } from './webhook-secret';
import { webhooksText as words } from './webhooks-text';

const list = 'GET /api/v1/webhook-endpoints';
const log = 'GET /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries';

/** R-LOG-5: where events are posted to. */
export function WebhooksSection() {
  const endpoints = useRoute(list, {}, { refetchInterval: 10_000 });
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <div className="max-w-3xl">
      <SectionHead
        title={settingsText.nav.webhooks}
        intro={
          <>
            {words.intro}{' '}
            <a
              href="/docs#webhooks"
              target="_blank"
              rel="noreferrer"
              className="rounded-sm text-accent-text underline underline-offset-3"
            >
              {words.reference}
            </a>
          </>
        }
        action={
          <Button
            variant="primary"
            icon={<Plus aria-hidden className="size-4" />}
            onClick={() => setAdding(true)}
          >
            {words.add}
          </Button>
        }
      />
      {endpoints.isPending && <LoadingRows rows={2} />}
      {endpoints.error && !endpoints.data && (
        <ErrorState error={endpoints.error} onRetry={() => void endpoints.refetch()} />
      )}
      {endpoints.data?.items.length === 0 && (
        <EmptyState icon={<Webhook className="size-6" />} title={words.none}>
          {words.noneHint}
        </EmptyState>
      )}
      <ul className="space-y-5">
        {endpoints.data?.items.map((endpoint) => (
          <li key={endpoint.id}>
            <EndpointCard endpoint={endpoint} />
          </li>
        ))}
      </ul>
      <Verify />
      {adding && (
        <WebhookDialog
          onClose={() => setAdding(false)}
          onAdded={(made) => {
            setAdding(false);
            setSecret(made);
          }}
        />
      )}
      {secret !== null && <SecretDialog secret={secret} onClose={() => setSecret(null)} />}
    </div>
  );
}

const tones = { active: 'ok', failing: 'danger', paused: 'warn', disabled: 'danger' } as const;

function EndpointCard({ endpoint }: { endpoint: WebhookEndpoint }) {
  const [open, setOpen] = useState<'change' | 'rotate' | 'remove' | null>(null);
  const [logShown, setLogShown] = useState(false);
  const params = { webhookEndpointId: endpoint.id };
  const test = useAction('POST /api/v1/webhook-endpoints/{webhookEndpointId}/test', {
    refresh: [list, log],
    onSuccess: () => {
      toast({ title: words.tested });
      setLogShown(true);
    },
    onError: toastError,
  });
  const change = useAction('PATCH /api/v1/webhook-endpoints/{webhookEndpointId}', {
    refresh: [list, log],
    onError: toastError,
  });
  const paused = endpoint.state === 'paused' || endpoint.state === 'disabled';
  const now = useNow('halfMinute');
  const { oldSecretUntil } = endpoint;
  const label = (command: string) => words.of(command, endpoint.name);
  return (
    <article className="rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <div className="min-w-0 flex-1">
          <h3 className="truncate font-semibold">{endpoint.name}</h3>
          <p className="font-mono text-[0.87rem] break-all text-ink-2">{endpoint.url}</p>
        </div>
        <Badge tone={tones[endpoint.state]}>{words.states[endpoint.state]}</Badge>
      </header>
      {endpoint.state === 'failing' && endpoint.failingSince && (
        <div className="mt-3 flex items-start gap-2 rounded-lg bg-danger-soft px-3 py-2 text-danger">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <p>
            {words.failing} <RelativeTime at={endpoint.failingSince} />. {words.failingHint}
          </p>
        </div>
      )}
      {paused && (
        <p className="mt-3 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          {endpoint.state === 'disabled' ? words.disabledHint : words.pausedHint}
        </p>
      )}
      <p className="mt-3 flex flex-wrap gap-1.5">
        {endpoint.types.length === 0 && <Badge>{words.every}</Badge>}
        {endpoint.types.map((type) => (
          <Badge key={type}>{type}</Badge>
        ))}
        {endpoint.waiting > 0 && <Badge tone="warn">{words.waiting(endpoint.waiting)}</Badge>}
      </p>
      {endpoint.missed > 0 && <p className="mt-3 text-ink-2">{words.missed(endpoint.missed)}</p>}
      {oldSecretUntil !== null && Date.parse(oldSecretUntil) > now && (
        <p className="mt-3 text-ink-2">
          {words.oldSecret} {exactTime(oldSecretUntil)}.
        </p>
      )}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          size="sm"
          disabled={paused}
          busy={test.isPending}
          aria-label={label(words.test)}
          onClick={() => test.mutate({ params })}
        >
          {words.test}
        </Button>
        <Button
          size="sm"
          variant={paused ? 'primary' : 'secondary'}
          busy={change.isPending}
          aria-label={label(paused ? words.resume : words.pause)}
          onClick={() => change.mutate({ params, body: { paused: !paused } })}
        >
          {paused ? words.resume : words.pause}
        </Button>
        <Button size="sm" aria-label={label(words.change)} onClick={() => setOpen('change')}>
          {words.change}
        </Button>
        <Button size="sm" aria-label={label(words.rotate)} onClick={() => setOpen('rotate')}>
          {words.rotate}
        </Button>
        <Button
          size="sm"
          variant="quiet"
          className="text-danger!"
          aria-label={label(words.remove)}
          onClick={() => setOpen('remove')}
        >
          {words.remove}
        </Button>
      </div>
      <details
        className="mt-4 border-t border-line pt-3"
        open={logShown}
        onToggle={(event) => setLogShown(event.currentTarget.open)}
      >
        <summary className="cursor-pointer font-medium">{words.log.show}</summary>
        {logShown && <WebhookLog endpoint={endpoint} />}
      </details>
      {open === 'change' && <WebhookDialog endpoint={endpoint} onClose={() => setOpen(null)} />}
      {open === 'rotate' && <RotateSecretDialog endpoint={endpoint} onClose={() => setOpen(null)} />}
      {open === 'remove' && (
        <ConfirmDialog
          open
          danger
          onOpenChange={() => setOpen(null)}
          title={words.removeTitle(endpoint.name)}
          body={words.removeText}
          confirmLabel={words.remove}
          onConfirm={async () => {
            await call('DELETE /api/v1/webhook-endpoints/{webhookEndpointId}', { params });
            refresh(list);
            toast({ title: words.removed });
          }}
        />
      )}
    </article>
  );
}

function Verify() {
  return (
    <details className="mt-6 rounded-2xl border border-line bg-sunken p-4 sm:p-5">
      <summary className="cursor-pointer font-medium">{words.verify.title}</summary>
      <p className="mt-3 text-ink-2">
        {words.verify.text}{' '}
        <a
          href="https://www.standardwebhooks.com"
          target="_blank"
          rel="noreferrer"
          className="rounded-sm text-accent-text underline underline-offset-3"
        >
          {words.verify.standard}
        </a>
        . {words.verify.by}
      </p>
      {/* Reachable by keyboard, for it scrolls. */}
      <pre
        tabIndex={0}
        role="region"
        aria-label={words.verify.title}
        className="mt-3 overflow-x-auto rounded-lg border border-line bg-surface p-3 font-mono text-[0.82rem] leading-relaxed"
      >
        {words.verify.snippet}
      </pre>
      <p className="mt-3 text-ink-2">{words.verify.hint}</p>
    </details>
  );
}
