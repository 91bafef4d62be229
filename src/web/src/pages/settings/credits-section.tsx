import { TriangleAlert } from 'lucide-react';
import { useRoute } from '../../queries';
import { ErrorState, Skeleton } from '../../ui';
import { SectionHead } from './section-head';
import { settingsText } from './text';

const words = settingsText.credits;
const numbers = new Intl.NumberFormat('en');

/** R-CRED-2: the balance. */
export function CreditsSection() {
  const credits = useRoute('GET /api/v1/credits', {}, { refetchInterval: 30_000 });
  return (
    <div className="max-w-3xl">
      <SectionHead title={settingsText.nav.credits} intro={words.intro} />
      {credits.isPending && <Skeleton className="h-24 w-64 rounded-2xl" />}
      {credits.error && !credits.data && (
        <ErrorState error={credits.error} onRetry={() => void credits.refetch()} />
      )}
      {credits.data && (
        <div className="inline-block rounded-2xl border border-line bg-sunken px-6 py-4">
          <p className="text-ink-2">{words.balance}</p>
          <p className="font-display text-4xl font-semibold tabular-nums">
            {numbers.format(credits.data.balance)}{' '}
            <span className="text-base font-normal text-ink-2">{words.unit(credits.data.balance)}</span>
          </p>
        </div>
      )}
      {credits.data?.low && (
        <p role="alert" className="mt-3 flex items-start gap-2 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {words.low}
        </p>
      )}
      <p className="mt-3 text-ink-2">{words.more}</p>
    </div>
  );
}
