import { ana, dayMs, type Harness, openWindow, startHarness } from './harness';

let harness: Harness;

beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.stop());

describe('sending', () => {
  it('answers with the number as written, the wa_id and an id like the real ones', async () => {
    await openWindow(harness);
    const { status, body } = await harness.send({ type: 'text', text: { body: 'Hi' } }, '+34 600 111 222');
    expect(status).toBe(200);
    expect(body).toEqual({
      messaging_product: 'whatsapp',
      contacts: [{ input: '+34 600 111 222', wa_id: ana }],
      messages: [{ id: expect.stringMatching(/^wamid\.[A-Za-z0-9+/]+=*$/) as string }],
    });
    const bytes = Buffer.from(String(body.messages[0].id).slice(6), 'base64').toString('latin1');
    expect(bytes).toContain(ana);
  });

  it('reaches one phone by every way of writing its number', async () => {
    for (const to of ['5531987654321', '553187654321', '+55 31 98765-4321']) {
      const { body } = await harness.send(helloWorld, to);
      expect(body.contacts).toEqual([{ input: to, wa_id: '553187654321' }]);
      expect(body.messages[0].message_status).toBe('accepted');
    }
    expect(harness.control.messages({ number: '5531987654321' })).toHaveLength(3);
  });

  it('keeps the wa_id a phone was registered with', async () => {
    harness.control.createPhone({ waId: '5531987654321' });
    const { body } = await harness.send(helloWorld, '553187654321');
    expect(body.contacts[0].wa_id).toBe('5531987654321');
  });

  it('makes a phone on the fly', async () => {
    await harness.send(helloWorld, '34699000111');
    expect(harness.control.phone('34699000111')).toMatchObject({ onWhatsApp: true, unread: 1 });
  });

  it('counts what a phone got by callback data', async () => {
    await openWindow(harness);
    await harness.text('one', { biz_opaque_callback_data: 'a' });
    await harness.text('two', { biz_opaque_callback_data: 'a' });
    await harness.text('three', { biz_opaque_callback_data: 'b' });
    expect(harness.control.counts({ minimum: 2 })).toEqual([
      { waId: ana, callbackData: 'a', count: 2, ids: [expect.any(String), expect.any(String)] },
    ]);
    expect(harness.control.messages({ number: ana, callbackData: 'b' })).toMatchObject([{ text: 'three' }]);
  });

  it('takes location, contacts, interactive messages and replies', async () => {
    await openWindow(harness);
    const first = await harness.text('one');
    const replyTo = first.body.messages[0].id as string;
    await harness.send({ type: 'text', text: { body: 'two' }, context: { message_id: replyTo } });
    await harness.send({ type: 'location', location: { latitude: 1.5, longitude: 2, name: 'Office' } });
    await harness.send({ type: 'contacts', contacts: [{ name: { formatted_name: 'Bo' } }] });
    await harness.send({ type: 'interactive', interactive: { type: 'button', body: { text: 'Choose' } } });
    expect(harness.control.messages({ number: ana })).toMatchObject([
      { text: 'one' },
      { text: 'two', replyTo },
      { type: 'location', content: { latitude: 1.5, longitude: 2, name: 'Office' } },
      { type: 'contacts' },
      { type: 'interactive', text: 'Choose' },
    ]);
  });

  it('puts a reaction on its message and takes it back', async () => {
    const theirs = await harness.control.write(ana, { type: 'text', text: 'Hello' });
    const react = (emoji: string) =>
      harness.send({ type: 'reaction', reaction: { message_id: theirs.id, emoji } });
    expect((await react('👍')).status).toBe(200);
    expect(sentMessage()).toMatchObject({ reactionOfCompany: '👍' });
    await react('');
    expect(sentMessage()?.reactionOfCompany).toBeUndefined();
    await harness.control.settled();
    expect(harness.endpoint.statuses().map(({ status }) => status as string)).toEqual(['sent', 'sent']);

    function sentMessage() {
      return harness.control.messages({ number: ana, direction: 'sent' })[0];
    }
  });

  it('marks a message and those before it as read', async () => {
    await harness.control.write(ana, { type: 'text', text: 'one' });
    const second = await harness.control.write(ana, { type: 'text', text: 'two' });
    const mark = (id: string) =>
      harness.graph('POST', `${harness.account.id}/messages`, {
        messaging_product: 'whatsapp',
        status: 'read',
        message_id: id,
      });
    expect(await mark(second.id)).toEqual({ status: 200, body: { success: true } });
    const messages = harness.control.messages({ number: ana, direction: 'sent' });
    expect(messages.map(({ status }) => status)).toEqual(['read', 'read']);
    expect((await mark('wamid.unknown')).body.error.code).toBe(131009);
  });
});

