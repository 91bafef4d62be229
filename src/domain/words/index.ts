import type { Language } from '../../contracts/common';
import { cs } from './cs';
import { en } from './en';
import { es } from './es';
import { nl } from './nl';
import { pt } from './pt';
import type { ValuesOf, WordKey, Words } from './words';

export type { WordKey, Words };

/** What Parley itself says to candidates, in the language of the organization; users read English. */
export const wordsIn: Readonly<Record<Language, Words>> = { en, cs, es, nl, pt };

export const languages = Object.keys(wordsIn) as Language[];

export function say<K extends WordKey>(language: Language, key: K, ...[values]: ValuesOf<K>): string {
  const known: Readonly<Record<string, string>> = values ?? {};
  return wordsIn[language][key].replace(/\{(\w+)\}/g, (_, name: string) => known[name] ?? '');
}
