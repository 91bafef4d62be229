import type { BulkSend } from '../../../../contracts/sends';
import { sendsText as words } from '../../send/text';
import { cx } from '../../ui';

const parts = [
  ['sent', 'bg-ok'],
  ['unknown', 'bg-warn'],
  ['suppressed', 'bg-ink-3'],
  ['failed', 'bg-danger'],
  ['cancelled', 'bg-line-strong'],
] as const;

/** The outcomes side by side, with their numbers in words below. */
export function ProgressBar({ send }: { send: BulkSend }) {
  const { counts } = send;
  const done = counts.planned - counts.waiting;
  const shown = (['sent', 'waiting', 'suppressed', 'failed', 'unknown', 'cancelled'] as const).filter(
    (outcome) => counts[outcome] > 0,
  );
  return (
    <div className="mt-2 max-w-xl">
      <div
        role="progressbar"
        aria-label={words.title}
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={counts.planned}
        aria-valuetext={words.progress(done, counts.planned)}
        className="flex h-2 overflow-hidden rounded-full bg-sunken"
      >
        {parts.map(([outcome, colour]) => (
          <span
            key={outcome}
            className={cx(colour, 'transition-[width]')}
            style={{ width: `${(100 * counts[outcome]) / Math.max(1, counts.planned)}%` }}
          />
        ))}
      </div>
      <p className="mt-1 text-[0.87rem] text-ink-2">
        {words.planned(counts.planned)}
        {shown.map((outcome) => ` · ${words.count(counts[outcome], words.outcomes[outcome])}`)}
      </p>
    </div>
  );
}
