import { readConfig } from '../../src/config';
import { checkDueMailDomains } from '../../src/data/channels/check-mail-domain';
import { listNotifications } from '../../src/data/conversations/notifications';
import { readMailDomain } from '../../src/data/mail/mail-domain';
import { routeMail } from '../../src/data/mail/route-mail';
import type { DnsRecord, MailDomainSettings } from '../../src/contracts/channels';
import type { Mail } from '../../src/mailer';
import { mailChangedMailDomains } from '../../src/notices/mail-domain';
import { hourMs, secretKey, type Company } from '../support/company';
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

describe('by itself', () => {
  const context = {
    ...{ secretKey, mailDomain: base, host: 'mx.parley.test' },
    dns: (type: string, name: string) => Promise.resolve(zone[`${type} ${name}`] ?? null),
  };
  let mails: Mail[];

  beforeEach(async () => {
    mails = [];
    await api.world.db.query('delete from mail_domains');
  });

  /** What a worker does each minute. */
  async function round(): Promise<number> {
    const { db, deps } = api.world;
    const checked = await checkDueMailDomains(db, context);
    const mailer = {
      assertConfigured: () => undefined,
      send: (mail: Mail) => Promise.resolve(void mails.push(mail)),
      close: () => undefined,
    };
    await mailChangedMailDomains({ db, mailer, logger: deps.logger, publicUrl: 'http://parley' }, base);
    return checked;
  }
  async function pass(ms: number): Promise<void> {
    api.world.clock.advance(ms);
    administrator = await api.signIn(company, company.users.administrator);
  }
  const own = async () => (await settings(administrator.get(path).expect(200))).own!;
  const told = async () =>
    (
      await listNotifications(
        api.world.db,
        { ...company.as(company.users.administrator), user: company.users.administrator },
        { limit: 10 },
      )
    ).items.map(({ text }) => text);

  it('a domain comes into use once its records are there, and the Administrators hear of it once', async () => {
    const { records } = (await enter('auto.example')).own!;
    expect(await round()).toBe(1);
    expect(await own()).toMatchObject({ inUse: false, checkedAt: expect.any(String) });
    expect(await round()).toBe(0);
    publish(records);
    await pass(hourMs / 6);
    expect(await round()).toBe(1);
    expect(await own()).toMatchObject({ inUse: true });
    expect(await told()).toEqual(['E-mails go under auto.example now: its DNS records were found.']);
    expect(mails).toMatchObject([
      { to: expect.stringContaining('@'), subject: expect.stringMatching(/go under auto\.example$/) },
    ]);
    await pass(hourMs);
    expect(await round()).toBe(0);
    await pass(24 * hourMs);
    expect(await round()).toBe(1);
    expect(mails).toHaveLength(1);
  });

  it('a domain that does not prove itself any more is used no longer after an hour, and the reason is told', async () => {
    publish((await enter('lost.example')).own!.records);
    await check();
    expect(await round()).toBe(0);
    await pass(25 * hourMs);
    zone['MX lost.example'] = [];
    await round();
    expect(await own()).toMatchObject({ inUse: true, missingSince: expect.any(String) });
    expect(await told()).toEqual([]);
    await pass(hourMs);
    await round();
    expect(await own()).toMatchObject({ inUse: false });
    const standard = await slugDomain();
    expect(await readMailDomain(api.world.db, company.organizationId, base)).toBe(standard);
    expect(await told()).toEqual([
      'E-mails no longer go under lost.example: its MX record is missing. Settings → Channels says what to do.',
    ]);
    expect(mails).toHaveLength(1);
    expect(mails[0]!.text).toContain('no longer go under lost.example: its MX record is missing.');
    expect(mails[0]!.text).toContain(`They go under ${standard} until it is back`);
    await round();
    expect(mails).toHaveLength(1);
  });

  it('a domain whose key cannot be opened holds up no other', async () => {
    await enter('broken.example');
    await api.world.db.query(`update mail_domains set dkim_key_sealed = '\\x00'`);
    const other = await api.world.company();
    await (
      await api.signIn(other, other.users.administrator)
    )
      .put(path, { domain: 'whole.example' })
      .expect(200);
    await expect(round()).rejects.toThrow();
    const checked = await api.world.db.query('select domain from mail_domains where checked_at is not null');
    expect(checked).toEqual([{ domain: 'whole.example' }]);
    expect(await round()).toBe(0);
  });
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

it.each([
  'parley.test',
  'other.parley.test',
  'not a domain',
  'localhost',
  '-x.example',
  '127.0.0.1',
  'bücher.example',
  `${'x'.repeat(64)}.example`,
])('%s is none that one may take', async (domain) => {
  await administrator.put(path, { domain }).expect(422);
});

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
