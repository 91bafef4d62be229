import { createHash, createHmac } from 'node:crypto';
import { verifySmsSignature } from '../../../src/channels/sms/signature';

const token = '12345';
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const body = Buffer.from(
  new URLSearchParams({
    To: '+18005551212',
    CallSid: 'CA1234567890ABCDE',
    Digits: '1234',
    From: '+14158675309',
    Caller: '+14158675309',
  }).toString(),
);
/** As Twilio's own libraries compute it for this request. */
const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

const sign = (text: string) => createHmac('sha1', token).update(text).digest('base64');
const verify = (
  given: Partial<{ url: string; body: Buffer; signature: string | undefined }>,
  secret = token,
) => verifySmsSignature({ url, body, signature, ...given }, secret);

describe('verifySmsSignature', () => {
  it('accepts Twilio’s own example', () => {
    expect(verify({})).toBe(true);
  });

  it('accepts the address with and without the default port', () => {
    expect(verify({ url: url.replace('.com', '.com:443') })).toBe(true);
    const form = new URLSearchParams({ A: '1' }).toString();
    const signed = sign('http://parley.example:80/x?y=1A1');
    expect(verify({ url: 'http://parley.example/x?y=1', body: Buffer.from(form), signature: signed })).toBe(
      true,
    );
    expect(
      verify({ url: 'http://parley.example:80/x?y=1', body: Buffer.from(form), signature: signed }),
    ).toBe(true);
  });

  it('keeps another port', () => {
    const signed = sign('http://localhost:4300/xA1');
    const post = { body: Buffer.from('A=1'), signature: signed };
    expect(verify({ ...post, url: 'http://localhost:4300/x' })).toBe(true);
    expect(verify({ ...post, url: 'http://localhost/x' })).toBe(false);
  });

  it('signs empty forms, doubled keys and characters beyond ASCII', () => {
    expect(
      verify({ url: 'https://a.example/', body: Buffer.alloc(0), signature: sign('https://a.example/') }),
    ).toBe(true);
    expect(
      verify({
        url: 'https://a.example/',
        body: Buffer.from('B=2&A=y&A=x&A=y'),
        signature: sign('https://a.example/AxAyB2'),
      }),
    ).toBe(true);
    expect(
      verify({
        url: 'https://a.example/',
        body: Buffer.from(`Body=${encodeURIComponent('Grüße 😀')}`),
        signature: sign('https://a.example/BodyGrüße 😀'),
      }),
    ).toBe(true);
  });

  it('takes the body’s hash from the address where the body is no form', () => {
    const json = Buffer.from('{"a":1}');
    const address = `https://a.example/x?bodySHA256=${createHash('sha256').update(json).digest('hex')}`;
    expect(verify({ url: address, body: json, signature: sign(address) })).toBe(true);
    expect(verify({ url: address, body: Buffer.from('{"a":2}'), signature: sign(address) })).toBe(false);
  });

  it.each([
    ['no header', { signature: undefined }],
    ['an empty header', { signature: '' }],
    ['a shortened signature', { signature: signature.slice(0, -4) }],
    ['another address', { url: url.replace('foo=1', 'foo=2') }],
    ['another body', { body: Buffer.from(`${String(body)}1`) }],
  ])('refuses %s', (_name, given) => {
    expect(verify(given)).toBe(false);
  });

  it('refuses another token, and everything while none is set', () => {
    expect(verify({}, '54321')).toBe(false);
    expect(
      verify({ signature: createHmac('sha1', '').update('https://a.example/').digest('base64') }, ''),
    ).toBe(false);
  });
});
