import type { ReasonCode } from '../contracts/reasons';

/**
 * What a provider's refusal or a broken call means for us.
 * `transient` and `rateLimited`: proven not sent, may be tried again. `permanent`: proven not sent, never again.
 * `channelBroken`: proven not sent, and nothing else on this channel will be. `unknown`: nobody can tell.
 */
export type ChannelErrorClass = 'transient' | 'rateLimited' | 'permanent' | 'channelBroken' | 'unknown';

export class ChannelError extends Error {
  readonly errorClass: ChannelErrorClass;
  readonly reason: ReasonCode;
  /** The provider's own code (Graph `error.code`, Twilio `code`). */
  readonly providerCode: number | undefined;
  /** The provider's own words, for people; never logged. */
  readonly detail: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(facts: {
    errorClass: ChannelErrorClass;
    reason: ReasonCode;
    providerCode?: number;
    detail?: string;
    retryAfterMs?: number;
  }) {
    super(
      `${facts.errorClass}: ${facts.reason}${facts.providerCode === undefined ? '' : ` (${facts.providerCode})`}`,
    );
    this.name = 'ChannelError';
    this.errorClass = facts.errorClass;
    this.reason = facts.reason;
    this.providerCode = facts.providerCode;
    this.detail = facts.detail;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
