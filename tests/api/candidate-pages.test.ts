import { dispatchNext } from '../../activities/dispatch-next';
import { parseMail } from '../../src/channels/email/parse-mail';
import type { OutboundEmail } from '../../src/channels/email/types';
import type { CandidatePage, PageFile, PageMessage } from '../../src/contracts/candidate-pages';
import type { Message } from '../../src/contracts/messages';
import { newId } from '../../src/data/database';
import { touchCandidatePage } from '../../src/data/candidate-pages/candidate-pages';
import { mailEnvelope } from '../../src/data/mail/envelopes';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { routeMail } from '../../src/data/mail/route-mail';
import { candidatePageUrl } from '../../src/domain/candidate-page-link';
import { dayMs, type Company, type Person, type Vacancy } from '../support/company';
import { waitFor } from '../support/wait';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let vacancy: Vacancy;
let eva: Person;
let applicationId: string;
let address: string;
let page: string;

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const pdf = Buffer.from('%PDF-1.7 something');

beforeAll(async () => {
  api = await createApi({ linksPerIp: 1000 });
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  vacancy = await company.vacancy();
});
beforeEach(async () => {
  eva = await company.person({ firstName: 'Eva' });
  [applicationId] = (await company.apply(vacancy, [eva])) as [string];
  address = await emailOf(eva);
  page = await pageOf(eva, applicationId);
});
afterAll(() => api.close());

async function emailOf(person: Person): Promise<string> {
  const value = `${person.id.slice(-8)}@candidate.example`;
  await company.addEmail(person, value);
  return value;
}

/** Where the link that a mail would carry leads. */
async function pageOf(person: Person, application: string | null): Promise<string> {
  const { db, hashKey } = api.world;
  const { organizationId } = company;
  const link = await db.transact(async (tx) =>
    touchCandidatePage(tx, {
      organizationId,
      personId: person.id,
      applicationId: application,
      at: await tx.now(),
    }),
  );
  return pathOf(candidatePageUrl('', hashKey, { organizationId, ...link }));
}
const pathOf = (url: string) => `/api/v1/candidate-pages/${url.split('/messages/')[1]!}`;
const tokenOf = (path: string) => path.split('/').at(-1)!;

type Said = { direction?: 'in' | 'out'; channel?: string; state?: string; application?: string | null };

/** Something that stands in the conversation. */
async function said(
  body: string,
  { direction = 'out', channel = 'email', state = 'sent', application = applicationId }: Said = {},
): Promise<string> {
  const id = newId();
  await api.world.db.query(
    `with c as (update conversations set message_count = message_count + 1 where organization_id = $1 and id = $3 returning message_count)
     insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, body, application_id,
       sender_user_id, occurred_at, created_at)
     select $1, $2, $3, c.message_count, $4, $5, $6, $7, 'text', $8, $9, $10, $11, $11 from c`,
    [
      company.organizationId,
      id,
      eva.conversationId,
      channel,
      direction,
      direction === 'in' ? 'person' : 'manual',
      state,
      body,
      application,
      direction === 'in' ? null : company.users.recruiter.id,
      await api.world.db.now(),
    ],
  );
  return id;
}

const open = async (path = page) => (await api.anonymous.get(path).expect(200)).body as CandidatePage;
const texts = ({ items }: { items: PageMessage[] }) => items.map(({ text }) => text);
const write = (body: object, path = page, headers = {}) =>
  api.anonymous.post(`${path}/messages`, body, headers);
const upload = (bytes: Buffer, name = 'cv.pdf', path = page) =>
  api.anonymous
    .call('post', `${path}/media?filename=${name}`, undefined, { 'Content-Type': 'application/octet-stream' })
    .send(bytes);
const inInbox = async () =>
  (
    (await recruiter.get(`/api/v1/conversations/${eva.conversationId}/messages`).expect(200)).body as {
      items: Message[];
    }
  ).items;

