import { Download, LoaderCircle, Lock } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReportSummary } from '../../../../contracts/reports';
import { useMe, useRoute } from '../../queries';
import { DownloadLink, EmptyState, ErrorState, Page, PageHeader, Skeleton } from '../../ui';
import { Figures } from './figures';
import { FilterBar } from './filter-bar';
import { MessageList } from './message-list';
import { SavedFilters } from './saved-filters';
import { reportsText as words } from './text';
import { useFilters, type ReportQuery } from './use-filters';

const numbers = new Intl.NumberFormat('en');

/** R-LOG-3: Reports → Messages. */
export function ReportsPage() {
  const { permissions } = useMe();
  if (permissions.reports) return <MessagesReport />;
  return (
    <Page header={<PageHeader title={words.title} />}>
      <EmptyState icon={<Lock className="size-6" />} title={words.notPermitted} />
    </Page>
  );
}

function MessagesReport() {
  const { filters, set, replace } = useFilters();
  const query = filters as ReportQuery;
  const report = useRoute('GET /api/v1/reports/messages/summary', { query }, { keepPrevious: true });
  return (
    <Page
      header={
        <PageHeader
          title={words.title}
          subtitle={words.heading}
          actions={
            <>
              <SavedFilters filters={filters} onChoose={replace} />
              <DownloadLink
                href={`/api/v1/reports/messages/csv?${new URLSearchParams(filters).toString()}`}
                icon={<Download aria-hidden className="size-4" />}
              >
                {words.download}
              </DownloadLink>
            </>
          }
        />
      }
    >
      <FilterBar filters={filters} report={report.data} onChange={set} onClear={() => replace({})} />
      <p role="status" className="mt-3 flex min-h-6 items-center gap-2 text-ink-2">
        {report.isFetching && <Counting key={JSON.stringify(query)} />}
      </p>
      {report.error && !report.isFetching ? (
        <ErrorState error={report.error} onRetry={() => void report.refetch()} />
      ) : (
        <div aria-busy={report.isFetching} className={report.isPlaceholderData ? 'opacity-60' : undefined}>
          {report.data ? <Totals report={report.data} /> : <Skeleton className="mt-3 h-20" />}
          {report.data ? <Figures report={report.data} /> : <Skeleton className="mt-6 h-64" />}
        </div>
      )}
      <MessageList query={query} />
    </Page>
  );
}

/** Said once it takes more than a moment: years of messages do, by a filter that nothing was added up for. */
function Counting() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((passed) => passed + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (seconds === 0) return null;
  return (
    <>
      <LoaderCircle aria-hidden className="size-4 animate-spin" />
      {words.counting} <span aria-hidden>{words.seconds(seconds)}</span>
    </>
  );
}

const totals = ['messages', 'sent', 'received', 'notSent', 'credits'] as const;

function Totals({ report }: { report: ReportSummary }) {
  return (
    <dl aria-label={words.totals.label} className="mt-3 grid grid-cols-2 gap-3 sm:grid-cols-5">
      {totals.map((name) => (
        <div key={name} className="flex flex-col-reverse rounded-2xl border border-line bg-sunken px-4 py-3">
          <dt className="text-[0.9rem] text-ink-2">{words.totals[name]}</dt>
          <dd className="font-display text-2xl font-semibold tabular-nums">
            {numbers.format(report.totals[name])}
          </dd>
        </div>
      ))}
    </dl>
  );
}
