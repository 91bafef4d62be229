import { classifyCode, type Classification } from '../../../src/channels/whatsapp/classify-error';

const table: [meaning: string, codes: number[], expected: Partial<Classification>][] = [
  ['window closed', [131047], { errorClass: 'permanent', reason: 'window_closed' }],
  [
    'cannot be delivered to this number',
    [131026, 131021, 131030],
    { errorClass: 'permanent', reason: 'not_on_whatsapp', marksNotOnWhatsApp: true },
  ],
  [
    'stop marketing',
    [131050],
    { errorClass: 'permanent', reason: 'marketing_declined', declinesMarketing: true },
  ],
  ['wait a day', [131049], { errorClass: 'permanent', reason: 'provider_limit', retryAfterMs: 86_400_000 }],
  ['part of an experiment', [130472], { errorClass: 'permanent', reason: 'provider_limit' }],
  ['back off', [130429, 131056, 131048, 80007, 4], { errorClass: 'rateLimited', reason: 'provider_limit' }],
  ['out of order', [131016, 131000, 2], { errorClass: 'transient', reason: 'provider_unavailable' }],
  [
    'template differs',
    [132000, 132001, 132005, 132007, 132012],
    { errorClass: 'permanent', reason: 'template_mismatch', flagsTemplate: 'mismatch' },
  ],
  [
    'template paused',
    [132015],
    { errorClass: 'permanent', reason: 'template_not_approved', flagsTemplate: 'paused' },
  ],
  [
    'template disabled',
    [132016],
    { errorClass: 'permanent', reason: 'template_not_approved', flagsTemplate: 'disabled' },
  ],
  [
    'token',
    [0, 190],
    { errorClass: 'channelBroken', reason: 'channel_disconnected', breaksChannel: 'token' },
  ],
  [
    'permission',
    [3, 10, 131005, ...Array.from({ length: 100 }, (_, index) => 200 + index)],
    { errorClass: 'channelBroken', reason: 'channel_disconnected', breaksChannel: 'permission' },
  ],
  ['account', [368, 131031, 133010], { errorClass: 'channelBroken', breaksChannel: 'account' }],
  ['payment', [131042], { errorClass: 'channelBroken', breaksChannel: 'payment' }],
  ['media', [131052, 131053], { errorClass: 'permanent', reason: 'media_failed' }],
  [
    'bad request',
    [100, 131008, 131009, 131051],
    { errorClass: 'permanent', reason: 'provider_refused', ourDefect: true },
  ],
  [
    'a code nobody knows',
    [1, 199, 300, 999_999, -1, NaN],
    { errorClass: 'permanent', reason: 'provider_refused' },
  ],
];

describe('classifyCode', () => {
  it.each(table.flatMap(([meaning, codes, expected]) => codes.map((code) => ({ meaning, code, expected }))))(
    '$code: $meaning',
    ({ code, expected }) => {
      expect(classifyCode(code)).toMatchObject(expected);
    },
  );

  it('names a waiting time for every rate limit', () => {
    for (const code of [130429, 131056, 131048, 80007, 4]) {
      expect(classifyCode(code).retryAfterMs).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('never says unknown: a code is the provider’s own word that nothing was sent', () => {
    for (const [, codes] of table)
      for (const code of codes) expect(classifyCode(code).errorClass).not.toBe('unknown');
  });
});
