import { headerOf } from '../mime';
import type { Mail, MailEntry } from '../model';
import { atomOf, dateIn, ImapRefusal, numbersIn, textOf, type Value } from './wire';

export type Searched = { entry: MailEntry; mail: Mail; sequence: number };

/** One condition over a mail of the folder. */
type Test = (searched: Searched) => boolean;

const dayMs = 86_400_000;

const flagTests: Record<string, [flag: string, wanted: boolean]> = {
  ANSWERED: ['\\Answered', true],
  UNANSWERED: ['\\Answered', false],
  DELETED: ['\\Deleted', true],
  UNDELETED: ['\\Deleted', false],
  DRAFT: ['\\Draft', true],
  UNDRAFT: ['\\Draft', false],
  FLAGGED: ['\\Flagged', true],
  UNFLAGGED: ['\\Flagged', false],
  SEEN: ['\\Seen', true],
  UNSEEN: ['\\Seen', false],
};

/** SEARCH (RFC 3501, 6.4.4): all conditions at once. */
export function searchTest(args: Value[], known: { uids: number[]; sequences: number[] }): Test {
  const rest = [...args];
  const tests: Test[] = [];
  while (rest.length > 0) tests.push(takeTest(rest, known));
  return (searched) => tests.every((test) => test(searched));
}

function takeTest(rest: Value[], known: { uids: number[]; sequences: number[] }): Test {
  const value = rest.shift();
  if (Array.isArray(value)) return searchTest(value, known);
  const key = atomOf(value)?.toUpperCase() ?? '';
  const next = () => textOf(rest.shift());
  const flag = flagTests[key];
  if (flag) return ({ entry }) => entry.flags.includes(flag[0]) === flag[1];
  switch (key) {
    case 'ALL':
    case 'OLD':
      return () => true;
    case 'NEW':
    case 'RECENT':
      return () => false;
    case 'CHARSET':
      next();
      return () => true;
    case 'NOT': {
      const test = takeTest(rest, known);
      return (searched) => !test(searched);
    }
    case 'OR': {
      const tests = [takeTest(rest, known), takeTest(rest, known)];
      return (searched) => tests.some((test) => test(searched));
    }
    case 'UID': {
      const uids = numbersIn(next(), known.uids);
      return ({ entry }) => uids.has(entry.uid);
    }
    case 'KEYWORD':
    case 'UNKEYWORD': {
      const keyword = next();
      return ({ entry }) => entry.flags.includes(keyword) === (key === 'KEYWORD');
    }
    case 'LARGER':
    case 'SMALLER': {
      const size = Number(next());
      return ({ mail }) => (key === 'LARGER' ? mail.size > size : mail.size < size);
    }
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      return holds(next(), ({ headers }) => headerOf(headers, key.toLowerCase()));
    case 'HEADER': {
      const name = next().toLowerCase();
      const test = holds(next(), ({ headers }) => headerOf(headers, name));
      return (searched) =>
        searched.mail.headers.some((header) => header.name.toLowerCase() === name) && test(searched);
    }
    case 'BODY':
      return holds(next(), ({ text, html }) => `${text} ${html}`);
    case 'TEXT':
      return holds(next(), ({ headers, text, html }) =>
        [...headers.map((header) => header.value), text, html].join(' '),
      );
    default:
      return dateTest(key, next) ?? sequenceTest(key, known);
  }
}

function holds(words: string, of: (mail: Mail) => string): Test {
  const wanted = words.toLowerCase();
  return ({ mail }) => of(mail).toLowerCase().includes(wanted);
}

/** BEFORE, ON and SINCE go by when it came, with SENT before them by the Date header; both by days. */
function dateTest(key: string, next: () => string): Test | undefined {
  const [, sent, how] = /^(SENT)?(BEFORE|ON|SINCE)$/.exec(key) ?? [];
  if (how === undefined) return undefined;
  const day = dateIn(`${next()} UTC`);
  if (day === undefined) throw new ImapRefusal('BAD', `${key} needs a date`);
  return ({ entry, mail }) => {
    const at = sent === undefined ? entry.at : Date.parse(headerOf(mail.headers, 'date'));
    if (how === 'BEFORE') return at < day;
    return at >= day && (how === 'SINCE' || at < day + dayMs);
  };
}

function sequenceTest(key: string, { sequences }: { sequences: number[] }): Test {
  if (!/^[\d*:,]+$/.test(key)) throw new ImapRefusal('BAD', `${key} is no search key`);
  const wanted = numbersIn(key, sequences);
  return ({ sequence }) => wanted.has(sequence);
}
