import type { UpcomingSend } from '../../src/contracts/actions';
import type { OutgoingEvent } from '../../src/contracts/events';
import type { MessageDetails, ScheduledMessage } from '../../src/contracts/messages';
import type { TimelineEntry } from '../../src/contracts/records';
import type { Company, Person } from '../support/company';
import { createApi, type Api, type Client } from './support';

let api: Api;
let company: Company;
let recruiter: Client;
let program: Client;
let person: Person;

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
  recruiter = await api.signIn(company, company.users.recruiter);
  program = await api.program(company, ['messages:send', 'conversations:read', 'events:read']);
});
afterAll(() => api.close());
beforeEach(async () => void (person = await company.person()));

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const schedule = (client: Client, more: object = {}, headers: Record<string, string> = {}) =>
  client.post(
    `/api/v1/conversations/${person.conversationId}/scheduled-messages`,
    { sendAt: inAnHour(), text: 'Until tomorrow', ...more },
    headers,
  );
const planned = async () =>
  ((await recruiter.get(`/api/v1/people/${person.id}/planned`).expect(200)).body as { items: UpcomingSend[] })
    .items;

it('R-SEND-7: what is scheduled is listed with what it would meet now, and cancelled by who may', async () => {
  const { body } = await schedule(recruiter).expect(201);
  const made = body as ScheduledMessage;
  expect(await planned()).toMatchObject([
    {
      id: made.id,
      kind: 'scheduled',
      text: 'Until tomorrow',
      by: company.users.recruiter.name,
      willSend: false,
      reason: 'window_closed',
      mayCancel: true,
    },
  ]);
  const colleague = await api.signIn(company, company.colleague);
  await colleague.post(`/api/v1/scheduled-messages/${made.id}/cancel`).expect(403);
  const cancelled = await recruiter.post(`/api/v1/scheduled-messages/${made.id}/cancel`).expect(200);
  expect(cancelled.body).toMatchObject({ state: 'cancelled', reason: 'cancelled', mayCancel: false });
  await recruiter.post(`/api/v1/scheduled-messages/${made.id}/cancel`).expect(409);
  expect(await planned()).toEqual([]);
  const timeline = await recruiter.get(`/api/v1/people/${person.id}/timeline`).expect(200);
  const [last, first] = (timeline.body as { items: TimelineEntry[] }).items;
  expect(first!.text).toMatch(/^A message was scheduled for .*\d{4}, \d\d:\d\d \(Europe\/Madrid\)\.$/);
  expect(last).toMatchObject({
    text: 'A scheduled message was cancelled.',
    actor: company.users.recruiter.name,
  });
});

it('a message that is sent with sendAt is scheduled alike, once for one key', async () => {
  const templateId = await company.template({ body: 'Dear {{1}}' });
  const path = `/api/v1/conversations/${person.conversationId}/messages`;
  const body = {
    type: 'template',
    templateId,
    parameters: { 'body.1': 'Uma' },
    sendAt: inAnHour(),
    fallback: { channel: 'sms', afterSeconds: 60 },
  };
  const key = { 'Idempotency-Key': 'later' };
  const made = (await recruiter.post(path, body, key).expect(202)).body as ScheduledMessage;
  expect(made).toMatchObject({ channels: ['whatsapp'], text: null, dueAt: body.sendAt, state: 'planned' });
  expect((await recruiter.post(path, body, key).expect(202)).body).toEqual(made);
  expect((await recruiter.get(`/api/v1/scheduled-messages/${made.id}`).expect(200)).body).toEqual(made);
  expect(await planned()).toHaveLength(1);
  const faults = async (wrong: object) => {
    const answer = await recruiter.post(path, { ...body, ...wrong }).expect(422);
    return (answer.body as { errors: { path: string }[] }).errors.map((fault) => fault.path);
  };
  expect(await faults({ sendAt: '2020-01-01T00:00:00Z' })).toEqual(['sendAt']);
  expect(await faults({ parameters: { 'body.9': 'x' } })).toEqual(['parameters.body.9']);
  const long = 'x'.repeat(4_097);
  expect(
    await faults({
      ...{ type: 'text', text: long, fallback: undefined, templateId: undefined, parameters: undefined },
    }),
  ).toEqual(['text']);
});

