import { useEffect, useState } from 'react';
import { eventTypes, type EventType } from '../../../../contracts/events';
import type { EventDelivery, WebhookEndpoint } from '../../../../contracts/webhook-endpoints';
import { refresh, useAction } from '../../queries';
import { Badge, Button, ErrorState, LoadingRows, SelectField, Time, toast, toastError } from '../../ui';
import { usePages } from '../../use-pages';
import { webhooksText } from './webhooks-text';

const words = webhooksText.log;
const route = 'GET /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries';
const everyMs = 3000;

/** What was posted to an endpoint, and how it went. */
export function WebhookLog({ endpoint }: { endpoint: WebhookEndpoint }) {
  const [state, setState] = useState<EventDelivery['state'] | ''>('');
  const [type, setType] = useState<EventType | ''>('');
  const params = { webhookEndpointId: endpoint.id };
  const { list, items } = usePages(route, {
    params,
    query: { limit: 20, state: state || undefined, type: type || undefined },
  });
  useEffect(() => {
    const timer = setInterval(() => refresh(route), everyMs);
    return () => clearInterval(timer);
  }, []);
  const again = useAction(
    'POST /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries/{deliveryId}/send-again',
    {
      refresh: [route, 'GET /api/v1/webhook-endpoints'],
      onSuccess: () => toast({ title: words.sentAgain }),
      onError: toastError,
    },
  );
  return (
    <div className="mt-3">
      <div className="grid grid-cols-2 gap-3 sm:max-w-md">
        <SelectField
          label={words.state}
          value={state}
          onChange={(event) => setState(event.target.value as typeof state)}
          options={[
            { value: '', label: words.all },
            ...Object.entries(words.states).map(([value, label]) => ({ value, label })),
          ]}
        />
        <SelectField
          label={words.type}
          value={type}
          onChange={(event) => setType(event.target.value as typeof type)}
          options={[{ value: '', label: words.all }, ...eventTypes.map((value) => ({ value, label: value }))]}
        />
      </div>
      {list.isPending && <LoadingRows rows={3} />}
      {list.error && !list.data && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
      {list.data && items.length === 0 && (
        <p className="mt-4 text-ink-2">{state || type ? words.noneFiltered : words.none}</p>
      )}
      <ul className="mt-2 divide-y divide-line">
        {items.map((delivery) => (
          <li key={delivery.id} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
            <div className="min-w-0 flex-1">
              <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-medium">{delivery.type}</span>
                <Badge tone={tones[delivery.state]}>{words.states[delivery.state]}</Badge>
              </p>
              <p className="text-[0.87rem] text-ink-2">
                <Time at={delivery.createdAt} />
                {factsOf(delivery).map((fact) => ` · ${fact}`)}
                {delivery.state === 'failing' && delivery.nextTryAt && (
                  <>
                    {` · ${words.next} `}
                    <Time at={delivery.nextTryAt} />
                  </>
                )}
              </p>
            </div>
            <Button
              size="sm"
              disabled={endpoint.state === 'paused' || endpoint.state === 'disabled'}
              aria-label={`${words.again}: ${delivery.type}`}
              onClick={() => again.mutate({ params: { ...params, deliveryId: delivery.id } })}
            >
              {words.again}
            </Button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button size="sm" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {words.more}
        </Button>
      )}
    </div>
  );
}

const tones = { waiting: 'neutral', failing: 'danger', delivered: 'ok' } as const;

function factsOf({ responseCode, faultText, durationMs, attempts }: EventDelivery): string[] {
  return [
    responseCode === null ? faultText : words.answer(responseCode),
    durationMs === null ? null : words.milliseconds(durationMs),
    attempts === 0 ? null : words.attempts(attempts),
  ].filter((fact) => fact !== null);
}
