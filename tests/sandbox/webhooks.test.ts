import { createHmac } from 'node:crypto';
import { waitFor } from '../support/wait';
import { ana, dayMs, type Harness, type Json, openWindow, startEndpoint, startHarness } from './harness';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

describe('the subscription', () => {
  const path = () => `${harness.account.wabaId}/subscribed_apps`;

  it('checks the address by the handshake', async () => {
    const [url] = harness.endpoint.handshakes;
    expect(url?.searchParams.get('hub.mode')).toBe('subscribe');
    expect(url?.searchParams.get('hub.challenge')).toMatch(/^\d+$/);
    expect((await harness.graph('GET', path())).body.data).toMatchObject([
      {
        override_callback_uri: harness.endpoint.url,
        whatsapp_business_api_data: { name: expect.any(String) as string },
      },
    ]);
  });

  it.each([
    ['the wrong token', 'wrong', undefined, 'HTTP Status Code = 403'],
    ['nobody there', 'verify me', 'http://127.0.0.1:1/', 'ECONNREFUSED'],
  ])('refuses with 2200: %s', async (_name, token, url, cause) => {
    const answer = await harness.graph('POST', path(), {
      override_callback_uri: url ?? harness.endpoint.url,
      verify_token: token,
    });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 2200 } } });
    expect(answer.body.error.message).toContain(cause);
  });

  it('takes an address only from an app that is subscribed', async () => {
    await harness.graph('DELETE', path());
    expect((await harness.graph('GET', path())).body).toEqual({ data: [] });
    const wish = { override_callback_uri: harness.endpoint.url, verify_token: 'verify me' };
    expect((await harness.graph('POST', path(), wish)).body.error.code).toBe(100);
    expect((await harness.subscribe(harness.endpoint.url, 'verify me')).body).toEqual({ success: true });
  });

  it('sends nothing to whom has unsubscribed', async () => {
    await harness.graph('DELETE', path());
    await openWindow(harness);
    expect(harness.endpoint.received).toEqual([]);
    expect(harness.control.deliveries()[0]?.state).toBe('noSubscriber');
  });

  it('falls back to the address of the app, which also gets what concerns the account', async () => {
    const app = await startEndpoint('of the app');
    const set = await fetch(`${harness.url}/sandbox/accounts/${harness.account.id}/webhook`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: app.url, verifyToken: 'of the app' }),
    });
    expect(set.status).toBe(200);
    harness.control.sendEvent(harness.account.id, {
      field: 'account_update',
      value: { event: 'ACCOUNT_RESTRICTION' },
    });
    await openWindow(harness);
    expect(app.fields('account_update')).toEqual([
      { field: 'account_update', value: { event: 'ACCOUNT_RESTRICTION' } },
    ]);
    expect(app.messages()).toEqual([]);
    expect(harness.endpoint.messages()).toHaveLength(1);
    await app.stop();
  });
});