describe('R-MAIL-5: the candidate page', () => {
  it('shows what was said about its application over all channels, and nothing else', async () => {
    const canary = 'CANARY';
    await said('By e-mail');
    await said('By WhatsApp', { channel: 'whatsapp', direction: 'in', state: 'received' });
    await said('By SMS', { channel: 'sms', state: 'delivered' });
    const other = await company.vacancy();
    const [otherApplication] = await company.apply(other, [eva]);
    await said(`${canary} other vacancy`, { application: otherApplication! });
    await said('Without a vacancy', { application: null });
    for (const state of ['suppressed', 'failed', 'queued', 'cancelled'])
      await said(`${canary} ${state}`, { state });
    await recruiter.post(`/api/v1/people/${eva.id}/notes`, { body: `${canary} note`, applicationId });
    const mail = Buffer.from(
      `From: ${address}\r\nTo: a@acme.example\r\nSubject: Confidential\r\nMessage-ID: <${eva.id}@x.example>\r\n\r\n${canary} private`,
    );
    await receiveForUser(
      api.world.db,
      { organizationId: company.organizationId, userId: company.users.recruiter.id, folder: 'inbox' },
      await parseMail(mail),
      mail,
    );
    const { text, body } = await api.anonymous.get(page).expect(200);
    expect(text).not.toContain(canary);
    expect(text).not.toContain(company.users.recruiter.id);
    expect(text).not.toContain(company.users.recruiter.name);
    expect(body).toEqual({
      companyName: 'Acme',
      brand: { color: null, logoUrl: null },
      language: 'en',
      vacancyTitle: 'Baker',
      firstName: 'Eva',
      mayWrite: true,
      contactEmail: null,
      nextCursor: null,
      items: [
        ['out', 'sms', 'By SMS'],
        ['in', 'whatsapp', 'By WhatsApp'],
        ['out', 'email', 'By e-mail'],
      ].map(([direction, channel, told]) => ({
        id: expect.any(String) as string,
        occurredAt: expect.any(String) as string,
        direction,
        channel,
        text: told,
        title: null,
        files: [],
      })),
    });
    const general = await open(await pageOf(eva, null));
    expect([general.vacancyTitle, texts(general)]).toEqual([null, ['Without a vacancy']]);
  });

  it('shows no mail between others that was put into the file by hand', async () => {
    const { organizationId, users } = company;
    await said('By e-mail');
    const raw = Buffer.from(
      `From: client@client.example\r\nTo: rita@acme.example\r\nSubject: About Eva\r\nMessage-ID: <${newId()}@client.example>\r\n\r\nToo expensive.`,
    );
    const place = { organizationId, userId: users.recruiter.id, folder: 'inbox' } as const;
    const { mailId } = await receiveForUser(api.world.db, place, await parseMail(raw), raw);
    await recruiter.post(`/api/v1/mails/${mailId}/filings`, { personId: eva.id }).expect(200);
    expect((await inInbox()).map(({ body }) => body)).toContain('Too expensive.');
    expect(texts(await open())).toEqual(['By e-mail']);
  });

  it('goes back page by page', async () => {
    for (const text of ['One', 'Two', 'Three']) await said(text);
    const first = await open(`${page}?limit=2`);
    expect(texts(first)).toEqual(['Three', 'Two']);
    const second = await open(`${page}?limit=2&cursor=${first.nextCursor}`);
    expect([texts(second), second.nextCursor]).toEqual([['One'], null]);
  });

  it('gives the files of its own messages, and only pictures to be shown in place', async () => {
    const store = async (bytes: Buffer, mimeType: string, messageId: string) => {
      const id = newId();
      await api.world.db.query(
        `insert into media (organization_id, id, message_id, state, mime_type, filename, size, bytes, created_at)
         values ($1, $2, $3, 'stored', $4, 'a.bin', $5, $6, clock_timestamp())`,
        [company.organizationId, id, messageId, mimeType, bytes.length, bytes],
      );
      return id;
    };
    const shown = await said('With files');
    const picture = await store(png, 'image/png', shown);
    const document = await store(pdf, 'application/pdf', shown);
    const hidden = await store(pdf, 'application/pdf', await said('Other', { application: null }));
    const file = async (id: string) => {
      const { status, headers } = await api.anonymous.get(`${page}/media/${id}`);
      return [status, headers['content-disposition']?.split(';')[0], headers['x-content-type-options']];
    };
    expect((await open()).items[0]!.files.map(({ id }) => id).sort()).toEqual([picture, document].sort());
    expect(await file(picture)).toEqual([200, 'inline', 'nosniff']);
    expect(await file(document)).toEqual([200, 'attachment', 'nosniff']);
    expect((await file(hidden))[0]).toBe(404);
  });
});

