import type { SavedSearch } from '../../src/contracts/saved-searches';
import { createApi, type Api, type Client } from './support';

let api: Api;
let recruiter: Client;
let colleague: Client;

beforeAll(async () => {
  api = await createApi();
  const company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  colleague = await api.signIn(company, company.colleague);
});
afterAll(() => api.close());

const names = async (client: Client, page: string) =>
  (
    (await client.get(`/api/v1/saved-searches?page=${page}`).expect(200)).body as { items: SavedSearch[] }
  ).items.map(({ name }) => name);

describe('saved searches', () => {
  it('are kept by name for one page, and are the user’s alone', async () => {
    const query = { channel: 'whatsapp', state: 'failed', tags: ['a', 'b'] };
    const { body } = await recruiter
      .post('/api/v1/saved-searches', { page: 'messages', name: 'Failures', query })
      .expect(201);
    expect(body).toMatchObject({ page: 'messages', name: 'Failures', query });
    await recruiter
      .post('/api/v1/saved-searches', { page: 'people', name: 'Failures', query: {} })
      .expect(201);
    expect(await names(recruiter, 'messages')).toEqual(['Failures']);
    expect(await names(colleague, 'messages')).toEqual([]);
    const { id } = body as SavedSearch;
    await colleague.delete(`/api/v1/saved-searches/${id}`).expect(404);
    await recruiter.delete(`/api/v1/saved-searches/${id}`).expect(204);
    expect(await names(recruiter, 'messages')).toEqual([]);
    expect(await names(recruiter, 'people')).toEqual(['Failures']);
  });

  it('refuses a name twice, and says which field', async () => {
    const search = { page: 'messages', name: 'Twice', query: {} };
    await recruiter.post('/api/v1/saved-searches', search).expect(201);
    const { body } = await recruiter.post('/api/v1/saved-searches', search).expect(409);
    expect(body).toMatchObject({ code: 'already_exists', errors: [{ path: 'name' }] });
  });
});
