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

type Row = {
  id: string;
  name: string;
  whatsappConsent: boolean;
  tags: string[];
  lastContactAt: string | null;
};

const found = async (query: Record<string, string>, client = recruiter): Promise<Row[]> => {
  const { body } = await client.get(`/api/v1/people?${new URLSearchParams(query).toString()}`).expect(200);
  const count = await client.get(`/api/v1/people/count?${new URLSearchParams(query).toString()}`).expect(200);
  const { items } = body as { items: Row[] };
  // the count means whom the list shows
  expect(count.body).toEqual({ count: items.length, capped: false });
  return items;
};
const names = async (query: Record<string, string>, client = recruiter) =>
  (await found(query, client)).map(({ name }) => name);

const add = async (input: object) => {
  const { body } = await recruiter.post('/api/v1/people', input).expect(201);
  return body as { id: string; conversationId: string; contactPoints: { id: string }[] };
};

describe('the candidate base', () => {
  it('finds a number in any spelling, also by a variant of it (R-CHAT-13)', async () => {
    await add({
      firstName: 'Nora',
      lastName: 'Number',
      contactPoints: [{ kind: 'phone', value: '612 70 80 90' }],
    });
    await add({
      firstName: 'Bruno',
      lastName: 'Brazil',
      contactPoints: [{ kind: 'phone', value: '+55 11 97654-3210' }],
    });
    for (const q of [
      '612708090',
      '612-70-80-90',
      '+34 612 708 090',
      '0034612708090',
      '0612 70 80',
      '708090',
    ]) {
      expect([q, await names({ q })]).toEqual([q, ['Nora Number']]);
    }
    for (const q of ['+55 11 7654-3210', '(11) 97654 3210'])
      expect([q, await names({ q })]).toEqual([q, ['Bruno Brazil']]);
  });

  it('finds by the beginnings of short words, and by addresses in part', async () => {
    await add({
      firstName: 'Xu',
      lastName: 'Li',
      contactPoints: [{ kind: 'email', value: 'first.last77@post.example' }],
    });
    for (const q of ['xu', 'li', 'x', 'XU LI', 'last77', 'first.l', '@post.ex'])
      expect([q, await names({ q })]).toEqual([q, ['Xu Li']]);
  });

  it('keeps by vacancy, stage, tag and responsible user', async () => {
    const vacancy = await company.vacancy();
    const [one, two] = await company.people(2, { lastName: 'Applied', responsible: company.colleague });
    await company.apply(vacancy, [one!], vacancy.stages[0]);
    await company.apply(vacancy, [two!], vacancy.stages[1]);
    const ids = async (query: Record<string, string>) => (await found(query)).map(({ id }) => id).sort();
    expect(await ids({ vacancyId: vacancy.id })).toEqual([one!.id, two!.id].sort());
    expect(await ids({ vacancyId: vacancy.id, stageId: vacancy.stages[1]! })).toEqual([two!.id]);
    expect(await ids({ responsibleUserId: company.colleague.id })).toEqual([one!.id, two!.id].sort());
    const unassigned = await ids({ responsibleUserId: 'none', vacancyId: vacancy.id });
    expect(unassigned).toEqual([]);
    await recruiter.patch(`/api/v1/people/${one!.id}`, { tags: ['night', 'crane'] }).expect(200);
    expect(await ids({ tag: 'crane' })).toEqual([one!.id]);
    expect((await found({ tag: 'crane' }))[0]).toMatchObject({ tags: ['night', 'crane'] });
  });

  it('knows whose newest consent allows WhatsApp, however it was written, and follows the number', async () => {
    const tag = 'consenting';
    const value = '+34 633 10 20 30';
    const person = await add({ firstName: 'Con', tags: [tag], contactPoints: [{ kind: 'phone', value }] });
    const consented = async () => (await found({ tag, whatsappConsent: 'true' })).map(({ id }) => id);
    const path = `/api/v1/people/${person.id}/consents`;
    const consent = { contactPointId: person.contactPoints[0]!.id, channel: 'whatsapp', evidence: 'call' };
    expect(await consented()).toEqual([]);
    await recruiter.post(path, { ...consent, channel: 'sms' }).expect(201);
    expect(await consented()).toEqual([]);
    await recruiter.post(path, consent).expect(201);
    expect(await consented()).toEqual([person.id]);
    await recruiter.post(path, { ...consent, granted: false }).expect(201);
    expect(await consented()).toEqual([]);
    expect((await found({ tag, whatsappConsent: 'false' })).map(({ id }) => id)).toEqual([person.id]);
    await recruiter.post(path, { ...consent, evidence: 'again' }).expect(201);
    expect(await consented()).toEqual([person.id]);
    await recruiter.patch(`/api/v1/people/${person.id}`, { contactPoints: [] }).expect(200);
    expect(await consented()).toEqual([]);
  });

  it('keeps by last contact: since when, or not since; who was never contacted is among the latter', async () => {
    const other = await api.world.company();
    const client = await api.signIn(other, other.users.recruiter);
    const [wrote, silent] = await other.people(2);
    await other.write(wrote!, 'Hello');
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const ids = async (query: Record<string, string>) =>
      (await found(query, client)).map(({ id }) => id).sort();
    expect(await ids({ contactedSince: hourAgo })).toEqual([wrote!.id]);
    expect(await ids({ contactedSince: inAnHour })).toEqual([]);
    expect(await ids({ notContactedSince: hourAgo })).toEqual([silent!.id]);
    expect(await ids({ notContactedSince: inAnHour })).toEqual([wrote!.id, silent!.id].sort());
  });

  it('R-ROLE-2: an Interviewer finds and counts the candidates of assigned vacancies alone', async () => {
    const other = await api.world.company();
    const interviewer = await api.signIn(other, other.users.interviewer);
    const vacancy = await other.vacancy({ assigned: [other.users.interviewer] });
    const foreign = await other.vacancy({ assigned: [] });
    const [seen] = await other.people(3, { lastName: 'Seen' });
    await other.apply(vacancy, [seen!]);
    await other.apply(foreign, [seen!]);
    expect((await found({ q: 'seen' }, interviewer)).map(({ id }) => id)).toEqual([seen!.id]);
    expect(await found({ vacancyId: foreign.id }, interviewer)).toEqual([]);
  });

  it('refuses filters that mean nothing', async () => {
    for (const query of [
      'contactedSince=yesterday',
      'whatsappConsent=perhaps',
      'responsibleUserId=me',
      'vacancyId=1',
    ]) {
      await recruiter.get(`/api/v1/people?${query}`).expect(422);
      await recruiter.get(`/api/v1/people/count?${query}`).expect(422);
    }
  });
});

