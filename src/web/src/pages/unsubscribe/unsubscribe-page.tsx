import { MailCheck, MailX } from 'lucide-react';
import { useParams } from 'wouter';
import type { Subscription } from '../../../../contracts/unsubscribe';
import { useAction, useRoute } from '../../queries';
import { AwaitedPublicPage, Button, EmptyState, FormError, PublicPage } from '../../ui';
import { unsubscribeText as words } from './text';

/** Where the unsubscribe link of an e-mail leads: it asks first, for mail scanners open links too. */
export function UnsubscribePage() {
  const { token = '' } = useParams<{ token: string }>();
  const found = useRoute('GET /api/v1/unsubscribe/{token}', { params: { token } }, { staleTime: Infinity });
  if (found.data) return <Question token={token} subscription={found.data} />;
  return (
    <AwaitedPublicPage
      title={words.title}
      query={found}
      gone={{ title: words.goneTitle, text: words.gone }}
    />
  );
}

function Question({ token, subscription }: { token: string; subscription: Subscription }) {
  const { companyName, address, unsubscribed } = subscription;
  const options = { refresh: ['GET /api/v1/unsubscribe/{token}' as const] };
  const stop = useAction('POST /api/v1/unsubscribe/{token}', options);
  const again = useAction('DELETE /api/v1/unsubscribe/{token}', options);
  const title = unsubscribed ? words.doneTitle : words.title;
  return (
    <PublicPage title={title}>
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
    </PublicPage>
  );
}
