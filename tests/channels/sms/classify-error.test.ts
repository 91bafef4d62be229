import { classifySmsCode } from '../../../src/channels/sms/classify-error';

describe('classifySmsCode', () => {
  it.each([
    [21211, 'permanent', 'phone_invalid'],
    [21614, 'permanent', 'phone_not_mobile'],
    [21610, 'permanent', 'opted_out'],
    [21408, 'permanent', 'provider_refused'],
    [30003, 'permanent', 'provider_refused'],
    [30004, 'permanent', 'provider_refused'],
    [30005, 'permanent', 'phone_invalid'],
    [30006, 'permanent', 'phone_not_mobile'],
    [30007, 'permanent', 'provider_refused'],
    [20429, 'rateLimited', 'provider_limit'],
    [20503, 'transient', 'provider_unavailable'],
    [20003, 'channelBroken', 'channel_disconnected'],
    [21606, 'channelBroken', 'channel_disconnected'],
    [99999, 'permanent', 'provider_refused'],
  ])('%i is %s: %s', (code, errorClass, reason) => {
    expect(classifySmsCode(code)).toMatchObject({ errorClass, reason });
  });

  it('tells what happened where the code is all that comes', () => {
    for (const code of [21408, 30003, 30004, 30005, 30006, 30007])
      expect(classifySmsCode(code).detail).toMatch(/\.$/);
  });

  it('R-ELIG: whom the provider has noted as opted out is to be noted here', () => {
    expect(classifySmsCode(21610).marksOptedOut).toBe(true);
  });
});
