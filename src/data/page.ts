import type { z } from 'zod';
import { DomainError } from '../domain/errors';

export type Page<T> = { items: T[]; nextCursor: string | null };

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
