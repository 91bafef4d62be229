import { serverNow } from '../clock';
import { readableName, useSendableTemplates } from '../conversation/use-templates';
import { Checkbox, Combobox, TextField } from '../ui';
import { scheduleText as words } from './text';

/** A day and a time of day on the clock of this browser; null: now. */
export type When = { date: string; time: string };

/** The instant, or why it is none that a message can be scheduled for. */
export function instantOf({ date, time }: When): { sendAt: string } | { fault: string } {
  const at = new Date(`${date}T${time}`);
  if (Number.isNaN(at.getTime())) return { fault: words.noTime };
  if (at.getTime() <= serverNow()) return { fault: words.past };
  return { sendAt: at.toISOString() };
}

/** Tomorrow at nine. */
export function firstWhen(): When {
  const day = new Date(serverNow());
  day.setDate(day.getDate() + 1);
  return { date: dateOf(day), time: '09:00' };
}

const two = (part: number): string => String(part).padStart(2, '0');
const dateOf = (day: Date): string => `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** R-SEND-7: date and time, with the time zone by its name. */
export function DateAndTime({
  when,
  fault,
  onChange,
}: {
  when: When;
  fault: string | undefined;
  onChange: (next: When) => void;
}) {
  return (
    <div>
      <div className="flex flex-wrap items-start gap-3">
        <TextField
          type="date"
          label={words.date}
          className="w-44"
          required
          min={dateOf(new Date(serverNow()))}
          value={when.date}
          error={fault}
          onChange={(event) => onChange({ ...when, date: event.target.value })}
        />
        <TextField
          type="time"
          label={words.time}
          className="w-32"
          required
          value={when.time}
          onChange={(event) => onChange({ ...when, time: event.target.value })}
        />
      </div>
      <p className="mt-1 text-[0.87rem] text-ink-2">{words.zone(zone)}</p>
    </div>
  );
}

/** Now, or later. */
export function WhenField({
  when,
  fault,
  onChange,
}: {
  when: When | null;
  fault: string | undefined;
  onChange: (next: When | null) => void;
}) {
  return (
    <fieldset className="rounded-xl border border-line p-3">
      <legend className="px-1 font-medium">{words.when}</legend>
      <Checkbox
        label={words.later}
        hint={when ? words.laterHint : undefined}
        checked={when !== null}
        onChange={(on) => onChange(on ? firstWhen() : null)}
      />
      {when && (
        <div className="mt-3 pl-7">
          <DateAndTime when={when} fault={fault} onChange={onChange} />
        </div>
      )}
    </fieldset>
  );
}

/** What goes on WhatsApp where free text may not. */
export function Otherwise({
  templateId,
  onChange,
}: {
  templateId: string | null;
  onChange: (next: string | null) => void;
}) {
  const templates = useSendableTemplates('whatsapp').data?.items ?? [];
  return (
    <Combobox
      label={words.otherwise}
      clearable
      placeholder={words.noOtherwise}
      value={templateId}
      onChange={onChange}
      options={templates.map(({ id, name, language }) => ({
        value: id,
        label: readableName(name),
        hint: language,
      }))}
    />
  );
}
