import { ana, type Harness, openWindow, startHarness } from './harness';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
  await openWindow(harness);
  harness.endpoint.received.length = 0;
});
afterEach(() => harness.stop());

const statuses = () => harness.endpoint.statuses().map(({ status }) => status as string);

describe('a phone', () => {
  it('that is off gets everything when it is on again', async () => {
    harness.control.updatePhone(ana, { switchedOn: false });
    await harness.text('1');
    await harness.text('2');
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'sent']);
    expect(harness.control.phone(ana).unread).toBe(0);
    harness.control.updatePhone(ana, { switchedOn: true });
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'sent', 'delivered', 'delivered']);
    expect(harness.control.phone(ana).unread).toBe(2);
  });

  it('reads what was delivered, once', async () => {
    await harness.text('1');
    await harness.text('2');
    expect(harness.control.read(ana)).toBe(2);
    expect(harness.control.read(ana)).toBe(0);
    await harness.control.settled();
    expect(statuses().filter((status) => status === 'read')).toHaveLength(2);
    expect(harness.endpoint.statuses().at(-1)).not.toHaveProperty('pricing');
    expect(harness.control.phone(ana).unread).toBe(0);
  });

  it('keeps to itself that it has read, when told so', async () => {
    harness.control.updatePhone(ana, { readReceipts: false });
    await harness.text('1');
    expect(harness.control.read(ana)).toBe(1);
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it('plays a voice message', async () => {
    const { body } = await harness.upload('OggS', 'audio/ogg; codecs=opus');
    const sent = await harness.send({ type: 'audio', audio: { id: body.id as string } });
    harness.control.play(sent.body.messages[0].id as string);
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'delivered', 'read', 'played']);
  });

  it('that blocks the company stays at sent, also after unblocking', async () => {
    harness.control.block(ana, { blocked: true });
    await harness.text('1', { biz_opaque_callback_data: 'm' });
    harness.control.block(ana, { blocked: false });
    harness.control.updatePhone(ana, { switchedOn: false });
    harness.control.updatePhone(ana, { switchedOn: true });
    await harness.text('2');
    await harness.control.settled();
    expect(statuses()).toEqual(['sent', 'sent', 'delivered']);
    expect(harness.control.counts({ callbackData: 'm' })).toMatchObject([{ count: 1 }]);
  });

  it('can forget its messages without closing the window', async () => {
    await harness.text('1');
    expect(harness.control.forgetMessages(ana)).toBe(2);
    expect((await harness.text('2')).status).toBe(200);
    expect(harness.control.messages({ number: ana })).toMatchObject([{ text: '2' }]);
    harness.control.reset();
    expect((await harness.text('3')).body.error.code).toBe(131047);
  });

  it('shows messages of the past that nobody is told about', async () => {
    const message = {
      number: '34600111777',
      id: 'wamid.past',
      direction: 'sent',
      at: '2026-01-02T03:04:05Z',
      content: { type: 'text', text: 'Long ago' },
    };
    const response = await fetch(`${harness.url}/sandbox/accounts/${harness.account.id}/history`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [message] }),
    });
    expect(response.ok).toBe(true);
    expect(harness.control.messages({ number: '34600111777', direction: 'both' })).toMatchObject([
      { id: 'wamid.past', text: 'Long ago', at: '2026-01-02T03:04:05.000Z' },
    ]);
    await harness.control.settled();
    expect(harness.endpoint.received).toEqual([]);
  });

  it('writes to the company it spoke with last', async () => {
    const second = harness.control.createAccount({ verifiedName: 'Second' });
    await harness.control.write(ana, { type: 'text', text: 'x' }, { phoneNumberId: second.id });
    expect((await harness.control.write(ana, { type: 'text', text: 'y' })).phoneNumberId).toBe(second.id);
    expect(harness.control.phone(ana).chats).toEqual([second.id, harness.account.id]);
  });

  it('reacts and takes it back', async () => {
    const { body } = await harness.text('1');
    const messageId = body.messages[0].id as string;
    await harness.control.write(ana, { type: 'reaction', messageId, emoji: '❤️' });
    expect(harness.control.messages({ number: ana })[0]?.reactionOfPhone).toBe('❤️');
    await harness.control.write(ana, { type: 'reaction', messageId, emoji: '' });
    expect(harness.control.messages({ number: ana })[0]?.reactionOfPhone).toBeUndefined();
  });
});

