import type { ConversationRow, Counts } from '../../src/contracts/conversations';
import { rowOf, type Company } from '../support/company';
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
