import { CircleOff, MailCheck, MailX } from 'lucide-react';
import type { ReactNode } from 'react';
import { useParams } from 'wouter';
import type { Subscription } from '../../../../contracts/unsubscribe';
import { useAction, useRoute } from '../../queries';
import { Button, EmptyState, ErrorState, FormError, LoadingRows, usePageTitle } from '../../ui';
import { unsubscribeText as words } from './text';

/** Where the unsubscribe link of an e-mail leads: it asks first, for mail scanners open links too. */
export function UnsubscribePage() {
  const { token = '' } = useParams<{ token: string }>();
  const found = useRoute('GET /api/v1/unsubscribe/{token}', { params: { token } }, { staleTime: Infinity });
  if (found.data) return <Question token={token} subscription={found.data} />;
  return (
    <Frame title={words.title}>
      {found.error?.status === 404 ? (
        <EmptyState pageHeading icon={<CircleOff className="size-6" />} title={words.goneTitle}>
          {words.gone}
        </EmptyState>
      ) : found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <LoadingRows rows={3} />
      )}
    </Frame>
  );
}

function Question({ token, subscription }: { token: string; subscription: Subscription }) {
  const { companyName, address, unsubscribed } = subscription;
  const options = { refresh: ['GET /api/v1/unsubscribe/{token}' as const] };
  const stop = useAction('POST /api/v1/unsubscribe/{token}', options);
  const again = useAction('DELETE /api/v1/unsubscribe/{token}', options);
  const title = unsubscribed ? words.doneTitle : words.title;
  return (
    <Frame title={title}>
      <EmptyState
        key={String(unsubscribed)}
        pageHeading
        takesFocus={stop.isSuccess || again.isSuccess}
        icon={unsubscribed ? <MailCheck className="size-6" /> : <MailX className="size-6" />}
        title={unsubscribed ? title : words.ask(companyName)}
        action={
          unsubscribed ? (
            <Button busy={again.isPending} onClick={() => again.mutate({ params: { token } })}>
              {words.again}
            </Button>
          ) : (
            <Button
              variant="primary"
              busy={stop.isPending}
              onClick={() => stop.mutate({ params: { token } })}
            >
              {words.submit}
            </Button>
          )
        }
      >
        {unsubscribed
          ? `${words.done(companyName, address)} ${words.changed}`
          : `${address ? `${words.address(address)} ` : ''}${words.what}`}
      </EmptyState>
      <FormError error={stop.error ?? again.error} />
    </Frame>
  );
}

function Frame({ title, children }: { title: string; children: ReactNode }) {
  usePageTitle(title);
  return (
    <div className="scroll-y h-dvh px-4 py-6 sm:py-12">
      <main className="relative mx-auto w-full max-w-lg rounded-2xl border border-line bg-surface p-5 shadow-pop sm:p-8">
        {children}
      </main>
    </div>
  );
}
