import { useRoute, useUsers } from '../../queries';
import { text } from '../../text';
import { Button, Combobox, SelectField, TextField } from '../../ui';
import { VacancyField } from '../../vacancy-field';
import { filterText as words } from './text';
import { filterNames, type PeopleFilters } from './use-people-filters';

/** Narrows the candidate base. */
export function PeopleFilterForm({
  filters,
  onChange,
}: {
  filters: PeopleFilters;
  onChange: (next: PeopleFilters) => void;
}) {
  const users = useUsers();
  const vacancy = useRoute(
    'GET /api/v1/vacancies/{vacancyId}',
    filters.vacancy ? { params: { vacancyId: filters.vacancy } } : null,
    { staleTime: 60_000 },
  );
  return (
    <div className="space-y-3">
      <VacancyField
        label={words.vacancy}
        placeholder={words.any}
        clearable
        value={filters.vacancy ?? null}
        onChange={(id) => onChange({ vacancy: id ?? '', stage: '' })}
      />
      {filters.vacancy && (
        <SelectField
          label={words.stage}
          value={filters.stage ?? ''}
          options={[
            { value: '', label: words.any },
            ...(vacancy.data?.stages ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(event) => onChange({ stage: event.target.value })}
        />
      )}
      <TextField
        key={filters.tag ?? ''}
        label={words.tag}
        hint={words.tagHint}
        defaultValue={filters.tag ?? ''}
        maxLength={50}
        onBlur={(event) => onChange({ tag: event.target.value.trim() })}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onChange({ tag: event.currentTarget.value.trim() });
        }}
      />
      <SelectField
        label={words.consent}
        value={filters.consent ?? ''}
        options={[
          { value: '', label: words.any },
          { value: 'yes', label: words.consentYes },
          { value: 'no', label: words.consentNo },
        ]}
        onChange={(event) => onChange({ consent: event.target.value })}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label={words.contactedSince}
          type="date"
          value={filters.contactedSince ?? ''}
          onChange={(event) => onChange({ contactedSince: event.target.value })}
        />
        <TextField
          label={words.notContactedSince}
          type="date"
          value={filters.notContactedSince ?? ''}
          onChange={(event) => onChange({ notContactedSince: event.target.value })}
        />
      </div>
      <Combobox
        label={words.responsible}
        placeholder={words.any}
        clearable
        busy={users.isPending}
        options={[
          { value: 'none', label: words.unassigned },
          ...(users.data?.items ?? []).map(({ id, name, role }) => ({
            value: id,
            label: name,
            hint: text.roles[role],
          })),
        ]}
        value={filters.responsible ?? null}
        onChange={(id) => onChange({ responsible: id ?? '' })}
      />
      <Button
        size="sm"
        className="w-full"
        onClick={() => onChange(Object.fromEntries(filterNames.map((name) => [name, ''])))}
      >
        {words.clear}
      </Button>
    </div>
  );
}
