import type { Note, Notification, TimelineEntry } from '../../src/contracts/records';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let colleague: Client;
let administrator: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  colleague = await api.signIn(company, company.colleague);
  administrator = await api.signIn(company, company.users.administrator);
});
afterAll(() => api.close());

const items = async <T>(client: Client, path: string): Promise<T[]> =>
  ((await client.get(path).expect(200)).body as { items: T[] }).items;

describe('R-CHAT-12: a note', () => {
  it('is for its author and those chosen, in the list and on the timeline', async () => {
    const person = await company.person();
    const path = `/api/v1/people/${person.id}`;
    await recruiter
      .post(`${path}/notes`, { body: 'Asks for more', visibleTo: [company.colleague.id] })
      .expect(201);
    expect(await items<Note>(recruiter, `${path}/notes`)).toHaveLength(1);
    expect(await items<Note>(colleague, `${path}/notes`)).toMatchObject([
      { body: 'Asks for more', author: { name: 'Uma recruiter' }, visibleTo: [{ name: 'Uma colleague' }] },
    ]);
    expect(await items<Note>(administrator, `${path}/notes`)).toEqual([]);
    const kinds = async (client: Client) =>
      (await items<TimelineEntry>(client, `${path}/timeline`)).map(({ kind }) => kind);
    expect(await kinds(colleague)).toContain('note');
    expect(await kinds(administrator)).not.toContain('note');
    const key = await api.program(company, ['conversations:read']);
    expect(await kinds(key)).not.toContain('note');
  });

  it('notifies those chosen, until they have seen it', async () => {
    const person = await company.person({ firstName: 'Nora' });
    await recruiter
      .post(`/api/v1/people/${person.id}/notes`, { body: 'Look', visibleTo: [company.colleague.id] })
      .expect(201);
    const [first] = await items<Notification>(colleague, '/api/v1/notifications');
    expect(first).toMatchObject({ kind: 'note', seenAt: null, conversationId: person.conversationId });
    expect(first!.text).toMatch(/^Uma recruiter wrote you a note on Nora/);
    await colleague.post('/api/v1/notifications/seen', { upToId: first!.id }).expect(204);
    expect((await items<Notification>(colleague, '/api/v1/notifications'))[0]!.seenAt).not.toBeNull();
  });

  it('cannot be given to whom the person is out of sight', async () => {
    const person = await company.person();
    const give = (visibleTo: string[]) =>
      recruiter.post(`/api/v1/people/${person.id}/notes`, { body: 'x', visibleTo });
    await give([company.users.reviewer.id]).expect(422);
    await company.apply(await company.vacancy({ assigned: [company.users.reviewer] }), [person]);
    await give([company.users.reviewer.id]).expect(201);
  });
});

describe('R-LOG-1: the timeline', () => {
  it('tells moves and chats in sentences, newest first, page by page', async () => {
    const vacancy = await company.vacancy();
    const person = await company.person();
    const [applicationId] = await company.apply(vacancy, [person]);
    await administrator
      .post(`/api/v1/applications/${applicationId}/move`, { stageId: vacancy.stages[1] })
      .expect(200);
    await recruiter.post(`/api/v1/conversations/${person.conversationId}/start`).expect(200);
    await recruiter
      .post(`/api/v1/conversations/${person.conversationId}/hand-over`, { userId: company.colleague.id })
      .expect(200);
    await colleague.post(`/api/v1/conversations/${person.conversationId}/close`).expect(200);
    const path = `/api/v1/people/${person.id}/timeline`;
    const first = await recruiter.get(`${path}?limit=3`).expect(200);
    const page = first.body as { items: TimelineEntry[]; nextCursor: string };
    expect(page.items.map(({ text }) => text)).toEqual([
      'The chat of Uma colleague was closed; it is open to everybody now.',
      'The chat was handed over from Uma recruiter to Uma colleague.',
      'Started the chat.',
    ]);
    const rest = await items<TimelineEntry>(recruiter, `${path}?cursor=${page.nextCursor}`);
    expect(rest.map(({ text, actor }) => [text, actor])).toEqual([
      ['Moved from New to Interview.', 'Uma administrator'],
    ]);
    expect(await items<TimelineEntry>(recruiter, `${path}?applicationId=${applicationId}`)).toHaveLength(1);
  });

  it('R-ROLE-2: leaves out what happened on vacancies that one may not see', async () => {
    const [mine, other] = await Promise.all([
      company.vacancy({ assigned: [company.users.reviewer] }),
      company.vacancy({ assigned: [] }),
    ]);
    const person = await company.person();
    for (const vacancy of [mine, other]) {
      const [applicationId] = await company.apply(vacancy, [person]);
      await administrator
        .post(`/api/v1/applications/${applicationId}/move`, { stageId: vacancy.stages[2] })
        .expect(200);
    }
    const reviewer = await api.signIn(company, company.users.reviewer);
    expect(await items<TimelineEntry>(reviewer, `/api/v1/people/${person.id}/timeline`)).toHaveLength(1);
    const { body } = await reviewer.get(`/api/v1/people/${person.id}`).expect(200);
    expect((body as { applications: { vacancyId: string }[] }).applications).toMatchObject([
      { vacancyId: mine.id },
    ]);
  });
});

it('shows the balance of credits', async () => {
  const { body } = await recruiter.get('/api/v1/credits').expect(200);
  expect(body).toEqual({ balance: 1000, low: false });
});