describe('the control API over HTTP', () => {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${harness.url}/sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as any }; // eslint-disable-line @typescript-eslint/no-explicit-any
  };

  it('lists the two accounts of the first start with their credentials', async () => {
    const { body } = await call('GET', '/accounts');
    expect(body.data).toMatchObject([
      {
        preset: 'demonstration',
        phoneNumberId: harness.account.id,
        token: harness.account.token,
        subscribed: true,
      },
      { preset: 'free', subscribed: false },
    ]);
  });

  it('creates accounts, also a second number of one WABA', async () => {
    const { wabaId, token } = harness.account;
    const created = await call('POST', '/accounts', { verifiedName: 'Bakery', wabaId });
    expect(created).toMatchObject({ status: 201, body: { verifiedName: 'Bakery', wabaId, token } });
    const { body } = await harness.graph('GET', `${wabaId}/phone_numbers`);
    expect(body.data).toHaveLength(2);
    const one = await harness.graph(
      'GET',
      `${harness.account.id}?fields=display_phone_number,verified_name,quality_rating`,
    );
    expect(one.body).toEqual({
      id: harness.account.id,
      display_phone_number: '+1 415-555-0110',
      verified_name: 'Demonstration company',
      quality_rating: 'GREEN',
    });
  });

  it('creates many phones, finds, changes and reads them', async () => {
    const list = [{ waId: '34600111333', name: 'Bo', onWhatsApp: false }, { waId: '+34 600 111 444' }];
    expect((await call('POST', '/phones', list)).body.data).toHaveLength(2);
    expect((await call('GET', '/phones?search=bo')).body.data).toMatchObject([
      { waId: '34600111333', onWhatsApp: false },
    ]);
    expect((await call('PATCH', '/phones/34600111333', { onWhatsApp: true })).body.onWhatsApp).toBe(true);
    expect((await call('GET', '/phones/34699999999')).status).toBe(404);
    expect((await call('POST', '/phones', { waId: 'x' })).status).toBe(400);
  });

  it('acts as a phone, and tells what it got', async () => {
    const { status } = await call('POST', `/phones/${ana}/send`, { text: 'Hi' });
    expect(status).toBe(201);
    await harness.text('Hello', { biz_opaque_callback_data: 'm1' });
    const { body } = await call('GET', `/phones/${ana}/messages`);
    expect(body.data).toMatchObject([
      { text: 'Hello', callbackData: 'm1', status: 'delivered', direction: 'received' },
    ]);
    expect((await call('GET', `/phones/${ana}/messages?direction=both&newest=1`)).body.data).toHaveLength(1);
    expect((await call('GET', '/counts?callbackData=m1')).body.data).toMatchObject([{ waId: ana, count: 1 }]);
    expect((await call('POST', `/phones/${ana}/read`)).body).toEqual({ read: 1 });
    expect((await call('DELETE', `/phones/${ana}/messages`)).body.forgotten).toBe(3);
    expect((await call('GET', `/phones/${ana}/messages`)).body.data).toEqual([]);
    expect((await call('POST', `/phones/${ana}/send`, { type: 'hologram' })).status).toBe(400);
  });

  it('sets misbehaviour, waits until all is settled, and resets', async () => {
    await call('PUT', `/misbehaviour/${harness.account.id}`, { refuse: { times: 1, code: 4 } });
    expect((await call('GET', '/misbehaviour')).body.data).toHaveLength(1);
    expect((await call('GET', '/webhooks/settled')).body).toEqual({ settled: true });
    expect((await call('GET', '/webhooks')).body.data.length).toBeGreaterThan(0);
    await call('POST', '/reset');
    expect((await call('GET', '/misbehaviour')).body.data).toEqual([]);
    expect((await call('GET', '/messages?direction=both')).body.data).toEqual([]);
    expect((await call('GET', '/accounts')).body.data).toHaveLength(2);
    await call('POST', '/reset', { everything: true });
    expect((await call('GET', '/accounts')).body.data[0].phoneNumberId).not.toBe(harness.account.id);
    expect((await call('GET', '/nothing')).status).toBe(404);
  });

  it('serves the pages, and tells them what happens', async () => {
    for (const path of ['/', `/phone/${ana}`, '/console', '/mail', '/pages/phone.js', '/pages/shared.css']) {
      expect((await fetch(harness.url + path)).status).toBe(200);
    }
    const stop = new AbortController();
    const stream = await fetch(`${harness.url}/sandbox/events`, { signal: stop.signal });
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    await reader.read();
    await harness.text('Hello');
    expect((await reader.read()).value).toContain(`"waId":"${ana}"`);
    stop.abort();
    await reader.cancel().catch(() => undefined);
  });
});
