import { z } from 'zod';
import type { Problem, UserSummary } from '../contracts/common';
import { fieldErrors } from '../contracts/field-errors';
import { DomainError, type ErrorCode, type FieldError } from '../domain/errors';

/** The one table from codes to HTTP: exhaustive by its type. */
export const problems: Record<ErrorCode, { status: number; title: string }> = {
  not_found: { status: 404, title: 'Not found' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  sign_in_failed: { status: 401, title: 'Sign-in failed' },
  scope_missing: { status: 403, title: 'The API key may not do this' },
  csrf: { status: 403, title: 'The request did not come from Parley’s own page' },
  not_permitted: { status: 403, title: 'Not permitted' },
  invalid: { status: 422, title: 'The request cannot be understood' },
  already_exists: { status: 409, title: 'It exists already' },
  conflict: { status: 409, title: 'It conflicts with the present state' },
  rate_limited: { status: 429, title: 'Too many requests' },
  cursor_expired: { status: 410, title: 'The cursor is too old' },
  link_expired: { status: 410, title: 'The link has expired' },
  last_administrator: { status: 409, title: 'The last Administrator' },
  chat_not_active: { status: 409, title: 'The chat is not active' },
  chat_owned_by_other: { status: 409, title: 'A colleague owns this chat' },
  media_refused: { status: 422, title: 'The file cannot be sent' },
  too_large: { status: 413, title: 'Too large' },
  idempotency_mismatch: { status: 422, title: 'The idempotency key belongs to another request' },
  idempotency_in_flight: { status: 409, title: 'The same request is still being worked on' },
  no_consent: { status: 409, title: 'No consent' },
  opted_out: { status: 409, title: 'Opted out' },
  phone_missing: { status: 409, title: 'No phone number' },
  phone_not_mobile: { status: 409, title: 'Not a mobile number' },
  phone_invalid: { status: 409, title: 'The phone number is wrong' },
  not_on_whatsapp: { status: 409, title: 'Not on WhatsApp' },
  email_missing: { status: 409, title: 'No e-mail address' },
  email_bounced: { status: 409, title: 'Mail came back' },
  title_missing: { status: 422, title: 'No title' },
  text_too_long: { status: 422, title: 'The text is too long' },
  no_credits: { status: 409, title: 'Not enough credits' },
  not_in_plan: { status: 409, title: 'Not in the plan' },
  channel_not_configured: { status: 409, title: 'The channel is not configured' },
  channel_disconnected: { status: 409, title: 'The channel is disconnected' },
  window_closed: { status: 409, title: 'The window is closed' },
  template_not_approved: { status: 409, title: 'The template is not approved' },
  variable_missing: { status: 422, title: 'A variable has no value' },
  confidential_mail: { status: 409, title: 'Outgoing e-mail is confidential' },
  left_stage: { status: 409, title: 'The stage was left' },
  rejected: { status: 409, title: 'The application was rejected' },
  withdrawn: { status: 409, title: 'The candidate withdrew' },
  marketing_declined: { status: 409, title: 'Marketing was declined' },
  provider_limit: { status: 409, title: 'The provider limits messages' },
  template_mismatch: { status: 409, title: 'The template differs' },
  media_failed: { status: 409, title: 'The file could not be transferred' },
  provider_refused: { status: 409, title: 'The provider refused' },
  provider_unavailable: { status: 503, title: 'The provider could not be reached' },
  copy_opted_out: { status: 409, title: 'Opted out' },
  copies_refused: { status: 409, title: 'A copy was refused' },
  email_delayed: { status: 409, title: 'The e-mail is delayed' },
  unconfirmed: { status: 409, title: 'Not confirmed' },
  not_sent: { status: 409, title: 'Not sent' },
  cancelled: { status: 409, title: 'Cancelled' },
  erased: { status: 409, title: 'Person erased' },
  merged: { status: 409, title: 'Person merged' },
  already_delivered: { status: 409, title: 'Delivered already' },
  replaced_by_fallback: { status: 409, title: 'Sent by another channel' },
};

export type Refusal = { problem: Problem; retryAfterSeconds?: number; ownerId?: string };

/** What a caller is told of an error; undefined when it is a fault of ours, of which nothing is told. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof DomainError) return ofDomainError(error);
  if (error instanceof z.ZodError) return ofZodError(error);
  return ofDatabaseFault(error) ?? ofHttpFault(error);
}

export function problemOf(
  code: ErrorCode,
  more: { detail?: string; errors?: FieldError[]; status?: number; owner?: UserSummary } = {},
): Problem {
  const { status, title } = problems[code];
  return { type: `urn:parley:problem:${code}`, title, code, ...more, status: more.status ?? status };
}

export const internalProblem: Problem = {
  type: 'about:blank',
  title: 'Something went wrong on our side',
  status: 500,
  code: 'internal',
};

/** The database is away for a moment: whoever asks again, under the same Idempotency-Key, has one effect. */
export const unavailableProblem: Problem = {
  type: 'about:blank',
  title: 'Parley cannot reach its database just now',
  status: 503,
  code: 'unavailable',
  detail: 'Try again in a moment, with the same Idempotency-Key.',
};

/** Whether the error says that PostgreSQL could not be reached, is starting or stopping, or has no connection left. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return /^(08|57P0[123]|53300|ECONNREFUSED|ECONNRESET)/.test(code);
  return (
    typeof message === 'string' &&
    /^(Connection terminated|timeout exceeded when trying to connect)/.test(message)
  );
}

function ofDomainError(error: DomainError): Refusal {
  return {
    problem: problemOf(error.code, {
      detail: error.message,
      ...(error.errors && { errors: error.errors }),
    }),
    retryAfterSeconds: error.retryAfterSeconds,
    ownerId: error.ownerId,
  };
}

function ofZodError(error: z.ZodError): Refusal {
  return {
    problem: problemOf('invalid', {
      detail: 'Some fields are missing or wrong.',
      errors: fieldErrors(error),
    }),
  };
}

/** A guard of the database that stood where the code had none. */
function ofDatabaseFault(error: unknown): Refusal | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return undefined;
  if (code === '23505') return { problem: problemOf('already_exists') };
  if (code === '23503') {
    return {
      problem: problemOf('conflict', {
        detail: 'It refers to something that does not exist, or is referred to.',
      }),
    };
  }
  if (code === '23514' || code === '40001' || code === '40P01' || code === '55P03') {
    return { problem: problemOf('conflict') };
  }
  // data that PostgreSQL cannot hold: numbers and dates out of range, broken texts
  if (code.startsWith('22')) return { problem: problemOf('invalid') };
  return undefined;
}

/** What Express and its body parsers throw: malformed URLs, bodies and encodings. */
function ofHttpFault(error: unknown): Refusal | undefined {
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (typeof status !== 'number' || status < 400 || status > 499) return undefined;
  if (status === 413)
    return { problem: problemOf('too_large', { detail: 'The body is larger than this route takes.' }) };
  return { problem: problemOf('invalid', { status, detail: httpFaultDetail(status, type) }) };
}

function httpFaultDetail(status: number, type: unknown): string {
  if (status === 415) return 'Send the body as application/json.';
  return type === 'entity.parse.failed' ? 'The body is not valid JSON.' : 'The request is malformed.';
}