describe('R-MAIL-1: an answer on the page', () => {
  it('stands in the conversation under its application, unanswered, once per key', async () => {
    const answer = (key: string) => write({ text: ' I can come. ' }, page, { 'Idempotency-Key': key });
    const first = await answer('one').expect(201);
    const again = await answer('one').expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.body).toMatchObject({ direction: 'in', channel: 'page', text: 'I can come.', files: [] });
    expect(await inInbox()).toMatchObject([
      {
        channel: 'page',
        direction: 'in',
        state: 'received',
        applicationId,
        body: 'I can come.',
        kind: 'text',
      },
    ]);
    const { body } = await recruiter.get(`/api/v1/conversations/${eva.conversationId}`).expect(200);
    expect(body).toMatchObject({ unanswered: true, status: 'closed' });
    expect(texts(await open())).toEqual(['I can come.']);
  });

  it('R-MAIL-5: what is answered from the inbox stands on the page that was written on', async () => {
    const [other] = (await company.apply(await company.vacancy(), [eva])) as [string];
    const otherPage = await pageOf(eva, other);
    const { id } = (await write({ text: 'Is it far?' }).expect(201)).body as PageMessage;
    const answer = async (text: string, about: object = {}) =>
      recruiter
        .post(`/api/v1/conversations/${eva.conversationId}/messages`, {
          ...{ type: 'text', channel: 'email', title: 'Re', text, ...about },
        })
        .expect(202);
    await answer('No, a mile.');
    await answer('Of the other one.', { applicationId: other });
    await answer('Of that which was asked.', { replyToId: id });
    await answer('And this goes on with it.');
    const aboutOf = async (text: string) =>
      (await inInbox()).find(({ body }) => body === text)?.applicationId;
    expect(await aboutOf('No, a mile.')).toBe(applicationId);
    expect(await aboutOf('Of the other one.')).toBe(other);
    expect(await aboutOf('Of that which was asked.')).toBe(applicationId);
    expect(await aboutOf('And this goes on with it.')).toBe(applicationId);
    await said('Without a vacancy', { application: null });
    await answer('In general.');
    expect(await aboutOf('In general.')).toBeNull();
    expect((await open(otherPage)).items).toEqual([]);
  });

  it('takes a file along: one of this page, once, of a type and size that is taken', async () => {
    const { id } = (await upload(png, 'me.png').expect(201)).body as PageFile;
    await api.anonymous.get(`${page}/media/${id}`).expect(404);
    await write({ mediaIds: [id] }, await pageOf(eva, null)).expect(422);
    const sent = await write({ mediaIds: [id] }).expect(201);
    expect(sent.body).toMatchObject({
      text: null,
      files: [{ id, mimeType: 'image/png', filename: 'me.png' }],
    });
    await api.anonymous.get(`${page}/media/${id}`).expect(200);
    await write({ mediaIds: [id] }).expect(422);
    expect(await inInbox()).toMatchObject([{ kind: 'image', media: { id, mimeType: 'image/png' } }]);
    await upload(Buffer.from('<svg onload="alert(1)"/>'), 'me.png').expect(422);
    await upload(Buffer.alloc(20 * 1024 * 1024 + 1, pdf)).expect(413);
    await write({ text: '  ' }).expect(422);
    await write({ text: 'x'.repeat(4097) }).expect(422);
  });

  it('takes several files along as one message, in their order, or none of them', async () => {
    const names = ['b.png', 'a.pdf', 'c.pdf'];
    const ids: string[] = [];
    for (const name of names)
      ids.push(((await upload(name === 'b.png' ? png : pdf, name).expect(201)).body as PageFile).id);
    const [first, second, third] = ids as [string, string, string];
    const refused = await write({ text: 'Here', mediaIds: [second, newId(), first] }).expect(422);
    expect((refused.body as { errors: object[] }).errors).toMatchObject([{ path: 'mediaIds.1' }]);
    expect(await inInbox()).toEqual([]);
    const sent = await write({ text: 'Here', mediaIds: [second, first, second] }).expect(201);
    expect((sent.body as PageMessage).files.map(({ filename }) => filename)).toEqual(['a.pdf', 'b.png']);
    expect(await inInbox()).toMatchObject([
      { kind: 'text', body: 'Here', media: null, attachments: [{ id: second }, { id: first }] },
    ]);
    for (const id of [first, second]) {
      await api.anonymous.get(`${page}/media/${id}`).expect(200);
      await recruiter.get(`/api/v1/media/${id}`).expect(200);
    }
    const fourth = ((await upload(pdf).expect(201)).body as PageFile).id;
    await write({ mediaIds: [third, fourth] }).expect(201);
    expect((await inInbox())[0]).toMatchObject({ kind: 'document', body: null, media: null });
    const many = Array.from({ length: 11 }, newId);
    await write({ mediaIds: many }).expect(422);
  });

  it('keeps few files that are never sent', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 21; index += 1)
      ids.push(((await upload(pdf).expect(201)).body as PageFile).id);
    await write({ mediaIds: [ids[0]] }).expect(422);
    await write({ mediaIds: [ids[1]] }).expect(201);
  });

  it('is told to the open page, and what does not concern it is not', async () => {
    const stream = new AbortController();
    const answer = await fetch(`${api.url}${page}/live`, { signal: stream.signal });
    let told = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of answer.body! as unknown as AsyncIterable<Uint8Array>)
        told += decoder.decode(chunk, { stream: true });
    })().catch(() => undefined);
    const changes = () => told.split('data: changed').length - 1;
    await recruiter.post(`/api/v1/people/${eva.id}/notes`, { body: 'A note' }).expect(201);
    await write({ text: 'Elsewhere' }, await pageOf(eva, null)).expect(201);
    await write({ text: 'Here' }).expect(201);
    await waitFor(() => changes() === 1, { what: 'the change' });
    const [row] = await api.world.db.query<{ id: string }>(
      'select id from candidate_pages where application_id = $1',
      [applicationId],
    );
    await recruiter.post(`/api/v1/people/${eva.id}/candidate-pages/${row!.id}/revoke`).expect(204);
    await waitFor(() => changes() === 2, { what: 'the end of the link' });
    stream.abort();
    await reading;
  });
});

