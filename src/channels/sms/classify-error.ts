import type { ReasonCode } from '../../contracts/reasons';
import type { ChannelErrorClass } from '../channel-error';

/** What a failure tells beyond the one message it befell. */
export type SmsFailureEffects = {
  /** The person has opted out at the provider (they wrote STOP to it): ours to keep as well. */
  marksOptedOut?: true;
  breaksChannel?: 'token' | 'account';
  /** We sent something malformed: to be logged as an error of ours. */
  ourDefect?: true;
};

export type SmsClassification = SmsFailureEffects & {
  errorClass: ChannelErrorClass;
  reason: ReasonCode;
  /** How long to wait before the next try, unless the answer itself names a time. */
  retryAfterMs?: number;
  /** For people, where a callback brings the bare code. */
  detail?: string;
};

/**
 * What a Twilio `code` means, in the refusal of a call and as `ErrorCode` of a callback alike. Messages are never looked at. A code
 * that is not in the table is a refusal in the provider's own words, so not sent and not to be repeated.
 */
export function classifySmsCode(code: number): SmsClassification {
  return codes.get(code) ?? refused;
}

const refused: SmsClassification = { errorClass: 'permanent', reason: 'provider_refused' };
const ourDefect: SmsClassification = { ...refused, ourDefect: true };
const unavailable: SmsClassification = { errorClass: 'transient', reason: 'provider_unavailable' };

const codes = new Map<number, SmsClassification>([
  [20003, broken('token')],
  [20005, broken('account')],
  [20006, broken('account')],
  [20008, broken('token')],
  [30002, broken('account')],
  // the sender is not, or not any more, one of this account's
  [21212, broken('account')],
  [21603, broken('account')],
  [21606, broken('account')],
  [21659, broken('account')],
  [21660, broken('account')],
  [21701, broken('account')],
  [21703, broken('account')],

  [20429, limited(1_000)],
  [14107, limited(1_000)],
  [21611, limited(60_000)],
  [30001, limited(60_000)],
  [30022, limited(60_000)],
  [63038, limited(3_600_000)],
  [20500, unavailable],
  [20503, unavailable],

  [21211, { errorClass: 'permanent', reason: 'phone_invalid' }],
  [21217, { errorClass: 'permanent', reason: 'phone_invalid' }],
  [21614, { errorClass: 'permanent', reason: 'phone_not_mobile' }],
  [21610, { errorClass: 'permanent', reason: 'opted_out', marksOptedOut: true }],
  [21408, said('SMS to this region is not switched on in the provider’s account.')],
  [21612, said('The provider has no way from this sender to this number.')],
  [30003, said('The phone was off or out of reach.')],
  [30004, said('The number or its network blocks this message.')],
  [30005, { errorClass: 'permanent', reason: 'phone_invalid', detail: 'Nobody has this number.' }],
  [30006, { errorClass: 'permanent', reason: 'phone_not_mobile', detail: 'It is a landline.' }],
  [30007, said('The network filtered the message.')],
  [30008, said('The network gave no reason.')],

  [21602, ourDefect],
  [21604, ourDefect],
  [21605, ourDefect],
  [21609, ourDefect],
  [21617, ourDefect],
]);

function broken(breaksChannel: NonNullable<SmsFailureEffects['breaksChannel']>): SmsClassification {
  return { errorClass: 'channelBroken', reason: 'channel_disconnected', breaksChannel };
}

function limited(retryAfterMs: number): SmsClassification {
  return { errorClass: 'rateLimited', reason: 'provider_limit', retryAfterMs };
}

function said(detail: string): SmsClassification {
  return { ...refused, detail };
}
