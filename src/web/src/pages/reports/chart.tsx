import { useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMediaQuery } from '../../use-media-query';
import type { ChartData } from './chart-data';

const dayMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });
const height = 220;

/** Bars by day, one colour on another, drawn on a canvas; what it says in words is the figure's part. */
export function Chart({ data, label }: { data: ChartData; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  const dark = useMediaQuery('(prefers-color-scheme: dark)');
  const [day, setDay] = useState<number | null>(null);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const chart = new UPlot(optionsOf(data, element.clientWidth, setDay), stacked(data), element);
    const resized = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
    // colours are read when it is drawn
  }, [data, dark]);

  return (
    <div>
      <div ref={place} role="img" aria-label={label} className="min-w-0 overflow-hidden" style={{ height }} />
      <p aria-hidden className="mt-1 min-h-5 truncate text-[0.87rem] text-ink-2 tabular-nums">
        {day !== null && data.days[day] !== undefined && sentenceOf(data, day)}
      </p>
    </div>
  );
}

function sentenceOf({ days, series }: ChartData, day: number): string {
  const parts = series
    .filter(({ values }) => values[day]! > 0)
    .map(({ label, values }) => `${label} ${values[day]}`);
  return `${dayMonth.format(new Date(days[day]!))}: ${parts.join(', ') || '0'}`;
}

const seconds = (day: string): number => Date.parse(day) / 1000;
const color = (token: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(token).trim();

/** Each series on top of those before it; the highest is drawn first, so that the others cover it. */
function stacked({ days, series }: ChartData): UPlot.AlignedData {
  const sums = days.map(() => 0);
  const layers = series.map(({ values }) => values.map((value, index) => (sums[index]! += value)));
  return [days.map(seconds), ...layers.reverse()];
}

function optionsOf(data: ChartData, width: number, onDay: (day: number | null) => void): UPlot.Options {
  const { days, series } = data;
  const axis = {
    stroke: color('--ink-2'),
    font: '12px Inter, system-ui, sans-serif',
    ticks: { stroke: color('--line') },
  };
  const bars = UPlot.paths.bars?.({ size: [0.7, 40, 1] });
  return {
    width,
    height,
    tzDate: (at) => UPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { range: [seconds(days[0]!) - 43_200, seconds(days.at(-1)!) + 43_200] },
      y: { range: (_chart, _min, max) => [0, Math.max(4, max * 1.08)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: [1, 2, 7, 14, 30, 91, 182].map((count) => count * 86_400),
        space: 60,
        values: (_chart, at) => at.map((second) => dayMonth.format(new Date(second * 1000))),
      },
      {
        ...axis,
        grid: { stroke: color('--line'), width: 1 },
        size: 48,
        incrs: [1, 2, 5].flatMap((n) => [0, 1, 2, 3, 4, 5].map((e) => n * 10 ** e)).sort((a, b) => a - b),
      },
    ],
    series: [
      {},
      ...[...series].reverse().map(({ label, token }) => ({
        label,
        fill: color(token),
        stroke: color('--surface'),
        width: 1,
        points: { show: false },
        ...(bars && { paths: bars }),
      })),
    ],
    hooks: { setCursor: [(chart) => onDay(chart.cursor.idx ?? null)] },
  };
}