describe('R-MAIL-3: a rejected candidate', () => {
  it('reads what they are written, and is told whom to turn to instead of writing', async () => {
    await api.world.db.query('update organizations set public_contact_email = $2 where id = $1', [
      company.organizationId,
      'jobs@acme.example',
    ]);
    const general = await pageOf(eva, null);
    // by which the page knows whether to ask for one
    expect((await recruiter.get('/api/v1/me').expect(200)).body).toMatchObject({
      organization: { publicContactEmail: 'jobs@acme.example' },
    });
    expect(await open()).toMatchObject({ mayWrite: true, contactEmail: null });
    await recruiter.post(`/api/v1/applications/${applicationId}/reject`, {}).expect(200);
    const sorry = await said('We are sorry');
    const context = { hashKey: api.world.hashKey, publicUrl: '', mailDomain: null };
    // nor does the mail say that one can
    expect(await mailEnvelope(api.world.db, context, company, sorry)).toMatchObject({
      mayAnswerOnPage: false,
    });
    expect(await open()).toMatchObject({
      mayWrite: false,
      contactEmail: 'jobs@acme.example',
      items: [{ text: 'We are sorry' }],
    });
    const refused = await write({ text: 'Why?' }).expect(409);
    expect(refused.body).toMatchObject({ code: 'rejected' });
    // nor is a file kept that nothing could be sent with
    expect((await upload(pdf).expect(409)).body).toMatchObject({ code: 'rejected' });
    // that application alone
    await write({ text: 'Anything else?' }, general).expect(201);
  });
});

