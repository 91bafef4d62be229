import type { Template } from '../../src/contracts/templates';
import type { Problem } from '../../src/contracts/common';
import type { Company } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let administrator: Client;
let recruiter: Client;
let supervisor: Client;
let interviewer: Client;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  const { users } = company;
  [administrator, recruiter, supervisor, interviewer] = (await Promise.all(
    [users.administrator, users.recruiter, users.supervisor, users.interviewer].map((user) =>
      api.signIn(company, user),
    ),
  )) as [Client, Client, Client, Client];
});
afterAll(() => api.close());

const sms = { channel: 'sms', name: 'Reminder', language: 'en', body: 'Hi {{candidate.firstName|there}}' };
const mail = { ...sms, channel: 'email', name: 'Welcome', title: 'Welcome at {{company.name}}' };

const path = (template: { id: string }) => `/api/v1/templates/${template.id}`;
const create = async (client: Client, template: object): Promise<Template> => {
  const { body } = await client.post('/api/v1/templates', template).expect(201);
  return body as Template;
};
const faults = (body: unknown): string[] => ((body as Problem).errors ?? []).map((error) => error.path);
const list = async (client: Client, query = ''): Promise<Template[]> => {
  const { body } = await client.get(`/api/v1/templates?limit=200&${query}`).expect(200);
  return (body as { items: Template[] }).items;
};

describe('writing a template', () => {
  it('R-SEND-5: keeps it with its folder, language and title', async () => {
    const made = await create(recruiter, { ...mail, folder: 'First contact' });
    expect(made).toMatchObject({
      channel: 'email',
      title: 'Welcome at {{company.name}}',
      folder: 'First contact',
      status: 'approved',
      personal: false,
      version: 1,
      createdBy: { id: company.users.recruiter.id },
      can: { edit: true, editText: true },
    });
    expect((await administrator.get(path(made)).expect(200)).body).toMatchObject({ id: made.id });
  });

  it('R-SEND-5: refuses an unknown variable by its place, and says which there are', async () => {
    const refused = await recruiter
      .post('/api/v1/templates', {
        ...mail,
        title: 'Dear {{candidate.nickname}}',
        body: 'Size {{candidate.shoeSize|40}}, {{candidate.custom.shoeSize}}, {{candidate.firstName}}',
      })
      .expect(422);
    expect(faults(refused.body)).toEqual(['title', 'body']);
    expect((refused.body as Problem).errors![1]!.message).toMatch(
      /\{\{candidate\.shoeSize\}\}.*candidate\.firstName.*candidatePage\.link.*candidate\.custom\.<key>/,
    );
    const made = await create(recruiter, sms);
    const changed = await recruiter.patch(path(made), { body: 'Hi {{firstName}}' }).expect(422);
    expect(faults(changed.body)).toEqual(['body']);
  });

  it.each([
    ['an e-mail without title', { ...mail, title: null }, 'title'],
    ['an SMS with one', { ...sms, title: 'Hello' }, 'title'],
    ['an SMS longer than ten parts', { ...sms, body: 'x'.repeat(1601) }, 'body'],
    ['buttons outside WhatsApp', { ...sms, buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }] }, 'buttons'],
    ['a language that is none', { ...sms, language: 'English' }, 'language'],
    [
      'a WhatsApp name with capitals',
      { ...sms, channel: 'whatsapp', name: 'Hello there', body: 'Hi' },
      'name',
    ],
    [
      'a WhatsApp text that begins with a variable',
      { channel: 'whatsapp', name: 'a', language: 'en', body: '{{candidate.firstName}}, hi' },
      'body',
    ],
  ])('refuses %s', async (_what, template, field) => {
    expect(faults((await recruiter.post('/api/v1/templates', template).expect(422)).body)).toEqual([field]);
  });

  it('does it once under one Idempotency-Key', async () => {
    const send = () =>
      recruiter
        .post('/api/v1/templates', { ...sms, name: 'Once' }, { 'Idempotency-Key': 'template-1' })
        .expect(201);
    const [first, second] = [await send(), await send()];
    expect((first.body as Template).id).toBe((second.body as Template).id);
    expect((await list(recruiter, 'q=Once')).length).toBe(1);
  });
});

