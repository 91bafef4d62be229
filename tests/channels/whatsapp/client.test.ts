import { createHash } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { ChannelError } from '../../../src/channels/channel-error';
import { createWhatsAppClient } from '../../../src/channels/whatsapp/client';
import type { OutboundContent, OutboundWhatsApp } from '../../../src/channels/whatsapp/types';
import { holdTimers } from '../../support/hold-timers';
import { account, json, startProvider, type Answer } from './provider';

let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => (provider = await startProvider()));
afterAll(() => provider.stop());

const client = () => createWhatsAppClient({ apiUrl: provider.url, apiVersion: 'v23.0' });
const content: OutboundContent = { type: 'text', body: 'a private text' };
const message: OutboundWhatsApp = { to: '34612345678', clientReference: 'our-id', content };
const accepted = {
  messaging_product: 'whatsapp',
  contacts: [{ input: '34612345678', wa_id: '34612345678' }],
  messages: [{ id: 'wamid.1', message_status: 'accepted' }],
};

async function refusalOf(call: Promise<unknown>): Promise<ChannelError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChannelError);
  const refusal = error as ChannelError;
  expect(`${refusal.message}${refusal.stack}`).not.toMatch(/34612345678|private text|Bearer/);
  return refusal;
}

const patienceMs = 20_000;
const send = (timeoutMs = patienceMs) => client().send(account, message, { timeoutMs });

