import { useState } from 'react';
import { useLocation } from 'wouter';
import { paths } from '../../paths';
import { useAction, useMe } from '../../queries';
import { Checkbox, FormDialog, SelectField, TextArea, TextField, toast } from '../../ui';
import { EmployerField } from './employer-field';
import { phoneTypeOptions, toPhoneType } from './phone-type';
import { ResponsibleField } from './responsible-field';
import { peopleText } from './text';

const words = peopleText.form;

/** Adds a candidate or contact, with consent to WhatsApp where there is evidence of it (R-SEND-8). */
export function AddPersonDialog({
  kind: firstKind,
  start = { firstName: '', lastName: '', email: '' },
  onAdded,
  onClose,
}: {
  kind: 'candidate' | 'contact';
  /** What is known already. */
  start?: { firstName: string; lastName: string; email: string };
  /** In place of opening their file. */
  onAdded?: (person: { id: string; name: string }) => void;
  onClose: () => void;
}) {
  const me = useMe();
  const [, navigate] = useLocation();
  const [kind, setKind] = useState(firstKind);
  const [firstName, setFirstName] = useState(start.firstName);
  const [lastName, setLastName] = useState(start.lastName);
  const [employerId, setEmployerId] = useState<string | null>(null);
  const [phone, setPhone] = useState('');
  const [phoneType, setPhoneType] = useState('');
  const [email, setEmail] = useState(start.email);
  const [responsibleUserId, setResponsibleUserId] = useState<string | null>(me.user.id);
  const [consent, setConsent] = useState(false);
  const [evidence, setEvidence] = useState('');
  const [tried, setTried] = useState(false);
  const add = useAction('POST /api/v1/people', {
    refresh: ['GET /api/v1/people', 'GET /api/v1/conversations'],
    onSuccess: (person) => {
      if (onAdded) return onAdded(person);
      toast({ tone: 'ok', title: person.created ? words.added(person.name) : words.updated(person.name) });
      navigate(paths.person(person.id, { tab: 'details' }));
    },
  });
  const nameless = firstName.trim() === '' && lastName.trim() === '';
  const evidenceMissing = consent && phone.trim() !== '' && evidence.trim() === '';
  const phoneError = phone.trim()
    ? (add.error?.fieldError('contactPoints.0.value') ?? add.error?.fieldError('contactPoints.0'))
    : undefined;
  const emailPath = `contactPoints.${phone.trim() ? 1 : 0}.value`;

  function submit() {
    setTried(true);
    if (nameless || evidenceMissing) return;
    add.mutate({
      body: {
        kind,
        firstName: firstName.trim(),
        lastName: lastName.trim(),
        employerId: kind === 'contact' ? employerId : undefined,
        responsibleUserId,
        contactPoints: [
          ...(phone.trim()
            ? [{ kind: 'phone' as const, value: phone.trim(), phoneType: toPhoneType(phoneType) }]
            : []),
          ...(email.trim() ? [{ kind: 'email' as const, value: email.trim() }] : []),
        ],
        consents:
          consent && phone.trim()
            ? [{ channel: 'whatsapp', source: 'recordedByUser', evidence: evidence.trim() }]
            : undefined,
      },
    });
  }

  return (
    <FormDialog
      title={words.title}
      error={add.error}
      shown={[
        'firstName',
        'lastName',
        'contactPoints.0.value',
        'contactPoints.0',
        'contactPoints.1.value',
        'consents.0.evidence',
      ]}
      busy={add.isPending}
      submitLabel={words.submit}
      onSubmit={submit}
      onClose={onClose}
    >
      <SelectField
        label={words.kind}
        value={kind}
        onChange={(event) => setKind(event.target.value === 'contact' ? 'contact' : 'candidate')}
        options={[
          { value: 'candidate', label: words.candidate },
          { value: 'contact', label: words.contact },
        ]}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.firstName}
          autoFocus
          value={firstName}
          maxLength={200}
          error={tried && nameless ? words.noName : add.error?.fieldError('firstName')}
          onChange={(event) => setFirstName(event.target.value)}
        />
        <TextField
          label={words.lastName}
          value={lastName}
          maxLength={200}
          error={add.error?.fieldError('lastName')}
          onChange={(event) => setLastName(event.target.value)}
        />
      </div>
      {kind === 'contact' && <EmployerField value={employerId} onChange={setEmployerId} />}
      <div className="grid gap-4 sm:grid-cols-[1fr_12rem]">
        <TextField
          label={words.phone}
          type="tel"
          hint={words.phoneHint}
          value={phone}
          error={phoneError}
          onChange={(event) => setPhone(event.target.value)}
        />
        <SelectField
          label={words.phoneType}
          value={phoneType}
          options={phoneTypeOptions}
          onChange={(event) => setPhoneType(event.target.value)}
        />
      </div>
      <TextField
        label={words.email}
        type="email"
        value={email}
        error={email.trim() ? add.error?.fieldError(emailPath) : undefined}
        onChange={(event) => setEmail(event.target.value)}
      />
      {phone.trim() && (
        <div className="space-y-3 rounded-xl bg-sunken p-3">
          <Checkbox label={words.consent} hint={words.consentHint} checked={consent} onChange={setConsent} />
          {consent && (
            <TextArea
              label={words.evidence}
              hint={words.evidenceHint}
              rows={2}
              maxLength={2000}
              value={evidence}
              error={
                tried && evidenceMissing
                  ? words.evidenceMissing
                  : add.error?.fieldError('consents.0.evidence')
              }
              onChange={(event) => setEvidence(event.target.value)}
            />
          )}
        </div>
      )}
      <ResponsibleField value={responsibleUserId} onChange={setResponsibleUserId} />
    </FormDialog>
  );
}
