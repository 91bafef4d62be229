import type { Application, Board, Vacancy } from '../../src/contracts/vacancies';
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

const read = async <T>(path: string): Promise<T> => (await administrator.get(path).expect(200)).body as T;

describe('vacancies', () => {
  it('come with their stages, and are found again by their external id', async () => {
    const input = {
      title: 'Cook',
      externalId: 'job-1',
      stages: [{ name: 'In' }, { name: 'Out', externalId: 'o' }],
    };
    const made = (await administrator.post('/api/v1/vacancies', input).expect(201)).body as Vacancy;
    expect(made.stages.map(({ name, position }) => [name, position])).toEqual([
      ['In', 0],
      ['Out', 1],
    ]);
    const again = await administrator
      .post('/api/v1/vacancies', {
        title: 'Chef',
        externalId: 'job-1',
        userIds: [company.users.recruiter.id],
      })
      .expect(201);
    expect(again.body).toMatchObject({
      id: made.id,
      title: 'Chef',
      stages: made.stages,
      users: [{ name: 'Uma recruiter' }],
    });
  });

  it('belong to the recruiter who makes one', async () => {
    const recruiter = await api.signIn(company, company.users.recruiter);
    const made = await recruiter.post('/api/v1/vacancies', { title: 'Mine' }).expect(201);
    const { id, users } = made.body as Vacancy;
    expect(users.map((user) => user.id)).toEqual([company.users.recruiter.id]);
    await recruiter.patch(`/api/v1/vacancies/${id}`, { title: 'Still mine', status: 'closed' }).expect(200);
    const colleague = await api.signIn(company, company.colleague);
    await colleague.patch(`/api/v1/vacancies/${id}`, { title: 'Theirs' }).expect(403);
  });

  it('are listed page by page, the open ones first', async () => {
    const other = await api.world.company();
    const client = await api.signIn(other, other.users.administrator);
    for (const title of ['B', 'A', 'C']) await client.post('/api/v1/vacancies', { title }).expect(201);
    const first = await client.get('/api/v1/vacancies?limit=2').expect(200);
    const page = first.body as { items: Vacancy[]; nextCursor: string };
    expect(page.items.map(({ title }) => title)).toEqual(['A', 'B']);
    const second = await client.get(`/api/v1/vacancies?limit=2&cursor=${page.nextCursor}`).expect(200);
    expect(second.body).toMatchObject({ items: [{ title: 'C', applicationCount: 0 }], nextCursor: null });
    await client.post('/api/v1/vacancies', { title: 'Baker (100%), night shift' }).expect(201);
    for (const [q, titles] of [
      ['SHIFT bak', ['Baker (100%), night shift']],
      ['0%25', ['Baker (100%), night shift']],
      ['_', []],
    ] as const) {
      const found = (await client.get(`/api/v1/vacancies?q=${q}`).expect(200)).body as { items: Vacancy[] };
      expect(found.items.map(({ title }) => title)).toEqual(titles);
    }
  });

  it('R-AUTO-1: let their stages be added, renamed and ordered', async () => {
    const { id, stages } = await company.vacancy({ stages: ['A', 'B', 'C'] });
    await administrator.post(`/api/v1/vacancies/${id}/stages`, { name: 'D' }).expect(201);
    await administrator.patch(`/api/v1/stages/${stages[2]}`, { position: 0, name: 'First' }).expect(200);
    await administrator.patch(`/api/v1/stages/${stages[0]}`, { position: 99 }).expect(200);
    // the names of one vacancy differ
    await administrator.post(`/api/v1/vacancies/${id}/stages`, { name: 'd' }).expect(409);
    await administrator.patch(`/api/v1/stages/${stages[1]}`, { name: 'First' }).expect(409);
    await administrator.patch(`/api/v1/stages/${stages[1]}`, { name: 'B' }).expect(200);
    const vacancy = await read<Vacancy>(`/api/v1/vacancies/${id}`);
    expect(vacancy.stages.map(({ name, position }) => `${position} ${name}`)).toEqual([
      '0 First',
      '1 B',
      '2 D',
      '3 A',
    ]);
  });
});

