import type { Language } from '../../../contracts/common';
import { languages } from '../../../domain/words';

/** Of a page for a stranger, until it is known whose link it is. */
export const languageOfBrowser = (): Language =>
  languages.find((language) => navigator.language.split('-')[0] === language) ?? 'en';
