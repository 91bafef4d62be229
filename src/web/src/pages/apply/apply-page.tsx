import { CircleCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useParams } from 'wouter';
import type { PublicApplicationForm } from '../../../../contracts/application-form';
import { useAction, useRoute } from '../../queries';
import {
  AwaitedPublicPage,
  Button,
  Checkbox,
  EmptyState,
  Form,
  FormError,
  PublicPage,
  SelectField,
  TextField,
} from '../../ui';
import { applyText as words } from './text';

/** R-SEND-8: the public application form of one vacancy; nothing else of the company is to be seen from here. */
export function ApplyPage() {
  const { token = '' } = useParams<{ token: string }>();
  const form = useRoute(
    'GET /api/v1/application-forms/{token}',
    { params: { token } },
    { staleTime: Infinity },
  );
  if (form.data) return <ApplicationForm token={token} form={form.data} />;
  return (
    <AwaitedPublicPage
      title={words.goneTitle}
      query={form}
      gone={{ title: words.goneTitle, text: words.gone }}
    />
  );
}

function ApplicationForm({ token, form }: { token: string; form: PublicApplicationForm }) {
  const [firstName, setFirstName] = useState('');
  const [lastName, setLastName] = useState('');
  const [email, setEmail] = useState('');
  const [phoneCountry, setPhoneCountry] = useState(form.defaultCountry);
  const [phone, setPhone] = useState('');
  const [phoneType, setPhoneType] = useState<'mobile' | 'landline'>('mobile');
  const [consent, setConsent] = useState(false);
  const [website, setWebsite] = useState('');
  const [tried, setTried] = useState(false);
  const countries = useMemo(() => countryOptions(form.countries), [form.countries]);
  const apply = useAction('POST /api/v1/application-forms/{token}');
  const title = words.title(form.vacancyTitle);

  if (apply.isSuccess) {
    return (
      <PublicPage title={words.doneTitle} of={form}>
        <EmptyState pageHeading takesFocus icon={<CircleCheck className="size-6" />} title={words.doneTitle}>
          {words.done(form.vacancyTitle, form.companyName)}
        </EmptyState>
      </PublicPage>
    );
  }
  const missing = (value: string) => (tried && value.trim() === '' ? words.needed : undefined);
  const phoneMissing = tried && consent && phone.trim() === '' ? words.phoneForConsent : undefined;

  function submit() {
    setTried(true);
    if ([firstName, lastName, email].some((value) => value.trim() === '')) return;
    if (consent && phone.trim() === '') return;
    apply.mutate({
      params: { token },
      body: {
        firstName: firstName.trim(),
        lastName: lastName.trim(),
        email: email.trim(),
        phone: phone.trim(),
        phoneCountry,
        phoneType,
        whatsappConsent: consent,
        consentWording: consent ? form.consentWording : undefined,
        website,
      },
    });
  }

  return (
    <PublicPage title={title} of={form}>
      <h1 className="font-display text-2xl leading-tight font-semibold text-balance">{title}</h1>
      <p className="mb-5 text-ink-2">{words.at(form.companyName)}</p>
      <Form error={apply.error} onSubmit={submit} className="space-y-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={words.firstName}
            autoComplete="given-name"
            value={firstName}
            maxLength={200}
            error={missing(firstName) ?? apply.error?.fieldError('firstName')}
            onChange={(event) => setFirstName(event.target.value)}
          />
          <TextField
            label={words.lastName}
            autoComplete="family-name"
            value={lastName}
            maxLength={200}
            error={missing(lastName) ?? apply.error?.fieldError('lastName')}
            onChange={(event) => setLastName(event.target.value)}
          />
        </div>
        <TextField
          label={words.email}
          type="email"
          autoComplete="email"
          value={email}
          maxLength={254}
          error={missing(email) ?? apply.error?.fieldError('email')}
          onChange={(event) => setEmail(event.target.value)}
        />
        <SelectField
          label={words.country}
          autoComplete="country"
          value={phoneCountry}
          options={countries}
          onChange={(event) => setPhoneCountry(event.target.value)}
        />
        <div className="grid gap-4 sm:grid-cols-[1fr_9rem]">
          <TextField
            label={words.phone}
            type="tel"
            autoComplete="tel-national"
            hint={words.phoneHint}
            value={phone}
            maxLength={40}
            error={phoneMissing ?? apply.error?.fieldError('phone')}
            onChange={(event) => setPhone(event.target.value)}
          />
          <SelectField
            label={words.phoneType}
            value={phoneType}
            options={[
              { value: 'mobile', label: words.phoneTypes.mobile },
              { value: 'landline', label: words.phoneTypes.landline },
            ]}
            onChange={(event) => setPhoneType(event.target.value === 'landline' ? 'landline' : 'mobile')}
          />
        </div>
        <div className="rounded-xl bg-sunken p-3">
          <Checkbox
            label={form.consentWording}
            hint={words.optional}
            checked={consent}
            onChange={setConsent}
          />
        </div>
        {/* for programs that fill in everything; people neither see nor reach it */}
        <div aria-hidden className="absolute -left-[9999px] size-px overflow-hidden">
          <input
            aria-label={words.website}
            tabIndex={-1}
            autoComplete="off"
            name="website"
            value={website}
            onChange={(event) => setWebsite(event.target.value)}
          />
        </div>
        <FormError error={apply.error} shown={['firstName', 'lastName', 'email', 'phone']} />
        <Button type="submit" variant="primary" className="w-full" busy={apply.isPending}>
          {words.submit}
        </Button>
      </Form>
    </PublicPage>
  );
}

function countryOptions(countries: PublicApplicationForm['countries']): { value: string; label: string }[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region' });
  return countries
    .map(({ country, prefix }) => ({ value: country, label: `${names.of(country) ?? country} (${prefix})` }))
    .sort((a, b) => a.label.localeCompare(b.label));
}
