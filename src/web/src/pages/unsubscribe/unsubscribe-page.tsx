import { MailCheck, MailX } from 'lucide-react';
import { useEffect } from 'react';
import { useParams } from 'wouter';
import type { Subscription } from '../../../../contracts/unsubscribe';
import { say } from '../../../../domain/words';
import { useAction, useRoute } from '../../queries';
import { AwaitedPublicPage, Button, EmptyState, FormError, PublicPage } from '../../ui';
import { languageOfBrowser } from '../language-of-browser';

/** Where the unsubscribe link of an e-mail leads: it asks first, for mail scanners open links too. */
export function UnsubscribePage() {
  const { token = '' } = useParams<{ token: string }>();
  const found = useRoute('GET /api/v1/unsubscribe/{token}', { params: { token } }, { staleTime: Infinity });
  const language = found.data?.language ?? languageOfBrowser();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  if (found.data) return <Question token={token} subscription={found.data} />;
  return (
    <AwaitedPublicPage
      title={say(language, 'unsubscribe.title')}
      query={found}
      gone={{ title: say(language, 'unsubscribe.goneTitle'), text: say(language, 'unsubscribe.gone') }}
    />
  );
}

function Question({ token, subscription }: { token: string; subscription: Subscription }) {
  const { companyName: company, language, address, unsubscribed } = subscription;
  const options = { refresh: ['GET /api/v1/unsubscribe/{token}' as const] };
  const stop = useAction('POST /api/v1/unsubscribe/{token}', options);
  const again = useAction('DELETE /api/v1/unsubscribe/{token}', options);
  const title = say(language, unsubscribed ? 'unsubscribe.doneTitle' : 'unsubscribe.title');
  const sentences = unsubscribed
    ? [
        address === null
          ? say(language, 'unsubscribe.doneSomewhere', { company })
          : say(language, 'unsubscribe.done', { company, address }),
        say(language, 'unsubscribe.changed'),
      ]
    : [
        ...(address === null ? [] : [say(language, 'unsubscribe.address', { address })]),
        say(language, 'unsubscribe.what'),
      ];
  return (
    <PublicPage title={title} of={subscription}>
      <EmptyState
        key={String(unsubscribed)}
        pageHeading
        takesFocus={stop.isSuccess || again.isSuccess}
        icon={unsubscribed ? <MailCheck className="size-6" /> : <MailX className="size-6" />}
        title={unsubscribed ? title : say(language, 'unsubscribe.ask', { company })}
        action={
          unsubscribed ? (
            <Button busy={again.isPending} onClick={() => again.mutate({ params: { token } })}>
              {say(language, 'unsubscribe.again')}
            </Button>
          ) : (
            <Button
              variant="primary"
              busy={stop.isPending}
              onClick={() => stop.mutate({ params: { token } })}
            >
              {say(language, 'unsubscribe.submit')}
            </Button>
          )
        }
      >
        {sentences.join(' ')}
      </EmptyState>
      <FormError error={stop.error ?? again.error} />
    </PublicPage>
  );
}
