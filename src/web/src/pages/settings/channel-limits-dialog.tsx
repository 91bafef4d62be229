import { useState } from 'react';
import type { ChannelAccount, MessagingTier } from '../../../../contracts/channels';
import { useAction } from '../../queries';
import { FormDialog, SelectField, TextField, toast } from '../../ui';
import { limitsText } from './limits-text';
import { RateField, useRate } from './rate-field';
import { settingsText } from './text';

const words = limitsText.form;

/** The rate of a number; its messaging limit where WhatsApp does not tell it. */
export function ChannelLimitsDialog({
  account,
  onClose,
  onChanged,
}: {
  account: ChannelAccount;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { limits } = account;
  const typed = useRate(limits);
  const [tier, setTier] = useState(limits.messagingTier ?? '');
  const fromWhatsApp = limits.messagingTierFrom === 'provider';
  const change = useAction('PATCH /api/v1/channels/{channelAccountId}', {
    onSuccess: () => {
      onChanged();
      toast({ tone: 'ok', title: settingsText.saved });
      onClose();
    },
  });

  function submit() {
    if (typed.rate === undefined) return;
    change.mutate({
      params: { channelAccountId: account.id },
      body: {
        messagesPerSecond: typed.rate,
        ...(fromWhatsApp ? {} : { messagingTier: tier === '' ? null : (tier as MessagingTier) }),
      },
    });
  }

  return (
    <FormDialog
      title={words.title}
      error={change.error}
      shown={['messagesPerSecond', 'messagingTier']}
      busy={change.isPending}
      submitLabel={settingsText.save}
      onSubmit={submit}
      onClose={onClose}
    >
      <RateField
        value={typed}
        hint={words.rateHint(limits.providerRate)}
        error={change.error?.fieldError('messagesPerSecond')}
      />
      {fromWhatsApp ? (
        <TextField
          label={words.tier}
          hint={words.tierKnown}
          value={limits.peoplePerDay?.toLocaleString('en') ?? words.tiers.TIER_UNLIMITED}
          disabled
        />
      ) : (
        <SelectField
          label={words.tier}
          hint={words.tierHint}
          value={tier}
          error={change.error?.fieldError('messagingTier')}
          options={Object.entries(words.tiers).map(([value, label]) => ({ value, label }))}
          onChange={(event) => setTier(event.target.value)}
        />
      )}
    </FormDialog>
  );
}
