import type { ChannelAccount } from '../../src/contracts/channels';
import type { Template } from '../../src/contracts/templates';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;

beforeAll(async () => {
  api = await createApi();
});
beforeEach(async () => {
  company = await api.world.company({ connected: false });
  administrator = await api.signIn(company, company.users.administrator);
});
afterAll(() => api.close());

/** A number at WhatsApp that nobody has connected. */
function newNumber() {
  const made = api.world.sandbox.createAccount();
  const { id: phoneNumberId, wabaId, token: accessToken, appSecret } = made;
  return { name: 'Main', phoneNumberId, wabaId, accessToken, appSecret };
}

const connect = async (number = newNumber()) => {
  const { body } = await administrator.post('/api/v1/channels/whatsapp', number).expect(201);
  return body as ChannelAccount;
};

const codeAndFields = (body: unknown) => {
  const { code, errors } = body as { code: string; errors?: { path: string }[] };
  return [code, errors?.map(({ path }) => path)];
};

describe('connecting a number', () => {
  it('checks the credentials, subscribes the webhooks at our address and fetches the templates', async () => {
    const number = newNumber();
    api.world.sandbox.createTemplate({
      wabaId: number.wabaId,
      name: 'interview',
      language: 'en',
      category: 'UTILITY',
      status: 'APPROVED',
      components: [
        { type: 'HEADER', format: 'TEXT', text: 'Hi {{1}}' },
        { type: 'BODY', text: 'Dear {{1}}, come on {{2}}.' },
        { type: 'BUTTONS', buttons: [{ type: 'URL', text: 'See', url: 'https://example.com/{{1}}' }] },
      ],
    });
    const account = await connect(number);
    expect(account).toMatchObject({
      state: 'connected',
      stateText: null,
      webhookUrl: `${api.url}/webhooks/whatsapp/${account.id}`,
    });
    expect(account.templatesSyncedAt).not.toBeNull();
    expect(JSON.stringify(account)).not.toContain(number.accessToken);
    // the sandbox, as WhatsApp does, asked our webhook for the challenge before it took the address
    expect(api.world.sandbox.account(number.phoneNumberId)).toMatchObject({ subscribed: true });

    const { body } = await administrator.get('/api/v1/templates').expect(200);
    const template = (body as { items: Template[] }).items.find(({ name }) => name === 'interview')!;
    expect(template).toMatchObject({
      status: 'approved',
      header: 'Hi {{1}}',
      body: 'Dear {{1}}, come on {{2}}.',
    });
    expect(template.parameters.map(({ key, place, expression }) => [key, place, expression])).toEqual([
      ['header.1', 'header', ''],
      ['body.1', 'body', ''],
      ['body.2', 'body', ''],
      ['button.0', 'button', ''],
    ]);
  });

  it('keeps the credentials sealed', async () => {
    const number = newNumber();
    const { id } = await connect(number);
    const [row] = await api.world.db.query<{ token: Buffer }>(
      'select access_token_sealed as token from channel_accounts where id = $1',
      [id],
    );
    expect(row!.token.toString('latin1')).not.toContain(number.accessToken);
    const audit = await api.world.db.query('select * from audit_entries where target_id = $1', [id]);
    expect(JSON.stringify(audit)).not.toContain(number.accessToken);
  });

  it('names the field that WhatsApp does not accept', async () => {
    const number = newNumber();
    const path = '/api/v1/channels/whatsapp';
    const wrongToken = await administrator.post(path, { ...number, accessToken: 'wrong' }).expect(422);
    expect(codeAndFields(wrongToken.body)).toEqual(['invalid', ['accessToken']]);
    const wrongNumber = await administrator.post(path, { ...number, phoneNumberId: '99999999' }).expect(422);
    expect(codeAndFields(wrongNumber.body)[0]).toBe('invalid');
  });

  it('refuses a number that is connected already, here or elsewhere', async () => {
    const number = newNumber();
    await connect(number);
    const path = '/api/v1/channels/whatsapp';
    await administrator.post(path, number).expect(409);
    const other = await api.world.company({ connected: false });
    const stranger = await api.signIn(other, other.users.administrator);
    await stranger.post(path, number).expect(409);
  });

  it('takes a disconnected number back, with its history', async () => {
    const number = newNumber();
    const { id } = await connect(number);
    const gone = await administrator.post(`/api/v1/channels/${id}/disconnect`).expect(200);
    expect(gone.body).toMatchObject({ state: 'disconnected' });
    expect((await connect(number)).id).toBe(id);
  });
});

