import { useEffect, useMemo, useState } from 'react';
import { languages, type Language } from '../../../../contracts/common';
import type { OrganizationSettings } from '../../../../contracts/organization';
import { useAction, useRoute } from '../../queries';
import { Button, ErrorState, Form, FormError, SelectField, Skeleton, TextField, toast } from '../../ui';
import { CompanyLook } from './company-look';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const words = {
  intro: (name: string) => `What holds for all of ${name}.`,
  country: 'Country for phone numbers',
  countryHint:
    'A number typed without a prefix is taken for one of this country. Stored numbers stay as they are.',
  contact: 'Public contact e-mail',
  contactHint:
    'Told to people who ask whom to turn to, for instance by writing HELP, and to rejected candidates on their page.',
  language: 'Language',
  languageHint:
    'Of what Parley itself tells candidates: the candidate page, the answer to HELP, the unsubscribe link of e-mails and its page. What you write goes as you wrote it.',
  save: 'Save',
  saved: 'Saved',
};

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' });
const languageOptions = languages.map((value) => ({ value, label: languageNames.of(value) ?? value }));

/** The country whose prefix a number gets, the address that people are told, and in which language. */
export function CompanySection() {
  const organization = useRoute('GET /api/v1/organization', {});
  return (
    <div className="max-w-3xl">
      <SectionHead
        title={settingsText.nav.company}
        intro={organization.data ? words.intro(organization.data.name) : ''}
      />
      {organization.isPending && <Skeleton className="h-40 max-w-md rounded-2xl" />}
      {organization.error && !organization.data && (
        <ErrorState error={organization.error} onRetry={() => void organization.refetch()} />
      )}
      {organization.data && (
        <>
          <CompanyForm saved={organization.data} />
          <CompanyLook saved={organization.data} />
        </>
      )}
    </div>
  );
}

function CompanyForm({ saved }: { saved: OrganizationSettings }) {
  const [country, setCountry] = useState(saved.defaultCountry);
  const [contact, setContact] = useState(saved.publicContactEmail ?? '');
  const [language, setLanguage] = useState(saved.language);
  useEffect(() => {
    setCountry(saved.defaultCountry);
    setContact(saved.publicContactEmail ?? '');
    setLanguage(saved.language);
  }, [saved.defaultCountry, saved.publicContactEmail, saved.language]);
  const countries = useMemo(() => {
    const names = new Intl.DisplayNames(['en'], { type: 'region' });
    return saved.countries
      .map(({ country: value, prefix }) => ({ value, label: `${names.of(value) ?? value} (${prefix})` }))
      .sort((a, b) => a.label.localeCompare(b.label));
  }, [saved.countries]);
  const save = useAction('PATCH /api/v1/organization', {
    refresh: ['GET /api/v1/organization', 'GET /api/v1/me'],
    onSuccess: () => toast({ tone: 'ok', title: words.saved }),
  });
  return (
    <Form
      error={save.error}
      className="max-w-md space-y-4"
      onSubmit={() =>
        save.mutate({
          body: {
            defaultCountry: country,
            publicContactEmail: contact.trim() === '' ? null : contact.trim(),
            language,
          },
        })
      }
    >
      <SelectField
        label={words.country}
        hint={words.countryHint}
        value={country}
        options={countries}
        onChange={(event) => setCountry(event.target.value)}
      />
      <TextField
        label={words.contact}
        hint={words.contactHint}
        type="email"
        maxLength={254}
        value={contact}
        error={save.error?.fieldError('publicContactEmail')}
        onChange={(event) => setContact(event.target.value)}
      />
      <SelectField
        label={words.language}
        hint={words.languageHint}
        value={language}
        options={languageOptions}
        onChange={(event) => setLanguage(event.target.value as Language)}
      />
      <FormError error={save.error} shown={['publicContactEmail']} />
      <Button type="submit" variant="primary" busy={save.isPending}>
        {words.save}
      </Button>
    </Form>
  );
}
