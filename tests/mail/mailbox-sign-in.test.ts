import { createMailSignInClient } from '../../src/channels/mail-sign-in/client';
import type { Config } from '../../src/config';
import type { Mailbox, MailboxType, SignedOutMailbox } from '../../src/contracts/mailboxes';
import { createAccessToken } from '../../src/data/mailboxes/access-token';
import { wakeMailboxes } from '../../src/data/mailboxes/mailboxes';
import type { MailProvider } from '../../src/domain/mail-providers';
import { signInMs } from '../../src/domain/mail-sign-in';
import { syncMailbox } from '../../src/mail/sync-mailbox';
import { createApi, type Api, type Client } from '../api/support';
import { hourMs, secretKey, type Company } from '../support/company';
import { mailPassword, startDovecot, type Dovecot } from '../support/dovecot';
import { startOAuthServer, type OAuthServer } from '../support/oauth-server';

let oauth: OAuthServer;
let server: Dovecot;
let provider: MailProvider;
let api: Api;
let company: Company;
let recruiter: Client;
let account: string;
let count = 0;

beforeAll(async () => {
  oauth = await startOAuthServer();
  server = await startDovecot({ introspectionUrl: oauth.introspectionUrl });
  const host = '127.0.0.1';
  provider = oauth.provider({
    incoming: {
      imap: { host, port: server.port, security: 'tls' },
      pop: { host, port: server.pop.port, security: 'tls' },
    },
    outgoing: { host: 'smtp.acme.example', port: 587, security: 'tls' },
  });
  const config: Partial<Config> = {
    mailProviders: [provider],
    mailAllow: [host],
    mail: { smtpUrl: undefined, from: '', caFile: server.caFile },
  };
  api = await createApi({ config: config as Config });
});
afterAll(async () => {
  await server?.stop();
  await oauth?.close();
  await api?.close();
});

beforeEach(async () => {
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  count += 1;
  account = `uma${count}@acme.example`;
  Object.assign(oauth, { account, trouble: null, saying: null });
  oauth.revoke();
  oauth.calls = { authorization_code: 0, refresh_token: 0 };
});

const mine = '/api/v1/me/mailbox';
const ids = () => ({ organizationId: company.organizationId, userId: company.users.recruiter.id });
const tokenSource = () =>
  createAccessToken({
    ...{ db: api.world.db, secretKey, providers: [provider], client: createMailSignInClient() },
  });
const sync = () =>
  syncMailbox(
    {
      ...{ db: api.world.db, logger: api.world.deps.logger, secretKey },
      source: { allow: ['127.0.0.1'], timeoutMs: 20_000, trust: server.trust },
      accessToken: tokenSource(),
    },
    ids(),
    () => true,
  );
const settings = async () => (await recruiter.get(mine).expect(200)).body as Mailbox;
const deliver = (subject: string) =>
  server.deliver(
    account,
    `From: eva@mail.example\r\nTo: ${account}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}.${account}>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n\r\nHi\r\n`,
  );
const subjects = async () =>
  (
    await api.world.db.query<{ subject: string }>(
      'select subject from mails where user_id = $1 order by subject',
      [ids().userId],
    )
  ).map(({ subject }) => subject);

async function begin(client = recruiter, type: MailboxType = 'imap'): Promise<URL> {
  const { body } = await client.post(`${mine}/sign-in`, { provider: 'own', type }).expect(200);
  return oauth.visit((body as { url: string }).url);
}
async function comeBack(back: URL, client = recruiter): Promise<string> {
  const { headers } = await client.get(`${back.pathname}${back.search}`).expect(303);
  return new URL(headers.location!).searchParams.get('signIn')!;
}
async function signIn(type?: MailboxType): Promise<void> {
  expect(await comeBack(await begin(recruiter, type))).toBe('done');
}
const untouched = async () => {
  expect(oauth.calls.authorization_code).toBe(0);
  expect((await settings()).signIn).toBeNull();
};