describe('a connected number', () => {
  it('R-CHAT-14: shows in `me`', async () => {
    const before = await administrator.get('/api/v1/me').expect(200);
    expect(before.body).toMatchObject({ whatsapp: { connected: false, state: 'none' } });
    await connect();
    const after = await administrator.get('/api/v1/me').expect(200);
    expect(after.body).toMatchObject({ whatsapp: { connected: true, state: 'connected' } });
  });

  it('R-AUTO-6: resumes when paused, by hand or with a new token that works', async () => {
    const { id } = await connect();
    const pause = () =>
      api.world.db.query(
        `update channel_accounts set state = 'paused', state_reason = 'provider_refused' where id = $1`,
        [id],
      );
    await pause();
    const resumed = await administrator.post(`/api/v1/channels/${id}/resume`).expect(200);
    expect(resumed.body).toMatchObject({ state: 'connected' });
    await pause();
    const renamed = await administrator.patch(`/api/v1/channels/${id}`, { name: 'Other' }).expect(200);
    expect(renamed.body).toMatchObject({ name: 'Other', state: 'paused' });
    await administrator.patch(`/api/v1/channels/${id}`, { accessToken: 'wrong' }).expect(422);
  });

  it('limits: as WhatsApp tells them; the rate can be set, the number of people only where WhatsApp does not say', async () => {
    const { id, limits } = await connect();
    expect(limits).toEqual({
      messagesPerSecond: 80,
      messagesPerSecondFrom: 'provider',
      providerRate: 80,
      messagingTier: 'TIER_10K',
      messagingTierFrom: 'provider',
      peoplePerDay: 10_000,
      reached: 0,
    });
    const change = (body: object) => administrator.patch(`/api/v1/channels/${id}`, body);
    const set = await change({ messagesPerSecond: 20 }).expect(200);
    expect(set.body).toMatchObject({ limits: { messagesPerSecond: 20, messagesPerSecondFrom: 'settings' } });
    await change({ messagesPerSecond: 0 }).expect(422);
    await change({ messagingTier: 'TIER_2K' }).expect(409);
    await api.world.db.query(
      'update channel_accounts set messaging_tier = null, tier_from_provider = false where id = $1',
      [id],
    );
    const entered = await change({ messagingTier: 'TIER_2K', messagesPerSecond: null }).expect(200);
    expect(entered.body).toMatchObject({
      limits: { messagesPerSecond: 80, messagingTierFrom: 'settings', peoplePerDay: 2_000 },
    });
    const known = await administrator.post(`/api/v1/channels/${id}/sync-templates`).expect(200);
    expect(known.body).toMatchObject({
      limits: { messagingTier: 'TIER_10K', messagingTierFrom: 'provider' },
    });
  });

  it('follows its templates: expressions stay, what is disabled is', async () => {
    const number = newNumber();
    const made = ['kept', 'stopped'].map((name) =>
      api.world.sandbox.createTemplate({
        wabaId: number.wabaId,
        name,
        language: 'en',
        category: 'UTILITY',
        status: 'APPROVED',
        components: [{ type: 'BODY', text: 'Hello {{1}}' }],
      }),
    );
    const { id } = await connect(number);
    const list = async () => {
      const { body } = await administrator.get('/api/v1/templates').expect(200);
      return (body as { items: Template[] }).items;
    };
    const kept = (await list()).find(({ name }) => name === 'kept')!;
    const parameters = [{ key: 'body.1', place: 'body', expression: '{{candidate.firstName|there}}' }];
    await administrator.patch(`/api/v1/templates/${kept.id}`, { parameters }).expect(200);
    api.world.sandbox.setTemplateStatus(made[1]!.id, { status: 'DISABLED' });
    await administrator.post(`/api/v1/channels/${id}/sync-templates`).expect(200);
    const after = await list();
    expect(after.find(({ name }) => name === 'stopped')).toMatchObject({ status: 'disabled' });
    expect(after.find(({ name }) => name === 'kept')).toMatchObject({ id: kept.id, version: 2, parameters });
  });

  it('sends a test by an approved template without parameters', async () => {
    const number = newNumber();
    for (const [name, text] of [
      ['plain', 'All is well.'],
      ['asking', 'Hello {{1}}'],
    ] as const) {
      api.world.sandbox.createTemplate({
        wabaId: number.wabaId,
        name,
        language: 'en',
        category: 'UTILITY',
        status: 'APPROVED',
        components: [{ type: 'BODY', text }],
      });
    }
    const { id } = await connect(number);
    const { body } = await administrator.get('/api/v1/templates').expect(200);
    const idOf = (name: string) => (body as { items: Template[] }).items.find((one) => one.name === name)!.id;
    api.world.sandbox.createPhone({ waId: '34699000111' });
    const path = `/api/v1/channels/${id}/test`;
    const test = { to: '+34 699 000 111', templateId: idOf('plain') };
    const key = { 'Idempotency-Key': 'test-1' };
    await administrator.post(path, test, key).expect(200);
    await administrator.post(path, test, key).expect(200);
    expect(api.world.sandbox.messages({ number: '34699000111' })).toHaveLength(1);
    await administrator.post(path, { ...test, templateId: idOf('asking') }).expect(422);
    await administrator.post(path, { ...test, to: '12345' }).expect(422);
  });
});

describe('templates', () => {
  it('R-SEND-5: refuse an unknown variable, and preview the real text', async () => {
    const connected = await api.world.company();
    const client = await api.signIn(connected, connected.users.administrator);
    const templateId = await connected.template({ body: 'Dear {{1}}, {{2}} awaits you.', expressions: {} });
    const path = `/api/v1/templates/${templateId}`;
    const set = (first: string) =>
      client.patch(path, {
        parameters: [
          { key: 'body.1', place: 'body', expression: first },
          { key: 'body.2', place: 'body', expression: '{{vacancy.title}}' },
        ],
      });
    const refused = await set('{{candidate.shoeSize}}').expect(422);
    expect(codeAndFields(refused.body)).toEqual(['invalid', ['parameters.0.expression']]);
    await set('{{candidate.firstName}} {{candidate.custom.title|friend}}').expect(200);
    const person = await connected.person({ firstName: 'Ana' });
    const [applicationId] = await connected.apply(await connected.vacancy(), [person]);
    const preview = await client.post(`${path}/preview`, { personId: person.id, applicationId }).expect(200);
    expect(preview.body).toMatchObject({ body: 'Dear Ana friend, Baker awaits you.', missing: [] });
    const without = await client.post(`${path}/preview`, { personId: person.id }).expect(200);
    expect(without.body).toMatchObject({ body: 'Dear Ana friend, {{2}} awaits you.', missing: ['body.2'] });
    const typed = await client
      .post(`${path}/preview`, { personId: person.id, parameters: { 'body.2': 'Rome' } })
      .expect(200);
    expect(typed.body).toMatchObject({ body: 'Dear Ana friend, Rome awaits you.', missing: [] });
  });
});
