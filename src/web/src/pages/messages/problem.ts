import type { WordKey } from '../../../../domain/words';
import { ApiError } from '../../api';
import { refresh } from '../../queries';

export type ProblemKey = Extract<
  WordKey,
  | 'page.failed'
  | 'page.notUploaded'
  | 'page.tooMuch'
  | 'page.tooMany'
  | 'page.tooLarge'
  | 'page.emptyFile'
  | 'page.wrongFile'
  | 'page.withFaults'
  | 'page.rejected'
>;

/** Refusals in the words of the page: what the server says is English. */
export function problemOf(error: unknown, other: ProblemKey = 'page.failed'): ProblemKey {
  const code = error instanceof ApiError ? error.code : '';
  if (code === 'rate_limited') return 'page.tooMuch';
  if (code === 'too_large') return 'page.tooLarge';
  if (code === 'media_refused') return 'page.wrongFile';
  return code === 'rejected' ? 'page.rejected' : other;
}

/** Rejected meanwhile, or the link works no more: the page says so. */
export function refreshWhenOver(error: unknown): void {
  if (error instanceof ApiError && (error.code === 'rejected' || error.status === 404))
    refresh('GET /api/v1/candidate-pages/{token}');
}
