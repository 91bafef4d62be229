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

/** The answer to HELP: who writes, how to stop it, and where to ask. */
export function helpText({ company, contact }: { company: string; contact: string | null }): string {
  const ask = contact === null ? '' : ` Questions: ${contact}`;
  return `${company}: we write to you about jobs and applications. Reply STOP to get no more messages, START to get them again.${ask}`;
}
