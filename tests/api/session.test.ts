import request from 'supertest';
import type { Company } from '../support/company';
import { createApi, password, type Api } from './support';

let api: Api;
let company: Company;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
});
afterAll(() => api.close());

const emailOf = (user: { id: string }) => `${user.id}@example.com`;
const linkIn = (text: string) => /set-password\/(\S+)/.exec(text)?.[1] ?? 'none';

describe('signing in', () => {
  it('begins a session under a new id, in a cookie that scripts cannot read', async () => {
    const { recruiter } = company.users;
    await api.signIn(company, recruiter);
    const agent = request.agent(api.url);
    const first = await agent
      .post('/api/v1/session')
      .send({ email: emailOf(recruiter).toUpperCase(), password })
      .expect(200);
    const cookie = first.headers['set-cookie']![0]!;
    expect(cookie).toMatch(/^parley=/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(first.body).toMatchObject({ user: { id: recruiter.id, role: 'recruiter' } });
    const second = await agent
      .post('/api/v1/session')
      .send({ email: emailOf(recruiter), password })
      .expect(200);
    expect(second.headers['set-cookie']![0]!.split(';')[0]).not.toBe(cookie.split(';')[0]);
    expect((second.body as { csrfToken: string }).csrfToken).not.toBe(
      (first.body as { csrfToken: string }).csrfToken,
    );
  });

  it('tells a wrong password and an unknown address apart by nothing', async () => {
    const bodies = await Promise.all(
      [emailOf(company.users.reviewer), 'nobody@example.com'].map(async (email) => {
        const answer = await api.anonymous.post('/api/v1/session', { email, password: 'wrong' }).expect(401);
        return answer.body as unknown;
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);
    expect(bodies[0]).toMatchObject({ code: 'sign_in_failed' });
  });

  it('is refused after ten failures with one address, with the time to wait', async () => {
    const body = { email: 'guessed@example.com', password: 'wrong' };
    for (let attempt = 1; attempt <= 10; attempt++) {
      await api.anonymous.post('/api/v1/session', body).expect(401);
    }
    const refused = await api.anonymous.post('/api/v1/session', body).expect(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(600);
    expect(refused.body).toMatchObject({ code: 'rate_limited' });
  });

  it('is refused to deactivated users, whose sessions end at once', async () => {
    const other = await api.world.company();
    const administrator = await api.signIn(other, other.users.administrator);
    const supervisor = await api.signIn(other, other.users.supervisor);
    await supervisor.get('/api/v1/me').expect(200);
    await administrator
      .post(`/api/v1/users/${other.users.supervisor.id}/deactivate`, {
        successorId: other.users.recruiter.id,
      })
      .expect(200);
    await supervisor.get('/api/v1/me').expect(401);
    await api.anonymous
      .post('/api/v1/session', { email: emailOf(other.users.supervisor), password })
      .expect(401);
  });

  it('ends', async () => {
    const client = await api.signIn(company, company.users.collaborator);
    await client.delete('/api/v1/session').expect(204);
    await client.get('/api/v1/me').expect(401);
  });
});

describe('the defence against other sites', () => {
  it('asks for the token of the session on every change', async () => {
    const client = await api.signIn(company, company.users.recruiter);
    const refused = await client.call(
      'patch',
      '/api/v1/me',
      { soundMuted: true },
      { 'X-CSRF-Token': 'other' },
    );
    expect([refused.status, (refused.body as { code: string }).code]).toEqual([403, 'csrf']);
    await client.patch('/api/v1/me', { soundMuted: true }).expect(200);
  });

  it.each<Record<string, string>>([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ])('refuses %j, signing in included', async (set) => {
    const client = await api.signIn(company, company.users.recruiter);
    await client.call('patch', '/api/v1/me', { soundMuted: true }, set).expect(403);
    const email = emailOf(company.users.recruiter);
    await api.anonymous.call('post', '/api/v1/session', { email, password }, set).expect(403);
  });

  it('takes the own page', async () => {
    const client = await api.signIn(company, company.users.recruiter);
    const headers = { Origin: api.url, 'Sec-Fetch-Site': 'same-origin' };
    await client.call('patch', '/api/v1/me', { soundMuted: false }, headers).expect(200);
  });
});

describe('invitations and forgotten passwords', () => {
  it('lets an invited user choose a password once, and signs in', async () => {
    const administrator = await api.signIn(company, company.users.administrator);
    const input = { email: 'Invited@Example.com', firstName: 'Ida', lastName: 'Ng', role: 'recruiter' };
    const created = await administrator.post('/api/v1/users', input).expect(201);
    expect(created.body).toMatchObject({ email: 'invited@example.com', state: 'invited' });
    const mail = api.mails.at(-1)!;
    expect(mail.to).toBe('invited@example.com');
    const path = `/api/v1/tokens/${linkIn(mail.text)}`;
    const holder = await api.anonymous.get(path).expect(200);
    expect(holder.body).toEqual({
      kind: 'invitation',
      email: 'invited@example.com',
      firstName: 'Ida',
      organization: 'Acme',
    });
    await api.anonymous.post(path, { password: 'short' }).expect(422);
    const me = await api.anonymous.post(path, { password: 'a long enough one' }).expect(200);
    expect(me.body).toMatchObject({ user: { email: 'invited@example.com' } });
    await api.anonymous.post(path, { password: 'a long enough one' }).expect(410);
    await api.anonymous.get(path).expect(410);
  });

  it('ends an earlier invitation with a new one', async () => {
    const administrator = await api.signIn(company, company.users.administrator);
    const input = { email: 'twice@example.com', firstName: 'Tom', lastName: 'Li', role: 'reviewer' };
    const { body } = await administrator.post('/api/v1/users', input).expect(201);
    const first = linkIn(api.mails.at(-1)!.text);
    await administrator.post(`/api/v1/users/${(body as { id: string }).id}/invitation`).expect(204);
    await api.anonymous.get(`/api/v1/tokens/${first}`).expect(410);
    await api.anonymous.get(`/api/v1/tokens/${linkIn(api.mails.at(-1)!.text)}`).expect(200);
    await administrator.post('/api/v1/users', input).expect(409);
  });

  it('ends all sessions with a new password; the answer does not tell whether an address is known', async () => {
    const client = await api.signIn(company, company.users.requisitioner);
    const email = emailOf(company.users.requisitioner);
    const before = api.mails.length;
    await api.anonymous.post('/api/v1/password-resets', { email: 'unknown@example.com' }).expect(204);
    await api.anonymous.post('/api/v1/password-resets', { email }).expect(204);
    while (api.mails.length === before) await new Promise(setImmediate);
    expect(api.mails.slice(before).map(({ to }) => to)).toEqual([email]);
    const path = `/api/v1/tokens/${linkIn(api.mails.at(-1)!.text)}`;
    const answers = await Promise.all(
      [1, 2].map((n) => api.anonymous.post(path, { password: `the new password ${n}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 410]);
    await client.get('/api/v1/me').expect(401);
  });

  it('refuses a link that is too old', async () => {
    const email = emailOf(company.users.reviewer);
    await api.signIn(company, company.users.reviewer);
    const before = api.mails.length;
    await api.anonymous.post('/api/v1/password-resets', { email }).expect(204);
    while (api.mails.length === before) await new Promise(setImmediate);
    await api.world.db.query(`update user_tokens set expires_at = created_at where used_at is null`);
    await api.anonymous.get(`/api/v1/tokens/${linkIn(api.mails.at(-1)!.text)}`).expect(410);
  });
});

describe('users', () => {
  it('keeps the last Administrator who can sign in', async () => {
    const other = await api.world.company();
    const administrator = await api.signIn(other, other.users.administrator);
    const path = `/api/v1/users/${other.users.administrator.id}`;
    const demoted = await administrator.patch(path, { role: 'recruiter' }).expect(409);
    expect(demoted.body).toMatchObject({ code: 'last_administrator' });
    await administrator.post(`${path}/deactivate`, {}).expect(409);
    await administrator
      .patch(`/api/v1/users/${other.users.recruiter.id}`, { role: 'administrator' })
      .expect(200);
    await administrator.patch(path, { role: 'recruiter' }).expect(200);
    await administrator.get('/api/v1/channels').expect(403);
  });

  it('R-CHAT-8: people and chats go to the successor', async () => {
    const other = await api.world.company();
    const administrator = await api.signIn(other, other.users.administrator);
    const person = await other.person({ responsible: other.users.recruiter });
    await administrator
      .post(`/api/v1/users/${other.users.recruiter.id}/deactivate`, { successorId: other.colleague.id })
      .expect(200);
    const { body } = await administrator.get(`/api/v1/people/${person.id}`).expect(200);
    expect(body).toMatchObject({ responsibleUser: { id: other.colleague.id } });
    for (const successorId of [
      other.users.recruiter.id,
      other.users.reviewer.id,
      other.users.interviewer.id,
    ]) {
      await administrator.post(`/api/v1/users/${other.colleague.id}/deactivate`, { successorId }).expect(422);
    }
  });

  it('R-LOG-6: every change of a user stands in the audit log', async () => {
    const other = await api.world.company();
    const administrator = await api.signIn(other, other.users.administrator);
    await administrator
      .patch(`/api/v1/users/${other.users.recruiter.id}`, { accessToOwnBase: true })
      .expect(200);
    const entries = await api.world.db.query<{ action: string; actor: string }>(
      'select action, actor from audit_entries where organization_id = $1',
      [other.organizationId],
    );
    expect(entries).toEqual([{ action: 'user.changed', actor: 'Uma administrator' }]);
  });
});

describe('API keys', () => {
  it('do what their scopes say, and nothing else', async () => {
    const key = await api.program(company, ['people:read']);
    await key.get('/api/v1/people').expect(200);
    const refused = await key.post('/api/v1/people', { firstName: 'Ann' }).expect(403);
    expect(refused.body).toMatchObject({ code: 'scope_missing' });
    await key.get('/api/v1/me').expect(403);
  });

  it('tell their secret once, and end when revoked', async () => {
    const administrator = await api.signIn(company, company.users.administrator);
    const created = await administrator
      .post('/api/v1/api-keys', { name: 'ATS', scopes: ['people:read'] })
      .expect(201);
    const { id, secret } = created.body as { id: string; secret: string };
    const list = await administrator.get('/api/v1/api-keys').expect(200);
    expect(list.text).not.toContain(secret);
    const headers = { Authorization: `Bearer ${secret}` };
    await api.anonymous.call('get', '/api/v1/people', undefined, headers).expect(200);
    await administrator.delete(`/api/v1/api-keys/${id}`).expect(204);
    await api.anonymous.call('get', '/api/v1/people', undefined, headers).expect(401);
  });

  it.each(['Bearer nonsense', 'Basic abc', 'Bearer pk_0123456789012345678901234567890', ''])(
    'refuses the header %j',
    async (authorization) => {
      const headers = { Authorization: authorization };
      await api.anonymous.call('get', '/api/v1/people', undefined, headers).expect(401);
    },
  );

  it('R-CHAT-2: act for the user they name, whose role applies', async () => {
    const other = await api.world.company();
    const key = await api.program(other, ['messages:send', 'chats:write']);
    const person = await other.person();
    const path = `/api/v1/conversations/${person.conversationId}/start`;
    const started = await key.post(path, { actingUserId: other.users.recruiter.id }).expect(200);
    expect(started.body).toMatchObject({ status: 'active', owner: { id: other.users.recruiter.id } });
    await key.post(path, { actingUserId: other.users.reviewer.id }).expect(403);
    await key.post(path, { actingUserId: company.users.recruiter.id }).expect(422);
    const recruiter = await api.signIn(other, other.users.recruiter);
    await recruiter.post(path, { actingUserId: other.users.supervisor.id }).expect(403);
  });
});
