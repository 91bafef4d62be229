import { useState } from 'react';
import type { SmsChannel } from '../../../../contracts/channels';
import { useAction } from '../../queries';
import { FormDialog, SelectField, TextField, toast } from '../../ui';
import { SecretField } from './secret-field';
import { smsText } from './sms-text';
import { settingsText } from './text';

const words = smsText.form;

type Kind = NonNullable<SmsChannel['sender']>['kind'];

/** Connects SMS, or changes its account or sender. */
export function SmsDialog({ sms, onClose }: { sms: SmsChannel; onClose: () => void }) {
  const isNew = sms.state === 'notConnected';
  const [accountSid, setAccountSid] = useState(sms.accountSid ?? '');
  const [authToken, setAuthToken] = useState('');
  const [kind, setKind] = useState<Kind>(sms.sender?.kind ?? 'name');
  const [values, setValues] = useState<Record<Kind, string>>({
    name: sms.defaultSender ?? '',
    number: '',
    service: '',
    ...(sms.sender && { [sms.sender.kind]: sms.sender.value }),
  });
  const [tried, setTried] = useState(false);
  const save = useAction('PUT /api/v1/channels/sms', {
    refresh: ['GET /api/v1/channels/sms', 'GET /api/v1/me'],
    onSuccess: () => {
      toast({ tone: 'ok', title: isNew ? words.connected : settingsText.saved });
      onClose();
    },
  });
  const value = values[kind].trim();
  const tokenKept = sms.accountSid !== null && accountSid.trim() === sms.accountSid;
  const faults: Record<string, string | undefined> = {
    accountSid: /^AC[0-9a-fA-F]{32}$/.test(accountSid.trim()) ? undefined : words.wrongAccount,
    authToken: authToken.trim() || tokenKept ? undefined : words.missing,
    'sender.value': faultOf(kind, value),
  };
  const errorOf = (field: string) => (tried ? faults[field] : undefined) ?? save.error?.fieldError(field);

  function submit() {
    setTried(true);
    if (Object.values(faults).some(Boolean)) return;
    save.mutate({
      body: {
        accountSid: accountSid.trim(),
        authToken: authToken.trim() || undefined,
        sender: { kind, value },
      },
    });
  }

  return (
    <FormDialog
      title={isNew ? words.title : smsText.change}
      description={words.intro}
      error={save.error}
      shown={Object.keys(faults)}
      busy={save.isPending}
      submitLabel={save.isPending ? words.checking : isNew ? words.submit : settingsText.save}
      autoComplete="off"
      onSubmit={submit}
      onClose={onClose}
    >
      <TextField
        label={words.accountSid}
        autoFocus={isNew}
        spellCheck={false}
        value={accountSid}
        error={errorOf('accountSid')}
        onChange={(event) => setAccountSid(event.target.value)}
      />
      <SecretField
        label={words.authToken}
        hint={tokenKept ? words.authTokenKept : words.authTokenHint}
        value={authToken}
        error={errorOf('authToken')}
        onChange={setAuthToken}
      />
      <SelectField
        label={words.senderKind}
        value={kind}
        options={(Object.keys(smsText.kinds) as Kind[]).map((one) => ({
          value: one,
          label: smsText.kinds[one],
        }))}
        onChange={(event) => setKind(event.target.value as Kind)}
      />
      <TextField
        key={kind}
        label={words[kind]}
        hint={kind === 'name' ? words.nameHint : kind === 'number' ? words.numberHint : undefined}
        inputMode={kind === 'number' ? 'tel' : undefined}
        maxLength={kind === 'name' ? 11 : 40}
        spellCheck={false}
        value={values[kind]}
        error={errorOf('sender.value')}
        onChange={(event) => setValues({ ...values, [kind]: event.target.value })}
      />
    </FormDialog>
  );
}

function faultOf(kind: Kind, value: string): string | undefined {
  switch (kind) {
    case 'name':
      return /^(?=.*[A-Za-z])[A-Za-z0-9][A-Za-z0-9 ]{0,10}$/.test(value) ? undefined : words.wrongName;
    case 'number':
      return value ? undefined : words.missing;
    case 'service':
      return /^MG[0-9a-fA-F]{32}$/.test(value) ? undefined : words.wrongService;
  }
}
