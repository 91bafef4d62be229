import { createServer, type AddressInfo } from 'node:net';
import { ChannelError } from '../../../src/channels/channel-error';
import { createSmsClient } from '../../../src/channels/sms/client';
import type { SmsAccount } from '../../../src/channels/sms/types';
import { holdTimers } from '../../support/hold-timers';
import { json, startProvider, type Answer } from '../whatsapp/provider';

let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => (provider = await startProvider()));
afterAll(() => provider.stop());

const account: SmsAccount = { accountSid: 'AC1', authToken: 'a token', sender: { from: 'Parley' } };
const message = {
  to: '+34612345678',
  body: 'a private text & more',
  statusCallback: 'http://parley.example/webhooks/sms/1/status/2',
};
const accepted = { sid: 'SM1', status: 'queued', num_segments: '2', error_code: null };

const client = (url = provider.url) => createSmsClient({ apiUrl: url });
const patienceMs = 20_000;
const send = (timeoutMs = patienceMs, more: Partial<SmsAccount> = {}) =>
  client().send({ ...account, ...more }, message, { timeoutMs });

async function refusalOf(call: Promise<unknown>): Promise<ChannelError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChannelError);
  const refusal = error as ChannelError;
  expect(`${refusal.message}${refusal.stack}`).not.toMatch(/34612345678|private text|a token/);
  return refusal;
}