describe('R-SEND-2: a message to all whom a search of the base means', () => {
  it('is previewed, made once for one key, and gives a file of its results', async () => {
    const program = await api.program(company, ['people:read', 'messages:send']);
    for (const firstName of ['Una', 'Dos']) await add({ firstName, lastName: 'Sendable' });
    const body = {
      channels: ['email'],
      title: 'News',
      text: 'Hello',
      filter: { q: 'sendable', toReview: false },
    };
    const preview = await program.post('/api/v1/sends/preview', body).expect(200);
    expect(preview.body).toMatchObject({
      recipients: 2,
      channels: [{ willSend: 0, reasons: [{ code: 'email_missing', count: 2 }] }],
    });
    const key = { 'Idempotency-Key': 'sendable people' };
    const made = await program.post('/api/v1/bulk-sends', body, key).expect(202);
    const { id } = made.body as { id: string };
    expect(made.body).toMatchObject({ counts: { planned: 2, waiting: 2 } });
    expect((await program.post('/api/v1/bulk-sends', body, key).expect(202)).body).toMatchObject({ id });
    const detail = await program.get(`/api/v1/bulk-sends/${id}`).expect(200);
    expect(detail.body).toMatchObject({ hold: null, reasons: [] });
    const file = await program.get(`/api/v1/bulk-sends/${id}/recipients/csv?q=una`).expect(200);
    expect(file.headers['content-disposition']).toBe('attachment; filename="recipients.csv"');
    expect(file.text.split('\r\n').slice(1, -1)).toEqual([
      expect.stringMatching(/^Una Sendable,email,,waiting,/),
    ]);
    const listed = await program.get('/api/v1/bulk-sends?state=running').expect(200);
    expect((listed.body as { items: { id: string }[] }).items.map((one) => one.id)).toContain(id);
  });

  it('is refused for a filter that does not exist, and for whoever has no access to the base', async () => {
    const program = await api.program(company, ['messages:send']);
    const body = { channels: ['email'], title: 'News', text: 'Hello' };
    const wrong = await program.post('/api/v1/bulk-sends', { ...body, filter: { city: 'Rome' } }).expect(422);
    expect(JSON.stringify(wrong.body)).toContain('city');
    await recruiter.post('/api/v1/bulk-sends', { ...body, filter: {} }).expect(403);
    await program.post('/api/v1/bulk-sends', { ...body, savedSearchId: crypto.randomUUID() }).expect(404);
  });
});
