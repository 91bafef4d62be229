import { memo, type ReactNode } from 'react';

// WhatsApp's own marks (*bold*, _italic_, ~struck~, ```mono```) and addresses, at word edges as WhatsApp does it.
const pattern =
  /(https?:\/\/[^\s<>"]+[^\s<>"'.,;:!?)\]}])|```([^`]+)```|(?<![\p{L}\p{N}*])\*(\S(?:[^*\n]*\S)?)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(\S(?:[^_\n]*\S)?)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(\S(?:[^~\n]*\S)?)~(?![\p{L}\p{N}~])/gu;

/** The text of a message as the person sees it; each line from the side on which its writing begins. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  return (
    <span className="block break-words whitespace-pre-wrap [unicode-bidi:plaintext]">{format(text)}</span>
  );
});

function format(text: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, url, mono, bold, italic, struck] = match;
    if (match.index > end) parts.push(text.slice(end, match.index));
    const key = match.index;
    if (url) {
      parts.push(
        <a
          key={key}
          href={url}
          target="_blank"
          rel="noreferrer"
          className="underline underline-offset-2 [overflow-wrap:anywhere]"
        >
          {url}
        </a>,
      );
    } else if (mono) parts.push(<code key={key}>{mono}</code>);
    else if (bold) parts.push(<strong key={key}>{format(bold)}</strong>);
    else if (italic) parts.push(<em key={key}>{format(italic)}</em>);
    else if (struck) parts.push(<s key={key}>{format(struck)}</s>);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