describe('a link that does not open anything', () => {
  const revoke = async () => {
    const { body } = await recruiter.get(`/api/v1/people/${eva.id}/candidate-pages`).expect(200);
    const [{ id, vacancyTitle }] = (body as { items: [{ id: string; vacancyTitle: string }] }).items;
    expect(vacancyTitle).toBe('Baker');
    await recruiter.post(`/api/v1/people/${eva.id}/candidate-pages/${id}/revoke`).expect(204);
  };
  const expire = () => Promise.resolve(api.world.clock.advance(90 * dayMs));
  const erase = () =>
    api.world.db.query('update people set erased_at = clock_timestamp() where id = $1', [eva.id]);

  it.each([
    ['was revoked', revoke],
    ['has run out', expire],
    ['is of somebody erased', erase],
    ['was made up', () => Promise.resolve((page = `${page.slice(0, -1)}${page.endsWith('A') ? 'B' : 'A'}`))],
    ['is cut off', () => Promise.resolve((page = page.slice(0, -3)))],
  ])('because it %s says the same as any other', async (_, spoil) => {
    const messageId = await said('Hello');
    await spoil();
    const answers = await Promise.all([
      api.anonymous.get(page),
      api.anonymous.get('/api/v1/candidate-pages/nothing'),
      api.anonymous.get(`${page}/live`),
      write({ text: 'Hello' }),
      upload(pdf),
      api.anonymous.get(`${page}/media/${messageId}`),
    ]);
    const seen = answers.map(({ status, body }) => JSON.stringify({ status, ...(body as object) }));
    expect(new Set(seen).size).toBe(1);
    expect(answers[0].status).toBe(404);
  });

  it('lives as long as messages come', async () => {
    api.world.clock.advance(60 * dayMs);
    await write({ text: 'Still here' }).expect(201);
    api.world.clock.advance(60 * dayMs);
    await open();
  });

  it('a new link after a revocation is another one', async () => {
    const works = async () => {
      const { body } = await recruiter.get(`/api/v1/people/${eva.id}/candidate-pages`).expect(200);
      const [{ livesUntil }] = (body as { items: [{ livesUntil: string }] }).items;
      return Date.parse(livesUntil) > (await api.world.db.now()).getTime();
    };
    expect(await works()).toBe(true);
    await revoke();
    expect(await works()).toBe(false);
    const renewed = await pageOf(eva, applicationId);
    expect(renewed).not.toBe(page);
    await open(renewed);
    expect(await works()).toBe(true);
  });
});

describe('R-CHAT-13: merged people', () => {
  it('their links lead to the pages of the one who stays, also where both were on the vacancy', async () => {
    const twin = await company.person({ firstName: 'Eva' });
    const [twinApplication] = await company.apply(vacancy, [twin]);
    const twinPages = [await pageOf(twin, twinApplication!), await pageOf(twin, null)];
    const general = await pageOf(eva, null);
    await said('To the first');
    await recruiter.post(`/api/v1/people/${eva.id}/merge`, { intoId: twin.id }).expect(200);
    await write({ text: 'From the old link' }).expect(201);
    for (const path of [page, twinPages[0]!])
      expect(texts(await open(path))).toEqual(['From the old link', 'To the first']);
    await write({ text: 'In general' }, general).expect(201);
    expect(texts(await open(twinPages[1]))).toEqual(['In general']);
  });
});

