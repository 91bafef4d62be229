import { parseMail } from '../../src/channels/email/parse-mail';
import type { Person } from '../../src/contracts/people';
import { receiveForUser } from '../../src/data/mail/receive-mail';
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

const add = async (input: object, status = 201): Promise<Person & { created: boolean }> => {
  const answer = await recruiter.post('/api/v1/people', input).expect(status);
  return answer.body as Person & { created: boolean };
};
const phone = (value: string) => ({ kind: 'phone', value });

describe('adding a person', () => {
  it('keys numbers by E.164 and addresses in lower case, with what the number itself tells', async () => {
    const person = await add({
      firstName: 'Ana',
      lastName: 'Ruiz',
      contactPoints: [
        phone('612 34 56 78'),
        phone('+34 915 555 555'),
        phone('12'),
        { kind: 'email', value: 'Ana@Ruiz.ES' },
      ],
    });
    expect(person.contactPoints.map(({ key, valid, phoneType }) => [key, valid, phoneType])).toEqual([
      ['+34612345678', true, 'mobile'],
      ['+34915555555', true, 'landline'],
      ['12', false, 'unknown'],
      ['ana@ruiz.es', true, 'unknown'],
    ]);
    expect(person).toMatchObject({ created: true, name: 'Ana Ruiz', tags: [], custom: {}, applications: [] });
  });

  it('makes its closed conversation with it, in the inbox of the responsible user', async () => {
    const responsibleUserId = company.users.supervisor.id;
    const person = await add({ firstName: 'Bea', responsibleUserId });
    const { body } = await recruiter.get(`/api/v1/conversations/${person.conversationId}`).expect(200);
    expect(body).toMatchObject({ status: 'closed', owner: null, responsibleUser: { id: responsibleUserId } });
  });

  it('updates the one with this external id; what is not said stays', async () => {
    const first = await add({
      externalId: 'ats-1',
      firstName: 'Cem',
      lastName: 'Ak',
      tags: ['a'],
      custom: { shoe: '42' },
    });
    const second = await add({ externalId: 'ats-1', lastName: 'Aksoy' });
    expect(second).toMatchObject({
      id: first.id,
      created: false,
      name: 'Cem Aksoy',
      tags: ['a'],
      custom: { shoe: '42' },
    });
    const found = await recruiter.get('/api/v1/people/ext:ats-1').expect(200);
    expect((found.body as Person).id).toBe(first.id);
  });

  it('R-CHAT-13: refuses a number that is somebody else’s in whatever variant, and names the field', async () => {
    await add({ firstName: 'Duda', contactPoints: [phone('+55 11 98765-4321')] });
    const refused = await recruiter
      .post('/api/v1/people', {
        firstName: 'Other',
        contactPoints: [{ kind: 'email', value: 'free@example.com' }, phone('+55 11 8765-4321')],
      })
      .expect(409);
    expect(refused.body).toMatchObject({
      code: 'already_exists',
      errors: [
        { path: 'contactPoints.1.value', message: 'belongs to another person; search for it to find them' },
      ],
    });
  });

  it('keeps one of two who take the same number at the same instant', async () => {
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        recruiter.post('/api/v1/people', {
          firstName: `Racer ${n}`,
          contactPoints: [phone('+34 633 333 333')],
        }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it('refuses what it cannot keep, field by field', async () => {
    const { body } = await recruiter
      .post('/api/v1/people', {
        employerId: 'ext:nobody',
        responsibleUserId: '00000000-0000-7000-8000-000000000000',
        timeZone: 'Mars/Olympus',
      })
      .expect(422);
    expect((body as { errors: { path: string }[] }).errors.map(({ path }) => path)).toEqual([
      'firstName',
      'employerId',
      'responsibleUserId',
      'timeZone',
    ]);
  });
});

describe('changing a person', () => {
  it('replaces the contact points, and keeps the consents of those that stay', async () => {
    const person = await add({
      firstName: 'Eva',
      contactPoints: [phone('+34 644 000 001'), phone('+34 644 000 002')],
      consents: [{ channel: 'whatsapp', evidence: 'form 7' }],
    });
    const changed = await recruiter
      .patch(`/api/v1/people/${person.id}`, {
        contactPoints: [phone('+34 644 000 003'), phone('644 00 00 01')],
      })
      .expect(200);
    const points = (changed.body as Person).contactPoints;
    expect(points.map(({ key, consents }) => [key, consents.length])).toEqual([
      ['+34644000003', 0],
      ['+34644000001', 1],
    ]);
    expect(points[1]!.id).toBe(person.contactPoints[0]!.id);
  });

  it('R-CHAT-9: a new responsible user takes the conversation, but not the owner’s Active chat', async () => {
    const [idle, active] = await company.people(2, { responsible: company.users.recruiter });
    await recruiter.post(`/api/v1/conversations/${active!.conversationId}/start`).expect(200);
    for (const { id } of [idle!, active!]) {
      await recruiter.patch(`/api/v1/people/${id}`, { responsibleUserId: company.colleague.id }).expect(200);
    }
    const inboxes = await api.world.db.query(
      `select inbox_user_id as inbox, responsible_user_id as responsible from conversations
       where id = any($1::uuid[]) order by id`,
      [[idle!.conversationId, active!.conversationId]],
    );
    expect(inboxes).toEqual([
      { inbox: company.colleague.id, responsible: company.colleague.id },
      { inbox: company.users.recruiter.id, responsible: company.colleague.id },
    ]);
    const { body } = await recruiter.get(`/api/v1/people/${idle!.id}/timeline`).expect(200);
    expect((body as { items: object[] }).items[0]).toMatchObject({
      kind: 'responsibleChanged',
      actor: 'Uma recruiter',
      text: 'The responsible user changed from Uma recruiter to Uma colleague.',
    });
  });

  it('R-LOG-6: records consent and its withdrawal with evidence, on timeline and in the audit log', async () => {
    const person = await add({ firstName: 'Fay', contactPoints: [phone('+34 655 000 001')] });
    const path = `/api/v1/people/${person.id}/consents`;
    const contactPointId = person.contactPoints[0]!.id;
    await recruiter.post(path, { contactPointId, channel: 'whatsapp', evidence: 'call' }).expect(201);
    const withdrawn = await recruiter
      .post(path, { contactPointId, channel: 'whatsapp', granted: false, evidence: 'letter' })
      .expect(201);
    expect((withdrawn.body as Person).contactPoints[0]!.consents).toEqual([
      expect.objectContaining({ channel: 'whatsapp', granted: false, evidence: 'letter' }),
    ]);
    const { body } = await recruiter.get(`/api/v1/people/${person.id}/timeline`).expect(200);
    expect((body as { items: { text: string }[] }).items.map(({ text }) => text)).toEqual([
      'Consent to WhatsApp was withdrawn.',
      'Consent to WhatsApp was recorded.',
      'The file was created.',
    ]);
    const audit = await api.world.db.query(
      `select action from audit_entries where target_id = $1 order by id`,
      [person.id],
    );
    expect(audit).toHaveLength(2);
    const stranger = await company.person();
    await recruiter.post(path, { contactPointId: stranger.contactPointId, channel: 'whatsapp' }).expect(422);
  });
});

it('an opt-out stays with the number, in whatever file it turns up again', async () => {
  const person = await company.person();
  await company.write(person, 'STOP');
  const number = `+${person.waId}`;
  const out = async (id: string) =>
    ((await recruiter.get(`/api/v1/people/${id}`).expect(200)).body as Person).contactPoints[0]!.optedOut
      .length;
  expect(await out(person.id)).toBe(1);
  await recruiter.patch(`/api/v1/people/${person.id}`, { contactPoints: [] }).expect(200);
  const again = await add({ firstName: 'Again', contactPoints: [phone(number)] });
  expect(await out(again.id)).toBe(1);
});

it('R-ELIG: a file tells who wants no marketing from who wants nothing at all', async () => {
  const person = await company.person();
  await api.world.db.query(
    `insert into opt_outs (organization_id, id, contact_point_id, key_hash, channels, marketing_only, occurred_at, source)
     values ($1, gen_random_uuid(), $2::uuid, $2::uuid::text, '{whatsapp,sms}', true, now(), 'preference')`,
    [company.organizationId, person.contactPointId],
  );
  const file = (await recruiter.get(`/api/v1/people/${person.id}`).expect(200)).body as Person;
  expect(file.contactPoints[0]!.optedOut).toMatchObject([{ marketingOnly: true, source: 'preference' }]);
});

describe('searching', () => {
  const names = async (client: Client, query: string) => {
    const { body } = await client.get(`/api/v1/people?${query}`).expect(200);
    return (body as { items: { name: string }[] }).items.map(({ name }) => name);
  };

  it('finds by any part of names, numbers as people write them, and addresses', async () => {
    const other = await api.world.company();
    const client = await api.signIn(other, other.users.recruiter);
    await client
      .post('/api/v1/people', {
        firstName: 'Günther',
        lastName: 'O’Neil_50%',
        contactPoints: [phone('+34 666 123 456'), { kind: 'email', value: 'gun@neil.de' }],
      })
      .expect(201);
    await client.post('/api/v1/people', { firstName: 'Hana', lastName: 'Sato' }).expect(201);
    for (const q of ['günth', 'neil gün', '666 123', '+34 666123456', 'gun@', '_50%']) {
      expect([q, await names(client, `q=${encodeURIComponent(q)}`)]).toEqual([q, ['Günther O’Neil_50%']]);
    }
    expect(await names(client, 'q=%25%25')).toEqual([]);
  });

  it('pages through candidates and contacts by name, each once', async () => {
    const other = await api.world.company();
    const client = await api.signIn(other, other.users.recruiter);
    const people = [...Array(23).keys()].map((n) => ({
      kind: n % 3 === 0 ? 'contact' : 'candidate',
      firstName: `F${n % 4}`,
      lastName: `L${n % 5}`,
    }));
    await client.post('/api/v1/people/import', { people }).expect(200);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await client.get(`/api/v1/people?limit=5${cursor && `&cursor=${cursor}`}`).expect(200);
      const page = body as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(new Set(seen).size).toBe(23);
    expect(seen).toHaveLength(23);
    await client.get('/api/v1/people?cursor=nonsense').expect(422);
  });
});

describe('importing', () => {
  it('takes 10,000 rows; a bad row costs no other, and others are answered meanwhile', async () => {
    const other = await api.world.company();
    const client = await api.signIn(other, other.users.recruiter);
    await client.post('/api/v1/people', { externalId: 'row-5', firstName: 'Old' }).expect(201);
    const people: unknown[] = [...Array(10_000).keys()].map((n) => ({
      externalId: `row-${n}`,
      firstName: `First ${n}`,
      lastName: `Last ${n % 100}`,
      contactPoints: [phone(`+346${String(10_000_000 + n)}`), { kind: 'email', value: `p${n}@example.com` }],
      consents: n % 2 === 0 ? [{ channel: 'whatsapp', source: 'import', evidence: 'list' }] : [],
      tags: ['imported'],
    }));
    people[10] = { firstName: 42 };
    people[11] = { externalId: 'row-1', firstName: 'Double' };
    people[12] = { firstName: 'Same phone', contactPoints: [phone('+34610000001')] };
    people[13] = { firstName: 'Broken \u0000' };
    people[14] = null;
    const importing = client.post('/api/v1/people/import', { people }).expect(200);
    const answers: number[] = [];
    let done = false;
    const watching = (async () => {
      while (!done) {
        const { status } = await api.anonymous.get('/healthz');
        answers.push(status);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const { body } = await importing.then((answer) => {
      done = true;
      return answer;
    });
    const result = body as {
      created: number;
      updated: number;
      failed: number;
      rows: { outcome: string; errors: { path: string }[] }[];
    };
    await watching;
    expect(answers.length).toBeGreaterThan(10);
    expect({ ...result, rows: result.rows.length }).toEqual({
      created: 9994,
      updated: 1,
      failed: 5,
      rows: 10_000,
    });
    expect([10, 11, 12, 13, 14].map((n) => result.rows[n]!.errors[0]?.path)).toEqual([
      'firstName',
      'externalId',
      'contactPoints.0.value',
      'firstName',
      '',
    ]);
    expect(result.rows[5]!.outcome).toBe('updated');
    const [counts] = await api.world.db.query(
      `select (select count(*)::int from people where organization_id = $1) as people,
         (select count(*)::int from conversations where organization_id = $1) as conversations,
         (select count(*)::int from consents where organization_id = $1) as consents`,
      [other.organizationId],
    );
    expect(counts).toEqual({ people: 9995, conversations: 9995, consents: 4997 });
    const again = await client.post('/api/v1/people/import', { people: people.slice(0, 10) }).expect(200);
    expect(again.body).toMatchObject({ created: 0, updated: 10, failed: 0 });
  }, 300_000);
});

it('employers are found again by their external id', async () => {
  const made = await recruiter.post('/api/v1/employers', { name: 'Bakery', externalId: 'e1' }).expect(201);
  const again = await recruiter
    .post('/api/v1/employers', { name: 'Big Bakery', externalId: 'e1' })
    .expect(201);
  expect(again.body).toEqual({ ...(made.body as object), name: 'Big Bakery' });
  const contact = await add({ kind: 'contact', firstName: 'Ines', employerId: 'ext:e1' });
  expect(contact.employer).toMatchObject({ name: 'Big Bakery' });
  await recruiter.patch('/api/v1/employers/ext:e1', { name: 'Bakery & Co' }).expect(200);
  const { body } = await recruiter.get('/api/v1/employers?q=%26').expect(200);
  expect(body).toMatchObject({ items: [{ name: 'Bakery & Co' }], nextCursor: null });
});

it('R-BOX-5: in the file of an employer stands what was said with all its contacts, newest first', async () => {
  const { organizationId, users } = company;
  const employer = { externalId: 'e2', name: 'Mill' };
  const { body } = await recruiter.post('/api/v1/employers', employer).expect(201);
  const { id: employerId } = body as { id: string };
  const email = (value: string) => [{ kind: 'email', value }];
  const mills = { kind: 'contact', employerId };
  const ines = await add({ ...mills, firstName: 'Ines', contactPoints: email('ines@mill.example') });
  const tom = await add({ ...mills, firstName: 'Tom', contactPoints: email('tom@mill.example') });
  await add({ firstName: 'Other', contactPoints: email('other@bakery.example') });
  const place = { organizationId, userId: users.recruiter.id, folder: 'inbox' } as const;
  const mails = ['ines@mill.example', 'tom@mill.example', 'other@bakery.example', 'ines@mill.example'];
  for (const [hour, from] of mails.entries()) {
    const raw = Buffer.from(
      `From: ${from}\r\nTo: anna@acme.example\r\nSubject: ${hour === 3 ? 'Confidential' : 'Mail'} ${hour}\r\n` +
        `Message-ID: <${hour}@mill.example>\r\nDate: Mon, 02 Nov 2026 0${hour}:00:00 +0000\r\n\r\nHello\r\n`,
    );
    await receiveForUser(api.world.db, place, await parseMail(raw), raw);
  }
  const path = '/api/v1/employers/ext:e2';
  await recruiter.get(path).expect(200, { id: employerId, ...employer });
  const first = await recruiter.get(`${path}/messages?limit=1`).expect(200);
  expect(first.body).toMatchObject({ items: [{ title: 'Mail 1', person: { id: tom.id, name: 'Tom' } }] });
  const { nextCursor } = first.body as { nextCursor: string };
  const second = await recruiter.get(`${path}/messages?cursor=${nextCursor}`).expect(200);
  expect(second.body).toMatchObject({
    items: [{ title: 'Mail 0', conversationId: ines.conversationId }],
    nextCursor: null,
  });
  expect((second.body as { items: unknown[] }).items).toHaveLength(1);
  const people = await recruiter.get(`/api/v1/people?employerId=${employerId}`).expect(200);
  const { items } = people.body as { items: { id: string }[] };
  expect(items.map(({ id }) => id).sort()).toEqual([ines.id, tom.id].sort());
  const interviewer = await api.signIn(company, users.interviewer);
  await interviewer.get(`${path}/messages`).expect(403);
});
