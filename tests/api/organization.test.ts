import { dispatchNext } from '../../activities/dispatch-next';
import type { OutboundEmail } from '../../src/channels/email/types';
import type { CandidatePage } from '../../src/contracts/candidate-pages';
import type { OrganizationSettings } from '../../src/contracts/organization';
import type { Person } from '../../src/contracts/people';
import type { Company } from '../support/company';
import { pngOf } from '../support/pictures';
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

describe('the company’s look', () => {
  const logoPath = `${path}/logo`;
  const putLogo = (bytes: Buffer, client = administrator) =>
    client.call('put', logoPath, undefined, { 'Content-Type': 'image/png' }).send(bytes);
  const settings = (answer: { body: unknown }) => answer.body as OrganizationSettings;

  it('has a colour of six digits, or none', async () => {
    const change = (brandColor: string | null) => administrator.patch(path, { brandColor });
    expect(settings(await change('#0B5D5e').expect(200)).brandColor).toBe('#0b5d5e');
    for (const wrong of ['red', '#123', '#12345g', '#123456;x', '', '#123456\n#123456'])
      expect((await change(wrong).expect(422)).body).toMatchObject({ errors: [{ path: 'brandColor' }] });
    expect(settings(await change(null).expect(200)).brandColor).toBeNull();
  });

  it('R-LOG-6: has a logo, which everybody may see; Administrators set it, and the audit log tells of it', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
    expect((await putLogo(svg).expect(422)).body).toMatchObject({
      detail: expect.stringContaining('PNG, JPEG or WebP') as string,
    });
    const large = Buffer.concat([pngOf(10, 10), Buffer.alloc(200 * 1024)]);
    expect((await putLogo(large).expect(413)).body).toMatchObject({
      detail: expect.stringContaining('200 KB') as string,
    });
    await putLogo(pngOf(1300, 10)).expect(422);
    await putLogo(pngOf(10, 10), await api.signIn(company, company.users.recruiter)).expect(403);
    expect(settings(await administrator.get(path)).logoUrl).toBeNull();

    const { logoUrl } = settings(await putLogo(pngOf(320, 80)).expect(200));
    const logo = await api.anonymous.get(logoUrl!).expect(200);
    expect(logo.body).toEqual(pngOf(320, 80));
    expect(logo.headers).toMatchObject({
      'content-type': 'image/png',
      'cache-control': 'public, max-age=31536000',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox') as string,
      'cross-origin-resource-policy': 'cross-origin',
    });
    const known = { 'If-None-Match': logo.headers.etag! };
    await api.anonymous.call('get', logoUrl!, undefined, known).expect(304);
    const another = settings(await putLogo(pngOf(330, 80)).expect(200)).logoUrl!;
    expect(another).not.toBe(logoUrl);
    await api.anonymous.call('get', another, undefined, known).expect(200);
    expect(settings(await administrator.delete(logoPath).expect(200)).logoUrl).toBeNull();
    await api.anonymous.get(another).expect(404);

    const { body } = await administrator.get('/api/v1/audit-entries?target=organization').expect(200);
    const told = (body as { items: { action: string; before: unknown; after: unknown }[] }).items.filter(
      ({ action }) => action === 'organization.logoChanged',
    );
    const is = (bytes: number) => ({
      logo: { type: 'image/png', bytes, hash: expect.any(String) as string },
    });
    expect(told).toMatchObject([
      { before: is(24), after: { logo: null } },
      { before: is(24), after: is(24) },
      { before: { logo: null }, after: is(24) },
    ]);
  });

  it('R-MAIL-1: is that of its e-mails and of the page that they lead to', async () => {
    const { world } = api;
    const { organizationId } = company;
    const { logoUrl } = settings(await putLogo(pngOf(320, 80)).expect(200));
    await administrator.patch(path, { brandColor: '#ffd400' }).expect(200);
    const eva = await company.person();
    await company.addEmail(eva, 'eva@candidate.example');
    const [applicationId] = await company.apply(await company.vacancy(), [eva]);
    await administrator
      .post(`/api/v1/conversations/${eva.conversationId}/messages`, {
        type: 'text',
        channel: 'email',
        title: 'Interview',
        text: 'Can you come?',
        applicationId,
      })
      .expect(202);
    const sent: OutboundEmail[] = [];
    const send = (mail: OutboundEmail) => Promise.resolve({ providerId: `<${sent.push(mail)}@parley.test>` });
    const deps = { ...world.deps, email: { ...world.deps.email, send } };
    await dispatchNext(deps, { organizationId, conversationId: eva.conversationId });
    const brand = { color: '#ffd400', logoUrl };
    expect(sent).toMatchObject([{ brand: { ...brand, logoUrl: `${deps.publicUrl}${logoUrl}` } }]);
    const token = sent[0]!.pageUrl!.split('/messages/')[1]!;
    const { body } = await api.anonymous.get(`/api/v1/candidate-pages/${token}`).expect(200);
    expect((body as CandidatePage).brand).toEqual(brand);
  });
});
