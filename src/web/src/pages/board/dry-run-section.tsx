import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { NewAction } from '../../../../contracts/actions';
import { useAction } from '../../queries';
import { text } from '../../text';
import { Button, ErrorState, SelectField } from '../../ui';
import { boardText } from './text';

const words = boardText.include;
const spans = [7, 30, 90];

/** R-AUTO-5: what the action would have sent over the past days, and to whom not, before it is saved. */
export function DryRunSection({
  stageId,
  draft,
  onIncomplete,
}: {
  stageId: string;
  /** null: something is missing yet. */
  draft: NewAction | null;
  onIncomplete: () => void;
}) {
  const [days, setDays] = useState(30);
  const dryRun = useAction('POST /api/v1/stages/{stageId}/actions/dry-run');
  const said = dryRun.variables?.body;
  // an answer about something else than what the form says now is taken away
  const result =
    said && draft && JSON.stringify(said) === JSON.stringify({ days, action: draft })
      ? dryRun.data
      : undefined;
  return (
    <section aria-labelledby="dry-run" className="rounded-xl border border-line bg-sunken p-3">
      <h3 id="dry-run" className="font-medium">
        {words.dryRun}
      </h3>
      <p className="text-[0.87rem] text-ink-2">{words.dryRunIntro}</p>
      <div className="mt-2 flex flex-wrap items-end gap-2">
        <SelectField
          label={words.days}
          className="w-32"
          value={String(days)}
          onChange={(event) => setDays(Number(event.target.value))}
          options={spans.map((span) => ({ value: String(span), label: words.daysOf(span) }))}
        />
        <Button
          icon={<FlaskConical aria-hidden className="size-4" />}
          busy={dryRun.isPending}
          onClick={() => {
            if (draft) dryRun.mutate({ params: { stageId }, body: { days, action: draft } });
            else onIncomplete();
          }}
        >
          {words.run}
        </Button>
      </div>
      {dryRun.error && (
        <ErrorState
          error={dryRun.error}
          onRetry={() => draft && dryRun.mutate({ params: { stageId }, body: { days, action: draft } })}
        />
      )}
      <div role="status">
        {result && (
          <div className="mt-3 text-[0.93rem]">
            <p>{words.entries(result.entries, days)}</p>
            <ul className="mt-1 space-y-1.5">
              {result.groups.map((group) => {
                const channel = text.channels[group.channel];
                const more = group.count - group.names.length;
                return (
                  <li key={`${group.channel}${group.reason}`}>
                    <p className={group.willSend ? 'font-medium text-ok' : 'text-warn'}>
                      {group.willSend
                        ? words.would(group.count, channel)
                        : words.wouldNot(group.count, channel, group.reasonText ?? '')}
                    </p>
                    <p className="text-[0.87rem] text-ink-2">
                      {group.names.join(', ')}
                      {more > 0 && `, +${more}`}
                    </p>
                  </li>
                );
              })}
            </ul>
            {result.credits > 0 && <p className="mt-1.5 text-ink-2">{words.credits(result.credits)}</p>}
            {result.truncated && <p className="mt-1.5 text-ink-2">{words.truncated}</p>}
          </div>
        )}
      </div>
    </section>
  );
}
