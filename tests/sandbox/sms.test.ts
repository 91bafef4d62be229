import { createSmsClient } from '../../src/channels/sms/client';
import { projectSms } from '../../src/channels/sms/project';
import { verifySmsSignature } from '../../src/channels/sms/signature';
import type { SmsAccount as ClientAccount } from '../../src/channels/sms/types';
import { smsSize } from '../../src/domain/sms-segments';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { startProvider, type SeenRequest } from '../channels/whatsapp/provider';
import { holdTimers } from '../support/hold-timers';
import { createTemporaryFolder } from '../support/temporary-folder';
import { waitFor } from '../support/wait';
import { createStandingClock } from './harness';

const ana = '34600111222';
let sandbox: Sandbox;
let url: string;
let endpoint: Awaited<ReturnType<typeof startProvider>>;
let account: ReturnType<Sandbox['control']['sms']['accounts']>[number];
let client: ReturnType<typeof createSmsClient>;

beforeAll(async () => {
  sandbox = createSandbox({ clock: createStandingClock(), dayMs: 86_400_000, retryBaseMs: 5 });
  ({ url } = await sandbox.listen());
  endpoint = await startProvider();
  client = createSmsClient({ apiUrl: url });
});
beforeEach(async () => {
  await sandbox.control.settled();
  sandbox.control.reset({ everything: true });
  sandbox.control.createPhone({ waId: ana, name: 'Ana Ruiz' });
  account = sandbox.control.sms.accounts()[0]!;
  endpoint.answerWith((_request, response) => response.end());
});
afterAll(async () => {
  await sandbox.close();
  await endpoint.stop();
});

const credentials = (from = account.number): ClientAccount => ({
  accountSid: account.id,
  authToken: account.authToken,
  sender: { from },
});
const send = (body = 'Hello', more: { from?: string; to?: string; callback?: string } = {}) =>
  client.send(
    credentials(more.from),
    { to: more.to ?? `+${ana}`, body, statusCallback: more.callback ?? `${endpoint.url}/status/1` },
    { timeoutMs: 20_000 },
  );
const settled = () => sandbox.control.settled();
const formOf = ({ body }: SeenRequest) => Object.fromEntries(new URLSearchParams(String(body)));
const statuses = () => endpoint.seen.map((request) => formOf(request).MessageStatus);

describe('a message to a phone', () => {
  it('is there, counted, and its statuses are posted signed', async () => {
    const sent = await send('Hello Ana');
    expect(sent).toEqual({ providerId: expect.stringMatching(/^SM[0-9a-f]{32}$/), segments: 1 });
    expect(sandbox.control.sms.messages({ number: ana })).toMatchObject([
      { id: sent.providerId, sender: account.number, text: 'Hello Ana', status: 'delivered', read: false },
    ]);
    expect(sandbox.control.phone(ana)).toMatchObject({ unread: 1, lastText: 'Hello Ana' });
    await settled();
    expect(statuses()).toEqual(['sent', 'delivered']);
    for (const { path, body, headers } of endpoint.seen) {
      const signature = String(headers['x-twilio-signature']);
      expect(path).toBe('/status/1');
      expect(verifySmsSignature({ url: `${endpoint.url}${path}`, body, signature }, account.authToken)).toBe(
        true,
      );
      expect(projectSms('status', body)).toMatchObject({ type: 'smsStatus', providerId: sent.providerId });
    }
  });

  it('counts segments as Parley does', async () => {
    for (const text of ['a'.repeat(160), 'a'.repeat(161), '€'.repeat(153), 'я'.repeat(71), '😀'.repeat(67)])
      expect((await send(text)).segments).toBe(smsSize(text).segments);
  });

  it('waits at sent until the phone is on', async () => {
    sandbox.control.updatePhone(ana, { switchedOn: false });
    await send();
    await settled();
    expect(statuses()).toEqual(['sent']);
    sandbox.control.updatePhone(ana, { switchedOn: true });
    await settled();
    expect(statuses()).toEqual(['sent', 'delivered']);
  });

  it.each([
    ['a number that is none', { to: '+1' }, 21211],
    ['Twilio’s invalid number', { to: '+15005550001' }, 21211],
    ['Twilio’s landline', { to: '+15005550009' }, 21614],
    ['a number that opted out', { to: '+15005550004' }, 21610],
    ['a region that is switched off', { to: '+15005550003' }, 21408],
    ['another’s number as sender', { from: '+34699999999' }, 21606],
    ['a sender that is none', { from: 'Much too long a name' }, 21212],
    ['a text that is too long', {}, 21617],
  ])('refuses %s', async (name, more, providerCode) => {
    const text = name.includes('too long') ? 'a'.repeat(1601) : 'Hello';
    await expect(send(text, more)).rejects.toMatchObject({ providerCode });
    expect(sandbox.control.sms.messages()).toEqual([]);
  });

  it('refuses wrong credentials and suspended accounts', async () => {
    const wrong = { ...credentials(), authToken: 'x' };
    await expect(client.checkAccount(wrong)).rejects.toMatchObject({ errorClass: 'channelBroken' });
    expect(await client.checkAccount(credentials())).toEqual({ name: 'Demonstration company' });
    sandbox.control.sms.updateAccount(account.id, { status: 'suspended' });
    await expect(client.checkAccount(credentials())).rejects.toMatchObject({ errorClass: 'channelBroken' });
    await expect(send()).rejects.toMatchObject({ errorClass: 'channelBroken', providerCode: 20005 });
  });

  it('goes out over a messaging service', async () => {
    const sent = await client.send(
      { ...credentials(), sender: { messagingServiceSid: account.messagingServiceSid } },
      { to: `+${ana}`, body: 'a'.repeat(161), statusCallback: `${endpoint.url}/s` },
      { timeoutMs: 20_000 },
    );
    expect(sent.segments).toBe(2);
    expect(sandbox.control.sms.messages()).toMatchObject([{ sender: account.number }]);
  });

  it('keeps to its rate', async () => {
    sandbox.control.sms.updateAccount(account.id, { throughput: 2 });
    const outcomes = await Promise.allSettled([send(), send(), send(), send()]);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(2);
    expect(refused[0]!.reason).toMatchObject({ errorClass: 'rateLimited', providerCode: 20429 });
  });
});

