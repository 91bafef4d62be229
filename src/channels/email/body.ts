import { brandColorPattern, inkOn } from '../../domain/brand';
import { say } from '../../domain/words';
import type { OutboundEmail } from './types';

/** What is seen of a mail. */
type Shown = Pick<
  OutboundEmail,
  'company' | 'brand' | 'language' | 'text' | 'pageUrl' | 'mayAnswerOnPage' | 'unsubscribeUrl'
>;

/** The mail as plain text: what was written, where to see it, why it came. */
export function textOf(mail: Shown): string {
  const { language, text, pageUrl, unsubscribeUrl } = mail;
  const feet = [
    ...(pageUrl === null ? [] : [`${say(language, 'mail.seeMessage')}: ${pageUrl}`]),
    ...(unsubscribeUrl === null
      ? []
      : [why(mail), `${say(language, 'mail.unsubscribe')}: ${unsubscribeUrl}`]),
  ];
  return feet.length === 0 ? text : `${text}\n\n-- \n${feet.join('\n')}\n`;
}

/** The same as HTML: the company's logo or name above, paragraphs, links that can be clicked, the button *See message*. */
export function htmlOf(mail: Shown): string {
  const paragraphs = mail.text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p style="margin: 0 0 1em">${linked(paragraph).replaceAll('\n', '<br>\n')}</p>`);
  return `<!doctype html>
<html lang="${mail.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin: 0; padding: 24px 12px; background: #f4f4f5; color: #18181b; font-family: -apple-system, 'Segoe UI', Roboto, Arial, sans-serif; line-height: 1.5">
<table role="presentation" align="center" width="100%" cellpadding="0" cellspacing="0" style="max-width: 600px; table-layout: fixed; background: #ffffff; border-radius: 8px">
<tr><td style="padding: 16px 24px; border-bottom: 1px solid #e4e4e7; ${colorOf(mail) ? `border-top: 4px solid ${colorOf(mail)}; ` : ''}font-weight: 600">${headOf(mail)}</td></tr>
<tr><td style="padding: 24px; overflow-wrap: anywhere; word-break: break-word">
${paragraphs.join('\n')}
${buttonOf(mail)}</td></tr>
</table>
${footerOf(mail)}</body></html>
`;
}

/** The logo reads as the company's name where pictures are not shown; `height` is for programs that know no `max-height`. */
const headOf = ({ company, brand: { logoUrl } }: Shown): string =>
  logoUrl === null
    ? escapeHtml(company)
    : `<img src="${escapeHtml(logoUrl)}" alt="${escapeHtml(company)}" height="40" style="display: block; height: auto; max-height: 40px; max-width: 100%">`;

/** Only a colour that is nothing but a colour. */
const colorOf = ({ brand: { color } }: Shown): string | null =>
  color !== null && brandColorPattern.test(color) ? color : null;

const why = ({ language, company }: Shown): string => say(language, 'mail.why', { company });

function buttonOf(mail: Shown): string {
  const { language, pageUrl, mayAnswerOnPage } = mail;
  if (pageUrl === null) return '';
  const color = colorOf(mail);
  const howToAnswer = mayAnswerOnPage
    ? `<p style="margin: 0; color: #595959; font-size: 0.85em">${say(language, 'mail.howToAnswer')}</p>\n`
    : '';
  return `<p style="margin: 1.5em 0 0.75em"><a href="${escapeHtml(pageUrl)}" style="display: inline-block; padding: 10px 18px; border-radius: 6px; background: ${color ?? '#0f5f57'}; color: ${color ? inkOn(color) : '#ffffff'}; font-weight: 600; text-decoration: none">${say(language, 'mail.seeMessage')}</a></p>
${howToAnswer}`;
}

const footerOf = (mail: Shown): string =>
  mail.unsubscribeUrl === null
    ? ''
    : `<p style="max-width: 600px; margin: 16px auto 0; color: #595959; font-size: 0.85em; text-align: center">${escapeHtml(why(mail))} <a href="${escapeHtml(mail.unsubscribeUrl)}" style="color: #595959">${say(mail.language, 'mail.unsubscribe')}</a></p>
`;

/** Escaped, with its addresses as links. */
export function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/)
    .map((part, index) =>
      index % 2 === 0 ? escapeHtml(part) : `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>`,
    )
    .join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);
