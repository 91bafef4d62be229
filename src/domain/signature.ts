/** Nobody signs at greater length: below two dashes may stand what was said. */
const linesAtMost = 20;

/** Parts the signature from what was written: what stands below a line of two dashes (RFC 3676). Null where there is none, or nothing else. */
export function splitSignature(plain: string): { text: string; signature: string | null } {
  const lines = plain.split(/\r?\n/);
  const at = lines.findLastIndex((line) => /^--\s?$/.test(line));
  const text = lines.slice(0, Math.max(0, at)).join('\n').trim();
  const signature = lines
    .slice(at + 1)
    .join('\n')
    .trim();
  const parted = at > 0 && text !== '' && signature !== '' && lines.length - at <= linesAtMost;
  return parted ? { text, signature } : { text: plain, signature: null };
}
