import type { OutgoingEvent } from '../../src/contracts/events';
import type { WebhookEndpoint } from '../../src/contracts/webhook-endpoints';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
});
afterAll(() => api.close());

const path = '/api/v1/webhook-endpoints';
// by number: nothing is looked up, and nothing called
const url = 'https://93.184.215.14/hooks';

it('R-LOG-5: an endpoint shows its secret once; changes and removal are in the audit log, without it', async () => {
  const { body } = await administrator
    .post(path, { name: 'ATS', url, types: ['message.created'] })
    .expect(201);
  const made = body as WebhookEndpoint & { secret: string };
  expect(made).toMatchObject({ name: 'ATS', url, types: ['message.created'], state: 'active', waiting: 0 });
  expect(made.secret).toMatch(/^whsec_/);
  const list = await administrator.get(path).expect(200);
  expect(list.text).toContain(made.id);
  expect(list.text).not.toContain('whsec_');
  const paused = await administrator.patch(`${path}/${made.id}`, { paused: true }).expect(200);
  expect(paused.body).toMatchObject({ state: 'paused' });
  await administrator.post(`${path}/${made.id}/test`).expect(409);
  await administrator.patch(`${path}/${made.id}`, { paused: false, types: [] }).expect(200);
  const test = await administrator.post(`${path}/${made.id}/test`).expect(201);
  expect(test.body).toMatchObject({ type: 'webhook.test', state: 'waiting' });
  const log = await administrator.get(`${path}/${made.id}/deliveries?state=waiting`).expect(200);
  expect((log.body as { items: unknown[] }).items).toHaveLength(1);
  const rotated = await administrator.post(`${path}/${made.id}/rotate-secret`, {}).expect(200);
  const renewed = rotated.body as typeof made;
  expect(renewed.secret).toMatch(/^whsec_/);
  expect(renewed.secret).not.toBe(made.secret);
  expect(Date.parse(renewed.oldSecretUntil!)).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  expect((await administrator.get(path).expect(200)).text).not.toContain('whsec_');
  await administrator.post(`${path}/${made.id}/rotate-secret`, { keepOldHours: 1000 }).expect(422);
  await administrator.delete(`${path}/${made.id}`).expect(204);
  await administrator.get(`${path}/${made.id}/deliveries`).expect(404);
  const audit = await api.world.db.query<{ action: string }>(
    'select * from audit_entries where target_id = $1 order by id',
    [made.id],
  );
  expect(audit.map(({ action }) => action)).toEqual([
    'webhookEndpoint.created',
    'webhookEndpoint.changed',
    'webhookEndpoint.changed',
    'webhookEndpoint.secretRotated',
    'webhookEndpoint.removed',
  ]);
  expect(JSON.stringify(audit)).not.toContain('whsec_');
});

it.each([
  ['http://93.184.215.14/hooks', 'https://'],
  ['https://127.0.0.1/hooks', 'private'],
  ['https://169.254.169.254/latest', 'private'],
  ['https://[::1]:5432/', 'private'],
  ['nonsense', 'no address'],
])('an address such as %s is refused, and the field named', async (address, word) => {
  const { body } = await administrator.post(path, { name: 'ATS', url: address }).expect(422);
  expect(body).toMatchObject({
    code: 'invalid',
    errors: [{ path: 'url', message: expect.stringContaining(word) as string }],
  });
});

it('R-LOG-5: a program reads the feed page by page, and goes on where it was', async () => {
  const program = await api.program(company, ['events:read']);
  const person = await company.person();
  for (const text of ['one', 'two', 'three']) await company.write(person, text);
  type Page = { items: OutgoingEvent[]; cursor: string; more: boolean };
  const read = async (query: string) =>
    (await program.get(`/api/v1/events${query}`).expect(200)).body as Page;
  const first = await read('?limit=2');
  expect(first).toMatchObject({ more: true, cursor: '2' });
  const second = await read(`?limit=2&after=${first.cursor}`);
  expect(second.more).toBe(false);
  const texts = [...first.items, ...second.items].flatMap(({ data }) =>
    'message' in data ? [data.message?.text] : [],
  );
  expect(texts).toEqual(['one', 'two', 'three']);
  expect(await read(`?after=${second.cursor}`)).toEqual({ items: [], cursor: second.cursor, more: false });
  await program.get('/api/v1/events?after=yesterday').expect(422);
});
