import type { MoveResult } from '../../../../contracts/vacancies';
import { serverNow } from '../../clock';
import { text } from '../../text';
import { boardText } from './text';

type Planned = MoveResult['planned'][number];

/** What a move sent and did not send, one sentence for each template and each reason. */
export function moveResultLines(result: MoveResult, runActions: boolean): string[] {
  const { result: words } = boardText;
  const lines: string[] = [];
  if (result.unchanged > 0) lines.push(words.unchanged(result.unchanged));
  if (!runActions) return [...lines, words.skipped];
  if (result.planned.length === 0) return result.moved > 0 ? [...lines, words.nothing] : lines;
  const alone = result.moved <= 1;
  for (const group of grouped(result.planned)) {
    const [first] = group;
    if (!first) continue;
    const channel = text.channels[first.channel];
    if (first.willSend) {
      const template = first.templateName ?? boardText.planned.composed;
      const when = words.when[whenOf(first)];
      lines.push(
        alone
          ? words.willSend(channel, template, when)
          : words.willSendMany(group.length, channel, template, when),
      );
    } else {
      const why = first.reasonText ?? first.reason ?? '';
      const later = whenOf(first) !== 'now';
      const [one, many] = later ? [words.wont, words.wontMany] : [words.notSent, words.notSentMany];
      lines.push(alone ? one(channel, why) : many(group.length, channel, why));
    }
  }
  return lines;
}

function whenOf({ quiet, dueAt }: Planned): 'now' | 'later' | 'quiet' {
  if (quiet) return 'quiet';
  return Date.parse(dueAt) > serverNow() + 30_000 ? 'later' : 'now';
}

function grouped(planned: Planned[]): Planned[][] {
  const groups = new Map<string, Planned[]>();
  for (const one of planned) {
    const what = one.willSend ? one.templateName : one.reasonText;
    const key = JSON.stringify([one.willSend, one.channel, what, whenOf(one)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].sort((a, b) => Number(b[0]?.willSend) - Number(a[0]?.willSend));
}
