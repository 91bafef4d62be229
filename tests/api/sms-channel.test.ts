import type { SmsChannel } from '../../src/contracts/channels';
import type { SendPreview } from '../../src/contracts/sends';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;

beforeAll(async () => {
  api = await createApi();
});
beforeEach(async () => {
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
});
afterAll(() => api.close());

const path = '/api/v1/channels/sms';

function newAccount() {
  const account = api.world.sandbox.sms.createAccount({ number: `+1415555${1000 + serial++}` });
  return { ...account, credentials: { accountSid: account.id, authToken: account.authToken } };
}
let serial = 0;

async function connect(account = newAccount(), sender: object = { kind: 'name' }) {
  const { body } = await administrator.put(path, { ...account.credentials, sender }).expect(200);
  return body as SmsChannel;
}

async function refused(body: object): Promise<string[]> {
  const answer = await administrator.put(path, body).expect(422);
  return (answer.body as { errors?: { path: string }[] }).errors?.map((error) => error.path) ?? [];
}

describe('connecting SMS', () => {
  it('R-SEND-3: the sender is by default the company’s name, and cannot be answered', async () => {
    expect((await administrator.get(path).expect(200)).body).toMatchObject({
      state: 'notConnected',
      defaultSender: 'Acme',
    });
    const account = newAccount();
    expect(await connect(account)).toMatchObject({
      state: 'connected',
      stateText: null,
      accountSid: account.id,
      accountName: 'Sandbox company',
      sender: { kind: 'name', value: 'Acme' },
      canBeAnswered: false,
      inboundUrl: null,
    });
  });

  it('points a number at Parley; a messaging service is set at the provider by hand', async () => {
    const account = newAccount();
    const connected = await connect(account, { kind: 'number', value: account.number });
    expect(connected).toMatchObject({
      sender: { kind: 'number', value: account.number },
      canBeAnswered: true,
      inboundUrl: expect.stringMatching(/\/webhooks\/sms\/[0-9a-f-]{36}\/inbound$/),
    });
    const { smsUrl } = api.world.sandbox.sms.accounts().find(({ id }) => id === account.id)!;
    expect(smsUrl).toBe(connected.inboundUrl);
    expect(await connect(account, { kind: 'service', value: account.messagingServiceSid })).toMatchObject({
      sender: { kind: 'service' },
      canBeAnswered: true,
      inboundUrl: connected.inboundUrl,
    });
  });

  it('keeps the token sealed and never gives it back; left out it stays', async () => {
    const account = newAccount();
    const first = await connect(account);
    expect(JSON.stringify(first)).not.toContain(account.authToken);
    const [row] = await api.world.db.query<{ row: string }>(
      'select row_to_json(channel_accounts)::text as row from channel_accounts where organization_id = $1 and channel = $2',
      [company.organizationId, 'sms'],
    );
    expect(row!.row).not.toContain(account.authToken);
    expect(row!.row).not.toContain(Buffer.from(account.authToken).toString('hex'));
    const { body } = await administrator
      .put(path, { accountSid: account.id, sender: { kind: 'name', value: 'Acme Jobs' } })
      .expect(200);
    expect(body).toMatchObject({ sender: { kind: 'name', value: 'Acme Jobs' } });
  });

  it('says which field is wrong', async () => {
    const account = newAccount();
    const { accountSid, authToken } = account.credentials;
    const sender = { kind: 'name' };
    expect(await refused({ accountSid, authToken: 'wrong', sender })).toEqual(['authToken']);
    expect(await refused({ accountSid, sender })).toEqual(['authToken']);
    expect(await refused({ accountSid: 'AC1', authToken, sender })).toEqual(['accountSid']);
    expect(
      await refused({ accountSid, authToken, sender: { kind: 'name', value: 'Much too long a name' } }),
    ).toEqual(['sender.value']);
    expect(await refused({ accountSid, authToken, sender: { kind: 'number', value: 'twelve' } })).toEqual([
      'sender.value',
    ]);
    expect(
      await refused({ accountSid, authToken, sender: { kind: 'number', value: '+34612345678' } }),
    ).toEqual(['sender.value']);
    expect((await administrator.get(path).expect(200)).body).toMatchObject({ state: 'notConnected' });
  });

  it('one number belongs to one organization, as long as that is connected', async () => {
    const account = newAccount();
    const sender = { kind: 'number', value: account.number };
    await connect(account, sender);
    const other = await api.world.company();
    const elsewhere = await api.signIn(other, other.users.administrator);
    await elsewhere.put(path, { ...account.credentials, sender }).expect(409);
    await administrator.post(`${path}/disconnect`).expect(200);
    await elsewhere.put(path, { ...account.credentials, sender }).expect(200);
  });

  it('R-SEND-3: the dialogue says that a name cannot be answered', async () => {
    const person = await company.person();
    const answered = async () => {
      const { body } = await administrator
        .post('/api/v1/sends/preview', { channels: ['sms', 'whatsapp'], text: 'x', personIds: [person.id] })
        .expect(200);
      return (body as SendPreview).channels.map(({ channel, canBeAnswered }) => [channel, canBeAnswered]);
    };
    const account = newAccount();
    await connect(account);
    expect(await answered()).toEqual([
      ['sms', false],
      ['whatsapp', true],
    ]);
    await connect(account, { kind: 'number', value: account.number });
    expect(await answered()).toContainEqual(['sms', true]);
  });

  it('Send test: a text to a number of one’s own, no message to a person, no credits', async () => {
    const test = (to: string) => administrator.post(`${path}/test`, { to });
    await test('+34612345678').expect(409);
    const account = newAccount();
    await connect(account, { kind: 'number', value: account.number });
    const { body } = await test('twelve').expect(422);
    expect((body as { errors: object[] }).errors).toMatchObject([{ path: 'to' }]);
    const before = await company.balance();
    await test('+34 612 345 678').expect(200);
    expect(api.world.sandbox.sms.messages({ number: '34612345678' })).toMatchObject([
      { sender: account.number, text: 'This is a test of SMS from Acme.' },
    ]);
    expect(await company.balance()).toBe(before);
    await api.world.settled();
    api.world.sandbox.sms.updateAccount(account.id, { authToken: 'another' });
    const refusal = await test('+34612345678');
    expect(refusal.body).toMatchObject({ code: 'channel_disconnected' });
    await api.world.db.query(
      `update send_rates set next_at = now() + interval '1 hour' where organization_id = $1`,
      [company.organizationId],
    );
    expect((await test('+34612345678').expect(429)).headers['retry-after']).toBe('1');
    const recruiter = await api.signIn(company, company.users.recruiter);
    await recruiter.post(`${path}/test`, { to: '+34612345678' }).expect(403);
    const { body: audit } = await administrator.get('/api/v1/audit-entries').expect(200);
    expect(JSON.stringify(audit)).toContain('channel.tested');
  });

  it.each(['sms', 'email'])('the rate of %s can be set, or left to the usual one', async (channel) => {
    const at = `/api/v1/channels/${channel}`;
    const set = (messagesPerSecond: unknown) => administrator.patch(at, { messagesPerSecond });
    if (channel === 'sms') {
      await set(1).expect(409);
      await connect();
    }
    await set(null).expect(200);
    const usual = { messagesPerSecond: 10, messagesPerSecondFrom: 'usual', providerRate: 10 };
    const limits = async () => ((await administrator.get(at).expect(200)).body as SmsChannel).limits;
    expect(await limits()).toEqual(usual);
    for (const wrong of [0, 1.5, 10_001, '5', undefined]) await set(wrong).expect(422);
    expect((await set(3).expect(200)).body).toMatchObject({
      limits: { messagesPerSecond: 3, messagesPerSecondFrom: 'settings' },
    });
    await set(null).expect(200);
    expect(await limits()).toEqual(usual);
    const { body } = await administrator.get('/api/v1/audit-entries?target=channel').expect(200);
    expect((body as { items: object[] }).items.slice(0, 2)).toMatchObject([
      { action: 'channel.changed', before: { messagesPerSecond: 3 }, after: { messagesPerSecond: null } },
      { action: 'channel.changed', before: { messagesPerSecond: null }, after: { messagesPerSecond: 3 } },
    ]);
  });

  it('does not stand among the WhatsApp numbers', async () => {
    await connect();
    const { body } = await administrator.get('/api/v1/channels').expect(200);
    expect((body as { items: { channel: string }[] }).items.map(({ channel }) => channel)).toEqual([
      'whatsapp',
    ]);
  });
});

