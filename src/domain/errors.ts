import type { ReasonCode } from '../contracts/reasons';

export type ErrorCode =
  | ReasonCode
  | 'not_found'
  | 'unauthenticated'
  | 'scope_missing'
  | 'csrf'
  | 'invalid'
  | 'already_exists'
  | 'conflict'
  | 'rate_limited'
  | 'sign_in_failed'
  | 'link_expired'
  | 'cursor_expired'
  | 'last_administrator'
  | 'chat_not_active'
  | 'media_refused'
  | 'too_large'
  | 'idempotency_mismatch'
  | 'idempotency_in_flight';

export type FieldError = { path: string; message: string };

/** A refusal that the caller can understand and mend; one table turns its code into an HTTP answer. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  /** chat_owned_by_other: who owns it. */
  readonly ownerId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  /** `detail` is one sentence for people, with the remedy; it may be shown to the caller, never logged with personal data. */
  constructor(
    code: ErrorCode,
    detail: string,
    more: { errors?: FieldError[]; ownerId?: string; retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = 'DomainError';
    this.code = code;
    this.errors = more.errors;
    this.ownerId = more.ownerId;
    this.retryAfterSeconds = more.retryAfterSeconds;
  }
}

export const notFound = (what: string): DomainError =>
  new DomainError('not_found', `There is no such ${what}, or you may not see it.`);
