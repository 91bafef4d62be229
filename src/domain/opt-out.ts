const stopWords = new Set(['stop', 'stopall', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'optout']);
const startWords = new Set(['start', 'unstop']);

/** What a whole message means for opting out; case, spaces around it and a full stop are ignored. */
export function optOutWord(body: string): 'stop' | 'start' | 'help' | undefined {
  const word = body
    .trim()
    .replace(/[.!]+$/, '')
    .toLowerCase();
  if (stopWords.has(word)) return 'stop';
  if (startWords.has(word)) return 'start';
  return word === 'help' ? 'help' : undefined;
}
