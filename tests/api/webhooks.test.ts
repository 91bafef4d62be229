import { createHmac, randomUUID } from 'node:crypto';
import { sealContext } from '../../src/channels/open-account';
import { seal } from '../../src/seal';
import type { Company } from '../support/company';
import { createApi, type Api } from './support';

let api: Api;
let company: Company;
let path: string;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  path = `/webhooks/whatsapp/${company.account.id}`;
});
afterAll(() => api.close());

const sign = (body: string | Buffer, secret = company.account.appSecret) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const post = (body: string | Buffer, headers: Record<string, string>, to = path) =>
  fetch(api.url + to, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });

const stored = () =>
  api.world.db.query<{ id: string; body: Buffer; organizationId: string }>(
    'select id, body, organization_id as "organizationId" from webhook_deliveries order by id',
  );

it('stores the raw bytes before it answers, then hands them on', async () => {
  // white space and escapes that a parser would lose, and bytes that are no UTF-8
  const body = Buffer.concat([
    Buffer.from('{ "object" :"\\u0041",  "x":"'),
    Buffer.from([0xff, 0x00]),
    Buffer.from('"}'),
  ]);
  const answer = await post(body, { 'X-Hub-Signature-256': sign(body) });
  expect(answer.status).toBe(200);
  const rows = await stored();
  expect(rows).toHaveLength(1);
  expect(rows[0]!.body.equals(body)).toBe(true);
  expect(rows[0]!.organizationId).toBe(company.organizationId);
  expect(api.deliveries).toEqual([rows[0]!.id]);
});

it('refuses what is not signed with the app secret of this account', async () => {
  const before = (await stored()).length;
  const body = '{}';
  const signatures = [sign(body, 'other'), sign('{ }'), 'sha256=00', ''];
  for (const signature of signatures) {
    expect((await post(body, { 'X-Hub-Signature-256': signature })).status).toBe(401);
  }
  expect((await post(body, {})).status).toBe(401);
  const other = await api.world.company();
  const foreign = await post(
    body,
    { 'X-Hub-Signature-256': sign(body) },
    `/webhooks/whatsapp/${other.account.id}`,
  );
  expect(foreign.status).toBe(401);
  expect(await stored()).toHaveLength(before);
});

it('knows a changed app secret at once', async () => {
  const other = await api.world.company();
  const { id, appSecret } = other.account;
  const to = `/webhooks/whatsapp/${id}`;
  expect((await post('{}', { 'X-Hub-Signature-256': sign('{}', appSecret) }, to)).status).toBe(200);
  await api.world.db.query('update channel_accounts set app_secret_sealed = $2 where id = $1', [
    id,
    seal(Buffer.alloc(32, 7), 'new secret', sealContext.appSecret(id)),
  ]);
  expect((await post('{}', { 'X-Hub-Signature-256': sign('{}', 'new secret') }, to)).status).toBe(200);
});

it('answers unknown accounts, other methods and too much', async () => {
  const unknown = [
    `/webhooks/whatsapp/${randomUUID()}`,
    '/webhooks/whatsapp/nonsense',
    '/webhooks/whatsapp/%ff',
  ];
  for (const to of unknown) expect((await post('{}', {}, to)).status).toBe(404);
  expect((await fetch(api.url + path, { method: 'PUT', body: '{}' })).status).toBe(405);
  const huge = Buffer.alloc(4 * 1024 * 1024 + 1, 'x');
  const status = await post(huge, {}).then(
    (answer) => answer.status,
    () => 413,
  );
  expect(status).toBe(413);
});

it('verifies a subscription by the token, with the bare challenge as text', async () => {
  const ask = (query: string) => fetch(`${api.url}${path}?${query}`);
  const right = await ask('hub.mode=subscribe&hub.verify_token=verify%20me&hub.challenge=1158201444');
  expect([right.status, await right.text()]).toEqual([200, '1158201444']);
  expect(right.headers.get('content-type')).toContain('text/plain');
  const wrong = await ask('hub.mode=subscribe&hub.verify_token=guess&hub.challenge=1');
  expect(wrong.status).toBe(403);
  expect((await ask('')).status).toBe(403);
});

it('stores what comes at once in few statements, and answers each', async () => {
  const before = (await stored()).length;
  const answers = await Promise.all(
    [...Array(200).keys()].map((n) => {
      const body = JSON.stringify({ n });
      return post(body, { 'X-Hub-Signature-256': sign(body) });
    }),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const rows = (await stored()).slice(before);
  const numbers = rows.map(({ body }) => (JSON.parse(body.toString()) as { n: number }).n);
  expect(numbers.sort((a, b) => a - b)).toEqual([...Array(200).keys()]);
});

it('does not answer 200 for what could not be stored', async () => {
  const other = await api.world.company();
  const { id, appSecret } = other.account;
  const to = `/webhooks/whatsapp/${id}`;
  const send = () => post('{}', { 'X-Hub-Signature-256': sign('{}', appSecret) }, to);
  expect((await send()).status).toBe(200);
  await api.world.db.query('alter table webhook_deliveries rename to away');
  expect((await send()).status).toBe(503);
  await api.world.db.query('alter table away rename to webhook_deliveries');
  expect((await send()).status).toBe(200);
});
