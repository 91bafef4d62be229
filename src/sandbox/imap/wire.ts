import type { Input } from '../mail/connection';

/** A word, a quoted string or literal, or a list in parentheses. */
export type Value = Atom | Text | Value[];
type Atom = { atom: string };
type Text = { text: string; bytes: Buffer };

export type Command = { tag: string; name: string; args: Value[] };

/** What the client is told when a command cannot be done: NO, or BAD where it is none. */
export class ImapRefusal extends Error {
  readonly kind: 'NO' | 'BAD';

  constructor(kind: 'NO' | 'BAD', message: string) {
    super(message);
    this.name = 'ImapRefusal';
    this.kind = kind;
  }
}

const maxLiteralBytes = 40 * 1024 * 1024;

/** Reads one command with its literals; `goOn` asks for those that wait to be asked for. */
export async function readCommand(input: Input, goOn: () => void): Promise<Command | undefined> {
  const segments: (string | Buffer)[] = [];
  for (;;) {
    const line = await input.line();
    if (line === undefined) return undefined;
    const literal = /~?\{(\d+)(\+?)\}$/.exec(line);
    segments.push(literal ? line.slice(0, literal.index) : line);
    if (!literal) break;
    const count = Number(literal[1]);
    if (count > maxLiteralBytes) throw new ImapRefusal('BAD', 'The literal is too large');
    if (literal[2] === '') goOn();
    const bytes = await input.bytes(count);
    if (!bytes) return undefined;
    segments.push(bytes);
  }
  const [tag, name, ...args] = readValues(segments);
  return { tag: atomOf(tag) ?? '*', name: atomOf(name)?.toUpperCase() ?? '', args };
}

function readValues(segments: (string | Buffer)[]): Value[] {
  const root: Value[] = [];
  const stack: Value[][] = [root];
  const put = (value: Value) => stack.at(-1)!.push(value);
  for (const segment of segments) {
    if (typeof segment !== 'string') {
      put({ text: segment.toString('utf8'), bytes: segment });
      continue;
    }
    // quoted string, parenthesis, or word with all that stands in its brackets: BODY[HEADER.FIELDS (DATE)]<0.10>
    const pattern = /"((?:[^"\\]|\\.)*)"|([()])|((?:\[[^\]]*\]|[^\s()"[])+)/g;
    for (const [, quoted, parenthesis, word] of segment.matchAll(pattern)) {
      if (quoted !== undefined) {
        const text = quoted.replace(/\\(.)/g, '$1');
        put({ text, bytes: Buffer.from(text) });
      } else if (parenthesis === '(') {
        const list: Value[] = [];
        put(list);
        stack.push(list);
      } else if (parenthesis === ')') {
        if (stack.length > 1) stack.pop();
      } else if (word !== undefined) put({ atom: word });
    }
  }
  return root;
}

export const atomOf = (value: Value | undefined): string | undefined =>
  value !== undefined && 'atom' in value ? value.atom : undefined;

/** A word or a string. */
export function textOf(value: Value | undefined): string {
  if (value === undefined || Array.isArray(value)) throw new ImapRefusal('BAD', 'A string is missing');
  return 'atom' in value ? value.atom : value.text;
}

export const listOf = (value: Value | undefined): Value[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

/** A string on the wire; null is NIL. */
export function string(text: string | null): string {
  if (text === null) return 'NIL';
  if (/^[\x20-\x7e]*$/.test(text)) return `"${text.replace(/[\\"]/g, '\\$&')}"`;
  return `{${Buffer.byteLength(text)}}\r\n${text}`;
}

/** `2:4,7,9:*` over numbers in rising order; `*` is the last of them. */
export function numbersIn(set: string, known: readonly number[]): Set<number> {
  if (!/^(\d+|\*)(:(\d+|\*))?(,(\d+|\*)(:(\d+|\*))?)*$/.test(set))
    throw new ImapRefusal('BAD', `${set} is no set of messages`);
  const last = known.at(-1) ?? 0;
  const numberOf = (text: string) => (text === '*' ? last : Number(text));
  const ranges = set.split(',').map((part) => {
    const [from = '', to = from] = part.split(':');
    return [numberOf(from), numberOf(to)].sort((a, b) => a - b) as [number, number];
  });
  return new Set(known.filter((number) => ranges.some(([from, to]) => number >= from && number <= to)));
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "22-Nov-2026 14:05:09 +0000" */
export function internalDate(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${two(date.getUTCDate())}-${months[date.getUTCMonth()]!}-${date.getUTCFullYear()}`;
  return `"${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000"`;
}

/** `22-Nov-2026`, with or without a time; undefined where it is no date. */
export function dateIn(text: string): number | undefined {
  const at = Date.parse(
    text
      .trim()
      .replaceAll('-', ' ')
      .replace(/ (\d{4}) (\d{4})$/, ' -$2'),
  );
  return Number.isNaN(at) ? undefined : at;
}