describe('applications', () => {
  it('R-AUTO-2: are created in a stage, firing its actions; an upsert that leaves the stage fires nothing', async () => {
    const vacancy = await company.vacancy();
    const templateId = await company.template();
    await administrator
      .post(`/api/v1/stages/${vacancy.stages[0]}/actions`, { templateId, channels: ['whatsapp'] })
      .expect(201);
    const person = await company.person();
    const input = { personId: person.id, vacancyId: vacancy.id, externalId: 'application-1' };
    const made = await administrator.post('/api/v1/applications', input).expect(201);
    expect(made.body).toMatchObject({
      created: true,
      stageName: 'New',
      planned: [{ channel: 'whatsapp', willSend: true }],
      history: [{ stageName: 'New', leftAt: null, by: 'Uma administrator' }],
    });
    const again = await administrator.post('/api/v1/applications', input).expect(201);
    expect(again.body).toMatchObject({ created: false, planned: [] });
    const moved = await administrator
      .post('/api/v1/applications', { ...input, stageId: vacancy.stages[1], runActions: false })
      .expect(201);
    expect((moved.body as Application).history.map(({ stageName }) => stageName)).toEqual([
      'New',
      'Interview',
    ]);
    const [runs] = await api.world.db.query<{ count: number }>(
      'select count(*)::int as count from action_runs where application_id = $1',
      [(made.body as Application).id],
    );
    expect(runs!.count).toBe(1);
  });

  it('are one for each candidate and vacancy, however many ask at once', async () => {
    const vacancy = await company.vacancy();
    const person = await company.person();
    const answers = await Promise.all(
      [...Array(5)].map(() =>
        administrator
          .post('/api/v1/applications', { personId: person.id, vacancyId: vacancy.id })
          .expect(201),
      ),
    );
    expect(new Set(answers.map(({ body }) => (body as Application).id)).size).toBe(1);
    expect(answers.filter(({ body }) => (body as { created: boolean }).created)).toHaveLength(1);
  });

  it('are moved by the caller’s own ids, many at once', async () => {
    const vacancy = await company.vacancy();
    const people = await company.people(2);
    const applications = await Promise.all(
      people.map(async (person, index) => {
        const input = { externalId: `own-${index}`, personId: person.id, vacancyId: vacancy.id };
        return (await administrator.post('/api/v1/applications', input).expect(201)).body as Application;
      }),
    );
    const move = (applicationIds: string[]) =>
      administrator.post('/api/v1/applications/move', { applicationIds, stageId: vacancy.stages[1] });
    await move(['ext:own-0', 'ext:own-9']).expect(404);
    await move(['ext:own-0', applications[1]!.id]).expect(200);
    for (const { id } of applications)
      expect(await read<Application>(`/api/v1/applications/${id}`)).toMatchObject({
        stageId: vacancy.stages[1],
      });
  });

  it('are for candidates, in stages of their vacancy', async () => {
    const [vacancy, other] = await Promise.all([company.vacancy(), company.vacancy()]);
    const contact = await company.person({ kind: 'contact' });
    const candidate = await company.person();
    const post = (body: object) => administrator.post('/api/v1/applications', body);
    await post({ personId: contact.id, vacancyId: vacancy.id }).expect(422);
    await post({ personId: candidate.id, vacancyId: vacancy.id, stageId: other.stages[0] }).expect(422);
    await post({ personId: 'ext:nobody', vacancyId: vacancy.id }).expect(404);
    await post({ personId: candidate.id, vacancyId: other.id, externalId: 'taken' }).expect(201);
    await post({ personId: candidate.id, vacancyId: vacancy.id, externalId: 'taken' }).expect(409);
  });
});

describe('the board', () => {
  it('shows each stage with its count and first cards, and the next ones of one', async () => {
    const vacancy = await company.vacancy();
    const people = await company.people(60);
    await company.apply(vacancy, people);
    const board = await read<Board>(`/api/v1/vacancies/${vacancy.id}/board`);
    expect(board.columns.map(({ total, cards }) => [total, cards.length])).toEqual([
      [60, 50],
      [0, 0],
      [0, 0],
    ]);
    const { stageId, cards, nextCursor } = board.columns[0]!;
    const rest = await read<Board>(
      `/api/v1/vacancies/${vacancy.id}/board?stageId=${stageId}&cursor=${nextCursor}`,
    );
    expect(rest.columns).toHaveLength(1);
    expect(rest.columns[0]).toMatchObject({ nextCursor: null });
    const all = [...cards, ...rest.columns[0]!.cards].map(({ personId }) => personId);
    expect(new Set(all)).toEqual(new Set(people.map(({ id }) => id)));
  });

  it('shows an answer that waits', async () => {
    const vacancy = await company.vacancy();
    const person = await company.person();
    await company.apply(vacancy, [person]);
    await company.write(person, 'Is it still free?');
    const board = await read<Board>(`/api/v1/vacancies/${vacancy.id}/board`);
    expect(board.columns[0]!.cards[0]).toMatchObject({
      unanswered: true,
      lastMessage: { direction: 'in', channel: 'whatsapp', state: 'received', automatic: false },
    });
  });
});

describe('automatic actions', () => {
  it('are added, listed and removed; what they planned is cancelled with them', async () => {
    const vacancy = await company.vacancy();
    const templateId = await company.template();
    const path = `/api/v1/stages/${vacancy.stages[1]}/actions`;
    const added = await administrator.post(path, { templateId, channels: ['whatsapp'] }).expect(201);
    const { id } = added.body as { id: string };
    const [applicationId] = await company.apply(vacancy, [await company.person()]);
    await administrator
      .post(`/api/v1/applications/${applicationId}/move`, { stageId: vacancy.stages[1] })
      .expect(200);
    await administrator.delete(`${path}/${id}`).expect(204);
    await administrator.delete(`${path}/${id}`).expect(404);
    expect(await read(path)).toEqual({ items: [] });
    const runs = await api.world.db.query('select state from action_runs where application_id = $1', [
      applicationId,
    ]);
    expect(runs).toEqual([{ state: 'cancelled' }]);
    await administrator.post(path, { templateId: applicationId, channels: ['whatsapp'] }).expect(422);
  });
});
