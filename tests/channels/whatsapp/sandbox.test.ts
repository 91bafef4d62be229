import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChannelError } from '../../../src/channels/channel-error';
import { createWhatsAppClient } from '../../../src/channels/whatsapp/client';
import { projectWebhook } from '../../../src/channels/whatsapp/project';
import { verifySignature, verifySubscription } from '../../../src/channels/whatsapp/signature';
import { buildTemplateSend } from '../../../src/channels/whatsapp/templates';
import type {
  OutboundContent,
  WhatsAppAccount,
  WhatsAppClient,
  WhatsAppEvent,
} from '../../../src/channels/whatsapp/types';
import { systemClock } from '../../../src/clock';
import { createSandbox, type Sandbox } from '../../../src/sandbox/create-sandbox';
import { holdTimers } from '../../support/hold-timers';
import { waitFor } from '../../support/wait';

const phone = '34612345678';
const dayMs = 86_400_000;

let sandbox: Sandbox;
let client: WhatsAppClient;
let account: WhatsAppAccount;
let hook: Awaited<ReturnType<typeof startHook>>;

beforeAll(async () => {
  sandbox = createSandbox({ clock: systemClock, dayMs, retryBaseMs: 20, webhookTimeoutMs: 60_000 });
  const { url } = await sandbox.listen();
  client = createWhatsAppClient({ apiUrl: url, apiVersion: 'v23.0' });
});
afterAll(() => sandbox.close());

beforeEach(async () => {
  sandbox.control.reset();
  const made = sandbox.control.createAccount();
  account = {
    phoneNumberId: made.id,
    wabaId: made.wabaId,
    accessToken: made.token,
    appSecret: made.appSecret,
  };
  sandbox.control.createPhone({ waId: phone, name: 'Ada' });
  hook = await startHook(account.appSecret);
  await client.subscribe(account, { callbackUrl: hook.url, verifyToken: 'verify me' });
});
afterEach(() => hook.stop());

const send = (
  content: OutboundContent,
  more: { replyToProviderId?: string; clientReference?: string } = {},
) => client.send(account, { to: phone, clientReference: 'our-id', content, ...more }, { timeoutMs: 20_000 });
const write = (text: string) =>
  sandbox.control.write(phone, { type: 'text', text }, { phoneNumberId: account.phoneNumberId });

async function refusalOf(call: Promise<unknown>): Promise<ChannelError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ChannelError);
  return error as ChannelError;
}

