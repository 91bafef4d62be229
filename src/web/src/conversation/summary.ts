import type { Message } from '../../../contracts/messages';
import { text } from '../text';

/** A message in a few words: its text, or what it is. */
export function messageSummary(message: Pick<Message, 'kind' | 'body'>): string {
  const { body, kind } = message;
  const what = text.kinds[kind];
  if (body)
    return kind === 'text' || kind === 'template' || kind === 'buttonReply' ? body : `${what}: ${body}`;
  return what;
}
