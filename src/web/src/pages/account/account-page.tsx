import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { EmailSettings, emailSettingsText } from '../../email-settings';
import { setMe, useAction, useMe } from '../../queries';
import { useSignOut } from '../../shell/use-sign-out';
import { text } from '../../text';
import { Button, Form, FormError, Page, PageHeader, Switch, TextField, toast } from '../../ui';
import { accountText as words } from './text';

/** My account: what each user sets for themselves. */
export function AccountPage() {
  const { user, organization } = useMe();
  const signOut = useSignOut();
  return (
    <Page header={<PageHeader title={words.title} />}>
      <div className="max-w-xl space-y-10">
        <ProfileForm key={user.id} />
        <section aria-labelledby="account-facts">
          <h2 id="account-facts" className="mb-2 font-display text-lg font-semibold">
            {words.company}
          </h2>
          <dl className="grid grid-cols-[8rem_1fr] gap-y-1.5">
            <dt className="text-ink-2">{words.company}</dt>
            <dd>{organization.name}</dd>
            <dt className="text-ink-2">{words.email}</dt>
            <dd className="break-all">{user.email}</dd>
            <dt className="text-ink-2">{words.role}</dt>
            <dd>{text.roles[user.role]}</dd>
          </dl>
          <p className="mt-2 text-[0.87rem] text-ink-2">{words.roleHint}</p>
        </section>
        <SoundSetting />
        <section aria-labelledby="account-email">
          <h2 id="account-email" className="mb-1 font-display text-lg font-semibold">
            {emailSettingsText.title}
          </h2>
          <p className="mb-4 text-ink-2">{emailSettingsText.intro}</p>
          <EmailSettings userId={null} />
        </section>
        <section>
          <Button icon={<LogOut aria-hidden className="size-4" />} onClick={() => void signOut()}>
            {words.signOut}
          </Button>
          <p className="mt-1.5 text-[0.87rem] text-ink-2">{words.signOutHint}</p>
        </section>
      </div>
    </Page>
  );
}

function ProfileForm() {
  const { user } = useMe();
  const [firstName, setFirstName] = useState(user.firstName);
  const [lastName, setLastName] = useState(user.lastName);
  const [phone, setPhone] = useState(user.phone ?? '');
  const save = useAction('PATCH /api/v1/me', {
    refresh: ['GET /api/v1/users'],
    onSuccess: (me) => {
      setMe(me);
      toast({ tone: 'ok', title: words.saved });
    },
  });

  function submit() {
    save.mutate({
      body: { firstName: firstName.trim(), lastName: lastName.trim(), phone: phone.trim() || null },
    });
  }

  return (
    <Form error={save.error} onSubmit={submit} aria-labelledby="account-you" className="space-y-4">
      <h2 id="account-you" className="font-display text-lg font-semibold">
        {words.you}
      </h2>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.firstName}
          autoComplete="given-name"
          value={firstName}
          error={firstName.trim() === '' ? words.noName : save.error?.fieldError('firstName')}
          onChange={(event) => setFirstName(event.target.value)}
        />
        <TextField
          label={words.lastName}
          autoComplete="family-name"
          value={lastName}
          error={lastName.trim() === '' ? words.noName : save.error?.fieldError('lastName')}
          onChange={(event) => setLastName(event.target.value)}
        />
      </div>
      <TextField
        label={words.phone}
        type="tel"
        autoComplete="tel"
        hint={words.phoneHint}
        value={phone}
        error={save.error?.fieldError('phone')}
        onChange={(event) => setPhone(event.target.value)}
      />
      <FormError error={save.error} shown={['firstName', 'lastName', 'phone']} />
      <Button
        type="submit"
        variant="primary"
        busy={save.isPending}
        disabled={firstName.trim() === '' || lastName.trim() === ''}
      >
        {words.save}
      </Button>
    </Form>
  );
}

/** Takes effect as it is switched. */
function SoundSetting() {
  const { user } = useMe();
  const save = useAction('PATCH /api/v1/me', { onSuccess: setMe });
  const muted = save.isPending ? (save.variables.body.soundMuted ?? user.soundMuted) : user.soundMuted;
  return (
    <section className="max-w-xl space-y-2">
      <Switch
        label={words.soundLabel}
        hint={words.soundHint}
        checked={!muted}
        onChange={(on) => save.mutate({ body: { soundMuted: !on } })}
      />
      <FormError error={save.error} />
    </section>
  );
}
