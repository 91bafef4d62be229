import { readConfig } from '../../src/config';
import { readMailDomain } from '../../src/data/mail/mail-domain';
import { routeMail } from '../../src/data/mail/route-mail';
import type { DnsRecord, MailDomainSettings } from '../../src/contracts/channels';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;
/** What the DNS says by type and name; a name that it does not know gets no answer. */
let zone: Record<string, string[]>;
const base = 'parley.test';
const path = '/api/v1/channels/email/domain';

beforeAll(async () => {
  const config = {
    ...readConfig({ PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'), DATABASE_URL: 'x' }),
    mailDomain: base,
  };
  config.mailReceiver.hostName = 'mx.parley.test';
  api = await createApi({
    config: { ...config, databaseUrl: '', environment: 'test' },
    mailDns: (type, name) => Promise.resolve(zone[`${type} ${name}`] ?? null),
  });
});
afterAll(() => api.close());
beforeEach(async () => {
  zone = {};
  company = await api.world.company();
  administrator = await api.signIn(company, company.users.administrator);
});

const settings = async (answer: PromiseLike<{ body: unknown }>) => (await answer).body as MailDomainSettings;
const enter = (domain = 'mail.acme.example') => settings(administrator.put(path, { domain }).expect(200));
const check = () => settings(administrator.post(`${path}/check`).expect(200));
const publish = (records: DnsRecord[]) => {
  for (const { type, name, value } of records) zone[`${type} ${name}`] = [value];
};
const slugDomain = async () => {
  const [row] = await api.world.db.query<{ slug: string }>('select slug from organizations where id = $1', [
    company.organizationId,
  ]);
  return `${row!.slug}.${base}`;
};
const receives = async (domain: string) =>
  (await routeMail(api.world.db, { hash: api.world.hashKey, mailDomain: base }, `messages@${domain}`)) !==
  undefined;

it('R-BOX-1: an own mail domain is used once its DNS records are there', async () => {
  const standard = await slugDomain();
  expect((await administrator.get(path).expect(200)).body).toEqual({ domain: standard, standard, own: null });
  const { domain, own } = await enter();
  expect(domain).toBe(standard);
  expect(own).toMatchObject({ domain: 'mail.acme.example', inUse: false, checkedAt: null });
  expect(own!.records.map(({ kind, state }) => [kind, state])).toEqual([
    ['mx', null],
    ['dkim', null],
    ['spf', null],
    ['dmarc', null],
  ]);
  expect(own!.records[1]!.value).toMatch(/^v=DKIM1; k=rsa; p=MIIB[\w+/]{300,}={0,2}$/);

  publish(own!.records.slice(1, 2));
  zone['MX mail.acme.example'] = ['10 old.example'];
  zone['TXT mail.acme.example'] = [];
  const half = await check();
  expect(half.own!.records.map(({ state }) => state)).toEqual([
    'different',
    'found',
    'missing',
    'unanswered',
  ]);
  expect(half.own!.records[0]!.found).toEqual(['10 old.example']);
  expect(half.domain).toBe(standard);
  expect(await receives('mail.acme.example')).toBe(false);

  publish(own!.records);
  const whole = await check();
  expect(whole.own).toMatchObject({ inUse: true, checkedAt: expect.any(String) });
  expect(whole.domain).toBe('mail.acme.example');
  expect(await readMailDomain(api.world.db, company.organizationId, base)).toBe('mail.acme.example');
  // what was sent before is still answered
  expect(await receives('mail.acme.example')).toBe(true);
  expect(await receives(standard)).toBe(true);
});

it('a DNS that does not answer changes nothing; a record that is gone ends its use, and mail still comes in', async () => {
  publish((await enter('jobs.acme.example')).own!.records);
  await check();
  const { 'MX jobs.acme.example': mx, ...rest } = zone;
  zone = rest;
  expect((await check()).own).toMatchObject({ inUse: true });
  zone = { ...rest, 'MX jobs.acme.example': [] };
  expect((await check()).own).toMatchObject({ inUse: false });
  expect(await receives('jobs.acme.example')).toBe(true);
  zone = { ...rest, 'MX jobs.acme.example': mx! };
  expect((await check()).own).toMatchObject({ inUse: true });
  const { body } = await administrator.delete(path).expect(200);
  expect(body).toMatchObject({ own: null });
  expect(await receives('jobs.acme.example')).toBe(false);
  await administrator.post(`${path}/check`).expect(409);
});

it('nobody keeps a domain that they have not proven to be theirs', async () => {
  await enter('theirs.example');
  const other = await api.world.company();
  const owner = await api.signIn(other, other.users.administrator);
  const { body } = await owner.put(path, { domain: 'theirs.example' }).expect(200);
  publish((body as MailDomainSettings).own!.records);
  await owner.post(`${path}/check`).expect(200);
  const refused = await administrator.put(path, { domain: 'theirs.example' }).expect(422);
  expect(refused.body).toMatchObject({ errors: [{ path: 'domain', message: 'is in use' }] });
});

it.each(['parley.test', 'other.parley.test', 'not a domain', 'localhost', '-x.example'])(
  '%s is none that one may take',
  async (domain) => {
    await administrator.put(path, { domain }).expect(422);
  },
);

it('R-LOG-6: each change stands in the audit log, without the key', async () => {
  publish((await enter('audited.example')).own!.records);
  await check();
  await administrator.delete(path).expect(200);
  const entries = await api.world.db.query<{ action: string }>(
    'select action, before, after from audit_entries where organization_id = $1 order by occurred_at, id',
    [company.organizationId],
  );
  expect(entries.map(({ action }) => action)).toEqual([
    'mailDomain.changed',
    'mailDomain.used',
    'mailDomain.removed',
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/PRIVATE|MII/);
});