describe('the client against the sandbox', () => {
  it('subscribes, again as well, and is told when the address does not answer the check', async () => {
    await client.subscribe(account, { callbackUrl: hook.url, verifyToken: 'verify me' });
    expect(sandbox.control.account(account.phoneNumberId).overrideCallbackUrl).toBe(hook.url);
    const wrong = client.subscribe(account, { callbackUrl: hook.url, verifyToken: 'something else' });
    expect(await refusalOf(wrong)).toMatchObject({ errorClass: 'permanent', providerCode: 2200 });
  });

  it('reads the number', async () => {
    expect(await client.phoneNumber(account)).toMatchObject({
      verifiedName: 'Sandbox company',
      quality: 'GREEN',
    });
  });

  it('says that the channel is broken when the token is wrong', async () => {
    const stranger = { ...account, accessToken: 'wrong' };
    expect(await refusalOf(client.phoneNumber(stranger))).toMatchObject({ errorClass: 'channelBroken' });
  });

  it('R-CHAT-2: free text outside the window is refused, inside it arrives with its receipts', async () => {
    const text: OutboundContent = { type: 'text', body: 'See you at nine – bring your CV' };
    expect(await refusalOf(send(text))).toMatchObject({ errorClass: 'permanent', reason: 'window_closed' });

    await write('hello');
    const { providerId, waId } = await send(text);
    expect(waId).toBe(phone);
    expect(sandbox.control.messages({ number: phone })).toMatchObject([
      { id: providerId, text: 'See you at nine – bring your CV', callbackData: 'our-id' },
    ]);
    sandbox.control.read(phone);
    const receipts = await hook.statusesOf(providerId, 3);
    expect(receipts.map(({ status }) => status).sort()).toEqual(['delivered', 'read', 'sent']);
    expect(
      receipts.every((receipt) => receipt.clientReference === 'our-id' && receipt.recipient === phone),
    ).toBe(true);
  });

  it('lists templates and sends one, with parameters and a button', async () => {
    sandbox.control.createTemplate({
      wabaId: account.wabaId,
      name: 'interview',
      language: 'en',
      components: [
        { type: 'BODY', text: 'Hi {{1}}, your interview for {{2}}.' },
        {
          type: 'BUTTONS',
          buttons: [
            { type: 'QUICK_REPLY', text: 'I will come' },
            { type: 'URL', text: 'Details', url: 'https://example.com/{{1}}' },
          ],
        },
      ],
    });
    const template = (await client.listTemplates(account)).find(({ name }) => name === 'interview');
    if (template === undefined) throw new Error('the template is not in the list');
    const values = { 'body.1': 'Ada', 'body.2': 'Baker\nat night', 'button.1': 'a/1' };
    const built = buildTemplateSend(template, values);
    if (!built.ok) throw new Error(`missing ${built.missing.join()}`);
    await send({ type: 'template', template: built.template });
    expect(sandbox.control.messages({ number: phone })).toMatchObject([
      {
        content: {
          text: 'Hi Ada, your interview for Baker at night.',
          buttons: [{ text: 'I will come' }, { text: 'Details', url: 'https://example.com/a/1' }],
        },
      },
    ]);
    const incomplete = { ...built.template, body: [{ text: 'Ada' }] };
    expect(await refusalOf(send({ type: 'template', template: incomplete }))).toMatchObject({
      reason: 'template_mismatch',
      providerCode: 132000,
    });
  });

  it('sends a template with named parameters', async () => {
    const template = sandbox.control.createTemplate({
      wabaId: account.wabaId,
      name: 'named',
      language: 'en',
      parameterFormat: 'NAMED',
      components: [{ type: 'BODY', text: 'A place as {{vacancy}} for {{first_name}}.' }],
    });
    const [remote] = (await client.listTemplates(account)).filter(({ id }) => id === template.id);
    const built = remote && buildTemplateSend(remote, { 'body.first_name': 'Ada', 'body.vacancy': 'Baker' });
    if (!built?.ok) throw new Error('not built');
    await send({ type: 'template', template: built.template });
    expect(sandbox.control.messages({ number: phone })[0]?.text).toBe('A place as Baker for Ada.');
  });

  it('pages through more templates than fit on one page', async () => {
    for (let index = 0; index < 230; index++) {
      const components = [{ type: 'BODY', text: 'Hello' }];
      sandbox.control.createTemplate({ wabaId: account.wabaId, name: `template_${index}`, components });
    }
    const names = (await client.listTemplates(account)).map(({ name }) => name);
    expect(names).toHaveLength(231);
    expect(new Set(names).size).toBe(231);
  });

  it('carries media both ways unchanged', async () => {
    const bytes = Buffer.from('%PDF-1.4\r\n\x00\xff--', 'latin1');
    await write('hello');
    const mediaId = await client.uploadMedia(account, {
      bytes,
      mimeType: 'application/pdf',
      filename: 'offer.pdf',
    });
    await send({ type: 'media', media: 'document', mediaId, caption: 'Our offer', filename: 'offer.pdf' });
    expect(sandbox.control.messages({ number: phone })).toMatchObject([
      { type: 'document', content: { caption: 'Our offer', filename: 'offer.pdf' } },
    ]);

    const file = { bytes, mimeType: 'audio/ogg; codecs=opus' };
    const company = { phoneNumberId: account.phoneNumberId };
    const { id } = await sandbox.control.write(phone, { type: 'audio', file, voice: true }, company);
    const { content } = await hook.messageOf(id);
    if (content.kind !== 'media') throw new Error(`not media but ${content.kind}`);
    expect(content).toMatchObject({ media: 'audio', voice: true });
    const { providerMediaId } = content;
    expect((await client.downloadMedia(account, providerMediaId, { maxBytes: bytes.length })).bytes).toEqual(
      bytes,
    );
    const tooSmall = client.downloadMedia(account, providerMediaId, { maxBytes: bytes.length - 1 });
    expect(await refusalOf(tooSmall)).toMatchObject({ errorClass: 'permanent', reason: 'media_failed' });
  });

  it('answers a message, reacts to it and marks it as read', async () => {
    const { id } = await write('hello');
    await send({ type: 'text', body: 'welcome' }, { replyToProviderId: id });
    await send({ type: 'reaction', targetProviderId: id, emoji: '👍' });
    await client.markRead(account, id);
    const messages = sandbox.control.messages({ number: phone, direction: 'both' });
    expect(messages.find(({ text }) => text === 'welcome')).toMatchObject({ replyTo: id });
    expect(messages.find((message) => message.id === id)).toMatchObject({
      reactionOfCompany: '👍',
      status: 'read',
    });
  });

  it('reads what the phone sends: reply, reaction, location, button, and a type of tomorrow', async () => {
    const company = { phoneNumberId: account.phoneNumberId };
    await write('hello');
    const { providerId } = await send({ type: 'text', body: 'When?' });
    const reply = await sandbox.control.write(
      phone,
      { type: 'text', text: 'Now 👋' },
      { ...company, replyTo: providerId },
    );
    const reaction = await sandbox.control.write(
      phone,
      { type: 'reaction', messageId: providerId, emoji: '❤️' },
      company,
    );
    const place = await sandbox.control.write(
      phone,
      { type: 'location', latitude: 40.4, longitude: -3.7 },
      company,
    );
    const button = await sandbox.control.write(phone, { type: 'button', text: 'I will come' }, company);
    const strange = await sandbox.control.write(
      phone,
      { type: 'raw', message: { type: 'hologram' } },
      company,
    );
    expect(await hook.messageOf(reply.id)).toMatchObject({
      from: phone,
      profileName: 'Ada',
      replyToProviderId: providerId,
      content: { kind: 'text', body: 'Now 👋' },
    });
    expect((await hook.messageOf(reaction.id)).content).toEqual({
      kind: 'reaction',
      targetProviderId: providerId,
      emoji: '❤️',
    });
    expect((await hook.messageOf(place.id)).content).toMatchObject({ kind: 'location', latitude: 40.4 });
    expect((await hook.messageOf(button.id)).content).toMatchObject({
      kind: 'buttonReply',
      text: 'I will come',
    });
    expect((await hook.messageOf(strange.id)).content).toEqual({
      kind: 'unsupported',
      providerType: 'hologram',
    });
  });

  it.each([
    ['hangs up after accepting', { hangUpAfterAccept: 1 }, 1],
    ['hangs up before accepting', { hangUpBeforeAccept: 1 }, 0],
    ['answers as a gateway, having accepted', { httpError: { times: 1, status: 502, accepted: true } }, 1],
    ['answers as a gateway, not having accepted', { httpError: { times: 1, status: 502 } }, 0],
  ] as const)(
    'is unknown, and sent once at most, when the provider %s',
    async (_name, misbehaviour, arrived) => {
      await write('hello');
      sandbox.control.misbehave(account.phoneNumberId, misbehaviour);
      expect(await refusalOf(send({ type: 'text', body: 'once' }))).toMatchObject({ errorClass: 'unknown' });
      expect(sandbox.control.messages({ number: phone })).toHaveLength(arrived);
    },
  );

  it('is unknown when the provider accepts and never answers; the receipt settles it', async () => {
    await write('hello');
    sandbox.control.misbehave(account.phoneNumberId, { neverAnswer: 1 });
    const content: OutboundContent = { type: 'text', body: 'once' };
    const deadline = holdTimers(12_345);
    const message = { to: phone, clientReference: 'lost-1', content };
    const lost = refusalOf(client.send(account, message, { timeoutMs: 12_345 }));
    const [arrived] = await waitFor(
      () => {
        const messages = sandbox.control.messages({ number: phone });
        return messages.length > 0 && messages;
      },
      { what: 'the message' },
    );
    deadline.runOut();
    expect(await lost).toMatchObject({ errorClass: 'unknown' });
    const receipts = await hook.statusesOf(String(arrived?.id), 2);
    expect(receipts.every(({ clientReference }) => clientReference === 'lost-1')).toBe(true);
  });

  it.each([
    [130429, 'rateLimited'],
    [190, 'channelBroken'],
    [131000, 'transient'],
    [131026, 'permanent'],
  ] as const)('classifies %i alike as refusal and as failed status: %s', async (code, errorClass) => {
    await write('hello');
    sandbox.control.misbehave(account.phoneNumberId, { refuse: { times: 1, code } });
    expect(await refusalOf(send({ type: 'text', body: 'x' }))).toMatchObject({
      providerCode: code,
      errorClass,
    });
    sandbox.control.misbehave(account.phoneNumberId, { refuse: { times: 1, code, as: 'status' } });
    const { providerId } = await send({ type: 'text', body: 'y' });
    const failed = (await hook.statusesOf(providerId, 1)).find(({ status }) => status === 'failed');
    expect(failed?.error).toMatchObject({ code, errorClass });
  });

  it('reads template and preference events', async () => {
    const [template] = sandbox.control.templates(account.wabaId);
    sandbox.control.updateAccount(account.phoneNumberId, { appCallbackUrl: hook.url });
    sandbox.control.setTemplateStatus(String(template?.id), { status: 'PAUSED' });
    sandbox.control.marketing(phone, { phoneNumberId: account.phoneNumberId, value: 'stop' });
    expect(await hook.eventOf('templateStatus')).toMatchObject({ name: 'hello_world', status: 'PAUSED' });
    expect(await hook.eventOf('userPreference')).toMatchObject({ from: phone, marketing: 'stop' });
  });
});