describe('an account in trouble', () => {
  it('R-AUTO-6: resumes once it works again, by itself with a new token', async () => {
    const account = newAccount();
    await connect(account);
    const pause = () =>
      api.world.db.query(
        `update channel_accounts set state = 'paused', state_reason = 'token' where organization_id = $1 and channel = 'sms'`,
        [company.organizationId],
      );
    await pause();
    expect((await administrator.get(path)).body).toMatchObject({
      state: 'paused',
      stateText: expect.stringContaining('Paused'),
    });
    api.world.sandbox.sms.updateAccount(account.id, { status: 'suspended' });
    await administrator.post(`${path}/resume`).expect(422);
    api.world.sandbox.sms.updateAccount(account.id, { status: 'active' });
    expect((await administrator.post(`${path}/resume`).expect(200)).body).toMatchObject({
      state: 'connected',
    });
    await pause();
    api.world.sandbox.sms.updateAccount(account.id, { authToken: 'a new one' });
    const body = { accountSid: account.id, authToken: 'a new one', sender: { kind: 'name' } };
    expect((await administrator.put(path, body).expect(200)).body).toMatchObject({ state: 'connected' });
  });

  it('is disconnected and connected again as it was', async () => {
    const account = newAccount();
    await administrator.post(`${path}/disconnect`).expect(409);
    await connect(account);
    expect((await administrator.post(`${path}/disconnect`).expect(200)).body).toMatchObject({
      state: 'disconnected',
      accountSid: account.id,
    });
    await connect(account);
    const rows = await api.world.db.query(
      `select 1 from channel_accounts where organization_id = $1 and channel = 'sms'`,
      [company.organizationId],
    );
    expect(rows).toHaveLength(1);
  });
});
