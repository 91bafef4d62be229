import { X } from 'lucide-react';
import { useQueries } from '@tanstack/react-query';
import type { MoveProgress } from '../../../../contracts/actions';
import { call } from '../../api';
import { keyOf } from '../../queries';
import { IconButton } from '../../ui';
import { boardText } from './text';

const words = boardText.progress;
const key = 'GET /api/v1/moves/{moveId}';

/** How far the messages of moves are, until the last that is due has gone or is hidden. */
export function MoveProgressBar({ moveIds, onDismiss }: { moveIds: string[]; onDismiss: () => void }) {
  const queries = useQueries({
    queries: moveIds.map((moveId) => ({
      queryKey: keyOf(key, { params: { moveId } }),
      queryFn: ({ signal }: { signal: AbortSignal }) => call(key, { params: { moveId } }, { signal }),
      refetchInterval: ({ state }: { state: { data?: MoveProgress } }) =>
        state.data && state.data.sending === 0 ? 5000 : 1000,
    })),
  });
  const known = queries.flatMap(({ data }) => data ?? []);
  if (known.length < moveIds.length) return null;
  const sum = (count: (progress: MoveProgress) => number) =>
    known.reduce((total, progress) => total + count(progress), 0);
  const total = sum((progress) => progress.total);
  const settled = sum((progress) => progress.sent + progress.notSent + progress.cancelled);
  const facts = [
    [sum((progress) => progress.sending), words.sending],
    [sum((progress) => progress.notSent), words.notSent],
    [sum((progress) => progress.waiting), words.waiting],
    [sum((progress) => progress.cancelled), words.cancelled],
  ] as const;
  const title = words.title(
    sum((progress) => progress.sent),
    total,
  );
  return (
    <div
      role="region"
      aria-label={words.label}
      className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-auto-soft px-4 py-2 text-auto sm:px-8"
    >
      <p className="font-medium tabular-nums">{title}</p>
      <div
        role="progressbar"
        aria-label={words.label}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={settled}
        className="h-2 min-w-32 flex-1 overflow-hidden rounded-full bg-surface"
      >
        <div
          className="h-full bg-accent transition-[width]"
          style={{ width: `${total === 0 ? 0 : (settled / total) * 100}%` }}
        />
      </div>
      <p className="text-[0.9rem] tabular-nums">
        {facts
          .filter(([count]) => count > 0)
          .map(([count, say]) => say(count))
          .join(' · ')}
      </p>
      <IconButton
        size="sm"
        label={words.dismiss}
        icon={<X aria-hidden className="size-4" />}
        onClick={onDismiss}
      />
    </div>
  );
}
