import { parseMail } from '../../src/channels/email/parse-mail';
import type { LiveEvent } from '../../src/contracts/conversations';
import { newId } from '../../src/data/database';
import { createLivePublisher } from '../../src/data/live';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { createUserToken, setPasswordByToken } from '../../src/data/organization/user-tokens';
import { waitFor } from '../support/wait';
import type { Company } from '../support/company';
import type { ActingUser } from '../../src/domain/permissions';
import { createApi, password, type Api } from './support';

let api: Api;
let company: Company;
const streams: AbortController[] = [];

beforeAll(async () => {
  api = await createApi();
  company = await api.world.company();
});
afterEach(() => streams.splice(0).forEach((stream) => stream.abort()));
afterAll(() => api.close());

/** Listens as a browser does. */
async function listen(
  at: Company,
  user: ActingUser,
  since?: Date,
): Promise<{ events: LiveEvent[]; ended: () => boolean; signOut: () => Promise<void> }> {
  await api.signIn(at, user);
  const signedIn = await fetch(`${api.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: `${user.id}@example.com`, password }),
  });
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const { csrfToken } = (await signedIn.json()) as { csrfToken: string };
  const controller = new AbortController();
  streams.push(controller);
  const query = since ? `?since=${since.toISOString()}` : '';
  const answer = await fetch(`${api.url}/api/v1/live${query}`, {
    headers: { cookie },
    signal: controller.signal,
  });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const events: LiveEvent[] = [];
  let ended = false;
  void (async () => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body! as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        if (block.startsWith('data: ')) events.push(JSON.parse(block.slice(6)) as LiveEvent);
      }
    }
    ended = true;
  })().catch(() => {
    ended = true;
  });
  return {
    events,
    ended: () => ended,
    async signOut() {
      const headers = { cookie, 'X-CSRF-Token': csrfToken };
      expect((await fetch(`${api.url}/api/v1/session`, { method: 'DELETE', headers })).ok).toBe(true);
    },
  };
}

const until = (what: string, check: () => unknown) => waitFor(() => Boolean(check()), { what });

it('R-LOG-4: tells of a change to those who see it, at once, and to nobody else', async () => {
  const foreign = await api.world.company();
  const person = await company.person();
  const vacancy = await company.vacancy({ assigned: [company.users.interviewer] });
  await company.apply(vacancy, [person]);
  const [recruiter, assigned, notAssigned, stranger] = await Promise.all([
    listen(company, company.users.recruiter),
    listen(company, company.users.interviewer),
    listen(company, company.users.reviewer),
    listen(foreign, foreign.users.administrator),
  ]);
  const client = await api.signIn(company, company.users.supervisor);
  await client.post(`/api/v1/conversations/${person.conversationId}/start`).expect(200);
  const event = { type: 'conversation', conversationId: person.conversationId, personId: person.id };
  await until('the event', () => recruiter.events.length > 0 && assigned.events.length > 0);
  expect(recruiter.events).toContainEqual(event);
  expect(assigned.events).toContainEqual(event);
  const more = await company.person();
  await client.post(`/api/v1/conversations/${more.conversationId}/start`).expect(200);
  await until('the second event', () =>
    recruiter.events.some((one) => 'personId' in one && one.personId === more.id),
  );
  expect(assigned.events.some((one) => 'personId' in one && one.personId === more.id)).toBe(false);
  expect([notAssigned.events, stranger.events]).toEqual([[], []]);
});

it('tells a page whose stream opens late what was said since it was read, to those alone who see it', async () => {
  const before = new Date();
  const early = await listen(company, company.users.recruiter);
  const person = await company.person();
  const client = await api.signIn(company, company.users.supervisor);
  await client.post(`/api/v1/conversations/${person.conversationId}/start`).expect(200);
  const isIt = (event: LiveEvent) => 'personId' in event && event.personId === person.id;
  await until('the event', () => early.events.some(isIt));

  const late = await listen(company, company.users.administrator, before);
  await until('the same event', () => late.events.some(isIt));
  const [later, notAssigned, long] = await Promise.all([
    listen(company, company.users.administrator, new Date(Date.now() + 1000)),
    listen(company, company.users.reviewer, before),
    listen(company, company.users.administrator, new Date(Date.now() - 3600_000)),
  ]);
  const elsewhere = createLivePublisher(api.world.db);
  elsewhere.publish({ type: 'settings', organizationId: company.organizationId });
  await elsewhere.close();
  await until('the next event', () =>
    [later, notAssigned, long].every(({ events }) => events.some(({ type }) => type === 'settings')),
  );
  expect(later.events.some(isIt)).toBe(false);
  expect(notAssigned.events.some(isIt)).toBe(false);
  expect(long.events).toContainEqual({ type: 'reset' });
});

it('tells of a move to those who see the vacancy', async () => {
  const vacancy = await company.vacancy({ assigned: [company.users.interviewer] });
  const [applicationId] = await company.apply(vacancy, [await company.person()]);
  const [assigned, notAssigned] = await Promise.all([
    listen(company, company.users.interviewer),
    listen(company, company.users.reviewer),
  ]);
  const client = await api.signIn(company, company.users.administrator);
  await client.post(`/api/v1/applications/${applicationId}/move`, { stageId: vacancy.stages[1] }).expect(200);
  await until('the board', () => assigned.events.some((event) => event.type === 'board'));
  expect(assigned.events).toContainEqual({ type: 'board', vacancyId: vacancy.id });
  expect(notAssigned.events).toEqual([]);
});

it('R-BOX-5: tells of mail to the user of the mailbox alone', async () => {
  const own = await api.world.company();
  const { recruiter, administrator, supervisor } = own.users;
  const client = await api.signIn(own, administrator);
  const [holder, other, third] = await Promise.all(
    [recruiter, administrator, supervisor].map((user) => listen(own, user)),
  );
  const types = ({ events }: { events: LiveEvent[] }) => [...new Set(events.map(({ type }) => type))];
  const hasMail = (one: { events: LiveEvent[] }) => types(one).includes('mail');
  const raw = Buffer.from('From: eva@mail.example\r\nMessage-ID: <1@mail.example>\r\n\r\nHello');
  const place = { organizationId: own.organizationId, userId: recruiter.id, folder: 'inbox' as const };
  await receiveForUser(api.world.db, place, await parseMail(raw), raw);
  await until('the mail', () => hasMail(holder!));
  expect(types(other!)).toEqual([]);
  await client.post('/api/v1/mails', {}).expect(201);
  await until('their own', () => hasMail(other!));
  expect([holder, other, third].map((one) => types(one!))).toEqual([['mail'], ['mail'], []]);
});

it('tells a notification to its user alone', async () => {
  const person = await company.person();
  const [chosen, other] = await Promise.all([
    listen(company, company.users.recruiter),
    listen(company, company.colleague),
  ]);
  const client = await api.signIn(company, company.users.supervisor);
  await client
    .post(`/api/v1/people/${person.id}/notes`, { body: 'Look', visibleTo: [company.users.recruiter.id] })
    .expect(201);
  await until('the notification', () => chosen.events.some((event) => event.type === 'notification'));
  await until('the conversation', () => other.events.some((event) => event.type === 'conversation'));
  expect(other.events.some((event) => event.type === 'notification')).toBe(false);
});

it('hears what other processes commit', async () => {
  const stream = await listen(company, company.users.recruiter);
  const elsewhere = createLivePublisher(api.world.db);
  elsewhere.publish({ type: 'settings', organizationId: company.organizationId });
  await elsewhere.close();
  await until('the settings', () => stream.events.some((event) => event.type === 'settings'));
});

it('finds by itself what no notification told', async () => {
  const stream = await listen(company, company.users.recruiter);
  const person = await company.person();
  // written as by a process that died between commit and notification
  await api.world.db.query(
    `insert into timeline_entries (organization_id, id, person_id, kind, occurred_at)
     values ($1, uuidv7(), $2, 'chatClosed', $3)`,
    [company.organizationId, person.id, await api.world.db.now()],
  );
  await until('the poll', () => stream.events.some((one) => 'personId' in one && one.personId === person.id));
});

it('R-LOG-4: tells a notification once, also when the poll was there before the word of it', async () => {
  const { db } = api.world;
  const stream = await listen(company, company.users.recruiter);
  const notice = {
    type: 'notification' as const,
    organizationId: company.organizationId,
    userId: company.users.recruiter.id,
    notificationId: newId(),
  };
  await db.query(
    `insert into notifications (organization_id, id, user_id, kind, data, occurred_at) values ($1, $2, $3, 'channel', '{}', now())`,
    [notice.organizationId, notice.notificationId, notice.userId],
  );
  const told = () =>
    stream.events.filter(
      (event) => 'notificationId' in event && event.notificationId === notice.notificationId,
    );
  await until('the poll', () => told().length > 0);

  const next = { ...notice, notificationId: newId() };
  const publisher = createLivePublisher(db);
  publisher.publish(notice);
  publisher.publish(next);
  await publisher.close();
  await until('the one after it', () =>
    stream.events.some((event) => 'notificationId' in event && event.notificationId === next.notificationId),
  );
  expect(told()).toHaveLength(1);
});

it('shows who is viewing and typing, and forgets who has gone', async () => {
  const person = await company.person();
  const path = `/api/v1/conversations/${person.conversationId}/presence`;
  const stream = await listen(company, company.users.recruiter);
  const supervisor = await api.signIn(company, company.users.supervisor);
  const viewers = () =>
    stream.events.flatMap((event) => (event.type === 'presence' ? [event.viewers] : [])).at(-1);
  await supervisor.put(path, { state: 'typing' }).expect(204);
  await until('typing', () => viewers()?.length === 1);
  const { id, name } = company.users.supervisor;
  expect(viewers()).toEqual([{ id, name, role: 'supervisor', typing: true }]);
  await supervisor.put(path, { state: 'gone' }).expect(204);
  await until('gone', () => viewers()?.length === 0);
  const reviewer = await api.signIn(company, company.users.reviewer);
  await reviewer.put(path, { state: 'viewing' }).expect(404);
});

it('ends the stream of a deactivated user', async () => {
  const other = await api.world.company();
  const stream = await listen(other, other.users.reviewer);
  const administrator = await api.signIn(other, other.users.administrator);
  await administrator.post(`/api/v1/users/${other.users.reviewer.id}/deactivate`, {}).expect(200);
  await until('the end', () => stream.ended());
});

it('says reset after its own connection broke', async () => {
  const stream = await listen(company, company.users.recruiter);
  await api.world.db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'parley live' and datname = current_database()`,
  );
  await until('reset', () => stream.events.some((event) => event.type === 'reset'));
});

describe('a stream ends with its session', () => {
  it('when its user signs out there, and no other one', async () => {
    const user = company.users.supervisor;
    const [here, elsewhere] = [await listen(company, user), await listen(company, user)];
    await here.signOut();
    await until('the end', here.ended);
    expect(elsewhere.ended()).toBe(false);
  });

  it('when the password is set anew', async () => {
    const user = company.users.supervisor;
    const { ended } = await listen(company, user);
    const token = await api.world.db.transact((tx) =>
      createUserToken(tx, {
        organizationId: company.organizationId,
        userId: user.id,
        kind: 'passwordReset',
      }),
    );
    await setPasswordByToken(api.world.db, token, password);
    await until('the end', ended);
  });
});
