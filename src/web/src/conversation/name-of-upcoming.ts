import type { UpcomingSend } from '../../../contracts/actions';
import { readableName } from './use-templates';

/** What tells people which it is: an e-mail's title, else its text, the name of its template or file. */
export const nameOfUpcoming = ({ channel, title, text, templateName, files }: UpcomingSend): string =>
  (channel === 'email' ? title : null) ??
  text ??
  (templateName === null ? null : readableName(templateName)) ??
  files.map(({ filename }) => filename).join(', ');
