import { languages } from '../../src/contracts/common';
import { optOutWord } from '../../src/domain/opt-out';
import { say, wordsIn } from '../../src/domain/words';

const placesIn = (text: string) => (text.match(/\{[^}]*\}/g) ?? []).sort();

describe.each(languages)('what candidates are told in %s', (language) => {
  const words: Record<string, string> = wordsIn[language];
  const english: Record<string, string> = wordsIn.en;

  it('says everything that English says, with a place for each value', () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim()).not.toBe('');
      expect([key, placesIn(text)]).toEqual([key, placesIn(english[key]!)]);
    }
  });

  it('puts values in as they are', () => {
    expect(
      say(language, 'unsubscribe.done', { company: '{address} $& SA', address: 'u•••@a.example' }),
    ).toMatch(/\{address\} \$& SA.*u•••@a\.example/);
  });

  it('names the words that are understood', () => {
    const help = say(language, 'help.text', { company: 'Acme' });
    const named = help.match(/\b[A-Z]{4,}\b/g)!.map((word) => optOutWord(word));
    expect(named).toEqual(['stop', 'start']);
  });
});
