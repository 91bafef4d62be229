import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
});
afterAll(() => api.close());

const key = (value: string) => ({ 'Idempotency-Key': value });

it('the same key and body give the same answer, and one effect', async () => {
  const body = { firstName: 'Ana', contactPoints: [{ kind: 'email', value: 'ana@example.com' }] };
  const first = await recruiter.post('/api/v1/people', body, key('one')).expect(201);
  const second = await recruiter.post('/api/v1/people', body, key('one')).expect(201);
  expect(second.body).toEqual(first.body);
  expect(second.headers['idempotency-replayed']).toBe('true');
});

it('another body under the same key is refused', async () => {
  await recruiter.post('/api/v1/employers', { name: 'One' }, key('two')).expect(201);
  const refused = await recruiter.post('/api/v1/employers', { name: 'Two' }, key('two')).expect(422);
  expect(refused.body).toMatchObject({ code: 'idempotency_mismatch' });
});

it('a key belongs to its caller and its route', async () => {
  const colleague = await api.signIn(company, company.colleague);
  const answers = await Promise.all([
    recruiter.post('/api/v1/employers', { name: 'Three' }, key('three')),
    colleague.post('/api/v1/employers', { name: 'Three' }, key('three')),
    recruiter.post('/api/v1/vacancies', { title: 'Three' }, key('three')),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(new Set(answers.map(({ body }) => (body as { id: string }).id)).size).toBe(3);
});

it('twenty at once have one effect: the others hear that it is under way, or the same answer', async () => {
  const vacancy = await company.vacancy({ assigned: [company.users.recruiter] });
  const answers = await Promise.all(
    [...Array(20)].map(() =>
      recruiter.post(`/api/v1/vacancies/${vacancy.id}/stages`, { name: 'Once' }, key('four')),
    ),
  );
  for (const { status } of answers) expect([201, 409]).toContain(status);
  const ids = answers.filter(({ status }) => status === 201).map(({ body }) => (body as { id: string }).id);
  expect(new Set(ids).size).toBe(1);
  const [row] = await api.world.db.query<{ count: number }>(
    `select count(*)::int as count from stages where vacancy_id = $1 and name = 'Once'`,
    [vacancy.id],
  );
  expect(row!.count).toBe(1);
});

it('what was refused is tried again', async () => {
  await company.person({ phone: '+34600000099' });
  const body = { firstName: 'Bea', contactPoints: [{ kind: 'phone', value: '+34600000099' }] };
  await recruiter.post('/api/v1/people', body, key('five')).expect(409);
  await api.world.db.query(`delete from contact_points where organization_id = $1 and key = '+34600000099'`, [
    company.organizationId,
  ]);
  await recruiter.post('/api/v1/people', body, key('five')).expect(201);
});

it('R-AUTO-2: an application put on a vacancy says again what it planned', async () => {
  const vacancy = await company.vacancy({ assigned: [company.users.recruiter] });
  const [one, other] = [await company.person(), await company.person({ consent: null })];
  await company.action(vacancy.stages[0]!, await company.template(), { delaySeconds: 3600 });
  for (const [index, person] of [one, other].entries()) {
    const body = { personId: person.id, vacancyId: vacancy.id };
    const first = await recruiter.post('/api/v1/applications', body, key(`apply ${index}`)).expect(201);
    const { planned } = first.body as { planned: { willSend: boolean }[] };
    expect(planned.map(({ willSend }) => willSend)).toEqual([person === one]);
    const again = await recruiter.post('/api/v1/applications', body, key(`apply ${index}`)).expect(201);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
  }
});

it('every answer that is given again has the shape of the first', async () => {
  const [person] = await company.people(1);
  const vacancy = await company.vacancy({ assigned: [company.users.recruiter] });
  const templateId = await company.template();
  const calls: [string, object][] = [
    ['/api/v1/people/import', { people: [{ firstName: 'A' }, { firstName: 1 }] }],
    [
      `/api/v1/people/${person!.id}/consents`,
      { channel: 'whatsapp', contactPointId: person!.contactPointId, granted: false },
    ],
    ['/api/v1/vacancies', { title: 'Cook' }],
    [`/api/v1/stages/${vacancy.stages[0]}/actions`, { templateId, channels: ['whatsapp'] }],
    ['/api/v1/applications', { personId: person!.id, vacancyId: vacancy.id, runActions: false }],
    [`/api/v1/people/${person!.id}/notes`, { body: 'Note' }],
    [`/api/v1/conversations/${person!.conversationId}/start`, {}],
  ];
  for (const [path, body] of calls) {
    const first = await recruiter.post(path, body, key(path));
    const second = await recruiter.post(path, body, key(path));
    expect([path, second.status, second.headers['idempotency-replayed'], second.body]).toEqual([
      path,
      first.status,
      'true',
      first.body,
    ]);
  }
});

it('a move is given again as it was', async () => {
  const people = await company.people(2);
  const vacancy = await company.vacancy({ assigned: [company.users.recruiter] });
  const applicationIds = await company.apply(vacancy, people);
  const body = { applicationIds, stageId: vacancy.stages[1] };
  const first = await recruiter.post('/api/v1/applications/move', body, key('move')).expect(200);
  const second = await recruiter.post('/api/v1/applications/move', body, key('move')).expect(200);
  expect(second.body).toEqual(first.body);
  expect(first.body).toMatchObject({ moved: 2, unchanged: 0 });
});

it('a key of nonsense is refused', async () => {
  await recruiter.post('/api/v1/employers', { name: 'X' }, key('x'.repeat(201))).expect(422);
});