describe('who may', () => {
  it('R-ROLE-1: who may send creates, others do not', async () => {
    await create(interviewer, sms);
    const reviewer = await api.signIn(company, company.users.reviewer);
    expect((await reviewer.post('/api/v1/templates', sms).expect(403)).body).toMatchObject({
      code: 'not_permitted',
    });
  });

  it('is changed and removed by its creator and Administrators', async () => {
    const made = await create(recruiter, sms);
    const refused = await supervisor.patch(path(made), { name: 'Mine' }).expect(403);
    expect(refused.body).toMatchObject({ code: 'not_permitted' });
    await supervisor.delete(path(made)).expect(403);
    expect((await supervisor.get(path(made)).expect(200)).body).toMatchObject({ can: { edit: false } });
    await administrator.patch(path(made), { name: 'Better', folder: 'Mixed' }).expect(200);
    expect((await recruiter.patch(path(made), { folder: null }).expect(200)).body).toMatchObject({
      name: 'Better',
      folder: null,
      version: 3,
    });
    await recruiter.delete(path(made)).expect(204);
    await recruiter.get(path(made)).expect(404);
  });

  it('shows a personal one to its user alone', async () => {
    const made = await create(recruiter, { ...sms, name: 'Private words', personal: true, folder: 'Secret' });
    for (const other of [administrator, supervisor]) {
      for (const method of ['get', 'delete'] as const) await other.call(method, path(made)).expect(404);
      await other.patch(path(made), { name: 'Found' }).expect(404);
      await other.get(`${path(made)}/versions`).expect(404);
      await other.get(`${path(made)}/uses`).expect(404);
      expect((await list(other)).map(({ id }) => id)).not.toContain(made.id);
      expect((await other.get('/api/v1/templates/folders').expect(200)).text).not.toContain('Secret');
    }
    expect((await list(recruiter)).map(({ id }) => id)).toContain(made.id);
    const shared = await recruiter.patch(path(made), { personal: false }).expect(200);
    expect(shared.body).toMatchObject({ personal: false });
    await administrator.get(path(made)).expect(200);
    expect(faults((await administrator.patch(path(made), { personal: true }).expect(422)).body)).toEqual([
      'personal',
    ]);
  });

  it('lets a program write shared ones only', async () => {
    const program = await api.program(company, ['templates:read', 'templates:write']);
    await create(program, sms);
    expect(
      faults((await program.post('/api/v1/templates', { ...sms, personal: true }).expect(422)).body),
    ).toEqual(['personal']);
  });
});

describe('changing a template', () => {
  it('keeps each version', async () => {
    const made = await create(recruiter, mail);
    await recruiter.patch(path(made), { body: 'Second', title: 'Two' }).expect(200);
    await recruiter.patch(path(made), { body: 'Third' }).expect(200);
    const first = await recruiter.get(`${path(made)}/versions?limit=2`).expect(200);
    expect(first.body).toMatchObject({
      items: [
        { version: 3, body: 'Third', title: 'Two' },
        { version: 2, body: 'Second', title: 'Two' },
      ],
    });
    const { nextCursor } = first.body as { nextCursor: string };
    const rest = await recruiter.get(`${path(made)}/versions?limit=2&cursor=${nextCursor}`).expect(200);
    expect(rest.body).toMatchObject({
      items: [{ version: 1, body: mail.body, title: mail.title }],
      nextCursor: null,
    });
  });

  it('refuses what was read before somebody else changed it', async () => {
    const made = await create(recruiter, sms);
    await administrator.patch(path(made), { body: 'Theirs', version: 1 }).expect(200);
    const refused = await recruiter.patch(path(made), { body: 'Mine', version: 1 }).expect(409);
    expect(refused.body).toMatchObject({ code: 'conflict' });
  });

  it('R-LOG-6: stands in the audit log without its text', async () => {
    const made = await create(recruiter, { ...sms, body: 'Very own words' });
    await recruiter.patch(path(made), { body: 'Other own words' }).expect(200);
    await recruiter.delete(path(made)).expect(204);
    const rows = await api.world.db.query<{ action: string; actor_user_id: string }>(
      'select * from audit_entries where target_id = $1 order by id',
      [made.id],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'template.created',
      'template.changed',
      'template.removed',
    ]);
    expect(rows[0]!.actor_user_id).toBe(company.users.recruiter.id);
    expect(JSON.stringify(rows)).not.toContain('own words');
  });
});

