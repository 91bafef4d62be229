import { splitSignature } from './signature';

/** "On 3 May 2026, Anna Berg wrote:" in the languages of the mail programs that candidates use. */
const introductions: readonly RegExp[] = [
  /^(on|le|el|em|am|op|il|dne|dňa|w dniu)\b.{4,200}\b(wrote|a écrit|escribió|escreveu|schrieb|schreef|ha scritto|napsal(\(a\)|a)?|napísal(\(a\)|a)?|napisał\(?a?\)?)(\s.{2,120})?\s?:$/i,
  /^.{2,120}\b(schrieb am|schreef op|napsala? dne|escribió el)\b.{2,120}:$/i,
  /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.{2,120}<[^<>\s]+@[^<>\s]+>\s?:$/,
  /^(po|út|st|čt|pá|so|ne) \d{1,2}\. ?\d{1,2}\. ?\d{4}.{2,160}:$/i,
  /^-{2,}\s?(original message|ursprüngliche nachricht|původní zpráva|mensaje original|mensagem original|oorspronkelijk bericht|forwarded message|message d'origine)\s?-{2,}$/i,
];

/** The head of a quoted mail as Outlook writes it. */
const outlookFrom = /^\*?(from|von|od|de|van|da)\s?:\*?\s.+/i;
const outlookSent =
  /^\*?(sent|gesendet|odesláno|enviado( el)?|verzonden|date|datum|data|fecha|envoyé)\s?:\*?\s.+/i;

/**
 * Parts what was written now from the mail that it quotes. Answers between quoted lines stay with the text: only a tail of quoted lines is
 * folded. `quoted` is null where nothing is quoted, or where there would be no text without it.
 */
export function splitQuoted(plain: string): { text: string; quoted: string | null } {
  const parted = splitTail(plain);
  if (parted.quoted !== null) return parted;
  // some sign below what they quote
  const { text, signature } = splitSignature(plain);
  const above = signature === null ? parted : splitTail(text);
  return above.quoted === null ? parted : { ...above, text: `${above.text}\n\n-- \n${signature}` };
}

function splitTail(plain: string): { text: string; quoted: string | null } {
  const lines = plain.replace(/\r\n?/g, '\n').split('\n');
  const at = startOfQuoted(lines);
  const text = withoutRule(lines.slice(0, at)).join('\n').trim();
  const quoted = lines.slice(at).join('\n').trim();
  return quoted === '' || text === '' ? { text: lines.join('\n').trim(), quoted: null } : { text, quoted };
}

/** Whether there is more in it than what it quotes, and a signature (RFC 3676). */
export function hasWords(text: string): boolean {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const written = withoutRule(lines.slice(0, startOfQuoted(lines)));
  const signature = written.findIndex((line) => /^--\s?$/.test(line));
  return written.slice(0, signature < 0 ? undefined : signature).some((line) => line.trim() !== '');
}

/** Outlook draws a line above what it quotes. */
function withoutRule(lines: string[]): string[] {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return last > 0 && /^[_-]{5,}\s*$/.test(lines[last]!) ? lines.slice(0, last) : lines;
}

/** No introduction is longer, and patterns that go back and forth take their time over what is. */
const introductionAtMost = 500;

function startOfQuoted(lines: string[]): number {
  const lastPlain = lines.findLastIndex((line) => line.trim() !== '' && !line.startsWith('>'));
  for (let index = 0; index < lines.length; index += 1) {
    const wrapped = `${lines[index]!.trim()} ${lines[index + 1]?.trim() ?? ''}`.trim();
    const opens = [lines[index]!.trim(), wrapped].some(
      (line) => line.length <= introductionAtMost && introductions.some((form) => form.test(line)),
    );
    if ((opens || isOutlookHead(lines, index)) && restIsQuoted(lines, index, lastPlain)) return index;
  }
  let at = lines.length;
  while (at > 0 && (lines[at - 1]!.startsWith('>') || lines[at - 1]!.trim() === '')) at -= 1;
  return lines.slice(at).some((line) => line.startsWith('>')) ? at : lines.length;
}

function isOutlookHead(lines: string[], index: number): boolean {
  if (!outlookFrom.test(lines[index]!.trim())) return false;
  return lines.slice(index + 1, index + 4).some((line) => outlookSent.test(line.trim()));
}

/** Where the quoted lines carry a mark, nothing without one follows them: else somebody has answered in between. */
function restIsQuoted(lines: string[], index: number, lastPlain: number): boolean {
  let plain = 0;
  for (let at = index + 1; at < lines.length && plain < 3; at += 1) {
    if (lines[at]!.startsWith('>')) return at > lastPlain;
    if (lines[at]!.trim() !== '') plain += 1;
  }
  return true;
}
