import { useState } from 'react';
import type { Role } from '../../../../contracts/common';
import type { User } from '../../../../contracts/users';
import { useAction, useMe } from '../../queries';
import { text } from '../../text';
import { Checkbox, FormDialog, SelectField, TextField, toast } from '../../ui';
import { settingsText } from './text';

const words = settingsText.users;
const roles = Object.keys(text.roles) as Role[];

/** Invites a user; with one, changes it. */
export function UserDialog({ user, onClose }: { user?: User; onClose: () => void }) {
  const me = useMe();
  const [email, setEmail] = useState('');
  const [firstName, setFirstName] = useState(user?.firstName ?? '');
  const [lastName, setLastName] = useState(user?.lastName ?? '');
  const [phone, setPhone] = useState(user?.phone ?? '');
  const [role, setRole] = useState<Role>(user?.role ?? 'recruiter');
  const [accessToOwnBase, setAccessToOwnBase] = useState(user?.accessToOwnBase ?? false);
  const [incomingConfidential, setIncomingConfidential] = useState(user?.incomingConfidential ?? false);
  const [outgoingConfidential, setOutgoingConfidential] = useState(user?.outgoingConfidential ?? false);
  const [tried, setTried] = useState(false);
  const invite = useAction('POST /api/v1/users', {
    refresh: ['GET /api/v1/users'],
    onSuccess: (made) => {
      toast({ tone: 'ok', title: words.form.invited(made.email) });
      onClose();
    },
  });
  const change = useAction('PATCH /api/v1/users/{userId}', {
    refresh: ['GET /api/v1/users', 'GET /api/v1/me'],
    onSuccess: () => {
      toast({ tone: 'ok', title: settingsText.saved });
      onClose();
    },
  });
  const { error, isPending } = user ? change : invite;
  const own = user?.id === me.user.id;
  const baseMatters = role === 'supervisor' || role === 'recruiter';
  const noEmail = !user && !/^\S+@\S+\.\S+$/.test(email.trim());

  function submit() {
    setTried(true);
    const names = { firstName: firstName.trim(), lastName: lastName.trim() };
    if (noEmail || names.firstName === '' || names.lastName === '') return;
    const common = { ...names, role, accessToOwnBase: baseMatters && accessToOwnBase };
    if (user)
      change.mutate({
        params: { userId: user.id },
        body: { ...common, phone: phone.trim() || null, incomingConfidential, outgoingConfidential },
      });
    else invite.mutate({ body: { ...common, email: email.trim() } });
  }

  return (
    <FormDialog
      title={user ? words.form.editTitle : words.form.inviteTitle}
      description={user?.email}
      error={error}
      shown={['email', 'firstName', 'lastName', 'phone', 'role']}
      busy={isPending}
      submitLabel={user ? words.form.save : words.form.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      {!user && (
        <TextField
          label={words.form.email}
          hint={words.form.emailHint}
          type="email"
          autoFocus
          value={email}
          error={tried && noEmail ? words.form.noEmail : error?.fieldError('email')}
          onChange={(event) => setEmail(event.target.value)}
        />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.form.firstName}
          value={firstName}
          maxLength={200}
          error={tried && firstName.trim() === '' ? words.form.noName : error?.fieldError('firstName')}
          onChange={(event) => setFirstName(event.target.value)}
        />
        <TextField
          label={words.form.lastName}
          value={lastName}
          maxLength={200}
          error={tried && lastName.trim() === '' ? words.form.noName : error?.fieldError('lastName')}
          onChange={(event) => setLastName(event.target.value)}
        />
      </div>
      {user && (
        <TextField
          label={words.form.phone}
          type="tel"
          value={phone}
          maxLength={50}
          error={error?.fieldError('phone')}
          onChange={(event) => setPhone(event.target.value)}
        />
      )}
      <SelectField
        label={words.form.role}
        hint={own ? words.form.ownRole : settingsText.roleHints[role]}
        value={role}
        disabled={own}
        error={error?.fieldError('role')}
        options={roles.map((value) => ({ value, label: text.roles[value] }))}
        onChange={(event) => setRole(roles.find((one) => one === event.target.value) ?? role)}
      />
      {baseMatters && (
        <Checkbox
          label={words.base}
          hint={words.baseHint}
          checked={accessToOwnBase}
          onChange={setAccessToOwnBase}
        />
      )}
      {user && (
        <>
          <Checkbox
            label={words.incoming}
            hint={words.incomingHint}
            checked={incomingConfidential}
            onChange={setIncomingConfidential}
          />
          <Checkbox
            label={words.outgoing}
            hint={words.outgoingHint}
            checked={outgoingConfidential}
            onChange={setOutgoingConfidential}
          />
        </>
      )}
    </FormDialog>
  );
}
