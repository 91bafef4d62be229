import type { Response } from 'express';

/** Of the pictures in a page, as text: one that stands there a thousand times counts as often. */
const picturesAtMost = 20_000_000;

type MailPage = {
  /** As `sanitizeMailHtml` left it. */
  html: string;
  pictures: { contentId: string; mimeType: string; bytes: Buffer }[];
  /** Pictures from afar, which tell their server who reads. */
  remote: boolean;
};

/**
 * A stranger's HTML, as a page for a sandboxed frame: it runs nothing, reaches nothing, and has no origin of ours. What it shows came with the
 * mail; pictures from afar only where they were asked for.
 */
export function sendMailHtml(res: Response, { html, pictures, remote }: MailPage): void {
  // it has no origin, and says nothing for ours
  res.removeHeader('origin-agent-cluster');
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
    `<!doctype html><html><head><meta charset="utf-8"><base target="_blank"><style>${style}</style></head><body>${shown}</body></html>`,
  );
}

const style =
  'body{margin:0;padding:16px;background:#fff;color:#18181b;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}';

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
