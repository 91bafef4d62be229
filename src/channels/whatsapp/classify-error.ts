import type { ReasonCode } from '../../contracts/reasons';
import type { ChannelErrorClass } from '../channel-error';

/** What a failure tells beyond the one message it befell. */
export type FailureEffects = {
  /** The number is to be marked as not on WhatsApp. */
  marksNotOnWhatsApp?: true;
  /** The person does not want marketing on WhatsApp. */
  declinesMarketing?: true;
  flagsTemplate?: 'mismatch' | 'paused' | 'disabled';
  breaksChannel?: 'token' | 'permission' | 'account' | 'payment';
  /** We sent something malformed: to be logged as an error of ours. */
  ourDefect?: true;
  /** Not the rate of the number is to blame: the limit to this one person, or that of people reached in a day. */
  limit?: 'pair' | 'reach';
};

export type Classification = FailureEffects & {
  errorClass: ChannelErrorClass;
  reason: ReasonCode;
  /** How long to wait before the next try, unless the answer itself names a time. */
  retryAfterMs?: number;
};

/**
 * What a Graph `error.code` means, in the refusal of a call and in a `failed` status alike. Titles and texts are never looked
 * at. A code that is not in the table is a refusal in the provider's own words, so not sent and not to be repeated.
 */
export function classifyCode(code: number): Classification {
  return codes.get(code) ?? (code >= 200 && code <= 299 ? broken('permission') : refused);
}

const notOnWhatsApp: Classification = {
  errorClass: 'permanent',
  reason: 'not_on_whatsapp',
  marksNotOnWhatsApp: true,
};
const mismatch: Classification = {
  errorClass: 'permanent',
  reason: 'template_mismatch',
  flagsTemplate: 'mismatch',
};
const mediaFailed: Classification = { errorClass: 'permanent', reason: 'media_failed' };
const refused: Classification = { errorClass: 'permanent', reason: 'provider_refused' };
const ourDefect: Classification = { ...refused, ourDefect: true };
const unavailable: Classification = { errorClass: 'transient', reason: 'provider_unavailable' };

const hourMs = 3_600_000;

const codes = new Map<number, Classification>([
  [131047, { errorClass: 'permanent', reason: 'window_closed' }],

  [131026, notOnWhatsApp],
  [131021, notOnWhatsApp],
  [131030, notOnWhatsApp],

  [131050, { errorClass: 'permanent', reason: 'marketing_declined', declinesMarketing: true }],
  // repeating earlier than after a day only makes it worse; people decide, no machine does
  [131049, { errorClass: 'permanent', reason: 'provider_limit', retryAfterMs: 24 * hourMs }],
  [130472, { errorClass: 'permanent', reason: 'provider_limit' }],

  [130429, limited(1_000)],
  [131056, { ...limited(6_000), limit: 'pair' }],
  [131048, { ...limited(hourMs), limit: 'reach' }],
  [80007, limited(60_000)],
  [4, limited(60_000)],
  [131016, unavailable],
  [131000, unavailable],
  [2, unavailable],

  [132000, mismatch],
  [132001, mismatch],
  [132005, mismatch],
  [132007, mismatch],
  [132012, mismatch],
  // our values do not fit, the template itself is sound
  [132018, { errorClass: 'permanent', reason: 'template_mismatch', ourDefect: true }],
  [132015, { errorClass: 'permanent', reason: 'template_not_approved', flagsTemplate: 'paused' }],
  [132016, { errorClass: 'permanent', reason: 'template_not_approved', flagsTemplate: 'disabled' }],

  [0, broken('token')],
  [190, broken('token')],
  [3, broken('permission')],
  [10, broken('permission')],
  [131005, broken('permission')],
  [368, broken('account')],
  [131031, broken('account')],
  [133010, broken('account')],
  [131042, broken('payment')],

  [131052, mediaFailed],
  [131053, mediaFailed],

  [100, ourDefect],
  [131008, ourDefect],
  [131009, ourDefect],
  [131051, ourDefect],
]);

function broken(breaksChannel: NonNullable<FailureEffects['breaksChannel']>): Classification {
  return { errorClass: 'channelBroken', reason: 'channel_disconnected', breaksChannel };
}

function limited(retryAfterMs: number): Classification {
  return { errorClass: 'rateLimited', reason: 'provider_limit', retryAfterMs };
}
