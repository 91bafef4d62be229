import type { z } from 'zod';
import { DomainError } from '../domain/errors';

export type Page<T> = { items: T[]; nextCursor: string | null };

/**
 * Of a list that a filter narrows: more than so many of a million one comes upon soon on the way through the list in its order, fewer are
 * sorted in no time. Which of the two it is nobody can tell beforehand, so it is looked up.
 */
export const fewAtMost = 3000;

/** Where a page ended: the values of its order, opaque to the caller. */
export const encodeCursor = (position: unknown[]): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** @throws DomainError `invalid` for a cursor that this list never gave */
export function decodeCursor<T extends z.ZodType>(cursor: string, position: T): z.infer<T> {
  const parsed = position.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid', 'The cursor is none of this list. Start from the first page.', {
    errors: [{ path: 'cursor', message: 'is none of this list' }],
  });
}

/** A page out of `limit + 1` rows. */
export function toPage<Row, T>(
  rows: Row[],
  limit: number,
  item: (row: Row) => T,
  position: (row: Row) => unknown[],
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
