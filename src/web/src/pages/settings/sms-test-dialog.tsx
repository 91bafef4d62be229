import { useState } from 'react';
import type { SmsChannel } from '../../../../contracts/channels';
import { useAction, useMe } from '../../queries';
import { FormDialog, TextField, toast } from '../../ui';
import { smsText } from './sms-text';
import { settingsText } from './text';

const words = settingsText.channels.testForm;

/** Send test: a fixed text to a number of one's own. */
export function SmsTestDialog({ sms, onClose }: { sms: SmsChannel; onClose: () => void }) {
  const me = useMe();
  const [to, setTo] = useState(me.user.phone ?? '');
  const send = useAction('POST /api/v1/channels/sms/test', {
    onSuccess: () => {
      toast({ tone: 'ok', title: smsText.testAccepted, body: smsText.testAcceptedHint });
      onClose();
    },
  });
  return (
    <FormDialog
      title={smsText.testTitle}
      description={smsText.testFrom(sms.sender?.value ?? '')}
      error={send.error}
      shown={['to']}
      busy={send.isPending}
      submitLabel={words.submit}
      disabled={to.trim().length < 5}
      onSubmit={() => send.mutate({ body: { to: to.trim() } })}
      onClose={onClose}
    >
      <TextField
        label={words.to}
        hint={smsText.testToHint}
        type="tel"
        autoFocus
        value={to}
        error={send.error?.fieldError('to')}
        onChange={(event) => setTo(event.target.value)}
      />
    </FormDialog>
  );
}
