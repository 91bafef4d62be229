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

type Preview = {
  created: number;
  updated: number;
  failed: number;
  rows: {
    outcome: string;
    person: { id: string; name: string } | null;
    errors: { path: string }[];
    warnings: { path: string }[];
  }[];
};
const phone = (value: string) => ({ kind: 'phone', value });
const email = (value: string) => ({ kind: 'email', value });

it('R-SEND-8: a preview tells row by row what the import will do, and writes nothing', async () => {
  const made = await recruiter
    .post('/api/v1/people', {
      firstName: 'Known',
      lastName: 'Already',
      tags: ['old'],
      contactPoints: [phone('612 11 22 33'), email('known@example.com')],
    })
    .expect(201);
  const known = made.body as { id: string };
  const people = [
    { firstName: 'New', contactPoints: [phone('612 11 22 34')] },
    {
      lastName: 'Renamed',
      tags: ['new'],
      contactPoints: [phone('+34 612 112 233'), email('second@example.com')],
      consents: [{ channel: 'whatsapp', source: 'import', evidence: 'Fair of May 2026, signed list' }],
    },
    { firstName: 'Twice', contactPoints: [phone('0034612112234')] },
    { firstName: 'Wrong', contactPoints: [phone('12')] },
    { firstName: 'Bad', contactPoints: [email('no address')] },
    { contactPoints: [email('nameless@example.com')] },
  ];
  const body = { people, matchContactPoints: true };
  const preview = (await recruiter.post('/api/v1/people/import/preview', body).expect(200)).body as Preview;
  expect(preview.rows.map(({ outcome, person }) => [outcome, person?.name ?? null])).toEqual([
    ['created', null],
    ['updated', 'Known Already'],
    ['failed', null],
    ['created', null],
    ['failed', null],
    ['failed', null],
  ]);
  expect(
    preview.rows.map(({ errors, warnings }) => [...errors, ...warnings].map(({ path }) => path)),
  ).toEqual([
    [],
    [],
    ['contactPoints.0.value'],
    ['contactPoints.0.value'],
    ['contactPoints.0.value'],
    ['firstName'],
  ]);
  const [count] = await api.world.db.query(
    'select count(*)::int as n from people where organization_id = $1',
    [company.organizationId],
  );
  expect(count).toEqual({ n: 1 });

  const { body: result } = await recruiter.post('/api/v1/people/import', body).expect(200);
  expect(result).toMatchObject({
    created: preview.created,
    updated: preview.updated,
    failed: preview.failed,
  });
  const person = (await recruiter.get(`/api/v1/people/${known.id}`).expect(200)).body as {
    name: string;
    tags: string[];
    contactPoints: { key: string; consents: object[] }[];
  };
  // nothing that was there is taken away
  expect(person).toMatchObject({ name: 'Known Renamed', tags: ['old', 'new'] });
  expect(person.contactPoints.map(({ key, consents }) => [key, consents.length])).toEqual([
    ['+34612112233', 1],
    ['known@example.com', 0],
    ['second@example.com', 0],
  ]);
});

it('does not take one row for two people, nor a client’s contact for a candidate', async () => {
  const one = phone('655 44 33 21');
  const two = phone('655 44 33 22');
  await recruiter.post('/api/v1/people', { firstName: 'One', contactPoints: [one] }).expect(201);
  await recruiter
    .post('/api/v1/people', { kind: 'contact', firstName: 'Two', contactPoints: [two] })
    .expect(201);
  const people = [
    { firstName: 'Both', contactPoints: [one, two] },
    { firstName: 'Client', contactPoints: [two] },
  ];
  const { body } = await recruiter
    .post('/api/v1/people/import/preview', { people, matchContactPoints: true })
    .expect(200);
  expect((body as Preview).rows.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
});

it('a wrong number that others have as well makes nobody the same person', async () => {
  await recruiter.post('/api/v1/people', { firstName: 'Zero', contactPoints: [phone('0')] }).expect(201);
  const people = [{ firstName: 'Other', contactPoints: [phone('0'), email('other@example.com')] }];
  const { body } = await recruiter
    .post('/api/v1/people/import/preview', { people, matchContactPoints: true })
    .expect(200);
  expect((body as Preview).rows).toMatchObject([
    { outcome: 'failed', errors: [{ path: 'contactPoints.0.value' }] },
  ]);
});

it('R-ELIG: a consent that no number or address is there for is refused, not lost', async () => {
  const add = async (person: object, status: number): Promise<unknown> =>
    (await recruiter.post('/api/v1/people', person).expect(status)).body;
  const consents = [{ channel: 'sms' }, { channel: 'email' }];
  expect(await add({ firstName: 'Ivo', contactPoints: [phone('n/a')] }, 422)).toMatchObject({
    errors: [{ path: 'contactPoints.0.value', message: 'is no phone number' }],
  });
  const ivo = { firstName: 'Ivo', externalId: 'ats-ivo', contactPoints: [phone('612 34 00 77')] };
  expect(await add({ ...ivo, consents }, 422)).toMatchObject({ errors: [{ path: 'consents.1.channel' }] });
  await add(ivo, 201);
  expect(await add({ externalId: 'ats-ivo', consents: [{ channel: 'sms' }] }, 201)).toMatchObject({
    contactPoints: [{ consents: [{ channel: 'sms', granted: true }] }],
  });
});
