import type { Fallback } from '../../../contracts/messages';
import { delayOf, delayUnits, toSeconds, type DelayUnit } from '../pages/board/delay';
import { Checkbox, SelectField, TextField } from '../ui';
import { fallbackText as words } from './text';

/** As it is typed; null: none. */
export type FallbackDraft = { channel: Fallback['channel']; amount: string; unit: DelayUnit };

export const draftOf = (fallback: Fallback | null | undefined): FallbackDraft | null => {
  if (!fallback) return null;
  const { amount, unit } = delayOf(fallback.afterSeconds);
  return { channel: fallback.channel, amount: String(amount), unit };
};

/** "else by SMS after 2 hours" */
export function fallbackWords({ channel, afterSeconds }: Fallback): string {
  const { amount, unit } = delayOf(afterSeconds);
  return words.short(words.channels[channel], amount, amount === 1 ? unit.slice(0, -1) : unit);
}

const longestSeconds = 7 * 86_400;

/** undefined: the API would not take it. */
export function fallbackOf(draft: FallbackDraft): Fallback | undefined {
  const afterSeconds = toSeconds(draft.amount, draft.unit);
  if (afterSeconds === undefined || afterSeconds < 1 || afterSeconds > longestSeconds) return undefined;
  return { channel: draft.channel, afterSeconds };
}

/** R-SEND-9: what goes where WhatsApp does not deliver. `channels`: those that the message itself does not go by. */
export function FallbackField({
  draft,
  channels,
  tried,
  onChange,
}: {
  draft: FallbackDraft | null;
  channels: Fallback['channel'][];
  tried: boolean;
  onChange: (next: FallbackDraft | null) => void;
}) {
  const [first] = channels;
  if (!first) return null;
  const wrong = draft !== null && fallbackOf(draft) === undefined;
  return (
    <fieldset className="rounded-xl border border-line p-3">
      <legend className="px-1 font-medium">{words.title}</legend>
      <Checkbox
        label={words.label}
        hint={draft ? words.hint : undefined}
        checked={draft !== null}
        onChange={(on) => onChange(on ? { channel: first, amount: '60', unit: 'minutes' } : null)}
      />
      {draft && (
        <div className="mt-3 pl-7">
          <div className="flex flex-wrap items-start gap-2">
            <TextField
              label={words.after}
              inputMode="numeric"
              className="w-32"
              value={draft.amount}
              error={tried && wrong ? words.fault : undefined}
              onChange={(event) => onChange({ ...draft, amount: event.target.value })}
            />
            <SelectField
              label={words.unit}
              className="w-32"
              value={draft.unit}
              options={delayUnits.map((value) => ({ value, label: words.units[value] }))}
              onChange={(event) => onChange({ ...draft, unit: event.target.value as DelayUnit })}
            />
            <SelectField
              label={words.by}
              className="w-32"
              value={draft.channel}
              options={channels.map((value) => ({ value, label: words.channels[value] }))}
              onChange={(event) => onChange({ ...draft, channel: event.target.value as Fallback['channel'] })}
            />
          </div>
        </div>
      )}
    </fieldset>
  );
}
