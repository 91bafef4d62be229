import type { Channel } from '../../../../contracts/common';
import type { MessageState } from '../../../../contracts/messages';
import type { ReportSummary } from '../../../../contracts/reports';
import { text } from '../../text';
import { reportsText as words } from './text';

/** One colour of a chart: its name, its token of app.css, and its value on each day. */
export type Series = { label: string; token: string; values: number[] };
export type ChartData = { days: string[]; series: Series[] };

type Group = keyof typeof words.groups;

const groupOf: Record<MessageState, Group> = {
  scheduled: 'waiting',
  queued: 'waiting',
  dispatching: 'waiting',
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  unknown: 'unknown',
  unconfirmed: 'unknown',
  suppressed: 'notSent',
  cancelled: 'notSent',
  failed: 'failed',
  received: 'received',
};

const groupTokens: Record<Group, string> = {
  read: '--ok',
  delivered: '--accent',
  sent: '--dot-open',
  waiting: '--ink',
  unknown: '--note-line',
  notSent: '--warn',
  failed: '--danger',
  received: '--auto',
};

const channelTokens: Record<Channel, string> = {
  whatsapp: '--ok',
  sms: '--auto',
  email: '--warn',
  page: '--dot-open',
};

export const byChannel = (report: ReportSummary): ChartData =>
  chartOf(
    report,
    (Object.keys(channelTokens) as Channel[]).map((channel) => ({
      label: text.channels[channel],
      token: channelTokens[channel],
      of: (count) => (count.channel === channel ? count.messages : 0),
    })),
  );

export const byState = (report: ReportSummary): ChartData =>
  chartOf(
    report,
    (Object.keys(groupTokens) as Group[]).map((group) => ({
      label: words.groups[group],
      token: groupTokens[group],
      of: (count) => (groupOf[count.state] === group ? count.messages : 0),
    })),
  );

export const credits = (report: ReportSummary): ChartData =>
  chartOf(report, [{ label: words.totals.credits, token: '--accent', of: (count) => count.credits }]);

type Wanted = Omit<Series, 'values'> & { of: (count: ReportSummary['counts'][number]) => number };

/** Every day of the period, also the empty ones; a series without any is left out. */
function chartOf(report: ReportSummary, wanted: Wanted[]): ChartData {
  const days = daysOf(report);
  const place = new Map(days.map((day, index) => [day, index]));
  const series = wanted.map(({ label, token, of }) => {
    const values = days.map(() => 0);
    for (const count of report.counts) values[place.get(count.day)!]! += of(count);
    return { label, token, values };
  });
  return { days, series: series.filter(({ values }) => values.some((value) => value > 0)) };
}

function daysOf({ from, to }: ReportSummary): string[] {
  const days: string[] = [];
  const end = Date.parse(to);
  for (let at = Date.parse(from); at <= end; at += 86_400_000)
    days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}