describe('asking for a new link', () => {
  const ask = (email: string, token = tokenOf(page)) =>
    api.anonymous.post('/api/v1/candidate-pages/links', { token, email });
  const mailed = (to: string) => api.mails.filter((mail) => mail.to === to);
  const linkIn = (text: string) => /\S+\/messages\/\S+/.exec(text)![0];
  const linksIn = (text: string) => [...text.matchAll(/\S+\/messages\/\S+/g)].map(([url]) => pathOf(url));

  it('brings one to an address that is known, and the same answer to every other', async () => {
    await said('Hello');
    api.world.clock.advance(91 * dayMs);
    await api.anonymous.get(page).expect(404);
    const answers = [
      await ask(address.toUpperCase()),
      await ask('nobody@elsewhere.example'),
      await ask(address, 'nothing'),
    ];
    expect(answers.map(({ status, body }) => [status, body as object])).toEqual(
      answers.map(() => [202, { asked: true }]),
    );
    const [mail] = await waitFor(() => mailed(address).length > 0 && mailed(address), { what: 'the mail' });
    // from the company, in its look
    expect(mail).toMatchObject({ fromName: 'Acme', subject: 'Your messages from Acme' });
    expect(mail!.html).toContain(`<a href="${linkIn(mail!.text)}">`);
    const [renewed] = linksIn(mail!.text);
    expect(texts(await open(renewed))).toEqual(['Hello']);
    // what had run out stays dead
    await api.anonymous.get(page).expect(404);
    expect(mailed('nobody@elsewhere.example')).toEqual([]);
    expect(mailed(address)).toHaveLength(1);
  });

  it('brings the links of the matches that go on, not more than three times', async () => {
    const other = await company.vacancy();
    const ended = await company.vacancy();
    const [otherApplication] = await company.apply(other, [eva]);
    const [endedApplication] = await company.apply(ended, [eva]);
    await pageOf(eva, otherApplication!);
    await pageOf(eva, endedApplication!);
    await api.world.db.query('update applications set rejected_at = clock_timestamp() where id = $1', [
      endedApplication,
    ]);
    await ask(address).expect(202);
    const [mail] = await waitFor(() => mailed(address).length > 0 && mailed(address), { what: 'the mail' });
    expect(linksIn(mail!.text)).toHaveLength(2);
    await ask(address).expect(202);
    await ask(address).expect(202);
    await ask(address).expect(429);
  });
});

it('R-MAIL-4: a candidate who was added by hand is written to by e-mail, and answers on the page and by mail', async () => {
  const { world } = api;
  const email = 'manual@candidate.example';
  const added = await recruiter
    .post('/api/v1/people', {
      firstName: 'Mia',
      lastName: 'Hand',
      contactPoints: [{ kind: 'email', value: email }],
    })
    .expect(201);
  const { id: personId, conversationId } = added.body as { id: string; conversationId: string };
  const match = await recruiter.post('/api/v1/applications', { personId, vacancyId: vacancy.id }).expect(201);
  const about = { applicationId: (match.body as { id: string }).id };
  await recruiter
    .post(`/api/v1/conversations/${conversationId}/messages`, {
      ...{ type: 'text', channel: 'email', title: 'Interview', text: 'Can you come on Monday?', ...about },
    })
    .expect(202);
  const sent: OutboundEmail[] = [];
  const send = (mail: OutboundEmail) => Promise.resolve({ providerId: `<${sent.push(mail)}@parley.test>` });
  const deps = { ...world.deps, mailDomain: 'parley.test', email: { ...world.deps.email, send } };
  const ids = { organizationId: company.organizationId, conversationId };
  expect(await dispatchNext(deps, ids)).toMatchObject({ outcome: 'sent' });
  expect(sent).toMatchObject([
    { to: email, subject: 'Interview', text: 'Can you come on Monday?', mayAnswerOnPage: true },
  ]);
  const path = pathOf(sent[0]!.pageUrl!);
  expect(texts(await open(path))).toEqual(['Can you come on Monday?']);
  await write({ text: 'On the page: yes.' }, path).expect(201);
  const raw = Buffer.from(
    `From: Mia <${email}>\r\nSubject: Re: Interview\r\nMessage-ID: <mia@candidate.example>\r\n\r\nBy mail: yes.`,
  );
  const route = { hash: world.hashKey, mailDomain: 'parley.test' };
  const target = await routeMail(world.db, route, sent[0]!.replyTo!);
  if (target?.kind !== 'reply') throw new Error('the reply address leads nowhere');
  await receiveReply(world.db, { dayMs, hashKey: world.hashKey }, target.to, await parseMail(raw), raw);
  const { body } = await recruiter.get(`/api/v1/conversations/${conversationId}/messages`).expect(200);
  expect((body as { items: Message[] }).items).toMatchObject([
    { channel: 'email', direction: 'in', body: 'By mail: yes.', ...about },
    { channel: 'page', direction: 'in', body: 'On the page: yes.', ...about },
    { channel: 'email', direction: 'out', state: 'sent', ...about },
  ]);
});
