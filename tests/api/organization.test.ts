import type { OrganizationSettings } from '../../src/contracts/organization';
import type { Person } from '../../src/contracts/people';
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

const path = '/api/v1/organization';
const add = async (value: string) => {
  const { body } = await administrator
    .post('/api/v1/people', {
      kind: 'candidate',
      firstName: 'Uma',
      lastName: value,
      contactPoints: [{ kind: 'phone', value }],
    })
    .expect(201);
  return (body as Person).contactPoints[0]!;
};

describe('the company’s settings', () => {
  it('R-ELIG: the country decides the prefix of a number typed without one; the type comes from the numbering plan', async () => {
    const change = (defaultCountry: string) => administrator.patch(path, { defaultCountry });
    expect((await change('nl').expect(200)).body).toMatchObject({ defaultCountry: 'NL' });
    expect(await add('06 12345678')).toMatchObject({ key: '+31612345678', phoneType: 'mobile', valid: true });
    await change('ES').expect(200);
    expect(await add('612 345 678')).toMatchObject({ key: '+34612345678', phoneType: 'mobile' });
    expect(await add('91 123 45 67')).toMatchObject({ key: '+34911234567', phoneType: 'landline' });
    expect(await add('06 87654321')).toMatchObject({ valid: false });
    const refused = await change('ZZ').expect(422);
    expect((refused.body as { errors: object[] }).errors).toMatchObject([{ path: 'defaultCountry' }]);
    const { body } = await administrator.get('/api/v1/me').expect(200);
    expect(body).toMatchObject({ organization: { defaultCountry: 'ES' } });
  });

  it('the language of what candidates are told', async () => {
    const languageOf = (answer: { body: unknown }) => (answer.body as OrganizationSettings).language;
    expect(languageOf(await administrator.get(path).expect(200))).toBe('en');
    expect(languageOf(await administrator.patch(path, { language: 'cs' }).expect(200))).toBe('cs');
    const me = await administrator.get('/api/v1/me').expect(200);
    expect(me.body).toMatchObject({ organization: { language: 'cs' } });
    await administrator.patch(path, { language: 'fr' }).expect(422);
    expect(languageOf(await administrator.patch(path, { defaultCountry: 'CZ' }).expect(200))).toBe('cs');
    const { body } = await administrator.get('/api/v1/audit-entries?target=organization').expect(200);
    expect((body as { items: object[] }).items).toContainEqual(
      expect.objectContaining({
        before: expect.objectContaining({ language: 'en' }) as object,
        after: expect.objectContaining({ language: 'cs' }) as object,
      }) as object,
    );
  });

  it('R-LOG-6: Administrators alone, on the audit log', async () => {
    const { body } = await administrator.patch(path, { publicContactEmail: 'jobs@acme.example' }).expect(200);
    expect(body as OrganizationSettings).toMatchObject({ publicContactEmail: 'jobs@acme.example' });
    await administrator.patch(path, { publicContactEmail: 'nobody' }).expect(422);
    const recruiter = await api.signIn(company, company.users.recruiter);
    await recruiter.get(path).expect(403);
    await recruiter.patch(path, { defaultCountry: 'NL' }).expect(403);
    const { body: audit } = await administrator.get('/api/v1/audit-entries').expect(200);
    expect((audit as { items: object[] }).items).toContainEqual(
      expect.objectContaining({ action: 'organization.changed' }) as object,
    );
  });
});
