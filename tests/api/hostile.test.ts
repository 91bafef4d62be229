import type { ConversationRow, Counts } from '../../src/contracts/conversations';
import { createDatabase } from '../../src/data/database';
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

describe('ids in capitals are the same ids', () => {
  it('R-AUTO-2: a move to the stage where they are fires nothing again', async () => {
    const vacancy = await company.vacancy();
    const stageId = vacancy.stages[0]!;
    const person = await company.person({ consent: true });
    const [applicationId] = await company.apply(vacancy, [person], stageId);
    await company.action(stageId, await company.template());

    const moved = await administrator
      .post('/api/v1/applications/move', {
        applicationIds: [applicationId, applicationId!.toUpperCase()],
        stageId: stageId.toUpperCase(),
      })
      .expect(200);
    expect(moved.body).toMatchObject({ moved: 0, unchanged: 1, planned: [] });
    const upserted = await administrator
      .post('/api/v1/applications', {
        personId: person.id.toUpperCase(),
        vacancyId: vacancy.id.toUpperCase(),
        stageId: stageId.toUpperCase(),
      })
      .expect(201);
    expect(upserted.body).toMatchObject({ created: false, planned: [] });
  });

  it('R-CHAT-8: nobody is their own successor', async () => {
    const { id } = company.colleague;
    const refused = await administrator
      .post(`/api/v1/users/${id}/deactivate`, { successorId: id.toUpperCase() })
      .expect(422);
    expect(refused.body).toMatchObject({ errors: [{ path: 'successorId' }] });
  });
});

it('R-MAIL-5: a message names its application by the caller’s own id, too, now and later', async () => {
  const [vacancy, person] = [await company.vacancy(), await company.person({ consent: true })];
  await company.addEmail(person, 'own-id@candidate.example');
  const { body } = await administrator
    .post('/api/v1/applications', { externalId: 'a/9', personId: person.id, vacancyId: vacancy.id })
    .expect(201);
  const send = (more: object) =>
    administrator.post(`/api/v1/conversations/${person.conversationId}/messages`, {
      ...{ type: 'text', channel: 'email', title: 'Hello', text: 'Hello', applicationId: 'ext:a/9' },
      ...more,
    });
  const { id } = body as { id: string };
  expect((await send({}).expect(202)).body).toMatchObject({ applicationId: id });
  const later = { sendAt: new Date(Date.now() + 86_400_000).toISOString() };
  expect((await send(later).expect(202)).body).toMatchObject({ applicationId: id });
  await send({ applicationId: 'ext:nothing' }).expect(404);
});

it('R-ROLE-2: a filter does not tell which other vacancies somebody has applied for', async () => {
  const [mine, hidden] = [await company.vacancy(), await company.vacancy({ assigned: [] })];
  const person = await company.person();
  await company.apply(mine, [person]);
  await company.apply(hidden, [person]);
  await company.write(person, 'Hello');
  const interviewer = await api.signIn(company, company.users.interviewer);
  const found = async (client: Client, vacancyId: string): Promise<string[]> => {
    const { body } = await client.get(`/api/v1/conversations?vacancyId=${vacancyId}`).expect(200);
    return (body as { items: ConversationRow[] }).items.map(({ id }) => id);
  };
  expect(await found(interviewer, mine.id)).toEqual([person.conversationId]);
  expect(await found(interviewer, hidden.id)).toEqual([]);
  expect(await found(administrator, hidden.id)).toEqual([person.conversationId]);
});

it('R-ROLE-2, R-CHAT-10: the badge counts no conversation that one may not see any more', async () => {
  const other = await api.world.company();
  const { interviewer } = other.users;
  const client = await api.signIn(other, interviewer);
  const person = await other.person({ responsible: interviewer });
  const vacancy = await other.vacancy();
  await other.apply(vacancy, [person]);
  await other.write(person, 'Hello');
  const badge = async () =>
    ((await client.get('/api/v1/conversations/counts').expect(200)).body as Counts).my;
  expect(await badge()).toBe(1);
  const head = await api.signIn(other, other.users.administrator);
  await head.patch(`/api/v1/vacancies/${vacancy.id}`, { userIds: [] }).expect(200);
  expect(await badge()).toBe(0);
});

