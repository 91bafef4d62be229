import { DomainError, type FieldError } from './errors';

const maxDepth = 64;
const broken = /\u0000|\p{Surrogate}/u;

/** Refuses texts that neither PostgreSQL nor JSON can hold: null characters and halves of surrogate pairs. */
export function assertStorable(value: unknown, path: string, depth = 0): void {
  if (typeof value === 'string') {
    if (broken.test(value)) throw unreadable(path, 'holds broken characters');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxDepth) throw unreadable(path.slice(0, 100), 'is nested too deeply');
  for (const [key, item] of Object.entries(value)) {
    if (broken.test(key)) throw unreadable(path, 'holds broken characters');
    assertStorable(item, path === '' ? key : `${path}.${key}`, depth + 1);
  }
}

/** A text without what neither of them can hold. */
export const storableText = (text: string): string =>
  text.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '\ufffd');

/** Its beginning; a character of two halves that does not fit stays out as a whole. */
export const cutText = (text: string, length: number): string =>
  text.slice(0, length).replace(/\p{Surrogate}$/u, '');

const unreadable = (path: string, message: string) =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });

/** The same as field errors. */
export function storableFaults(value: unknown): FieldError[] {
  try {
    assertStorable(value, '');
    return [];
  } catch (error) {
    return (error as DomainError).errors ?? [];
  }
}