it('R-BOX-2: signed in with the provider, mail is fetched without any password, and sent as that account', async () => {
  await deliver('first');
  expect((await settings()).signInProviders).toEqual([{ id: 'own', name: 'Acme', types: ['imap', 'pop'] }]);
  await signIn();
  expect(await settings()).toMatchObject({
    signIn: { provider: 'own', name: 'Acme', active: true },
    incoming: { type: 'imap', host: '127.0.0.1', port: server.port, username: account, hasPassword: false },
    outgoing: { host: 'smtp.acme.example', username: account, hasPassword: false },
    ...{ fromAddress: account, fetch: true, state: 'connecting' },
  });
  await sync();
  expect(await settings()).toMatchObject({ state: 'ready', stateText: null });
  expect(await subjects()).toEqual(['first']);
  const { type, host, port, username } = (await settings()).incoming!;
  const tested = await recruiter.post(`${mine}/test`, { type, host, port, username }).expect(200);
  expect(tested.body).toMatchObject({ ok: true });
  await recruiter.post(`${mine}/folders`).expect(200);
  const rows = await api.world.db.query<{ action: string; sealed: Buffer }>(
    `select a.action, a.after, a.before, b.oauth_token_sealed as sealed from audit_entries a
     join mailboxes b using (organization_id) where organization_id = $1`,
    [company.organizationId],
  );
  expect(rows.map(({ action }) => action)).toEqual(['mailbox.signedIn']);
  expect(JSON.stringify(rows)).not.toMatch(/Token/);
  expect(rows[0]!.sealed.toString('latin1')).not.toContain('refreshToken');
});

it('R-BOX-2: the same by POP', async () => {
  await deliver('by pop');
  await signIn('pop');
  await sync();
  expect(await settings()).toMatchObject({ state: 'ready', incoming: { type: 'pop' } });
  expect(await subjects()).toEqual(['by pop']);
  oauth.account = 'other@acme.example';
  oauth.expire();
  oauth.revoke();
  await sync();
  expect(await settings()).toMatchObject({ state: 'failing' });
});

describe('an answer of the provider', () => {
  it('that nobody has asked for, or that was changed on the way, is not taken', async () => {
    const back = await begin();
    const state = back.searchParams.get('state')!;
    for (const wrong of ['', 'x', `${state}A`, state.replace(/^../, 'zz'), state.slice(0, -8)]) {
      back.searchParams.set('state', wrong);
      expect(await comeBack(back)).toBe('expired');
    }
    await untouched();
  });

  it('is for the user, and for the session, that asked', async () => {
    const back = await begin();
    const colleague = await api.signIn(company, company.colleague);
    const elsewhere = await api.signIn(company, company.users.recruiter);
    const program = await api.program(company, ['settings:write']);
    for (const other of [colleague, elsewhere, api.anonymous, program])
      expect(await comeBack(back, other)).toBe('expired');
    await untouched();
    expect(await comeBack(back)).toBe('done');
  });

  it('is taken once; of two that were begun, the later one', async () => {
    const first = await begin();
    const back = await begin();
    expect(await comeBack(first)).toBe('expired');
    await untouched();
    expect((await Promise.all([comeBack(back), comeBack(back)])).sort()).toEqual(['done', 'expired']);
    expect(await comeBack(back)).toBe('expired');
    expect(oauth.calls.authorization_code).toBe(1);
  });

  it('comes within ten minutes, or not at all', async () => {
    const back = await begin();
    api.world.clock.advance(signInMs);
    expect(await comeBack(back)).toBe('expired');
    await untouched();
  });

  it('PKCE: a code that somebody else was given is worth nothing', async () => {
    const attacker = await api.signIn(company, company.colleague);
    const theirs = await begin(attacker);
    const back = await begin();
    back.searchParams.set('code', theirs.searchParams.get('code')!);
    expect(await comeBack(back)).toBe('refused');
    expect((await settings()).signIn).toBeNull();
  });

  it.each([
    ['denied', () => (oauth.account = null)],
    ['no_address', () => (oauth.saying = {})],
    ['no_refresh', () => (oauth.saying = { ...oauth.saying, id_token: idToken(), refresh_token: undefined })],
    ['unreachable', () => (oauth.trouble = { status: 503, body: 'busy' })],
    ['refused', () => (oauth.trouble = { status: 401, body: '{"error":"invalid_client"}' })],
    ['refused', () => (oauth.trouble = { status: 200, body: '{}' })],
  ])('that brings nothing is told of: %s', async (outcome, given) => {
    given();
    expect(await comeBack(await begin())).toBe(outcome);
    expect((await settings()).signIn).toBeNull();
  });

  const idToken = () => {
    const facts = Buffer.from(JSON.stringify({ aud: 'parley', email: account })).toString('base64url');
    return `e30.${facts}.`;
  };
});

it('a token is renewed in time, by one of all who need it', async () => {
  await signIn();
  await tokenSource()(ids());
  expect(oauth.calls.refresh_token).toBe(0);
  api.world.clock.advance(hourMs);
  // this provider takes the use of a refresh token by two for a theft
  const tokens = await Promise.all([1, 2, 3, 4].map(() => tokenSource()(ids())));
  expect(new Set(tokens).size).toBe(1);
  expect(oauth.calls.refresh_token).toBe(1);
  api.world.clock.advance(hourMs);
  await sync();
  expect(oauth.calls.refresh_token).toBe(2);
  expect(await settings()).toMatchObject({ state: 'ready' });
});