describe('the body', () => {
  it('is signed over its raw bytes, which are escaped as at Meta', async () => {
    await harness.control.write(ana, { type: 'text', text: 'Olá / 😀' });
    await harness.control.settled();
    const [first] = harness.endpoint.received;
    const expected = createHmac('sha256', harness.account.appSecret).update(first!.raw).digest('hex');
    expect(first!.headers['x-hub-signature-256']).toBe(`sha256=${expected}`);
    expect(first!.raw.toString('latin1')).toContain('Ol\\u00e1 \\/ \\ud83d\\ude00');
    expect(harness.endpoint.messages()[0]?.text.body).toBe('Olá / 😀');
  });

  it('has the shape of a message', async () => {
    const message = await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await harness.control.settled();
    expect(harness.endpoint.received[0]?.body).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        {
          id: harness.account.wabaId,
          changes: [
            {
              field: 'messages',
              value: {
                messaging_product: 'whatsapp',
                metadata: { display_phone_number: '14155550110', phone_number_id: harness.account.id },
                contacts: [{ profile: { name: 'Ana Ruiz' }, wa_id: ana }],
                messages: [
                  {
                    from: ana,
                    id: message.id,
                    timestamp: String(Math.floor(new Date(message.at).getTime() / 1000)),
                    type: 'text',
                    text: { body: 'Hello' },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
  });

  it('has the shapes of sent and delivered, together in one body', async () => {
    await openWindow(harness);
    harness.endpoint.received.length = 0;
    const { body } = await harness.text('Hi', { biz_opaque_callback_data: 'm1' });
    await harness.control.settled();
    expect(harness.endpoint.received).toHaveLength(1);
    const common = {
      id: body.messages[0].id as string,
      timestamp: expect.stringMatching(/^\d{10}$/) as string,
      recipient_id: ana,
      biz_opaque_callback_data: 'm1',
      pricing: { billable: false, pricing_model: 'PMP', type: 'free_customer_service', category: 'service' },
    };
    const conversation = { id: expect.any(String) as string, origin: { type: 'service' } };
    const expires = Math.floor(
      (new Date(harness.control.messages({ direction: 'sent' })[0]!.at).getTime() + dayMs) / 1000,
    );
    expect(harness.endpoint.statuses()).toEqual([
      { ...common, status: 'sent', conversation: { ...conversation, expiration_timestamp: String(expires) } },
      { ...common, status: 'delivered', conversation },
    ]);
  });

  it('carries the time of the clock', async () => {
    harness.clock.advance(3 * dayMs);
    await openWindow(harness);
    const expected = Math.floor(harness.clock.now().getTime() / 1000);
    expect(Number(harness.endpoint.messages()[0]?.timestamp)).toBe(expected);
  });

  it.each<[string, Parameters<Harness['control']['write']>[1], Json]>([
    [
      'location',
      { type: 'location', latitude: 1, longitude: 2, name: 'A', address: 'B' },
      { location: { latitude: 1, longitude: 2, name: 'A', address: 'B' } },
    ],
    [
      'contacts',
      { type: 'contacts', contacts: [{ name: { formatted_name: 'Bo' } }] },
      { contacts: [{ name: { formatted_name: 'Bo' } }] },
    ],
    ['button', { type: 'button', text: 'Yes', payload: 'y' }, { button: { text: 'Yes', payload: 'y' } }],
    [
      'interactive',
      { type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: '1', title: 'Yes' } } },
      { interactive: { type: 'button_reply', button_reply: { id: '1', title: 'Yes' } } },
    ],
    [
      'reaction',
      { type: 'reaction', messageId: 'wamid.x', emoji: '👍' },
      { reaction: { message_id: 'wamid.x', emoji: '👍' } },
    ],
    ['unsupported', { type: 'unsupported' }, { errors: [{ code: 131051 }] }],
    [
      'order',
      { type: 'raw', message: { type: 'order', order: { catalog_id: '1' } } },
      { order: { catalog_id: '1' } },
    ],
  ])('has the shape of %s', async (type, message, shape) => {
    await harness.control.write(ana, message);
    await harness.control.settled();
    expect(harness.endpoint.messages()[0]).toMatchObject({ from: ana, type, ...shape });
  });

  it('takes a reaction back without an emoji', async () => {
    await harness.control.write(ana, { type: 'reaction', messageId: 'wamid.x', emoji: '' });
    await harness.control.settled();
    expect(harness.endpoint.messages()[0]?.reaction).toEqual({ message_id: 'wamid.x' });
  });

  it('names the message a reply or a pressed button answers', async () => {
    await harness.template('hello_world', [], 'en_US');
    const [template] = harness.control.messages({ number: ana });
    await harness.control.write(ana, { type: 'button', text: 'Yes' });
    await harness.control.write(ana, { type: 'text', text: 'x' }, { replyTo: 'wamid.y' });
    await harness.control.settled();
    expect(harness.endpoint.messages().map(({ context }) => context as Json)).toEqual([
      { from: '14155550110', id: template!.id },
      { from: '14155550110', id: 'wamid.y' },
    ]);
  });

  it('tells a changed number', async () => {
    await openWindow(harness);
    harness.control.changeNumber(ana, '34600555666');
    await harness.control.settled();
    expect(harness.endpoint.messages().at(-1)).toMatchObject({
      from: ana,
      type: 'system',
      system: { type: 'user_changed_number', wa_id: '34600555666', body: expect.any(String) as string },
    });
    expect((await harness.template('hello_world', [], 'en_US')).status).toBe(200);
    await harness.control.settled();
    expect(harness.endpoint.statuses().at(-1)).toMatchObject({
      status: 'failed',
      errors: [{ code: 131026 }],
    });
  });

  it('tells that somebody stopped marketing', async () => {
    harness.control.marketing(ana, { phoneNumberId: harness.account.id, value: 'stop' });
    await harness.control.settled();
    expect(harness.endpoint.fields('user_preferences')[0]?.value).toMatchObject({
      metadata: { phone_number_id: harness.account.id },
      user_preferences: [{ wa_id: ana, category: 'marketing_messages', value: 'stop' }],
    });
  });

  it('holds everything that waits, up to a hundred elements', async () => {
    harness.control.updateAccount(harness.account.id, { throughput: 0, pairBurst: 0 });
    await openWindow(harness);
    harness.control.misbehave(harness.account.id, { holdWebhooks: true });
    await Promise.all(Array.from({ length: 60 }, (_, n) => harness.text(`Message ${n}`)));
    await harness.control.write(ana, { type: 'text', text: 'Stop it' });
    await harness.control.settled();
    expect(harness.endpoint.received).toHaveLength(1);
    harness.control.behave();
    await harness.control.settled();
    expect(harness.endpoint.received).toHaveLength(3);
    expect(harness.endpoint.statuses()).toHaveLength(120);
    expect(harness.endpoint.messages().at(-1)?.text.body).toBe('Stop it');
  });
});

describe('delivery', () => {
  it('is tried again until the answer is 200', async () => {
    const answers = [500, 302, 201, 200];
    harness.endpoint.answerWith((response) => response.writeHead(answers.shift() ?? 200).end());
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await waitFor(() => harness.control.deliveries()[0]?.state === 'delivered', {
      what: 'the fourth attempt',
    });
    expect(harness.endpoint.received).toHaveLength(4);
    expect(new Set(harness.endpoint.received.map(({ raw }) => raw.toString())).size).toBe(1);
    expect(harness.control.deliveries()[0]?.attempts.map(({ status }) => status)).toEqual([
      500, 302, 201, 200,
    ]);
  });

  it('shows the sender two ticks once the company has it', async () => {
    harness.endpoint.answerWith((response) => response.writeHead(500).end());
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await waitFor(() => harness.endpoint.received.length > 0, { what: 'the first attempt' });
    expect(harness.control.messages({ direction: 'sent' })[0]?.status).toBe('accepted');
    harness.endpoint.answerWith((response) => response.end());
    harness.control.retryWebhooks();
    await waitFor(() => harness.control.messages({ direction: 'sent' })[0]?.status === 'delivered', {
      what: 'the tick',
    });
  });

  it('gives up after seven days', async () => {
    harness.endpoint.answerWith((response) => response.writeHead(500).end());
    await harness.control.write(ana, { type: 'text', text: 'Hello' });
    await waitFor(() => harness.control.deliveries()[0]?.state === 'waiting', { what: 'the first refusal' });
    harness.clock.advance(7 * dayMs + 1);
    await waitFor(() => harness.control.deliveries()[0]?.state === 'gaveUp', { what: 'the end of it' });
  });

  it('brings everything as soon as an endpoint that was away is back', async () => {
    await harness.stop();
    harness = await startHarness({ retryBaseMs: 3_600_000, retryMaxMs: 3_600_000 });
    const slow = harness;
    const away = await startEndpoint();
    await slow.subscribe(away.url, 'verify me');
    await away.stop();
    await slow.control.write(ana, { type: 'text', text: 'one' });
    await slow.control.settled();
    expect(slow.control.deliveries()[0]).toMatchObject({
      state: 'waiting',
      attempts: [{ error: 'ECONNREFUSED' }],
    });
    await slow.subscribe(slow.endpoint.url, 'verify me');
    await slow.control.write(ana, { type: 'text', text: 'two' });
    await slow.control.settled();
    expect(slow.endpoint.messages().map(({ text }) => text.body as string)).toEqual(['two', 'one']);
  });

  it('lets later ones overtake one that is not answered', async () => {
    let first = true;
    harness.endpoint.answerWith((response) => {
      if (!first) response.end();
      first = false;
    });
    await harness.control.write(ana, { type: 'text', text: 'one' });
    await waitFor(() => harness.endpoint.received.length === 1, { what: 'the first' });
    await harness.control.write(ana, { type: 'text', text: 'two' });
    await waitFor(() => harness.endpoint.messages().length === 2, { what: 'the second' });
    expect(harness.endpoint.messages().map(({ text }) => text.body as string)).toEqual(['one', 'two']);
  });
});
