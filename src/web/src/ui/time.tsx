import { memo } from 'react';
import { useNow } from '../clock';
import { clockTime, duration, durationWords, exactTime, shortWhen } from '../format';

/** A point in time; the exact one on hovering. */
export const Time = memo(function Time({
  at,
  show = 'exact',
  className,
}: {
  at: string;
  show?: 'exact' | 'clock';
  className?: string;
}) {
  return (
    <time dateTime={at} title={exactTime(at)} className={className}>
      {show === 'clock' ? clockTime(at) : exactTime(at)}
    </time>
  );
});

/** `14:05`, `Yesterday`, `Tuesday`, `3 Nov`. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const now = useNow('halfMinute');
  return (
    <time dateTime={at} title={exactTime(at)} className={className}>
      {shortWhen(at, now)}
    </time>
  );
}

/** What is left until a moment; `over` once it has passed. */
export function Countdown({ until, over, className }: { until: string; over?: string; className?: string }) {
  const end = Date.parse(until);
  const coarse = useNow('halfMinute');
  return end - coarse > 180_000 ? (
    <Left ms={end - coarse} until={until} over={over} className={className} />
  ) : (
    <FineCountdown until={until} over={over} className={className} />
  );
}

function FineCountdown({ until, over, className }: { until: string; over?: string; className?: string }) {
  const now = useNow('second');
  return <Left ms={Date.parse(until) - now} until={until} over={over} className={className} />;
}

function Left({
  ms,
  until,
  over,
  className,
}: {
  ms: number;
  until: string;
  over?: string;
  className?: string;
}) {
  return (
    <time dateTime={until} title={exactTime(until)} className={className}>
      {ms <= 0 && over !== undefined ? (
        over
      ) : (
        <>
          <span aria-hidden className="tabular-nums">
            {duration(ms)}
          </span>
          <span className="sr-only">{durationWords(ms)}</span>
        </>
      )}
    </time>
  );
}

/** How long somebody has been waiting. */
export function WaitingTime({ since, className }: { since: string; className?: string }) {
  const now = useNow('halfMinute');
  const ms = Math.max(0, now - Date.parse(since));
  return (
    <time dateTime={since} title={exactTime(since)} className={className}>
      <span aria-hidden className="tabular-nums">
        {ms < 60_000 ? '< 1 m' : duration(ms)}
      </span>
      <span className="sr-only">{ms < 60_000 ? 'less than a minute' : durationWords(ms)}</span>
    </time>
  );
}