it('a value for a parameter that the template does not have is refused, with those that it has', async () => {
  const person = await company.person();
  const templateId = await company.template({
    body: 'Hello {{1}}',
    expressions: { 'body.1': '{{candidate.firstName}}' },
  });
  const send = (parameters: Record<string, string>) =>
    administrator.post(`/api/v1/conversations/${person.conversationId}/messages`, {
      type: 'template',
      templateId,
      parameters,
    });
  const refused = await send({ '1': 'Ana' }).expect(422);
  expect(refused.body).toMatchObject({
    errors: [{ path: 'parameters.1', message: 'is no parameter of this template: it has body.1' }],
  });
  await send({ 'body.1': 'Ana' }).expect(202);
});

it('a file that failed can be tried again by a colleague, and again', async () => {
  const person = await company.person();
  await company.write(person, 'Hello');
  const recruiter = await api.signIn(company, company.users.recruiter);
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const upload = await recruiter
    .call('post', '/api/v1/media?filename=a.png', undefined, { 'Content-Type': 'image/png' })
    .send(png)
    .expect(201);
  const sent = await recruiter
    .post(`/api/v1/conversations/${person.conversationId}/messages`, {
      type: 'media',
      mediaId: (upload.body as { id: string }).id,
    })
    .expect(202);
  let id = (sent.body as { id: string }).id;
  await recruiter.post(`/api/v1/conversations/${person.conversationId}/close`, {}).expect(200);
  for (let time = 0; time < 2; time++) {
    await api.world.db.query(`update messages set state = 'failed' where id = $1`, [id]);
    const again = await administrator.post(`/api/v1/messages/${id}/retry`).expect(202);
    id = (again.body as { id: string }).id;
  }
});

it('a mailbox is not filled with links for a new password, nor the last one ended', async () => {
  await api.signIn(company, company.users.supervisor);
  const email = `${company.users.supervisor.id}@example.com`;
  const before = api.mails.length;
  const ask = () => api.anonymous.post('/api/v1/password-resets', { email }).expect(204);
  await ask();
  while (api.mails.length === before) await new Promise(setImmediate);
  await ask();
  const link = /set-password\/(\S+)/.exec(api.mails[before]!.text)![1]!;
  await api.anonymous.get(`/api/v1/tokens/${link}`).expect(200);
  api.world.clock.advance(61_000);
  await ask();
  while (api.mails.length === before + 1) await new Promise(setImmediate);
  await api.anonymous.get(`/api/v1/tokens/${link}`).expect(410);
  expect(api.mails).toHaveLength(before + 2);
});

it('a body nested without end is refused under an idempotency key too', async () => {
  const deep = `{"people":[${'['.repeat(100_000)}${']'.repeat(100_000)}]}`;
  await administrator
    .call('post', '/api/v1/people/import', undefined, {
      'Content-Type': 'application/json',
      'Idempotency-Key': 'deep',
    })
    .send(deep)
    .expect(422);
});

it('while the database is away the answer is 503, with when to ask again', async () => {
  const db = createDatabase({ url: 'postgresql://parley@127.0.0.1:1/parley', clock: api.world.clock });
  const cut = await createApi({ db, onFault: () => undefined });
  try {
    const asked = await cut.anonymous
      .post('/api/v1/session', { email: 'a@example.com', password: 'x' })
      .expect(503);
    expect(asked.body).toMatchObject({ code: 'unavailable' });
    expect(asked.headers['retry-after']).toBe('2');
  } finally {
    await cut.close();
    await db.close();
  }
});