describe('send', () => {
  it('posts a form and gives back the provider’s id and segments', async () => {
    provider.answerWith(json(201, accepted));
    expect(await send()).toEqual({ providerId: 'SM1', segments: 2 });
    expect(provider.seen).toHaveLength(1);
    expect(provider.seen[0]).toMatchObject({
      method: 'POST',
      path: '/2010-04-01/Accounts/AC1/Messages.json',
      headers: {
        authorization: `Basic ${Buffer.from('AC1:a token').toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    expect(Object.fromEntries(new URLSearchParams(String(provider.seen[0]?.body)))).toEqual({
      To: '+34612345678',
      From: 'Parley',
      Body: 'a private text & more',
      StatusCallback: 'http://parley.example/webhooks/sms/1/status/2',
    });
  });

  it('names a messaging service instead of a sender, and counts itself what that does not say yet', async () => {
    provider.answerWith(json(201, { ...accepted, status: 'accepted', num_segments: '0' }));
    expect(await send(patienceMs, { sender: { messagingServiceSid: 'MG1' } })).toEqual({
      providerId: 'SM1',
      segments: 1,
    });
    const form = new URLSearchParams(String(provider.seen[0]?.body));
    expect([form.get('From'), form.get('MessagingServiceSid')]).toEqual([null, 'MG1']);
  });

  it.each([
    [400, 21211, 'permanent', 'phone_invalid'],
    [400, 21610, 'permanent', 'opted_out'],
    [401, 20003, 'channelBroken', 'channel_disconnected'],
    [429, 20429, 'rateLimited', 'provider_limit'],
    [503, 20503, 'transient', 'provider_unavailable'],
    [400, 12345, 'permanent', 'provider_refused'],
  ])('HTTP %i with code %i is %s: %s', async (status, code, errorClass, reason) => {
    provider.answerWith(json(status, { code, message: 'its words', more_info: 'https://…', status }));
    expect(await refusalOf(send())).toMatchObject({
      errorClass,
      reason,
      providerCode: code,
      detail: 'its words',
    });
  });

  it('waits as long as it is told to', async () => {
    provider.answerWith(json(429, { code: 20429, message: 'slow', status: 429 }, { 'retry-after': '7' }));
    expect(await refusalOf(send())).toMatchObject({ errorClass: 'rateLimited', retryAfterMs: 7_000 });
  });

  it.each<[string, Answer]>([
    ['a gateway’s 502', (_request, response) => response.writeHead(502).end('<html>Bad gateway</html>')],
    ['a 500 without a code', json(500, { message: 'oops' })],
    ['a 429 without a body', (_request, response) => response.writeHead(429).end()],
    ['a reset', (_request, _response, socket) => socket.destroy()],
    ['a success that cannot be read', (_request, response) => response.writeHead(201).end('{"sid":')],
    ['a success without an id', json(201, { status: 'queued' })],
    [
      'a redirect',
      (_request, response) => response.writeHead(302, { location: 'http://other.example' }).end(),
    ],
  ])('%s is unknown: nobody can tell whether it was sent', async (_name, answer) => {
    provider.answerWith(answer);
    expect(await refusalOf(send())).toMatchObject({ errorClass: 'unknown', reason: 'unconfirmed' });
  });

  it.each<[string, Answer]>([
    ['an answer that does not end', (_request, response) => void response.writeHead(201).write('{')],
    ['silence', () => undefined],
  ])('%s is unknown once the deadline passes', async (_name, answer) => {
    provider.answerWith(answer);
    const deadline = holdTimers(12_345);
    const refusal = refusalOf(send(12_345));
    await provider.heard();
    deadline.runOut();
    expect(await refusal).toMatchObject({ errorClass: 'unknown', reason: 'unconfirmed' });
  });

  it('what failed before the first byte may be sent again', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const sent = client(`http://127.0.0.1:${port}`).send(account, message, { timeoutMs: patienceMs });
    expect(await refusalOf(sent)).toMatchObject({ errorClass: 'transient', reason: 'provider_unavailable' });
  });

  it('without credentials is not even tried', async () => {
    provider.answerWith(json(201, accepted));
    expect(await refusalOf(send(patienceMs, { authToken: '' }))).toMatchObject({
      errorClass: 'channelBroken',
    });
    expect(provider.seen).toHaveLength(0);
  });
});

describe('checkAccount', () => {
  it('says whose account it is', async () => {
    provider.answerWith(json(200, { sid: 'AC1', friendly_name: 'Brightwater', status: 'active' }));
    expect(await client().checkAccount(account)).toEqual({ name: 'Brightwater' });
    expect(provider.seen[0]).toMatchObject({ method: 'GET', path: '/2010-04-01/Accounts/AC1.json' });
  });

  it('takes a suspended one for broken', async () => {
    provider.answerWith(json(200, { sid: 'AC1', friendly_name: 'Brightwater', status: 'suspended' }));
    expect(await refusalOf(client().checkAccount(account))).toMatchObject({ errorClass: 'channelBroken' });
  });

  it('may be tried again after a gateway’s error', async () => {
    provider.answerWith((_request, response) => response.writeHead(502).end());
    expect(await refusalOf(client().checkAccount(account))).toMatchObject({ errorClass: 'transient' });
  });
});

describe('receiveAt', () => {
  const numbered = { ...account, sender: { from: '+34600000000' } };

  it('sets the address of a number of this account', async () => {
    provider.answerWith((request, response, socket) =>
      json(
        200,
        request.method === 'GET'
          ? { incoming_phone_numbers: [{ sid: 'PN1', phone_number: '+34600000000' }] }
          : { sid: 'PN1' },
      )(request, response, socket),
    );
    expect(await client().receiveAt(numbered, 'https://parley.example/in')).toBe('set');
    expect(provider.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PhoneNumber=%2B34600000000',
      'POST /2010-04-01/Accounts/AC1/IncomingPhoneNumbers/PN1.json',
    ]);
    expect(String(provider.seen[1]?.body)).toBe('SmsUrl=https%3A%2F%2Fparley.example%2Fin&SmsMethod=POST');
  });

  it('tells a number that is not one of this account', async () => {
    provider.answerWith(json(200, { incoming_phone_numbers: [] }));
    expect(await client().receiveAt(numbered, 'https://parley.example/in')).toBe('notOurs');
  });

  it('does nothing for a sender in letters or a messaging service', async () => {
    provider.answerWith(json(200, {}));
    expect(await client().receiveAt(account, 'https://parley.example/in')).toBe('manual');
    expect(provider.seen).toHaveLength(0);
  });
});