describe('finding templates', () => {
  it('filters, pages and lists folders', async () => {
    const other = await api.world.company({ connected: false });
    const client = await api.signIn(other, other.users.recruiter);
    for (const [name, language, folder, channel] of [
      ['Alpha', 'en', 'One', 'sms'],
      ['alpha', 'es', 'One', 'sms'],
      ['Beta', 'en', 'Two', 'email'],
      ['Gamma ray', 'en', null, 'sms'],
    ] as const) {
      await create(client, { ...(channel === 'email' ? mail : sms), name, language, folder });
    }
    const names = async (query: string) =>
      (await list(client, query)).map((one) => `${one.name} ${one.language}`);
    expect(await names('')).toEqual(['Alpha en', 'alpha es', 'Beta en', 'Gamma ray en']);
    expect(await names('channel=email')).toEqual(['Beta en']);
    expect(await names('folder=One&language=es')).toEqual(['alpha es']);
    expect(await names('folder=')).toEqual(['Gamma ray en']);
    expect(await names('q=RAY%20gam')).toEqual(['Gamma ray en']);
    expect(await names('q=%25')).toEqual([]);
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const { body } = await client
        .get(`/api/v1/templates?limit=1${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      const page = body as { items: Template[]; nextCursor: string | null };
      seen.push(...page.items.map(({ name }) => name));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['Alpha', 'alpha', 'Beta', 'Gamma ray']);
    await client.get('/api/v1/templates?cursor=nonsense').expect(422);
    const folders = await client.get('/api/v1/templates/folders').expect(200);
    expect(folders.body).toEqual({
      items: [
        { folder: 'One', count: 2, movable: 2 },
        { folder: 'Two', count: 1, movable: 1 },
      ],
    });
    const ofMail = await client.get('/api/v1/templates/folders?channel=email').expect(200);
    expect(ofMail.body).toEqual({ items: [{ folder: 'Two', count: 1, movable: 1 }] });
  });
});

describe('preview', () => {
  it('R-SEND-5: shows the real text for a person, saved or not, and what is missing', async () => {
    const person = await company.person({ firstName: 'Ana' });
    const written = {
      ...mail,
      body: 'Hi {{candidate.firstName}}, {{vacancy.title}} and {{stage.name|so on}}',
    };
    const expected = {
      title: expect.stringMatching(/^Welcome at \S/) as unknown,
      body: 'Hi Ana, {{vacancy.title}} and so on',
      missing: ['vacancy.title'],
    };
    const made = await create(recruiter, written);
    const saved = await recruiter.post(`${path(made)}/preview`, { personId: person.id }).expect(200);
    expect(saved.body).toMatchObject(expected);
    const { channel, title, body } = written;
    const draft = await recruiter
      .post('/api/v1/templates/preview', { channel, title, body, personId: person.id })
      .expect(200);
    expect(draft.body).toMatchObject(expected);
    const whatsapp = await recruiter
      .post('/api/v1/templates/preview', {
        channel: 'whatsapp',
        header: 'For {{candidate.firstName}}',
        body: 'Hello {{candidate.firstName}}, about {{vacancy.title}}.',
        buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }],
        personId: person.id,
      })
      .expect(200);
    expect(whatsapp.body).toMatchObject({
      header: 'For Ana',
      body: 'Hello Ana, about {{2}}.',
      buttons: [{ type: 'QUICK_REPLY', text: 'Yes' }],
      missing: ['body.2'],
    });
  });
});

describe('a template that an automatic action sends', () => {
  it('is not removed or made personal, and says where it is used', async () => {
    const templateId = await company.template();
    const vacancy = await company.vacancy({ assigned: [] });
    await company.action(vacancy.stages[1]!, templateId);
    const uses = await administrator.get(`/api/v1/templates/${templateId}/uses`).expect(200);
    expect(uses.body).toMatchObject({
      items: [{ vacancy: { id: vacancy.id }, stage: { id: vacancy.stages[1] } }],
      others: 0,
    });
    const unseen = await interviewer.get(`/api/v1/templates/${templateId}/uses`).expect(200);
    expect(unseen.body).toEqual({ items: [], others: 1 });
    const refused = await administrator.delete(`/api/v1/templates/${templateId}`).expect(409);
    expect((refused.body as Problem).detail).toContain('→');
  });
});

describe('the carrier', () => {
  it('R-SEND-3: is an approved WhatsApp template with one parameter, in its text', async () => {
    const carrier = await company.template({ body: 'News: {{1}} – regards', expressions: {} });
    const two = await company.template({ body: 'News: {{1}} and {{2}}.' });
    const pending = await company.template({ body: 'News: {{1}}.', status: 'pending' });
    const plain = await create(administrator, sms);
    const choose = (templateId: string | null) =>
      administrator.put('/api/v1/templates/carrier', { templateId });
    for (const id of [two, pending, plain.id]) {
      expect(faults((await choose(id).expect(422)).body)).toEqual(['templateId']);
    }
    await recruiter.put('/api/v1/templates/carrier', { templateId: carrier }).expect(403);
    await choose(carrier).expect(200);
    expect((await list(recruiter)).filter((one) => one.carrier).map(({ id }) => id)).toEqual([carrier]);
    await administrator.delete(`/api/v1/templates/${carrier}`).expect(409);
    await choose(null).expect(200);
    expect((await list(recruiter)).some((one) => one.carrier)).toBe(false);
  });
});

describe('R-SEND-5: folders', () => {
  const folders = async (client: Client) => {
    const { body } = await client.get('/api/v1/templates/folders').expect(200);
    return (body as { items: { folder: string; count: number; movable: number }[] }).items;
  };
  const move = (client: Client, from: string, to: string | null) =>
    client.post('/api/v1/templates/folders/move', { from, to });

  it('are renamed with what is in them, and emptied into another or none; the audit log says so', async () => {
    const made = await create(administrator, { ...sms, folder: 'Interveiws' });
    await create(administrator, { ...mail, folder: 'Interveiws' });
    expect((await move(administrator, 'Interveiws', ' Interviews ').expect(200)).body).toEqual({
      moved: 2,
      left: 0,
    });
    expect(await folders(administrator)).toContainEqual({ folder: 'Interviews', count: 2, movable: 2 });
    expect((await folders(administrator)).map(({ folder }) => folder)).not.toContain('Interveiws');
    await move(administrator, 'Interviews', null).expect(200);
    expect((await administrator.get(path(made)).expect(200)).body).toMatchObject({
      folder: null,
      version: 1,
    });
    await move(administrator, 'Interviews', 'Anything').expect(404);
    const audit = await api.world.db.query(
      `select before, after from audit_entries where action = 'template.folderMoved' order by id`,
    );
    expect(audit[0]).toEqual({
      before: { folder: 'Interveiws' },
      after: { folder: 'Interviews', templates: 2 },
    });
  });

  it('what somebody else made stays where it is, and nobody touches personal ones of others', async () => {
    await create(administrator, { ...sms, folder: 'Shared' });
    const own = await create(recruiter, { ...sms, folder: 'Shared' });
    const personal = await create(recruiter, { ...sms, folder: 'Shared', personal: true });
    expect(await folders(supervisor)).toContainEqual({ folder: 'Shared', count: 2, movable: 0 });
    expect((await move(supervisor, 'Shared', 'Mine').expect(200)).body).toEqual({ moved: 0, left: 2 });
    expect((await move(administrator, 'Shared', 'Ours').expect(200)).body).toEqual({ moved: 2, left: 0 });
    expect((await recruiter.get(path(own)).expect(200)).body).toMatchObject({ folder: 'Ours' });
    expect((await recruiter.get(path(personal)).expect(200)).body).toMatchObject({ folder: 'Shared' });
    expect((await move(recruiter, 'Ours', null).expect(200)).body).toEqual({ moved: 1, left: 1 });
  });
});
