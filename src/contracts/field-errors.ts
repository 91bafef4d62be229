import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const errorsAtMost = 100;

/** What is wrong where, in the words that people read beside the field. A sentence of the schema's own stays. */
export function fieldErrors(error: z.ZodError): { path: string; message: string }[] {
  return error.issues
    .slice(0, errorsAtMost)
    .map((issue) => ({ path: issue.path.join('.'), message: wordsOf(issue) }));
}

const zodsOwn = /^(Invalid|Too (big|small)|Unrecognized|No matching|Expected)\b/;

function wordsOf(issue: Issue): string {
  if (!zodsOwn.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return 'is missing';
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case 'too_big':
      return tooBig(issue.origin, issue.maximum);
    case 'too_small':
      return tooSmall(issue.origin, issue.minimum);
    case 'invalid_format':
      return formats[issue.format] ?? 'is not in the right form';
    case 'invalid_value':
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of: ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `is not known here: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return 'has none of the forms that are allowed here';
    default:
      return issue.message;
  }
}

const kinds: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a time',
};

const formats: Record<string, string> = {
  email: 'is no e-mail address',
  uuid: 'is no id (a UUID)',
  url: 'is no address that begins with https://',
  datetime: 'is no time such as 2026-05-01T09:00:00Z',
  date: 'is no day such as 2026-05-01',
};

function tooBig(origin: string, most: number | bigint): string {
  if (origin === 'string') return `is longer than ${most} characters`;
  return origin === 'array'
    ? `has more than ${most} ${most === 1 ? 'entry' : 'entries'}`
    : `must be at most ${most}`;
}

function tooSmall(origin: string, least: number | bigint): string {
  if (origin === 'string') return least === 1 ? 'must not be empty' : `is shorter than ${least} characters`;
  if (origin === 'array') return least === 1 ? 'must not be empty' : `needs at least ${least} entries`;
  return `must be at least ${least}`;
}
