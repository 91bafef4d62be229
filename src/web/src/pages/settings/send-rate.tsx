import { useState } from 'react';
import type { SendRate as Limits } from '../../../../contracts/channels';
import { useAction } from '../../queries';
import { Button, FormDialog, toast } from '../../ui';
import { limitsText as words } from './limits-text';
import { RateField, useRate } from './rate-field';
import { settingsText } from './text';

/** How fast SMS or e-mail is sent. */
export function SendRate({
  channel,
  name,
  limits,
}: {
  channel: 'sms' | 'email';
  name: string;
  limits: Limits;
}) {
  const [changing, setChanging] = useState(false);
  return (
    <section
      aria-label={`${words.title}: ${name}`}
      className="mt-4 flex flex-wrap items-center justify-between gap-3 border-t border-line pt-3"
    >
      <p className="text-[0.9rem]">
        {words.rate(limits.messagesPerSecond)}
        <span className="text-ink-2"> · {words.rateFrom[limits.messagesPerSecondFrom]}</span>
      </p>
      <Button
        size="sm"
        variant="quiet"
        aria-label={`${words.changeRate}: ${name}`}
        onClick={() => setChanging(true)}
      >
        {words.changeRate}
      </Button>
      {changing && <RateDialog channel={channel} limits={limits} onClose={() => setChanging(false)} />}
    </section>
  );
}

function RateDialog({
  channel,
  limits,
  onClose,
}: {
  channel: 'sms' | 'email';
  limits: Limits;
  onClose: () => void;
}) {
  const value = useRate(limits);
  const change = useAction(`PATCH /api/v1/channels/${channel}`, {
    refresh: [`GET /api/v1/channels/${channel}`],
    onSuccess: () => {
      toast({ tone: 'ok', title: settingsText.saved });
      onClose();
    },
  });
  const { rate } = value;
  return (
    <FormDialog
      title={words.changeRate}
      error={change.error}
      shown={['messagesPerSecond']}
      busy={change.isPending}
      submitLabel={settingsText.save}
      onSubmit={() => rate !== undefined && change.mutate({ body: { messagesPerSecond: rate } })}
      onClose={onClose}
    >
      <RateField
        value={value}
        hint={words.form.otherRateHint[channel](limits.providerRate)}
        error={change.error?.fieldError('messagesPerSecond')}
      />
    </FormDialog>
  );
}