describe('refusals', () => {
  it('has the body of a Graph error', async () => {
    const { status, body } = await harness.text('Hi');
    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        message: '(#131047) Re-engagement message',
        type: 'OAuthException',
        code: 131047,
        error_data: { messaging_product: 'whatsapp', details: expect.stringContaining('24 hours') as string },
        fbtrace_id: expect.any(String) as string,
      },
    });
  });

  it('190: a token that is none', async () => {
    const path = `${harness.account.id}/messages`;
    expect(await harness.graph('POST', path, helloWorld, 'wrong')).toMatchObject({
      status: 401,
      body: { error: { code: 190, type: 'OAuthException' } },
    });
  });

  it('100/33: an unknown id, and one of another company', async () => {
    const other = harness.control.accounts()[1]!;
    for (const id of ['1', other.id]) {
      expect(await harness.graph('POST', `${id}/messages`, helloWorld)).toMatchObject({
        status: 400,
        body: { error: { code: 100, error_subcode: 33, type: 'GraphMethodException' } },
      });
    }
  });

  it.each([
    ['no product', { messaging_product: 'sms' }, 100],
    ['no recipient', { to: '' }, 100],
    ['no number', { to: 'abc' }, 131009],
    ['too short a number', { to: '12345' }, 131009],
    ['to oneself', { to: '+1 415-555-0110' }, 131021],
    ['an unknown type', { type: 'hologram' }, 100],
    ['no text', { type: 'text', text: {} }, 100],
    ['too much text', { type: 'text', text: { body: 'x'.repeat(4097) } }, 100],
    ['too much callback data', { biz_opaque_callback_data: 'x'.repeat(513) }, 100],
    ['a reply to nothing', { context: { message_id: 'nothing' } }, 131009],
    ['a reaction to nothing', { type: 'reaction', reaction: { message_id: 'wamid.x', emoji: '👍' } }, 131009],
    ['media without id', { type: 'image', image: {} }, 100],
    ['media of nobody', { type: 'image', image: { id: '123' } }, 100],
  ])('%s', async (_name, change, code) => {
    await openWindow(harness);
    const { status, body } = await harness.send({ type: 'text', text: { body: 'Hi' }, ...change });
    expect(status).toBe(400);
    expect(body.error.code).toBe(code);
    expect(harness.control.messages({ direction: 'received' })).toEqual([]);
  });

  it('a body that is no JSON', async () => {
    const response = await fetch(`${harness.url}/v23.0/${harness.account.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${harness.account.token}`, 'content-type': 'application/json' },
      body: '{',
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 100 } });
  });

  it('R-CHAT-15: 131047 from the moment a day has passed since the last message of the person', async () => {
    await openWindow(harness);
    const last = harness.control.messages({ direction: 'sent' })[0]!;
    const elapsed = harness.clock.now().getTime() - new Date(last.at).getTime();
    harness.clock.advance(dayMs - elapsed - 1);
    expect((await harness.text('in time')).status).toBe(200);
    harness.clock.advance(1);
    expect((await harness.text('too late')).body.error.code).toBe(131047);
    expect((await harness.send(helloWorld)).status).toBe(200);
  });

  it('131047 as a failed status, when the account is told so', async () => {
    harness.control.updateAccount(harness.account.id, { windowClosedAs: 'status' });
    const { status } = await harness.text('Hi');
    expect(status).toBe(200);
    await harness.control.settled();
    expect(harness.endpoint.statuses()).toMatchObject([{ status: 'failed', errors: [{ code: 131047 }] }]);
    expect(harness.control.messages({ number: ana })).toMatchObject([
      { status: 'failed', errorCode: 131047 },
    ]);
  });

  it('131026 afterwards: the number is not on WhatsApp', async () => {
    harness.control.createPhone({ waId: '34600999999', onWhatsApp: false });
    expect(
      (await harness.send({ ...helloWorld, biz_opaque_callback_data: 'm1' }, '34600999999')).status,
    ).toBe(200);
    await harness.control.settled();
    expect(harness.endpoint.statuses()).toEqual([
      {
        id: expect.any(String) as string,
        status: 'failed',
        timestamp: expect.stringMatching(/^\d{10}$/) as string,
        recipient_id: '34600999999',
        biz_opaque_callback_data: 'm1',
        errors: [
          {
            code: 131026,
            title: 'Message undeliverable',
            message: 'Message undeliverable',
            error_data: { details: 'Message Undeliverable.' },
            href: expect.any(String) as string,
          },
        ],
      },
    ]);
  });

  it('130429: more than the account may send in a second', async () => {
    harness.control.updateAccount(harness.account.id, { throughput: 3 });
    const send = (n: number) => harness.send(helloWorld, `3460000000${n}`);
    for (const n of [1, 2, 3]) expect((await send(n)).status).toBe(200);
    expect((await send(4)).body.error.code).toBe(130429);
    harness.clock.advance(1000);
    expect((await send(5)).status).toBe(200);
  });

  it('131056: 45 at once to one person, then one every six seconds', async () => {
    harness.control.updateAccount(harness.account.id, { throughput: 0 });
    const answers = await Promise.all(Array.from({ length: 46 }, () => harness.send(helloWorld)));
    const codes = answers.filter(({ status }) => status !== 200).map(({ body }) => body.error.code as number);
    expect(codes).toEqual([131056]);
    expect((await harness.send(helloWorld, '34600111333')).status).toBe(200);
    harness.clock.advance(6000);
    expect((await harness.send(helloWorld)).status).toBe(200);
    expect((await harness.send(helloWorld)).body.error.code).toBe(131056);
  });

  it('131048: more people a day than the business may write to first; who has written counts nothing', async () => {
    harness.control.updateAccount(harness.account.id, { messagingLimit: 2 });
    const send = (n: number) => harness.send(helloWorld, `3461000000${n}`);
    for (const n of [1, 2, 1]) expect((await send(n)).status).toBe(200);
    expect((await send(3)).body.error.code).toBe(131048);
    await openWindow(harness, '34610000003');
    expect((await send(3)).status).toBe(200);
    harness.clock.advance(dayMs);
    expect((await send(4)).status).toBe(200);
  });
});

const helloWorld = {
  messaging_product: 'whatsapp',
  type: 'template',
  template: { name: 'hello_world', language: { code: 'en_US' } },
};