type MessageEvent = Extract<WhatsAppEvent, { type: 'message' }>;
type StatusEvent = Extract<WhatsAppEvent, { type: 'status' }>;

/** A webhook as Parley has one: it checks the subscription, the signature over the raw body, and projects. */
async function startHook(appSecret: string) {
  const events: WhatsAppEvent[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'GET') {
        const query = Object.fromEntries(new URL(request.url ?? '', 'http://localhost').searchParams);
        const check = verifySubscription(query, 'verify me');
        response.writeHead(check.ok ? 200 : 403).end(check.ok ? check.challenge : '');
        return;
      }
      const raw = Buffer.concat(chunks);
      const header = request.headers['x-hub-signature-256'];
      if (typeof header !== 'string' || !verifySignature(raw, header, appSecret)) {
        response.writeHead(403).end();
        return;
      }
      const projected = projectWebhook(JSON.parse(raw.toString()));
      if (projected.faults.length > 0) throw new Error(JSON.stringify(projected.faults));
      events.push(...projected.events);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const find = <T>(what: string, check: () => T | undefined) => waitFor(check, { what });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    messageOf: (id: string) =>
      find(`message ${id}`, () =>
        events.find((event): event is MessageEvent => event.type === 'message' && event.providerId === id),
      ),
    statusesOf: (id: string, least: number) =>
      find(`${least} statuses of ${id}`, () => {
        const found = events.filter(
          (event): event is StatusEvent => event.type === 'status' && event.providerId === id,
        );
        return found.length >= least ? found : undefined;
      }),
    eventOf: (type: WhatsAppEvent['type']) =>
      find(`an event ${type}`, () => events.find((event) => event.type === type)),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
