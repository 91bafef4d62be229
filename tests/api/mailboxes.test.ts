import type { Mailbox } from '../../src/contracts/mailboxes';
import type { Company } from '../support/company';
import { createApi, password, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let administrator: Client;

beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

beforeEach(async () => {
  company = await api.world.company();
  [recruiter, administrator] = await Promise.all([
    api.signIn(company, company.users.recruiter),
    api.signIn(company, company.users.administrator),
  ]);
});

const mine = '/api/v1/me/mailbox';
const theirs = () => `/api/v1/users/${company.users.recruiter.id}/mailbox`;
const incoming = { host: 'mail.acme.example', username: 'uma', password: 'sesame-1' };
const settings = { fromAddress: 'uma@acme.example', signature: 'Uma', fetch: true, incoming, outgoing: null };
const outbox = () =>
  api.world.db.query(`select payload from outbox where workflow_type = 'mailbox' and organization_id = $1`, [
    company.organizationId,
  ]);

it('R-BOX-2: a POP account has its own ports, and may keep no copy; with IMAP everything stays on the server', async () => {
  const pop = { ...incoming, type: 'pop' };
  const put = (more: object) => recruiter.put(mine, { ...settings, incoming: { ...pop, ...more } });
  expect((await put({}).expect(200)).body.incoming).toMatchObject({
    ...{ type: 'pop', port: 995, keepCopy: true, removeAfterDays: null },
  });
  expect((await put({ security: 'none', removeAfterDays: 7 }).expect(200)).body.incoming).toMatchObject({
    ...{ port: 110, keepCopy: true, removeAfterDays: 7 },
  });
  const none = await put({ security: 'none', keepCopy: false, removeAfterDays: 7 }).expect(200);
  expect(none.body.incoming).toMatchObject({ keepCopy: false, removeAfterDays: null });
  await put({ removeAfterDays: 0 }).expect(422);
  const { body } = await put({ type: 'imap', keepCopy: false }).expect(422);
  expect(body.errors).toMatchObject([{ path: 'incoming.keepCopy' }]);
});

it('R-BOX-2: a user and Administrators set it; ports are filled in, and passwords are never told again', async () => {
  expect((await recruiter.get(mine).expect(200)).body).toMatchObject({ incoming: null, state: 'off' });
  const saved = await recruiter
    .put(mine, {
      ...settings,
      outgoing: { host: 'smtp.acme.example', username: 'uma', password: 'sesame-2' },
    })
    .expect(200);
  expect(saved.body).toMatchObject({
    incoming: { host: 'mail.acme.example', port: 993, security: 'tls', username: 'uma', hasPassword: true },
    outgoing: { port: 587, security: 'tls', hasPassword: true },
    state: 'connecting',
  });
  const read = await administrator.get(theirs()).expect(200);
  expect(read.body).toEqual(saved.body);
  const plain = await administrator
    .put(theirs(), { ...settings, incoming: { ...incoming, security: 'none' } })
    .expect(200);
  expect(plain.body).toMatchObject({ incoming: { port: 143 }, outgoing: null });
  const rows = await api.world.db.query(
    `select before, after, action from audit_entries where organization_id = $1`,
    [company.organizationId],
  );
  expect(rows.map(({ action }) => action)).toEqual(['mailbox.changed', 'mailbox.changed']);
  for (const text of [saved.text, read.text, plain.text, JSON.stringify(rows)])
    expect(text).not.toContain('sesame');
  const [row] = await api.world.db.query<{ sealed: Buffer }>(
    'select password_sealed as sealed from mailboxes where organization_id = $1',
    [company.organizationId],
  );
  expect(row!.sealed.toString()).not.toContain('sesame');
});

it('a stored password goes to the server that it was given for, and to no other', async () => {
  await recruiter.put(mine, settings).expect(200);
  const { password: _, ...kept } = incoming;
  const same = await recruiter.put(mine, { ...settings, signature: 'U.', incoming: kept }).expect(200);
  expect(same.body).toMatchObject({ signature: 'U.', incoming: { hasPassword: true } });
  const changes = [{ host: 'evil.example' }, { port: 1143 }, { security: 'none' }, { username: 'ben' }];
  for (const change of changes) {
    const refused = await administrator
      .put(theirs(), { ...settings, incoming: { ...kept, ...change } })
      .expect(422);
    expect(refused.body).toMatchObject({ errors: [{ path: 'incoming.password' }] });
    await administrator.post(`${theirs()}/test`, { ...kept, ...change }).expect(422);
  }
});

it('with another account folders begin anew; with the same one they stay', async () => {
  await recruiter.put(mine, settings).expect(200);
  await recruiter.put(`${mine}/folders`, { folders: [{ path: 'Verzonden', folder: 'sent' }] }).expect(200);
  const same = await recruiter.put(mine, { ...settings, incoming: { ...incoming, port: 994 } }).expect(200);
  expect((same.body as Mailbox).folders).toEqual([{ path: 'Verzonden', folder: 'sent' }]);
  const other = await recruiter
    .put(mine, { ...settings, incoming: { ...incoming, username: 'ben' } })
    .expect(200);
  expect((other.body as Mailbox).folders).toEqual([]);
});

it('R-BOX-4: a test names what is known of the cause', async () => {
  const { body } = await recruiter.post(`${mine}/test`, { ...incoming, host: '127.0.0.1' }).expect(200);
  expect(body).toEqual({
    ok: false,
    text: 'An unknown error occurred while getting the mail from your mail server: this server is not on the public internet, and not on the list of those that are allowed.',
    detail: null,
  });
  await recruiter.post(`${mine}/folders`).expect(409);
});

it('R-BOX-3: signing in fetches at once, and so does Fetch now; nothing where nothing is to be fetched', async () => {
  await recruiter.put(mine, { ...settings, fetch: false }).expect(200);
  await api.world.db.query('delete from outbox');
  await recruiter.post(`${mine}/fetch`).expect(409);
  await api.signIn(company, company.users.recruiter);
  expect(await outbox()).toEqual([]);
  await recruiter.put(mine, settings).expect(200);
  await api.world.db.query('delete from outbox');
  const [user] = await api.world.db.query<{ email: string }>('select email from users where id = $1', [
    company.users.recruiter.id,
  ]);
  await api.anonymous.post('/api/v1/session', { email: user!.email, password }).expect(200);
  const ids = { organizationId: company.organizationId, userId: company.users.recruiter.id };
  expect(await outbox()).toEqual([{ payload: ids }]);
  await administrator.post(`${theirs()}/fetch`).expect(202);
  expect(await outbox()).toHaveLength(2);
});

it('to fetch, a server is needed', async () => {
  const { body } = await recruiter.put(mine, { ...settings, incoming: null }).expect(422);
  expect(body).toMatchObject({ errors: [{ path: 'incoming' }] });
});
