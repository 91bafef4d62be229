type Footer = { text: string; link: { text: string; url: string } };

/** A text as simple HTML: paragraphs, line breaks, links that can be clicked. */
export function htmlOf(text: string, footer?: Footer): string {
  const paragraphs = text
    .trim()
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${linked(paragraph).replaceAll('\n', '<br>\n')}</p>`);
  return `<!doctype html>\n<html><body style="font-family: sans-serif; line-height: 1.5">\n${paragraphs.join('\n')}\n${footer ? footerHtml(footer) : ''}</body></html>\n`;
}

const footerHtml = ({ text, link }: Footer): string =>
  `<p style="margin-top: 2em; color: #595959; font-size: 0.85em">${escapeHtml(text)} <a href="${escapeHtml(link.url)}" style="color: #595959">${escapeHtml(link.text)}</a></p>\n`;

function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/)
    .map((part, index) =>
      index % 2 === 0 ? escapeHtml(part) : `<a href="${escapeHtml(part)}">${escapeHtml(part)}</a>`,
    )
    .join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);
