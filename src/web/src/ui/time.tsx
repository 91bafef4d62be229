import { memo } from 'react';
import { useNow } from '../clock';
import { clockTime, duration, durationWords, exactTime, shortDuration, shortWhen } from '../format';

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

type CountdownProps = { until: string; over?: string; short?: boolean; className?: string };

/** What is left until a moment; `over` once it has passed; `short`: the largest unit alone. */
export function Countdown(props: CountdownProps) {
  const coarse = useNow('halfMinute');
  const left = Date.parse(props.until) - coarse;
  return left > 180_000 ? <Left ms={left} {...props} /> : <FineCountdown {...props} />;
}

function FineCountdown(props: CountdownProps) {
  const now = useNow('second');
  return <Left ms={Date.parse(props.until) - now} {...props} />;
}

function Left({ ms, until, over, short = false, className }: CountdownProps & { ms: number }) {
  return (
    <time dateTime={until} title={exactTime(until)} className={className}>
      {ms <= 0 && over !== undefined ? (
        over
      ) : (
        <>
          <span aria-hidden className="tabular-nums">
            {short ? shortDuration(ms) : duration(ms)}
          </span>
          <span className="sr-only">{durationWords(ms)}</span>
        </>
      )}
    </time>
  );
}

/** How long somebody has been waiting. */
export function WaitingTime({
  since,
  short = false,
  className,
}: {
  since: string;
  short?: boolean;
  className?: string;
}) {
  const now = useNow('halfMinute');
  const ms = Math.max(0, now - Date.parse(since));
  const shown = ms < 60_000 ? '< 1 m' : short ? shortDuration(ms) : duration(ms);
  return (
    <time dateTime={since} title={exactTime(since)} className={className}>
      <span aria-hidden className="tabular-nums">
        {shown}
      </span>
      <span className="sr-only">{ms < 60_000 ? 'less than a minute' : durationWords(ms)}</span>
    </time>
  );
}
