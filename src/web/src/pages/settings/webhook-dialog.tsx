import { useState } from 'react';
import { eventTypes, type EventType } from '../../../../contracts/events';
import type { WebhookEndpoint } from '../../../../contracts/webhook-endpoints';
import { useAction } from '../../queries';
import { Checkbox, FormDialog, TextField, toast } from '../../ui';
import { settingsText } from './text';
import { webhooksText } from './webhooks-text';

const words = webhooksText.form;
const list = 'GET /api/v1/webhook-endpoints';

/** Adds an endpoint, or changes one. */
export function WebhookDialog({
  endpoint,
  onClose,
  onAdded,
}: {
  endpoint?: WebhookEndpoint;
  onClose: () => void;
  onAdded?: (secret: string) => void;
}) {
  const [name, setName] = useState(endpoint?.name ?? '');
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [every, setEvery] = useState(!endpoint || endpoint.types.length === 0);
  const [chosen, setChosen] = useState<ReadonlySet<EventType>>(new Set(endpoint?.types));
  const [tried, setTried] = useState(false);
  const add = useAction('POST /api/v1/webhook-endpoints', {
    refresh: [list],
    onSuccess: (made) => onAdded?.(made.secret),
  });
  const change = useAction('PATCH /api/v1/webhook-endpoints/{webhookEndpointId}', {
    refresh: [list],
    onSuccess: () => {
      toast({ tone: 'ok', title: settingsText.saved });
      onClose();
    },
  });
  const { error, isPending } = endpoint ? change : add;
  const types = every ? [] : eventTypes.filter((type) => chosen.has(type));
  const noEvent = !every && types.length === 0;
  const missing = (value: string) => (tried && value.trim() === '' ? words.missing : undefined);

  function submit() {
    setTried(true);
    if (name.trim() === '' || url.trim() === '' || noEvent) return;
    const body = { name: name.trim(), url: url.trim(), types };
    if (endpoint) change.mutate({ params: { webhookEndpointId: endpoint.id }, body });
    else add.mutate({ body });
  }

  return (
    <FormDialog
      title={endpoint ? words.changeTitle : words.addTitle}
      error={error}
      shown={['name', 'url']}
      busy={isPending}
      submitLabel={endpoint ? settingsText.save : words.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        hint={words.nameHint}
        autoFocus
        value={name}
        maxLength={200}
        error={missing(name) ?? error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label={words.url}
        hint={words.urlHint}
        type="url"
        inputMode="url"
        value={url}
        maxLength={2000}
        error={missing(url) ?? error?.fieldError('url')}
        onChange={(event) => setUrl(event.target.value)}
      />
      <fieldset>
        <legend className="mb-2 text-[0.9rem] font-medium">{words.events}</legend>
        {/* above the long list, where it is seen */}
        {tried && noEvent && (
          <p role="alert" className="mb-2 text-[0.87rem] text-danger">
            {words.noEvent}
          </p>
        )}
        <Checkbox label={words.every} checked={every} onChange={setEvery} />
        {!every && (
          <div className="mt-3 grid gap-2.5 pl-1 sm:grid-cols-2">
            {eventTypes.map((type) => (
              <Checkbox
                key={type}
                label={type}
                checked={chosen.has(type)}
                onChange={(on) => {
                  const next = new Set(chosen);
                  if (on) next.add(type);
                  else next.delete(type);
                  setChosen(next);
                }}
              />
            ))}
          </div>
        )}
      </fieldset>
    </FormDialog>
  );
}
