import { useState } from 'react';
import type { ChannelAccount } from '../../../../contracts/channels';
import { useApprovedTemplates } from '../../conversation/use-templates';
import { useAction, useMe } from '../../queries';
import { TemplateBubble } from '../../template-preview';
import { ErrorState, FormDialog, SelectField, Skeleton, TextField, toast } from '../../ui';
import { settingsText } from './text';

const words = settingsText.channels.testForm;

/** Send test: an approved template without parameters to a number of one's own. */
export function ChannelTestDialog({ account, onClose }: { account: ChannelAccount; onClose: () => void }) {
  const me = useMe();
  const templates = useApprovedTemplates();
  const usable = (templates.data?.items ?? []).filter((template) => template.parameters.length === 0);
  const [to, setTo] = useState(me.user.phone ?? '');
  const [chosen, setChosen] = useState('');
  const template = usable.find(({ id }) => id === chosen) ?? usable[0];
  const send = useAction('POST /api/v1/channels/{channelAccountId}/test', {
    onSuccess: () => {
      toast({ tone: 'ok', title: words.accepted, body: words.acceptedHint });
      onClose();
    },
  });

  function submit() {
    if (!template) return;
    send.mutate({
      params: { channelAccountId: account.id },
      body: { to: to.trim(), templateId: template.id },
    });
  }

  return (
    <FormDialog
      title={words.title}
      description={account.displayPhone ?? account.name}
      error={send.error}
      shown={['to']}
      busy={send.isPending}
      submitLabel={words.submit}
      disabled={!template || to.trim().length < 5}
      onSubmit={submit}
      onClose={onClose}
    >
      {templates.isPending && <Skeleton className="h-10 rounded-lg" />}
      {templates.error && <ErrorState error={templates.error} onRetry={() => void templates.refetch()} />}
      {templates.data && !template && <p className="text-ink-2">{words.none}</p>}
      {template && (
        <>
          <TextField
            label={words.to}
            hint={words.toHint}
            type="tel"
            autoFocus
            value={to}
            error={send.error?.fieldError('to')}
            onChange={(event) => setTo(event.target.value)}
          />
          <SelectField
            label={words.template}
            value={template.id}
            onChange={(event) => setChosen(event.target.value)}
            options={usable.map((one) => ({ value: one.id, label: `${one.name} · ${one.language}` }))}
          />
          <TemplateBubble content={template} />
        </>
      )}
    </FormDialog>
  );
}
