import type { AuditEntry } from '../../src/contracts/audit';
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

const entries = async (query = ''): Promise<AuditEntry[]> =>
  ((await administrator.get(`/api/v1/audit-entries?${query}`).expect(200)).body as { items: AuditEntry[] })
    .items;

describe('R-LOG-6: the audit log', () => {
  it('tells who changed which permission, before and after', async () => {
    const { id } = company.users.recruiter;
    await administrator.patch(`/api/v1/users/${id}`, { accessToOwnBase: true }).expect(200);
    const [entry] = await entries('target=user');
    expect(entry).toMatchObject({
      action: 'user.changed',
      actor: 'Uma administrator',
      targetName: 'Uma recruiter',
      before: { accessToOwnBase: false },
      after: { accessToOwnBase: true },
    });
  });

  it('names the API key that a program came with', async () => {
    const program = await api.program(company, ['settings:write']);
    await program.patch(`/api/v1/users/${company.colleague.id}`, { phone: '+31 10 1' }).expect(200);
    const [entry] = await entries('target=user');
    expect(entry).toMatchObject({ actor: 'API key “Test key”', actorUserId: null });
  });

  it('tells of a chat that was handed over', async () => {
    const person = await company.person();
    const path = `/api/v1/conversations/${person.conversationId}`;
    await administrator.post(`${path}/start`, {}).expect(200);
    await administrator.post(`${path}/hand-over`, { userId: company.colleague.id }).expect(200);
    const [entry] = await entries('target=person');
    expect(entry).toMatchObject({
      action: 'chat.handedOver',
      targetId: person.id,
      before: { ownerId: company.users.administrator.id },
      after: { ownerId: company.colleague.id },
    });
  });

  it('tells who was assigned to a vacancy', async () => {
    const vacancy = await company.vacancy({ assigned: [company.users.recruiter] });
    const path = `/api/v1/vacancies/${vacancy.id}`;
    await administrator.patch(path, { userIds: [company.colleague.id] }).expect(200);
    await administrator.patch(path, { userIds: [company.colleague.id] }).expect(200);
    expect(await entries('target=vacancy')).toMatchObject([
      {
        action: 'vacancy.teamChanged',
        targetName: 'Baker',
        before: { userIds: [company.users.recruiter.id] },
        after: { userIds: [company.colleague.id] },
      },
    ]);
  });

  it('is filtered by user and kind, paged, and for Administrators alone', async () => {
    expect(await entries(`userId=${company.colleague.id}`)).toEqual([]);
    const all = await entries();
    const first = await administrator.get('/api/v1/audit-entries?limit=1').expect(200);
    const { items, nextCursor } = first.body as { items: AuditEntry[]; nextCursor: string };
    const rest = await entries(`cursor=${nextCursor}`);
    expect([...items, ...rest].map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    const recruiter = await api.signIn(company, company.users.recruiter);
    await recruiter.get('/api/v1/audit-entries').expect(403);
    const foreign = await api.world.company();
    const stranger = await api.signIn(foreign, foreign.users.administrator);
    const { body } = await stranger.get('/api/v1/audit-entries').expect(200);
    expect((body as { items: unknown[] }).items).toEqual([]);
  });
});