it('who died while renewing holds up nobody for long', async () => {
  await signIn();
  api.world.clock.advance(hourMs);
  await api.world.db.query('update mailboxes set oauth_renewing_until = $2 where user_id = $1', [
    ids().userId,
    new Date((await api.world.db.now()).getTime() + 300),
  ]);
  await tokenSource()(ids());
  expect(oauth.calls.refresh_token).toBe(1);
});

it('a token that the mail server takes no more before its time is renewed once', async () => {
  await signIn();
  oauth.expire();
  await sync();
  expect(oauth.calls.refresh_token).toBe(1);
  expect(await settings()).toMatchObject({ state: 'ready' });
});

it('R-BOX-4: a mail server that does not take the sign-in at all says so, and is tried once an hour', async () => {
  await signIn();
  // the account at the provider is not that of the mailbox
  await api.world.db.query(`update mailboxes set username = 'else@acme.example' where user_id = $1`, [
    ids().userId,
  ]);
  const { nextDueAt } = await sync();
  const { state, stateText } = await settings();
  expect({ state, stateText }).toEqual({
    state: 'failing',
    stateText: expect.stringContaining('the mail server does not take the sign-in') as string,
  });
  expect(Date.parse(nextDueAt!) - (await api.world.db.now()).getTime()).toBeGreaterThan(0.9 * hourMs);
  expect(oauth.calls.refresh_token).toBe(1);
});

it('R-BOX-4: taken back at the provider, it stands on the settings, and nobody is asked again until the user signs in again', async () => {
  await deliver('one');
  await signIn();
  await sync();
  oauth.revoke();
  api.world.clock.advance(hourMs);
  expect(await sync()).toEqual({ nextDueAt: null, fault: 'sign_in_ended' });
  const after = await settings();
  expect(after).toMatchObject({
    ...{ state: 'failing', stateDetail: 'The grant was taken back.', signIn: { active: false } },
    stateText: expect.stringContaining('Sign in again') as string,
  });
  expect(await sync()).toEqual({ nextDueAt: null });
  const { type, host, port, username } = after.incoming!;
  const tested = await recruiter.post(`${mine}/test`, { type, host, port, username }).expect(200);
  expect(tested.body).toMatchObject({ ok: false, text: after.stateText });
  await recruiter.post(`${mine}/fetch`).expect(409);
  await recruiter.put(`${mine}/folders`, { folders: [{ path: 'INBOX', folder: 'inbox' }] }).expect(200);
  expect(await settings()).toMatchObject({ state: 'failing' });
  api.world.clock.advance(24 * hourMs);
  await wakeMailboxes(api.world.db);
  expect(await sync()).toEqual({ nextDueAt: null });
  expect(oauth.calls.refresh_token).toBe(1);

  recruiter = await api.signIn(company, company.users.recruiter);
  await deliver('two');
  await signIn();
  expect((await settings()).folders).toEqual([{ path: 'INBOX', folder: 'inbox' }]);
  await sync();
  expect(await settings()).toMatchObject({ state: 'ready', signIn: { active: true } });
  expect(await subjects()).toEqual(['one', 'two']);
});

it('R-BOX-4: while the provider does not answer it is tried again, later each time', async () => {
  await signIn();
  api.world.clock.advance(hourMs);
  oauth.trouble = { status: 503, body: 'busy' };
  const { nextDueAt } = await sync();
  expect(Date.parse(nextDueAt!) - (await api.world.db.now()).getTime()).toBeGreaterThan(50_000);
  expect(await settings()).toMatchObject({ state: 'failing', signIn: { active: true } });
  oauth.trouble = null;
  await sync();
  expect(await settings()).toMatchObject({ state: 'ready', stateText: null });
});

