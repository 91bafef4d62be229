import type { ReportSummary } from '../../../../contracts/reports';
import { useUsers } from '../../queries';
import { text } from '../../text';
import { Button, Combobox, SelectField, TextField } from '../../ui';
import { VacancyField } from '../../vacancy-field';
import { channels } from './filter-options';
import { reportsText } from './text';
import type { FilterName, Filters } from './use-filters';

const words = reportsText.filters;
const any = { value: '', label: words.any };

export function FilterBar({
  filters,
  report,
  onChange,
  onClear,
}: {
  filters: Filters;
  report: ReportSummary | undefined;
  onChange: (name: FilterName, value: string | null) => void;
  onClear: () => void;
}) {
  const users = useUsers();
  const select = (name: FilterName) => ({
    value: filters[name] ?? '',
    onChange: (event: { target: { value: string } }) => onChange(name, event.target.value || null),
  });
  return (
    <section aria-label={words.label}>
      <div className="grid grid-cols-2 items-end gap-x-3 gap-y-3 sm:grid-cols-[repeat(auto-fill,minmax(11rem,1fr))]">
        <DayField
          label={words.from}
          value={filters.from ?? report?.from}
          max={filters.to ?? report?.to}
          onChange={(day) => onChange('from', day)}
        />
        <DayField
          label={words.to}
          value={filters.to ?? report?.to}
          min={filters.from}
          onChange={(day) => onChange('to', day)}
        />
        <SelectField
          label={words.channel}
          {...select('channel')}
          options={[any, ...channels.map((value) => ({ value, label: text.channels[value] }))]}
        />
        <SelectField
          label={words.state}
          {...select('state')}
          options={[any, ...Object.entries(text.messageStates).map(([value, label]) => ({ value, label }))]}
        />
        <SelectField
          label={words.origin}
          {...select('origin')}
          options={[any, ...Object.entries(reportsText.origins).map(([value, label]) => ({ value, label }))]}
        />
        <VacancyField
          label={words.vacancy}
          clearable
          placeholder={words.any}
          value={filters.vacancyId ?? null}
          onChange={(value) => onChange('vacancyId', value)}
        />
        <Combobox
          label={words.user}
          clearable
          placeholder={words.any}
          value={filters.userId ?? null}
          onChange={(value) => onChange('userId', value)}
          options={(users.data?.items ?? []).map(({ id, name, role }) => ({
            value: id,
            label: name,
            hint: text.roles[role],
          }))}
        />
        {Object.keys(filters).length > 0 && <Button onClick={onClear}>{words.clear}</Button>}
      </div>
      {report && <p className="mt-2 text-[0.87rem] text-ink-2">{words.zone(report.timeZone)}</p>}
    </section>
  );
}

/** A day; what is half typed is no day yet and changes nothing. */
function DayField({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string;
  value: string | undefined;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}) {
  return (
    <TextField
      key={value}
      label={label}
      type="date"
      defaultValue={value}
      min={min}
      max={max}
      onBlur={(event) => {
        const day = event.target.value;
        if (day !== '' && day !== value && event.target.validity.valid) onChange(day);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
      }}
    />
  );
}
