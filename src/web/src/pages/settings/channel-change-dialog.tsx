import { useState } from 'react';
import type { ChannelAccount } from '../../../../contracts/channels';
import { useAction } from '../../queries';
import { FormDialog, TextField, toast } from '../../ui';
import { SecretField } from './secret-field';
import { settingsText } from './text';

const words = settingsText.channels;

/** Name, token and app secret of a number. */
export function ChannelChangeDialog({
  account,
  onClose,
  onChanged,
}: {
  account: ChannelAccount;
  onClose: () => void;
  onChanged: () => void;
}) {
  const [name, setName] = useState(account.name);
  const [accessToken, setAccessToken] = useState('');
  const [appSecret, setAppSecret] = useState('');
  const change = useAction('PATCH /api/v1/channels/{channelAccountId}', {
    onSuccess: (next) => {
      onChanged();
      toast({
        tone: next.state === 'connected' ? 'ok' : 'neutral',
        title:
          next.state === 'connected' && account.state !== 'connected' ? words.resumed : settingsText.saved,
      });
      onClose();
    },
  });

  function submit() {
    change.mutate({
      params: { channelAccountId: account.id },
      body: {
        name: name.trim(),
        accessToken: accessToken.trim() || undefined,
        appSecret: appSecret.trim() || undefined,
      },
    });
  }

  return (
    <FormDialog
      title={words.changeForm.title}
      description={words.changeForm.keep}
      error={change.error}
      shown={['name', 'accessToken', 'appSecret']}
      busy={change.isPending}
      submitLabel={settingsText.save}
      disabled={name.trim() === ''}
      autoComplete="off"
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.form.name}
        value={name}
        maxLength={200}
        error={change.error?.fieldError('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <SecretField
        label={words.form.accessToken}
        hint={words.form.accessTokenHint}
        value={accessToken}
        error={change.error?.fieldError('accessToken')}
        onChange={setAccessToken}
      />
      <SecretField
        label={words.form.appSecret}
        hint={words.form.appSecretHint}
        value={appSecret}
        error={change.error?.fieldError('appSecret')}
        onChange={setAppSecret}
      />
    </FormDialog>
  );
}
