import { Plus, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Person } from '../../../../contracts/people';
import { Badge, Button, Checkbox, Combobox, Form, FormError, IconButton, TextField, Time } from '../../ui';
import { EmployerField } from './employer-field';
import { Section } from './section';
import { peopleText } from './text';
import { useEditPerson } from './use-edit-person';

const words = peopleText.details;

/** Name, employer, time zone, language, tags, custom fields. */
export function ProfileSection({ person, canEdit }: { person: Person; canEdit: boolean }) {
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <Section title={words.profile}>
        <ProfileForm person={person} onDone={() => setEditing(false)} />
      </Section>
    );
  }
  return (
    <Section
      title={words.profile}
      action={
        canEdit && (
          <Button
            size="sm"
            variant="quiet"
            aria-label={words.editLabel(words.profile)}
            onClick={() => setEditing(true)}
          >
            {words.edit}
          </Button>
        )
      }
    >
      <dl className="grid grid-cols-[8rem_1fr] gap-x-3 gap-y-2">
        <Fact label={words.firstName}>{person.firstName}</Fact>
        <Fact label={words.lastName}>{person.lastName}</Fact>
        {person.kind === 'contact' && <Fact label={words.employer}>{person.employer?.name}</Fact>}
        <Fact label={words.timeZone}>{person.timeZone}</Fact>
        <Fact label={words.language}>{person.language}</Fact>
        <Fact label={words.tags}>
          {person.tags.length > 0 && (
            <span className="flex flex-wrap gap-1.5">
              {person.tags.map((tag) => (
                <Badge key={tag}>{tag}</Badge>
              ))}
            </span>
          )}
        </Fact>
        {Object.entries(person.custom).map(([key, value]) => (
          <Fact key={key} label={key}>
            {value}
          </Fact>
        ))}
        {person.externalId && <Fact label={words.externalId}>{person.externalId}</Fact>}
        <Fact label={words.added}>
          <Time at={person.createdAt} />
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2 [overflow-wrap:anywhere]">{label}</dt>
      <dd className="[overflow-wrap:anywhere]">
        {children || <span className="text-ink-3">{words.none}</span>}
      </dd>
    </>
  );
}

type CustomRow = { id: number; key: string; value: string };

function ProfileForm({ person, onDone }: { person: Person; onDone: () => void }) {
  const [firstName, setFirstName] = useState(person.firstName);
  const [lastName, setLastName] = useState(person.lastName);
  const [employerId, setEmployerId] = useState(person.employer?.id ?? null);
  const [timeZone, setTimeZone] = useState(person.timeZone);
  const [language, setLanguage] = useState(person.language ?? '');
  const [tags, setTags] = useState(person.tags.join(', '));
  const [confidential, setConfidential] = useState(person.confidential);
  const [custom, setCustom] = useState<CustomRow[]>(
    Object.entries(person.custom).map(([key, value], id) => ({ id, key, value })),
  );
  const [nextId, setNextId] = useState(custom.length);
  const edit = useEditPerson(onDone);
  const rows = custom.filter(({ key, value }) => key.trim() !== '' || value.trim() !== '');
  const keyErrors = new Map(rows.map((row) => [row.id, keyError(row, rows)]));

  function submit() {
    if ([...keyErrors.values()].some(Boolean)) return;
    edit.mutate({
      params: { personId: person.id },
      body: {
        firstName: firstName.trim(),
        lastName: lastName.trim(),
        employerId: person.kind === 'contact' ? employerId : undefined,
        timeZone,
        language: language.trim() || null,
        tags: [...new Set(tags.split(',').map((tag) => tag.trim()))].filter(Boolean),
        confidential,
        custom: Object.fromEntries(rows.map(({ key, value }) => [key.trim(), value.trim()])),
      },
    });
  }

  return (
    <Form error={edit.error} onSubmit={submit} className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <TextField
          label={words.firstName}
          autoFocus
          value={firstName}
          maxLength={200}
          error={edit.error?.fieldError('firstName')}
          onChange={(event) => setFirstName(event.target.value)}
        />
        <TextField
          label={words.lastName}
          value={lastName}
          maxLength={200}
          error={edit.error?.fieldError('lastName')}
          onChange={(event) => setLastName(event.target.value)}
        />
      </div>
      {person.kind === 'contact' && (
        <EmployerField value={employerId} selectedLabel={person.employer?.name} onChange={setEmployerId} />
      )}
      <div className="grid gap-4 sm:grid-cols-2">
        <Combobox
          label={words.timeZone}
          clearable
          value={timeZone}
          selectedLabel={timeZone ?? undefined}
          placeholder={words.none}
          onChange={setTimeZone}
          options={Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }))}
        />
        <TextField
          label={words.language}
          hint={words.languageHint}
          value={language}
          maxLength={20}
          error={edit.error?.fieldError('language')}
          onChange={(event) => setLanguage(event.target.value)}
        />
      </div>
      <TextField
        label={words.tags}
        hint={words.tagsHint}
        value={tags}
        error={edit.error?.fieldError(
          edit.error.errors.find(({ path }) => path.includes('tags'))?.path ?? 'tags',
        )}
        onChange={(event) => setTags(event.target.value)}
      />
      <Checkbox
        label={words.confidential}
        hint={words.confidentialHint}
        checked={confidential}
        onChange={setConfidential}
      />
      <fieldset>
        <legend className="text-[0.9rem] font-medium">{words.custom}</legend>
        <p className="mb-2 text-[0.87rem] text-ink-2">{words.customHint}</p>
        <ul className="space-y-2">
          {custom.map((row) => (
            <li key={row.id} className="flex items-start gap-2">
              <TextField
                className="w-2/5"
                label={words.customKey}
                hideLabel
                placeholder={words.customKey}
                value={row.key}
                maxLength={50}
                error={keyErrors.get(row.id)}
                onChange={(event) => setCustom(replaced(custom, { ...row, key: event.target.value }))}
              />
              <TextField
                className="flex-1"
                label={`${words.customValue} ${row.key}`}
                hideLabel
                placeholder={words.customValue}
                value={row.value}
                maxLength={1000}
                onChange={(event) => setCustom(replaced(custom, { ...row, value: event.target.value }))}
              />
              <IconButton
                label={words.customRemove(row.key)}
                tooltip={false}
                icon={<X aria-hidden className="size-4" />}
                onClick={() => setCustom(custom.filter((one) => one.id !== row.id))}
              />
            </li>
          ))}
        </ul>
        <Button
          size="sm"
          className="mt-2"
          icon={<Plus aria-hidden className="size-4" />}
          onClick={() => {
            setCustom([...custom, { id: nextId, key: '', value: '' }]);
            setNextId(nextId + 1);
          }}
        >
          {words.customAdd}
        </Button>
      </fieldset>
      <FormError error={edit.error} shown={['firstName', 'lastName', 'language']} />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" busy={edit.isPending}>
          {words.save}
        </Button>
        <Button onClick={onDone}>{words.cancel}</Button>
      </div>
    </Form>
  );
}

function replaced(rows: CustomRow[], row: CustomRow): CustomRow[] {
  return rows.map((one) => (one.id === row.id ? row : one));
}

function keyError({ id, key }: CustomRow, rows: CustomRow[]): string | undefined {
  if (!/^[a-zA-Z][a-zA-Z0-9_]*$/.test(key.trim())) return words.customBadKey;
  return rows.some((row) => row.id < id && row.key.trim() === key.trim()) ? words.customTwice : undefined;
}
