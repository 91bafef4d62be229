import { useState } from 'react';
import type { ChannelAccount } from '../../../../contracts/channels';
import { useAction } from '../../queries';
import { Button, Dialog, FormDialog, TextField, toast } from '../../ui';
import { CopyField } from './copy-field';
import { SecretField } from './secret-field';
import { settingsText } from './text';

const words = settingsText.channels.form;
const idPattern = /^\d{5,20}$/;

/**
 * Connects a WhatsApp number, or one that was disconnected `again`, with its history; afterwards shows what may have to be
 * entered at Meta.
 */
export function ChannelConnectDialog({ again, onClose }: { again?: ChannelAccount; onClose: () => void }) {
  const [name, setName] = useState(again?.name ?? '');
  const [phoneNumberId, setPhoneNumberId] = useState(again?.phoneNumberId ?? '');
  const [wabaId, setWabaId] = useState(again?.wabaId ?? '');
  const [accessToken, setAccessToken] = useState('');
  const [appSecret, setAppSecret] = useState('');
  const [tried, setTried] = useState(false);
  const [account, setAccount] = useState<ChannelAccount | null>(null);
  const connect = useAction('POST /api/v1/channels/whatsapp', {
    refresh: ['GET /api/v1/channels', 'GET /api/v1/me', 'GET /api/v1/templates'],
    onSuccess: (made) => {
      toast({ tone: 'ok', title: words.connected });
      setAccount(made);
    },
  });
  const body = {
    name: name.trim(),
    phoneNumberId: phoneNumberId.trim(),
    wabaId: wabaId.trim(),
    accessToken: accessToken.trim(),
    appSecret: appSecret.trim(),
  };
  const faults: Partial<Record<keyof typeof body, string>> = {
    name: body.name ? undefined : words.missing,
    phoneNumberId: idPattern.test(body.phoneNumberId) ? undefined : words.notAnId,
    wabaId: idPattern.test(body.wabaId) ? undefined : words.notAnId,
    accessToken: body.accessToken ? undefined : words.missing,
    appSecret: body.appSecret ? undefined : words.missing,
  };
  const errorOf = (field: keyof typeof body) =>
    (tried ? faults[field] : undefined) ?? connect.error?.fieldError(field);

  function submit() {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    connect.mutate({ body });
  }

  if (account) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={words.doneTitle(account.displayPhone ?? account.name)}
        description={settingsText.channels.webhookHint}
        footer={
          <Button variant="primary" onClick={onClose}>
            {settingsText.close}
          </Button>
        }
      >
        <div className="space-y-4">
          <CopyField label={settingsText.channels.webhookUrl} value={account.webhookUrl} />
          <CopyField label={settingsText.channels.verifyToken} value={account.verifyToken} />
        </div>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={again ? settingsText.channels.reconnect : words.title}
      description={words.intro}
      error={connect.error}
      shown={Object.keys(body)}
      busy={connect.isPending}
      submitLabel={connect.isPending ? words.connecting : words.submit}
      autoComplete="off"
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        hint={words.nameHint}
        autoFocus
        value={name}
        maxLength={200}
        error={errorOf('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={settingsText.channels.phoneNumberId}
          hint={words.phoneNumberIdHint}
          inputMode="numeric"
          value={phoneNumberId}
          readOnly={Boolean(again?.phoneNumberId)}
          error={errorOf('phoneNumberId')}
          onChange={(event) => setPhoneNumberId(event.target.value)}
        />
        <TextField
          label={settingsText.channels.wabaId}
          inputMode="numeric"
          value={wabaId}
          readOnly={Boolean(again?.wabaId)}
          error={errorOf('wabaId')}
          onChange={(event) => setWabaId(event.target.value)}
        />
      </div>
      <SecretField
        label={words.accessToken}
        hint={words.accessTokenHint}
        value={accessToken}
        error={errorOf('accessToken')}
        onChange={setAccessToken}
      />
      <SecretField
        label={words.appSecret}
        hint={words.appSecretHint}
        value={appSecret}
        error={errorOf('appSecret')}
        onChange={setAppSecret}
      />
    </FormDialog>
  );
}
