import type { UpcomingSend } from '../../../contracts/actions';
import { readableName } from './use-templates';

/** What tells people which it is: an e-mail's title, else its text, the name of its template or file; none of a colleague's confidential one. */
export const nameOfUpcoming = ({ channel, title, text, templateName, files }: UpcomingSend): string =>
  (channel === 'email' ? title : null) ??
  text ??
  (templateName === null ? null : readableName(templateName)) ??
  (files.map(({ filename }) => filename).join(', ') || words.confidential);

const words = { confidential: 'Confidential e-mail' };