it('R-SEND-7: files go along: of an e-mail with its title and text, on WhatsApp with a caption; nobody else’s do', async () => {
  const upload = async (client: Client, filename: string, channel: string) => {
    const answer = await client
      .call('post', `/api/v1/media?filename=${filename}&channel=${channel}`, undefined, {
        'Content-Type': 'application/pdf',
      })
      .send(Buffer.from('%PDF-1.7'))
      .expect(201);
    return (answer.body as { id: string }).id;
  };
  const path = `/api/v1/conversations/${person.conversationId}/messages`;
  const [one, two, picture] = await Promise.all([
    upload(recruiter, 'one.pdf', 'email'),
    upload(recruiter, 'two.pdf', 'email'),
    upload(recruiter, 'plan.pdf', 'whatsapp'),
  ]);
  const email = { type: 'text', channel: 'email', title: 'Your first day', text: 'x'.repeat(5_000) };
  const sendAt = inAnHour();
  const bcc = [{ name: '', address: 'otto@hirer.example' }];
  const made = await recruiter.post(path, { ...email, mediaIds: [two, one], bcc, sendAt }).expect(202);
  expect(made.body).toMatchObject({
    channels: ['email'],
    title: 'Your first day',
    files: [
      { id: two, filename: 'two.pdf' },
      { id: one, filename: 'one.pdf' },
    ],
    copies: { cc: [], bcc },
  });
  await recruiter.post(path, { type: 'media', mediaId: picture, caption: 'The way', sendAt }).expect(202);
  expect(await planned()).toMatchObject([
    {
      channel: 'email',
      title: 'Your first day',
      copies: { cc: [], bcc },
      files: [{ filename: 'two.pdf' }, { filename: 'one.pdf' }],
    },
    { channel: 'whatsapp', title: null, text: 'The way', files: [{ filename: 'plan.pdf' }] },
  ]);
  const colleague = await api.signIn(company, company.colleague);
  await colleague.post(path, { ...email, mediaIds: [one], sendAt }).expect(404);
  for (const wrong of [
    { channels: ['sms'], text: 'Hi', mediaIds: [one] },
    { channels: ['email', 'whatsapp'], title: 'x', text: 'Hi', mediaIds: [one] },
    { channels: ['email'], title: 'x', mediaIds: [one], text: undefined },
  ]) {
    const { body } = await schedule(recruiter, wrong).expect(422);
    expect((body as { errors: { path: string }[] }).errors.map((error) => error.path)).toEqual(['mediaIds']);
  }
});

it('R-LOG-5: a program schedules once for one key, as the user it names, and the feed tells of it', async () => {
  const key = { 'Idempotency-Key': 'schedule once' };
  const input = { sendAt: inAnHour(), actingUserId: company.users.recruiter.id };
  const first = (await schedule(program, input, key).expect(201)).body as ScheduledMessage;
  const again = (await schedule(program, input, key).expect(201)).body as ScheduledMessage;
  expect(again.id).toBe(first.id);
  expect(first.scheduledBy).toMatchObject({ id: company.users.recruiter.id });
  await program.post(`/api/v1/scheduled-messages/${first.id}/cancel`).expect(200);
  const { body } = await program.get('/api/v1/events').expect(200);
  const told = (body as { items: OutgoingEvent[] }).items.filter(({ data }) => data.person.id === person.id);
  expect(told).toMatchObject([
    {
      type: 'message.scheduled',
      data: { scheduled: { id: first.id, channel: 'whatsapp', dueAt: first.dueAt } },
    },
    { type: 'message.unscheduled', data: { scheduled: { id: first.id }, byUserId: null } },
  ]);
});

it('says what is wrong with it, and where', async () => {
  for (const [more, path] of [
    [{ sendAt: '2020-01-01T00:00:00Z' }, 'sendAt'],
    [{ sendAt: 'tomorrow' }, 'sendAt'],
    [{ text: undefined }, 'text'],
    [{ channels: ['email'] }, 'title'],
    [{ channels: ['sms'], fallback: { channel: 'email', afterSeconds: 60 }, title: 'x' }, 'fallback'],
    [{ text: '{{nobody.knows}}' }, 'text'],
  ] as const) {
    const { body } = await schedule(recruiter, more).expect(422);
    expect((body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
  }
});

it('R-SEND-9: message details say what goes instead, and it can be called off', async () => {
  await company.write(person, 'hi');
  const { body } = await recruiter
    .post(`/api/v1/conversations/${person.conversationId}/messages`, {
      type: 'text',
      text: 'Call me',
      fallback: { channel: 'sms', afterSeconds: 600 },
    })
    .expect(202);
  const { id } = body as { id: string };
  const details = async () =>
    (await recruiter.get(`/api/v1/messages/${id}`).expect(200)).body as MessageDetails;
  const { fallback } = await details();
  expect(fallback).toMatchObject({ channel: 'sms', mayCancel: true });
  expect(await planned()).toMatchObject([{ kind: 'fallback', channel: 'sms' }]);
  await recruiter.post(`/api/v1/scheduled-messages/${fallback!.scheduledMessageId}/cancel`).expect(200);
  expect((await details()).fallback).toBeNull();
});

it('R-SEND-7, R-SEND-9: a send to many and an automatic action take them too, and refuse what could never go', async () => {
  const administrator = await api.signIn(company, company.users.administrator);
  const fallback = { channel: 'sms', afterSeconds: 600 };
  const sendAt = inAnHour();
  const many = { channels: ['whatsapp'], text: 'Hello', personIds: [person.id], fallback, sendAt };
  const { body } = await administrator.post('/api/v1/bulk-sends', many).expect(202);
  expect(body).toMatchObject({ state: 'running', sendAt, fallback, counts: { waiting: 1 } });
  await administrator.post('/api/v1/bulk-sends', { ...many, channels: ['sms'] }).expect(422);
  await administrator.post('/api/v1/bulk-sends', { ...many, sendAt: '2020-01-01T00:00:00Z' }).expect(422);
  const vacancy = await company.vacancy();
  const path = `/api/v1/stages/${vacancy.stages[1]}/actions`;
  const action = { body: 'Hello', channels: ['whatsapp'], fallback };
  const made = await administrator.post(path, action).expect(201);
  expect(made.body).toMatchObject({ fallback });
  const { id } = made.body as { id: string };
  const changed = await administrator.patch(`${path}/${id}`, { fallback: null }).expect(200);
  expect(changed.body).toMatchObject({ fallback: null });
  await administrator.post(path, { ...action, channels: ['email'], title: 'x' }).expect(422);
});
