import { isGrpcServiceError } from '@temporalio/client';

/** gRPC statuses that say: the server is away, frozen or overloaded. */
const awayCodes: Record<number, string> = {
  1: 'CANCELLED',
  4: 'DEADLINE_EXCEEDED',
  8: 'RESOURCE_EXHAUSTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
};

/** Why a call to Temporal failed; `away`: not because of this one call. Temporal is told ids only, so its words may be logged. */
export function temporalFault(error: unknown): { away: boolean; words: string } {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  if (isGrpcServiceError(cause)) {
    const away = awayCodes[cause.code];
    return away ? { away: true, words: away } : { away: false, words: cause.details };
  }
  return { away: false, words: error instanceof Error ? error.message : 'unknown' };
}
