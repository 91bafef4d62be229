import type { ChannelAccount } from '../../../../contracts/channels';
import { Button, cx } from '../../ui';
import { limitsText as words } from './limits-text';

/** How fast a number sends, and how much of its messaging limit is used. */
export function ChannelLimits({ account, onChange }: { account: ChannelAccount; onChange: () => void }) {
  const { messagesPerSecond, messagesPerSecondFrom, messagingTier, peoplePerDay, reached } = account.limits;
  return (
    <section
      aria-label={`${words.title}: ${account.name}`}
      className="mt-4 flex flex-wrap items-end justify-between gap-3 border-t border-line pt-3"
    >
      <div className="w-full max-w-md space-y-2 text-[0.9rem]">
        <p>
          {words.rate(messagesPerSecond)}
          <span className="text-ink-2"> · {words.rateFrom[messagesPerSecondFrom]}</span>
        </p>
        <div>
          <p className="flex flex-wrap justify-between gap-x-3">
            <span className="text-ink-2">{words.reached}</span>
            <span className="tabular-nums">
              {peoplePerDay === null ? words.anyNumber(reached) : words.people(reached, peoplePerDay)}
            </span>
          </p>
          {peoplePerDay === null ? (
            <p className="text-ink-2">{messagingTier === null ? words.unknown : words.unlimited}</p>
          ) : (
            <UseBar reached={reached} people={peoplePerDay} />
          )}
        </div>
      </div>
      <Button size="sm" variant="quiet" onClick={onChange}>
        {words.change}
      </Button>
    </section>
  );
}

function UseBar({ reached, people }: { reached: number; people: number }) {
  const share = Math.min(1, reached / people);
  return (
    <>
      <div
        role="meter"
        aria-label={words.reached}
        aria-valuenow={reached}
        aria-valuemin={0}
        aria-valuemax={people}
        aria-valuetext={words.people(reached, people)}
        className="mt-1 h-2 overflow-hidden rounded-full bg-sunken"
      >
        <span
          className={cx('block h-full', share === 1 ? 'bg-danger' : share >= 0.8 ? 'bg-warn' : 'bg-ok')}
          style={{ width: `${100 * share}%` }}
        />
      </div>
      {share === 1 && <p className="mt-1 text-danger">{words.full}</p>}
    </>
  );
}
