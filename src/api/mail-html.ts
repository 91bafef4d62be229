import type { Response } from 'express';
import type { Mail, MailAddress } from '../contracts/mails';

/** Of the pictures in a page, as text: one that stands there a thousand times counts as often. */
const picturesAtMost = 20_000_000;

type MailPage = {
  /** As `sanitizeMailHtml` left it. */
  html: string;
  subject: string;
  pictures: { contentId: string; mimeType: string; bytes: Buffer }[];
  /** Pictures from afar, which tell their server who reads. */
  remote: boolean;
};

/**
 * A stranger's HTML, as a page for a sandboxed frame: it runs nothing, reaches nothing, and has no origin of ours. What it shows came with the
 * mail; pictures from afar only where they were asked for.
 */
export function sendMailHtml(res: Response, { html, subject, pictures, remote }: MailPage): void {
  // it has no origin, and says nothing for ours
  res.removeHeader('origin-agent-cluster');
  const from = remote ? ' http: https:' : '';
  res.set({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      `default-src 'none'; style-src 'unsafe-inline'; img-src data:${from}; frame-ancestors 'self'; ` +
      'sandbox allow-popups allow-popups-to-escape-sandbox',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  const sources = new Map(pictures.map((picture) => [picture.contentId, dataUri(picture)]));
  let left = picturesAtMost;
  const shown = html
    .replace(/src="cid:([^"]*)"/g, (_, contentId: string) => {
      const picture = sources.get(decode(contentId)) ?? '';
      if (picture.length > left) return 'src=""';
      left -= picture.length;
      return `src="${picture}"`;
    })
    .replaceAll('data-remote="', remote ? 'src="' : 'data-remote="');
  res.end(
    `<!doctype html><html lang="${languageOf(html)}"><head><meta charset="utf-8"><title>${escapeHtml(subject || 'E-mail')}</title>` +
      `<base target="_blank"><style>${style}</style></head><body><main>${shown}</main></body></html>`,
  );
}

/** As the mail says at its beginning; most say nothing. */
const languageOf = (html: string): string =>
  /^\s*<div lang="([a-z]{2,3}(?:-[a-z0-9]+)*)"/i.exec(html)?.[1] ?? 'und';

const style =
  'body{margin:0;padding:16px;background:#fff;color:#18181b;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}';

/** With its head above, as it goes onto paper; a mail without HTML as its text. */
export function htmlForPrint(
  { subject, from, to, cc, occurredAt, text, quoted, attachments }: Mail,
  html: string | null,
): string {
  const people = (some: MailAddress[]) =>
    some.map(({ name, address }) => (name ? `${name} <${address}>` : address)).join(', ');
  const heads = [
    ['From', people([from])],
    ['To', people(to)],
    ['Cc', people(cc)],
    ['Date', new Date(occurredAt).toUTCString()],
    ['Attachments', attachments.flatMap((file) => (file.inline ? [] : [file.filename])).join(', ')],
  ] as const;
  const rows = heads.flatMap(([label, value]) =>
    value === '' ? [] : [`<b>${label}:</b> ${escapeHtml(value)}<br>`],
  );
  const body =
    html ??
    `<div style="white-space:pre-wrap;unicode-bidi:plaintext">${escapeHtml(quoted === null ? text : `${text}\n\n${quoted}`)}</div>`;
  return `<h1 style="font-size:1.3em;margin:0 0 .5em">${escapeHtml(subject)}</h1><p style="margin:0">${rows.join('')}</p><hr>${body}`;
}

const escapeHtml = (plain: string): string =>
  plain.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]!);

const dataUri = ({ mimeType, bytes }: MailPage['pictures'][number]): string =>
  `data:${mimeType};base64,${bytes.toString('base64')}`;

function decode(contentId: string): string {
  const plain = contentId.replaceAll('&amp;', '&');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
