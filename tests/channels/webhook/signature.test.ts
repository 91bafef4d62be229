import fs from 'node:fs';
import path from 'node:path';
import { newWebhookSecret, signWebhook } from '../../../src/channels/webhook/signature';

it('signs as the reference libraries of Standard Webhooks do', () => {
  const headers = signWebhook('whsec_plJ3nmyCDGBKInavdOK15jsl', {
    id: 'msg_loFOjxBNrRLzqYUf',
    at: new Date(1731705121_000),
    body: '{"event_type":"ping","data":{"success":true}}',
  });
  expect(headers).toEqual({
    'webhook-id': 'msg_loFOjxBNrRLzqYUf',
    'webhook-timestamp': '1731705121',
    'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  });
});

it('signs with each of several secrets', () => {
  const message = { id: 'event', at: new Date(), body: '{}' };
  const [one, other] = [newWebhookSecret(), newWebhookSecret()];
  const of = (secrets: string | string[]) => signWebhook(secrets, message)['webhook-signature'];
  expect(of([one, other])).toBe(`${of(one)} ${of(other)}`);
});

it('makes a new secret of 32 bytes each time', () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_/);
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(newWebhookSecret()).not.toBe(secret);
});

describe('what people are told to check', () => {
  const read = (file: string) => fs.readFileSync(path.resolve(__dirname, '../../..', file), 'utf8');
  const body = '{"type":"webhook.test"}';
  const secret = newWebhookSecret();

  type Verify = (secret: string, headers: Record<string, string>, body: string) => boolean;
  const verify = (): Verify => {
    const [, code] = /```js\n([\s\S]*?)```/.exec(read('docs/api.md'))!;
    // The page's own words, run as a reader would.
    // eslint-disable-next-line @typescript-eslint/no-implied-eval
    return new Function('require', 'Buffer', `${code}; return isFromParley;`)(require, Buffer) as Verify;
  };

  it('takes what we sign, and nothing else', () => {
    const isFromParley = verify();
    const headers = signWebhook(secret, { id: 'event', at: new Date(), body });
    expect(isFromParley(secret, headers, body)).toBe(true);
    expect(isFromParley(secret, headers, `${body} `)).toBe(false);
    expect(isFromParley(newWebhookSecret(), headers, body)).toBe(false);
    const both = signWebhook([newWebhookSecret(), secret], { id: 'event', at: new Date(), body });
    expect(isFromParley(secret, both, body)).toBe(true);
    const old = signWebhook(secret, { id: 'event', at: new Date(Date.now() - 600_000), body });
    expect(isFromParley(secret, old, body)).toBe(false);
  });

  it('is the same in the settings as in the documentation', () => {
    const lines = (text: string) =>
      text
        .split('\n')
        .flatMap((line) => (/^\s+(const|return|if)/.test(line) ? [line.replaceAll('\\', '').trim()] : []));
    const [, code] = /```js\n([\s\S]*?)```/.exec(read('docs/api.md'))!;
    const page = lines(read('src/web/src/pages/settings/webhooks-text.ts'));
    for (const line of lines(code!)) expect(page).toContain(line);
  });
});
