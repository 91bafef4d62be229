import { lazy, Suspense, useMemo } from 'react';
import type { ReportSummary } from '../../../../contracts/reports';
import { Skeleton } from '../../ui';
import { byChannel, byState, credits, type ChartData } from './chart-data';
import { reportsText } from './text';

const words = reportsText.charts;
const Chart = lazy(async () => ({ default: (await import('./chart')).Chart }));
const numbers = new Intl.NumberFormat('en');
const sum = (values: number[]): number => values.reduce((all, value) => all + value, 0);

/** The three charts, each with its colours named and its numbers as a table. */
export function Figures({ report }: { report: ReportSummary }) {
  const charts = useMemo(
    () => [
      { title: words.byChannel, data: byChannel(report) },
      { title: words.byState, data: byState(report) },
      { title: words.credits, data: credits(report) },
    ],
    [report],
  );
  return (
    <div className="mt-6 grid gap-x-8 gap-y-8 md:grid-cols-2 xl:grid-cols-3">
      {charts.map(({ title, data }) => (
        <Figure key={title} title={title} data={data} report={report} />
      ))}
    </div>
  );
}

function Figure({ title, data, report }: { title: string; data: ChartData; report: ReportSummary }) {
  const total = sum(data.series.map(({ values }) => sum(values)));
  return (
    <figure className="min-w-0">
      <figcaption className="font-medium">{title}</figcaption>
      {data.series.length === 0 ? (
        <p className="py-8 text-ink-2">{words.nothing}</p>
      ) : (
        <>
          <ul className="mt-1 mb-2 flex flex-wrap gap-x-4 gap-y-1 text-[0.87rem] text-ink-2">
            {data.series.map(({ label, token, values }) => (
              <li key={label} className="inline-flex items-center gap-1.5">
                <span aria-hidden className="size-3 rounded-[3px]" style={{ background: `var(${token})` }} />
                {label} <span className="tabular-nums">{numbers.format(sum(values))}</span>
              </li>
            ))}
          </ul>
          <Suspense fallback={<Skeleton className="h-[245px]" />}>
            <Chart data={data} label={words.image(title, report.from, report.to, numbers.format(total))} />
          </Suspense>
          <details>
            <summary className="cursor-pointer rounded-sm text-[0.87rem] text-ink-2">{words.table}</summary>
            <NumberTable title={title} data={data} />
          </details>
        </>
      )}
    </figure>
  );
}

/** The days on which there was something, newest first. */
function NumberTable({ title, data: { days, series } }: { title: string; data: ChartData }) {
  const rows = days
    .map((day, index) => ({ day, values: series.map(({ values }) => values[index]!) }))
    .filter(({ values }) => values.some((value) => value > 0))
    .reverse();
  return (
    <div className="scroll-y mt-2 max-h-80 overflow-x-auto" tabIndex={0} role="region" aria-label={title}>
      <table className="w-full text-[0.87rem] tabular-nums">
        <thead>
          <tr className="border-b border-line text-left text-ink-2">
            <th scope="col" className="py-1 pr-4 font-medium">
              {words.day}
            </th>
            {series.map(({ label }) => (
              <th key={label} scope="col" className="py-1 pr-4 text-right font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ day, values }) => (
            <tr key={day} className="border-b border-line">
              <th scope="row" className="py-1 pr-4 text-left font-normal whitespace-nowrap">
                {day}
              </th>
              {values.map((value, index) => (
                <td key={series[index]!.label} className="py-1 pr-4 text-right">
                  {numbers.format(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