describe('a message of a phone', () => {
  const inbox = () => sandbox.control.sms.updateAccount(account.id, { smsUrl: `${endpoint.url}/in` });

  it('is posted signed to where the number points', async () => {
    expect(await client.receiveAt(credentials(), `${endpoint.url}/in`)).toBe('set');
    sandbox.control.sms.write(ana, 'Sí, 18:00 😀');
    await settled();
    const [post] = endpoint.seen;
    const signature = String(post!.headers['x-twilio-signature']);
    expect(
      verifySmsSignature({ url: `${endpoint.url}/in`, body: post!.body, signature }, account.authToken),
    ).toBe(true);
    expect(projectSms('inbound', post!.body)).toMatchObject({
      type: 'smsMessage',
      accountSid: account.id,
      from: ana,
      body: 'Sí, 18:00 😀',
    });
  });

  it('is posted again until it is accepted', async () => {
    inbox();
    let calls = 0;
    endpoint.answerWith((_request, response, socket) => {
      calls++;
      if (calls === 1) socket.destroy();
      else response.writeHead(calls === 2 ? 503 : 200).end();
    });
    sandbox.control.sms.write(ana, 'Hello?');
    while (calls < 3) await settled();
    await settled();
    expect(new Set(endpoint.seen.map((request) => formOf(request).MessageSid)).size).toBe(1);
  });

  it('STOP makes the provider refuse its number, START ends that; a sender in letters knows neither', async () => {
    inbox();
    sandbox.control.sms.write(ana, 'Stop');
    await expect(send()).rejects.toMatchObject({ providerCode: 21610, reason: 'opted_out' });
    await send('Hello', { from: 'Brightwater' });
    sandbox.control.sms.write(ana, 'START');
    await send();
  });

  it('stands with what came from that sender; a sender in letters cannot be answered', async () => {
    await send('One');
    await send('Two', { from: 'Brightwater' });
    sandbox.control.sms.write(ana, 'Yes');
    expect(sandbox.control.sms.threads(ana)).toMatchObject([
      { sender: account.number, canBeAnswered: true, messages: [{ text: 'One' }, { text: 'Yes' }] },
      { sender: 'Brightwater', canBeAnswered: false, unread: 1, messages: [{ text: 'Two' }] },
    ]);
    expect(sandbox.control.sms.read(ana, 'Brightwater')).toBe(1);
    expect(sandbox.control.sms.threads(ana)[1]).toMatchObject({ unread: 0 });
  });
});

