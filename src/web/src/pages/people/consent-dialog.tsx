import { useState } from 'react';
import type { ContactPoint } from '../../../../contracts/people';
import { serverNow } from '../../clock';
import { useAction } from '../../queries';
import { text } from '../../text';
import { FormDialog, SelectField, TextArea, TextField, toast } from '../../ui';
import { peopleText } from './text';

const words = peopleText.consent;

/** Records that consent was given or withdrawn, with its evidence. */
export function ConsentDialog({
  personId,
  point,
  onClose,
}: {
  personId: string;
  point: ContactPoint;
  onClose: () => void;
}) {
  const channels = point.kind === 'phone' ? (['whatsapp', 'sms'] as const) : (['email'] as const);
  const [channel, setChannel] = useState<(typeof channels)[number]>(channels[0]);
  const [granted, setGranted] = useState(true);
  const [when, setWhen] = useState('');
  const [wording, setWording] = useState('');
  const [evidence, setEvidence] = useState('');
  const [tried, setTried] = useState(false);
  const record = useAction('POST /api/v1/people/{personId}/consents', {
    refresh: [
      'GET /api/v1/people/{personId}',
      'GET /api/v1/people/{personId}/timeline',
      'GET /api/v1/conversations/{conversationId}',
    ],
    onSuccess: () => {
      toast({ tone: 'ok', title: words.recorded });
      onClose();
    },
  });
  const future = when !== '' && Date.parse(when) > serverNow();
  const noEvidence = evidence.trim() === '';

  function submit() {
    setTried(true);
    if (noEvidence || future) return;
    record.mutate({
      params: { personId },
      body: {
        contactPointId: point.id,
        channel,
        granted,
        source: 'recordedByUser',
        wording: wording.trim() || null,
        evidence: evidence.trim(),
        occurredAt: when === '' ? undefined : new Date(when).toISOString(),
      },
    });
  }

  return (
    <FormDialog
      title={words.dialogTitle}
      description={words.dialogFor(point.value)}
      error={record.error}
      shown={['occurredAt', 'evidence', 'wording']}
      busy={record.isPending}
      submitLabel={words.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField
          label={words.channel}
          value={channel}
          options={channels.map((value) => ({ value, label: text.channels[value] }))}
          onChange={(event) => setChannel(channels.find((one) => one === event.target.value) ?? channels[0])}
        />
        <SelectField
          label={words.what}
          value={granted ? 'given' : 'taken'}
          options={[
            { value: 'given', label: words.given },
            { value: 'taken', label: words.taken },
          ]}
          onChange={(event) => setGranted(event.target.value === 'given')}
        />
      </div>
      <TextField
        label={words.when}
        type="datetime-local"
        hint={words.whenHint}
        value={when}
        error={future ? words.future : record.error?.fieldError('occurredAt')}
        onChange={(event) => setWhen(event.target.value)}
      />
      <TextArea
        label={words.evidence}
        hint={words.evidenceHint}
        rows={2}
        maxLength={2000}
        value={evidence}
        error={tried && noEvidence ? words.evidenceMissing : record.error?.fieldError('evidence')}
        onChange={(event) => setEvidence(event.target.value)}
      />
      <TextArea
        label={words.wording}
        hint={words.wordingHint}
        rows={2}
        maxLength={2000}
        value={wording}
        error={record.error?.fieldError('wording')}
        onChange={(event) => setWording(event.target.value)}
      />
    </FormDialog>
  );
}