describe('send', () => {
  it('posts the message with our reference and gives back the provider’s id', async () => {
    provider.answerWith(json(200, accepted));
    const sent = await client().send(
      account,
      { ...message, replyToProviderId: 'wamid.0' },
      { timeoutMs: patienceMs },
    );
    expect(sent).toEqual({ providerId: 'wamid.1', waId: '34612345678' });
    expect(provider.seen).toHaveLength(1);
    expect(provider.seen[0]).toMatchObject({
      method: 'POST',
      path: '/v23.0/1000/messages',
      headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
    });
    expect(JSON.parse(String(provider.seen[0]?.body))).toEqual({
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '34612345678',
      type: 'text',
      text: { body: 'a private text', preview_url: false },
      context: { message_id: 'wamid.0' },
      biz_opaque_callback_data: 'our-id',
    });
  });

  it.each<[string, OutboundContent, object]>([
    [
      'a template',
      {
        type: 'template',
        template: {
          name: 'interview',
          language: 'en',
          header: [{ text: 'Bakery' }],
          body: [{ name: 'first_name', text: 'Ada' }],
          buttons: [
            { index: 1, subType: 'url', parameter: 'x/1' },
            { index: 2, subType: 'quick_reply', parameter: 'yes' },
          ],
        },
      },
      {
        type: 'template',
        template: {
          name: 'interview',
          language: { code: 'en' },
          components: [
            { type: 'header', parameters: [{ type: 'text', text: 'Bakery' }] },
            { type: 'body', parameters: [{ type: 'text', parameter_name: 'first_name', text: 'Ada' }] },
            { type: 'button', sub_type: 'url', index: '1', parameters: [{ type: 'text', text: 'x/1' }] },
            {
              type: 'button',
              sub_type: 'quick_reply',
              index: '2',
              parameters: [{ type: 'payload', payload: 'yes' }],
            },
          ],
        },
      },
    ],
    [
      'a template without parameters',
      { type: 'template', template: { name: 'hello', language: 'en', body: [] } },
      { type: 'template', template: { name: 'hello', language: { code: 'en' } } },
    ],
    [
      'a document',
      { type: 'media', media: 'document', mediaId: '7', caption: 'read', filename: 'offer.pdf' },
      { type: 'document', document: { id: '7', caption: 'read', filename: 'offer.pdf' } },
    ],
    [
      'a recording, which takes no caption',
      { type: 'media', media: 'audio', mediaId: '7', caption: 'x', filename: 'y' },
      { type: 'audio', audio: { id: '7' } },
    ],
    [
      'a reaction',
      { type: 'reaction', targetProviderId: 'wamid.0', emoji: '👍' },
      { type: 'reaction', reaction: { message_id: 'wamid.0', emoji: '👍' } },
    ],
    [
      'a text with a link',
      { type: 'text', body: 'see https://example.com' },
      { type: 'text', text: { body: 'see https://example.com', preview_url: true } },
    ],
  ])('writes %s', async (_name, given, expected) => {
    provider.answerWith(json(200, accepted));
    await client().send(account, { ...message, content: given }, { timeoutMs: patienceMs });
    expect(JSON.parse(String(provider.seen[0]?.body))).toMatchObject(expected);
  });

  it.each<[string, number, object, object]>([
    [
      'window closed',
      400,
      { code: 131047, message: 'Re-engagement message', error_data: { details: 'More than 24 hours' } },
      {
        errorClass: 'permanent',
        reason: 'window_closed',
        providerCode: 131047,
        detail: 'More than 24 hours',
      },
    ],
    [
      'a broken token',
      401,
      { code: 190, message: 'Expired' },
      { errorClass: 'channelBroken', reason: 'channel_disconnected', detail: 'Expired' },
    ],
    [
      'a fault of Graph in its own words, although 500',
      500,
      { code: 131000, message: 'Something went wrong' },
      { errorClass: 'transient', reason: 'provider_unavailable' },
    ],
    [
      'the pair limit',
      400,
      { code: 131056 },
      { errorClass: 'rateLimited', retryAfterMs: 6_000, detail: undefined },
    ],
    [
      'an unknown code',
      400,
      { code: 777, is_transient: false },
      { errorClass: 'permanent', reason: 'provider_refused' },
    ],
    [
      'an unknown code that calls itself passing',
      500,
      { code: 777, is_transient: true },
      { errorClass: 'transient', reason: 'provider_unavailable' },
    ],
    [
      'a passing word beside a code that is known better',
      400,
      { code: 131026, is_transient: true },
      { errorClass: 'permanent', reason: 'not_on_whatsapp' },
    ],
  ])('is refused: %s', async (_name, status, error, expected) => {
    provider.answerWith(json(status, { error }));
    expect(await refusalOf(send())).toMatchObject(expected);
  });

  it('takes the waiting time that the answer names', async () => {
    provider.answerWith(json(429, { error: { code: 130429 } }, { 'retry-after': '17' }));
    expect(await refusalOf(send())).toMatchObject({ errorClass: 'rateLimited', retryAfterMs: 17_000 });
  });

  const cut: Answer = (_request, response, socket) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"messages":[{"id":"wamid.1"');
    setImmediate(() => socket.resetAndDestroy());
  };

  it.each<[string, Answer]>([
    ['a reset after the request', (_request, _response, socket) => void socket.resetAndDestroy()],
    ['a hang-up after the request', (_request, _response, socket) => void socket.destroy()],
    ['a reset in the middle of the answer', cut],
    ['502 with a page', (_request, response) => void response.writeHead(502).end('<html>Bad gateway</html>')],
    ['503 with foreign JSON', json(503, { message: 'upstream' })],
    ['an error without a code', json(500, { error: { message: 'oops' } })],
    ['an error with an empty code', json(500, { error: { code: null } })],
    ['404 with a page', (_request, response) => void response.writeHead(404).end('not here')],
    [
      'a redirect',
      (_request, response) => void response.writeHead(302, { location: 'https://example.com' }).end(),
    ],
    ['200 without an id', json(200, { messages: [] })],
    ['200 with a page', (_request, response) => void response.writeHead(200).end('<html>')],
    ['200 with a Graph error inside', json(200, { error: { code: 131047 } })],
  ])('is unknown after %s, and not repeated', async (_name, answer) => {
    provider.answerWith(answer);
    expect(await refusalOf(send())).toMatchObject({ errorClass: 'unknown', reason: 'unconfirmed' });
    expect(provider.seen).toHaveLength(1);
  });

  it.each<[string, Answer]>([
    ['before the answer', () => undefined],
    ['in the middle of the answer', (_request, response) => void response.writeHead(200).write('{')],
  ])('is unknown when the deadline passes %s', async (_name, answer) => {
    provider.answerWith(answer);
    const deadline = holdTimers(12_345);
    const refusal = refusalOf(send(12_345));
    await provider.heard();
    deadline.runOut();
    expect(await refusal).toMatchObject({ errorClass: 'unknown' });
    expect(provider.seen).toHaveLength(1);
  });

  it.each([
    ['the connection is refused', async () => `http://127.0.0.1:${await closedPort()}`],
    ['the name does not resolve', () => Promise.resolve('http://127.invalid')],
    ['TLS fails', () => Promise.resolve(`https://127.0.0.1:${provider.port}`)],
  ])('never left when %s', async (_name, apiUrl) => {
    provider.answerWith(json(200, accepted));
    const unreachable = createWhatsAppClient({ apiUrl: await apiUrl(), apiVersion: 'v23.0' });
    expect(await refusalOf(unreachable.send(account, message, { timeoutMs: patienceMs }))).toMatchObject({
      errorClass: 'transient',
      reason: 'provider_unavailable',
    });
    expect(provider.seen).toHaveLength(0);
  });

  it('never left when the deadline passes during the TLS handshake', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const apiUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const hanging = createWhatsAppClient({ apiUrl, apiVersion: 'v23.0' });
    const refusal = await refusalOf(hanging.send(account, message, { timeoutMs: 50 }));
    expect(refusal).toMatchObject({ errorClass: 'transient' });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('calls the channel broken when its token fits into no header', async () => {
    provider.answerWith(json(200, accepted));
    const broken = client().send({ ...account, accessToken: 'to\nken' }, message, { timeoutMs: patienceMs });
    expect(await refusalOf(broken)).toMatchObject({ errorClass: 'channelBroken' });
    expect(provider.seen).toHaveLength(0);
  });

  it('uses one connection for many messages', async () => {
    const ports = new Set<number | undefined>();
    provider.answerWith((request, response, socket) => {
      ports.add(socket.remotePort);
      json(200, accepted)(request, response, socket);
    });
    const one = client();
    for (let index = 0; index < 5; index++) await one.send(account, message, { timeoutMs: patienceMs });
    expect(ports.size).toBe(1);
  });

  it('is unknown when a kept connection breaks under the next message, and fine again after it', async () => {
    const one = client();
    provider.answerWith(json(200, accepted));
    await one.send(account, message, { timeoutMs: patienceMs });
    provider.answerWith((_request, _response, socket) => void socket.resetAndDestroy());
    expect(await refusalOf(one.send(account, message, { timeoutMs: patienceMs }))).toMatchObject({
      errorClass: 'unknown',
    });
    provider.answerWith(json(200, accepted));
    expect(await one.send(account, message, { timeoutMs: patienceMs })).toMatchObject({
      providerId: 'wamid.1',
    });
  });
});

describe('everything that may be repeated', () => {
  it.each<[string, Answer]>([
    ['a hang-up', (_request, _response, socket) => void socket.destroy()],
    ['502 with a page', (_request, response) => void response.writeHead(502).end('<html>')],
  ])('is transient after %s', async (_name, answer) => {
    provider.answerWith(answer);
    const calls = [
      client().markRead(account, 'wamid.1'),
      client().listTemplates(account),
      client().phoneNumber(account),
      client().subscribe(account, { callbackUrl: 'https://example.com', verifyToken: 'v' }),
      client().uploadMedia(account, { bytes: Buffer.from('x'), mimeType: 'text/plain', filename: 'x.txt' }),
      client().downloadMedia(account, '7', { maxBytes: 10 }),
    ];
    for (const refusal of await Promise.all(calls.map(refusalOf))) {
      expect(refusal).toMatchObject({ errorClass: 'transient', reason: 'provider_unavailable' });
    }
  });

  it('marks a message as read', async () => {
    provider.answerWith(json(200, { success: true }));
    await client().markRead(account, 'wamid.1');
    expect(provider.seen[0]?.path).toBe('/v23.0/1000/messages');
    expect(JSON.parse(String(provider.seen[0]?.body))).toEqual({
      messaging_product: 'whatsapp',
      status: 'read',
      message_id: 'wamid.1',
    });
  });

  it.each([
    ['subscribes first, as Meta wants it', [], ['GET', 'POST', 'POST']],
    ['does not subscribe anew, which would clear the address', [{}], ['GET', 'POST']],
  ])('points the webhooks at an address: %s', async (_name, apps, methods) => {
    provider.answerWith((request, ...rest) => {
      json(200, request.method === 'GET' ? { data: apps } : { success: true })(request, ...rest);
    });
    await client().subscribe(account, { callbackUrl: 'https://parley.example/hook', verifyToken: 'v' });
    expect(provider.seen.map(({ method }) => method)).toEqual(methods);
    expect(new Set(provider.seen.map(({ path }) => path))).toEqual(new Set(['/v23.0/2000/subscribed_apps']));
    expect(JSON.parse(String(provider.seen.at(-1)?.body))).toEqual({
      override_callback_uri: 'https://parley.example/hook',
      verify_token: 'v',
    });
  });

  it('reads the phone number', async () => {
    provider.answerWith(json(200, { display_phone_number: '+1 555', verified_name: 'Bakery', id: '1000' }));
    expect(await client().phoneNumber(account)).toEqual({
      displayPhone: '+1 555',
      verifiedName: 'Bakery',
      quality: undefined,
      messagesPerSecond: undefined,
      messagingTier: undefined,
    });
  });

  it('reads the limits of the number, under the name that the version has for them', async () => {
    const limits = { throughput: { level: 'HIGH' }, messaging_limit_tier: 'TIER_2K' };
    provider.answerWith(json(200, { display_phone_number: '+1 555', id: '1000', ...limits }));
    expect(await client().phoneNumber(account)).toMatchObject({
      messagesPerSecond: 1_000,
      messagingTier: 'TIER_2K',
    });
    expect(provider.seen.at(-1)?.path).toContain('messaging_limit_tier');
  });

  it('reads all pages of templates, past elements that are none', async () => {
    const template = (name: string) => ({
      id: name,
      name,
      language: 'en',
      category: 'UTILITY',
      status: 'APPROVED',
      components: [],
    });
    provider.answerWith((request, response, socket) => {
      const after = new URL(request.path, provider.url).searchParams.get('after');
      const page =
        after === null
          ? {
              data: [template('a'), null],
              paging: { cursors: { after: 'p2' }, next: 'http://elsewhere.example' },
            }
          : { data: [template('b')], paging: { cursors: { after: 'p3' } } };
      json(200, page)(request, response, socket);
    });
    expect((await client().listTemplates(account)).map(({ name }) => name)).toEqual(['a', 'b']);
    expect(provider.seen).toHaveLength(2);
  });
});

describe('media', () => {
  const bytes = Buffer.from([0, 1, 2, 13, 10, 255]);

  function offers(file: object, answer: Answer): Answer {
    return (request, response, socket) =>
      request.path.startsWith('/v23.0/')
        ? json(200, { url: `${provider.url}/file`, mime_type: 'image/png', ...file })(
            request,
            response,
            socket,
          )
        : answer(request, response, socket);
  }
  const give: Answer = (_request, response) => void response.writeHead(200).end(bytes);
  const download = (maxBytes = 100) => client().downloadMedia(account, '7', { maxBytes });

  it('uploads bytes unchanged, with a name that cannot leave its header', async () => {
    provider.answerWith(json(200, { id: '77' }));
    const filename = 'a"\r\nX-Evil: 1.png';
    expect(await client().uploadMedia(account, { bytes, mimeType: 'image/png', filename })).toBe('77');
    const [request] = provider.seen;
    const form = await new Response(request?.body, {
      headers: { 'content-type': String(request?.headers['content-type']) },
    }).formData();
    expect(form.get('messaging_product')).toBe('whatsapp');
    const file = form.get('file') as File;
    expect([file.name, file.type]).toEqual(['a___X-Evil: 1.png', 'image/png']);
    expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
  });

  it.each([['hex'], ['base64']] as const)('downloads bytes and checks their hash in %s', async (encoding) => {
    const sha256 = createHash('sha256').update(bytes).digest(encoding);
    provider.answerWith(offers({ sha256, file_size: bytes.length }, give));
    expect(await download(bytes.length)).toEqual({ bytes, mimeType: 'image/png' });
    expect(provider.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token',
      'Bearer token',
    ]);
  });

  it('may try again when the bytes differ from their hash', async () => {
    provider.answerWith(offers({ sha256: '00'.repeat(32) }, give));
    expect(await refusalOf(download())).toMatchObject({ errorClass: 'transient', reason: 'media_failed' });
  });

  it.each([
    ['by its own word', { file_size: 6 }, 1],
    ['although it said otherwise', { file_size: 1 }, 2],
    ['without a word', {}, 2],
  ])('refuses a file that is too large %s', async (_name, file, requests) => {
    provider.answerWith(offers(file, give));
    expect(await refusalOf(download(5))).toMatchObject({ errorClass: 'permanent', reason: 'media_failed' });
    expect(provider.seen).toHaveLength(requests);
  });

  it('stops an endless file at the limit', async () => {
    provider.answerWith(
      offers({}, (_request, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        };
        response.on('drain', more);
        more();
      }),
    );
    expect(await refusalOf(download(1_000_000))).toMatchObject({
      errorClass: 'permanent',
      reason: 'media_failed',
    });
  });

  it('gives the token to no foreign address without TLS', async () => {
    provider.answerWith(offers({ url: 'http://127.0.0.1:1/file' }, give));
    expect(await refusalOf(download())).toMatchObject({ errorClass: 'permanent', reason: 'media_failed' });
    expect(provider.seen).toHaveLength(1);
  });

  it('a file that is gone stays gone', async () => {
    provider.answerWith(offers({}, (_request, response) => void response.writeHead(404).end('gone')));
    expect(await refusalOf(download())).toMatchObject({ errorClass: 'permanent', reason: 'media_failed' });
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