it('the sign-in is for the server that it was made for; with a password it is over', async () => {
  await signIn();
  const { incoming, outgoing } = await settings();
  const { hasPassword: _, ...server } = incoming!;
  const put = (more: object) =>
    recruiter.put(mine, {
      ...{ fromAddress: null, signature: 'Uma', fetch: true, incoming: server, outgoing: null },
      ...more,
    });
  expect((await put({}).expect(200)).body).toMatchObject({
    ...{ signature: 'Uma', outgoing: null, signIn: { active: true } },
  });
  const { hasPassword: __, ...sending } = outgoing!;
  expect((await put({ outgoing: sending }).expect(200)).body).toMatchObject({ outgoing });
  for (const change of [{ host: 'evil.example' }, { username: 'ben' }])
    await put({ incoming: { ...server, ...change } }).expect(422);
  await put({ outgoing: { ...sending, host: 'evil.example' } }).expect(422);
  const byPassword = await put({ incoming: { ...server, password: mailPassword } }).expect(200);
  expect(byPassword.body).toMatchObject({ signIn: null, incoming: { hasPassword: true } });
  await sync();
  expect(await settings()).toMatchObject({ state: 'ready' });
  expect(oauth.calls.refresh_token).toBe(0);
});

it('signed out, nothing is fetched, and nothing is left at the provider; an Administrator can sign a user out, and nobody but the user can sign in', async () => {
  await signIn();
  expect(oauth.grants).toBe(1);
  const administrator = await api.signIn(company, company.users.administrator);
  const theirs = `/api/v1/users/${ids().userId}/mailbox`;
  await administrator.post(`${theirs}/sign-in`, { provider: 'own' }).expect(404);
  expect((await administrator.get(theirs).expect(200)).body).toMatchObject({ signIn: { name: 'Acme' } });
  const { body } = await administrator.delete(`${theirs}/sign-in`).expect(200);
  expect(body).toMatchObject({
    ...{ signIn: null, outgoing: null, fetch: false, state: 'off', fromAddress: account },
    ...{ incoming: { username: account, hasPassword: false }, leftAtProvider: null },
  });
  expect(oauth.grants).toBe(0);
  expect(await sync()).toEqual({ nextDueAt: null });
  const [row] = await api.world.db.query('select oauth_token_sealed from mailboxes where user_id = $1', [
    ids().userId,
  ]);
  expect(row).toEqual({ oauth_token_sealed: null });
  await recruiter.delete(`${mine}/sign-in`).expect(200);
});

describe('what is taken back at the provider', () => {
  const signOut = async () =>
    (await recruiter.delete(`${mine}/sign-in`).expect(200)).body as SignedOutMailbox;

  it('where it cannot be told, the sign-in is forgotten here, and the user told', async () => {
    await signIn();
    oauth.trouble = { status: 503, body: 'busy' };
    expect(await signOut()).toMatchObject({ signIn: null, leftAtProvider: 'Acme' });
    oauth.trouble = null;
    await signIn();
    provider.revokeUrl = null;
    expect(await signOut()).toMatchObject({ signIn: null, leftAtProvider: 'Acme' });
    provider.revokeUrl = `${oauth.url}/revoke`;
  });

  it('one that was over there already needs nothing; nor one that cannot be opened any more holds up', async () => {
    await signIn();
    oauth.revoke();
    expect(await signOut()).toMatchObject({ leftAtProvider: null });
    await signIn();
    await api.world.db.query(`update mailboxes set oauth_token_sealed = '\\x01' where user_id = $1`, [
      ids().userId,
    ]);
    expect(await signOut()).toMatchObject({ signIn: null, leftAtProvider: 'Acme' });
  });

  it('is also what a password, or another account, has taken the place of; never the account that is signed in again', async () => {
    await signIn();
    await signIn();
    expect(oauth.grants).toBe(2);
    oauth.account = `other.${account}`;
    await signIn();
    expect(oauth.grants).toBe(2);
    const { hasPassword: _, ...server } = (await settings()).incoming!;
    const body = { fromAddress: null, signature: null, fetch: true, outgoing: null, incoming: server };
    await recruiter.put(mine, body).expect(200);
    expect(oauth.grants).toBe(2);
    await recruiter.put(mine, { ...body, incoming: { ...server, password: mailPassword } }).expect(200);
    expect(oauth.grants).toBe(1);
  });

  it('what was renewed while the user signed out is not left behind', async () => {
    await signIn();
    const client = createMailSignInClient();
    const renewing = createAccessToken({
      ...{ db: api.world.db, secretKey, providers: [provider] },
      client: {
        ...client,
        async refresh(...asked) {
          const renewed = await client.refresh(...asked);
          await signOut();
          return renewed;
        },
      },
    });
    api.world.clock.advance(hourMs);
    recruiter = await api.signIn(company, company.users.recruiter);
    await expect(renewing(ids())).rejects.toMatchObject({ fault: 'sign_in_ended' });
    expect(oauth.grants).toBe(0);
  });
});

it('a provider that is not set up is not offered, and cannot be asked for', async () => {
  await recruiter.post(`${mine}/sign-in`, { provider: 'google' }).expect(409);
});
