import { createHmac } from 'node:crypto';
import { verifySignature, verifySubscription } from '../../../src/channels/whatsapp/signature';

const body = Buffer.from('{"object":"whatsapp_business_account","entry":[]}');
const signed = (raw: Buffer, secret: string) =>
  `sha256=${createHmac('sha256', secret).update(raw).digest('hex')}`;

describe('verifySignature', () => {
  it('accepts the signature of the raw bytes', () => {
    expect(verifySignature(body, signed(body, 'secret'), 'secret')).toBe(true);
    const bytes = Buffer.from([0, 255, 13, 10, 128]);
    expect(verifySignature(bytes, `sha256=${signed(bytes, 'secret').slice(7).toUpperCase()}`, 'secret')).toBe(
      true,
    );
  });

  it.each([
    ['no header', undefined],
    ['an empty header', ''],
    ['another secret', signed(body, 'other')],
    ['other bytes', signed(Buffer.concat([body, Buffer.from(' ')]), 'secret')],
    ['no prefix', signed(body, 'secret').slice(7)],
    ['a shortened signature', signed(body, 'secret').slice(0, -2)],
    ['a lengthened signature', `${signed(body, 'secret')}00`],
    ['SHA-1', `sha1=${createHmac('sha1', 'secret').update(body).digest('hex')}`],
  ])('refuses %s', (_name, header) => {
    expect(verifySignature(body, header, 'secret')).toBe(false);
  });

  it('refuses everything while no secret is set', () => {
    expect(verifySignature(body, signed(body, ''), '')).toBe(false);
  });
});

describe('verifySubscription', () => {
  const query = { 'hub.mode': 'subscribe', 'hub.verify_token': 'token', 'hub.challenge': '1158201444' };

  it('gives back the challenge', () => {
    expect(verifySubscription(query, 'token')).toEqual({ ok: true, challenge: '1158201444' });
  });

  it.each([
    ['a wrong token', { ...query, 'hub.verify_token': 'tokem' }],
    ['another mode', { ...query, 'hub.mode': 'unsubscribe' }],
    ['no challenge', { 'hub.mode': 'subscribe', 'hub.verify_token': 'token' }],
    ['a doubled token', { ...query, 'hub.verify_token': ['token', 'token'] }],
    ['nothing', {}],
  ])('refuses %s', (_name, given) => {
    expect(verifySubscription(given, 'token')).toEqual({ ok: false });
  });

  it('refuses an empty token', () => {
    expect(verifySubscription({ ...query, 'hub.verify_token': '' }, '')).toEqual({ ok: false });
  });
});
