import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState } from 'react';
import type { EndedCard } from '../../../../contracts/vacancies';
import { call } from '../../api';
import { paths } from '../../paths';
import { keyOf } from '../../queries';
import { Button, ErrorState, LoadingRows, RelativeTime, TextLink } from '../../ui';
import { ReopenDialog } from './end-dialogs';
import { boardText } from './text';

const words = boardText.ended;
type Outcome = 'rejected' | 'withdrawn';

/** The rejected and the withdrawn, folded away beside the stages. */
export function EndedColumns({
  vacancyId,
  counts,
  canManage,
}: {
  vacancyId: string;
  counts: Record<Outcome, number>;
  canManage: boolean;
}) {
  const shown = (['rejected', 'withdrawn'] as const).filter((outcome) => counts[outcome] > 0);
  if (shown.length === 0) return null;
  return (
    <section aria-label={words.label} className="flex max-h-full w-60 shrink-0 flex-col gap-2">
      {shown.map((outcome) => (
        <Folded
          key={outcome}
          outcome={outcome}
          vacancyId={vacancyId}
          count={counts[outcome]}
          canManage={canManage}
        />
      ))}
    </section>
  );
}

function Folded({
  outcome,
  vacancyId,
  count,
  canManage,
}: {
  outcome: Outcome;
  vacancyId: string;
  count: number;
  canManage: boolean;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <div className="flex min-h-0 flex-col rounded-2xl border border-line bg-sunken">
      <h2>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="flex w-full items-center gap-2 rounded-2xl px-3 py-2.5 text-left font-semibold"
        >
          <Chevron aria-hidden className="size-4 text-ink-2" />
          {words[outcome]}
          <span className="rounded-full bg-hover px-2 text-[0.82rem] font-normal text-ink-2 tabular-nums">
            {count}
            <span className="sr-only"> {boardText.candidatesWord(count)}</span>
          </span>
        </button>
      </h2>
      <div id={id} hidden={!open} className="scroll-y min-h-0 px-2 pb-2">
        {open && <Cards outcome={outcome} vacancyId={vacancyId} canManage={canManage} />}
      </div>
    </div>
  );
}

function Cards({
  outcome,
  vacancyId,
  canManage,
}: {
  outcome: Outcome;
  vacancyId: string;
  canManage: boolean;
}) {
  const [reopening, setReopening] = useState<EndedCard | null>(null);
  const key = 'GET /api/v1/vacancies/{vacancyId}/ended';
  const params = { vacancyId };
  const query = useInfiniteQuery({
    queryKey: keyOf(key, { params, query: { outcome } }),
    queryFn: ({ pageParam, signal }) =>
      call(key, { params, query: { outcome, cursor: pageParam } }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  if (query.isPending) return <LoadingRows rows={2} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <ul className="flex flex-col gap-2">
        {query.data.pages
          .flatMap((page) => page.items)
          .map((card) => (
            <li key={card.applicationId} className="rounded-xl border border-line bg-surface px-3 py-2">
              <TextLink href={paths.match(card.applicationId)}>{card.name}</TextLink>
              <p className="text-[0.85rem] text-ink-2">
                {words.from(card.stageName)} · <RelativeTime at={card.at} />
              </p>
              {canManage && (
                <Button
                  size="sm"
                  variant="quiet"
                  aria-label={words.reopenLabel(card.name)}
                  onClick={() => setReopening(card)}
                >
                  {words.reopen}
                </Button>
              )}
            </li>
          ))}
      </ul>
      {query.hasNextPage && (
        <Button
          size="sm"
          variant="quiet"
          busy={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {words.more}
        </Button>
      )}
      {reopening && (
        <ReopenDialog
          applicationId={reopening.applicationId}
          who={reopening.name}
          stageName={reopening.stageName}
          onClose={() => setReopening(null)}
        />
      )}
    </>
  );
}