describe('misbehaviour', () => {
  it('refuses, and fails afterwards', async () => {
    sandbox.control.misbehave(account.id, { refuse: { times: 1, code: 30007 } });
    await expect(send()).rejects.toMatchObject({ providerCode: 30007, errorClass: 'permanent' });
    sandbox.control.misbehave(ana, { refuse: { times: 1, code: 30006, as: 'status' } });
    await send();
    await settled();
    expect(formOf(endpoint.seen.at(-1)!)).toMatchObject({ MessageStatus: 'undelivered', ErrorCode: '30006' });
  });

  it('hangs up, stays silent, answers as a gateway: each is unknown, whatever became of the message', async () => {
    sandbox.control.misbehave(account.id, { hangUpAfterAccept: 1 });
    await expect(send()).rejects.toMatchObject({ errorClass: 'unknown' });
    sandbox.control.misbehave(account.id, { neverAnswer: 1 });
    const deadline = holdTimers(12_345);
    const silent = expect(
      client.send(
        credentials(),
        { to: `+${ana}`, body: 'Hello', statusCallback: `${endpoint.url}/s` },
        { timeoutMs: 12_345 },
      ),
    ).rejects.toMatchObject({ errorClass: 'unknown' });
    await waitFor(() => sandbox.control.sms.messages().length === 2, { what: 'the second' });
    deadline.runOut();
    await silent;
    sandbox.control.misbehave(account.id, { httpError: { times: 1, status: 502, accepted: true } });
    await expect(send()).rejects.toMatchObject({ errorClass: 'unknown' });
    expect(sandbox.control.sms.messages()).toHaveLength(3);
    sandbox.control.misbehave(account.id, { hangUpBeforeAccept: 1 });
    await expect(send()).rejects.toMatchObject({ errorClass: 'unknown' });
    sandbox.control.misbehave(account.id, { httpError: { times: 1, status: 503, graphBody: true } });
    await expect(send()).rejects.toMatchObject({ errorClass: 'transient', providerCode: 20503 });
    expect(sandbox.control.sms.messages()).toHaveLength(3);
    expect(sandbox.control.sms.counts({ minimum: 2 })).toHaveLength(1);
  });

  it('posts early, doubled, reversed, held back or never', async () => {
    sandbox.control.misbehave(account.id, { statusBeforeAnswer: true });
    await send();
    expect(statuses()).toEqual(['sent', 'delivered']);
    endpoint.seen.length = 0;
    sandbox.control.misbehave(account.id, { duplicateStatuses: true });
    await send();
    await settled();
    expect(statuses()).toEqual(['sent', 'sent', 'delivered', 'delivered']);
    endpoint.seen.length = 0;
    sandbox.control.misbehave(account.id, { reorderWebhooks: true });
    await send();
    await settled();
    expect(statuses()).toEqual(['delivered', 'sent']);
    endpoint.seen.length = 0;
    sandbox.control.misbehave(account.id, { holdWebhooks: true });
    await send();
    await settled();
    expect(statuses()).toEqual([]);
    sandbox.control.misbehave(account.id, { dropWebhooks: 1 });
    await settled();
    expect(statuses()).toEqual(['sent', 'delivered']);
    endpoint.seen.length = 0;
    await send();
    await settled();
    expect(statuses()).toEqual(['delivered']);
  });
});

it('what was not posted yet survives the process', async () => {
  const folder = createTemporaryFolder();
  const options = { clock: createStandingClock(), dayMs: 86_400_000, retryBaseMs: 5, dataDir: folder.path };
  const first = createSandbox(options);
  const sid = first.control.sms.accounts()[0]!.id;
  first.control.sms.updateAccount(sid, { smsUrl: `${endpoint.url}/in` });
  first.control.misbehave(sid, { holdWebhooks: true });
  first.control.sms.write(ana, 'Still there?', { accountSid: sid });
  await first.close();
  const second = createSandbox(options);
  expect(second.control.sms.messages({ direction: 'sent' })).toMatchObject([{ text: 'Still there?' }]);
  second.control.behave();
  await second.control.settled();
  expect(endpoint.seen.map((request) => formOf(request).Body)).toEqual(['Still there?']);
  await second.close();
  folder.remove();
});
