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

it('makes a new secret of 32 bytes each time', () => {
  const secret = newWebhookSecret();
  expect(secret).toMatch(/^whsec_/);
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32);
  expect(newWebhookSecret()).not.toBe(secret);
});
