import type { z } from 'zod';
import { DomainError } from '../domain/errors';
import type { Queryable } from './sql';

export type Page<T> = { items: T[]; nextCursor: string | null };

/**
 * Of a list that a filter narrows: more than so many of a million one comes upon soon on the way through the list in its order, fewer are
 * sorted in no time. Which of the two it is nobody can tell beforehand, so it is looked up.
 */
export const fewAtMost = 3000;

/** What is met so often fills a page within a stretch of a list of a million: there one looks first. */
const manyFrom = 12_000;
export const stretch = 5_000;

/** Whether PostgreSQL takes a query for many rows: a guess, and only ever what is tried first hangs on it. */
export async function seemsMany(db: Queryable, sql: string, values: unknown[]): Promise<boolean> {
  const [row] = await db.query<{ 'QUERY PLAN': { Plan: { 'Plan Rows': number } }[] }>(
    `explain (format json) ${sql}`,
    values,
  );
  return row!['QUERY PLAN'][0]!.Plan['Plan Rows'] >= manyFrom;
}

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
