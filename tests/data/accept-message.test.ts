import { sendMessage } from '../../src/data/messages/accept-message';
import { closeChat, handOverChat, startChat } from '../../src/data/conversations/chat-commands';
import { newId } from '../../src/data/database';
import { previewTemplate } from '../../src/data/templates/templates';
import { retryMessage } from '../../src/data/messages/message-commands';
import type { SendInput } from '../../src/contracts/messages';
import { DomainError } from '../../src/domain/errors';
import type { Actor } from '../../src/domain/permissions';
import {
  assertLedger,
  createWorld,
  dayMs,
  rowOf,
  template,
  text,
  timelineOf,
  type Company,
  type Person,
  type PersonWish,
  type World,
} from '../support/company';

let world: World;
let company: Company;
let approved: string;

beforeAll(async () => {
  world = await createWorld({ poolSize: 20 });
  company = await world.company();
  approved = await company.template();
});
afterAll(() => world.close());
afterEach(() => assertLedger(world.db));

const recruiter = (): Actor => company.as(company.users.recruiter);
const colleague = (): Actor => company.as(company.colleague);
const send = (actor: Actor, person: Person, input: SendInput): Promise<string> =>
  sendMessage(
    world.db,
    { actor, dayMs },
    { organizationId: actor.organizationId, conversationId: person.conversationId },
    input,
  );
const chatOf = (person: Person): Promise<Record<string, unknown>> =>
  rowOf(world.db, 'conversations', person.conversationId);

async function refusalOf(call: Promise<unknown>): Promise<DomainError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DomainError);
  return error as DomainError;
}

/** Everything that a refused send could have left. */
async function everything(organizationId: string): Promise<unknown> {
  const tables = [
    'messages',
    'timeline_entries',
    'outbox',
    'credit_entries',
    'credit_accounts',
    'conversations',
    'notifications',
  ];
  return Promise.all(
    tables.map((table) =>
      world.db.query(
        `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from ${table} t where organization_id = $1`,
        [organizationId],
      ),
    ),
  );
}

describe('refusals', () => {
  const people: [string, PersonWish][] = [
    ['no_consent', { consent: null }],
    ['no_consent', { consent: false }],
    ['phone_missing', { phone: null }],
    ['phone_not_mobile', { phoneType: 'landline' }],
    ['phone_invalid', { valid: false, phone: '12' }],
    ['not_on_whatsapp', { whatsapp: 'absent' }],
  ];
  it.each(people)('R-ELIG %s %#: nothing is left behind', async (code, wish) => {
    const person = await company.person(wish);
    const before = await everything(company.organizationId);
    expect(await refusalOf(send(recruiter(), person, template(approved)))).toMatchObject({ code });
    expect(await everything(company.organizationId)).toEqual(before);
  });

  it('R-ELIG opted_out: after STOP, also inside the window', async () => {
    const person = await company.person();
    await company.write(person, 'Stop');
    for (const input of [text('hello'), template(approved)])
      expect(await refusalOf(send(recruiter(), person, input))).toMatchObject({ code: 'opted_out' });
    await company.write(person, 'START');
    await send(recruiter(), person, text('hello'));
  });

  it.each(['pending', 'paused', 'disabled', 'rejected'] as const)(
    'R-ELIG template_not_approved: %s',
    async (status) => {
      const person = await company.person();
      const templateId = await company.template({ status });
      expect(await refusalOf(send(recruiter(), person, template(templateId)))).toMatchObject({
        code: 'template_not_approved',
      });
    },
  );

  it('R-ELIG variable_missing: names the parameters; a typed value fills them', async () => {
    const person = await company.person();
    const templateId = await company.template({
      body: 'Dear {{1}}, {{2}}',
      expressions: { 'body.1': '{{candidate.firstName}}', 'body.2': '{{vacancy.title}}' },
    });
    expect(await refusalOf(send(recruiter(), person, template(templateId)))).toMatchObject({
      code: 'variable_missing',
      errors: [{ path: 'parameters.body.2' }],
    });
    const id = await send(
      recruiter(),
      person,
      template(templateId, { parameters: { 'body.2': 'see\nyou' } }),
    );
    // Line breaks cannot be in a parameter: what is kept is what is sent.
    expect(await rowOf(world.db, 'messages', id)).toMatchObject({ body: 'Dear Ada, see you' });
  });

  it('R-ELIG channel_not_configured, channel_disconnected, not_in_plan; a paused channel takes messages', async () => {
    const bare = await world.company({ connected: false });
    const bareTemplate = await bare.template();
    const nobody = await bare.person();
    const actor = bare.as(bare.users.recruiter);
    expect(await refusalOf(send(actor, nobody, template(bareTemplate)))).toMatchObject({
      code: 'channel_not_configured',
    });

    const other = await world.company();
    const otherTemplate = await other.template();
    const person = await other.person();
    const by = other.as(other.users.recruiter);
    const set = (sql: string) => world.db.query(sql, [other.organizationId]);
    await set(`update channel_accounts set state = 'disconnected' where organization_id = $1`);
    expect(await refusalOf(send(by, person, template(otherTemplate)))).toMatchObject({
      code: 'channel_disconnected',
    });
    await set(`update channel_accounts set state = 'paused' where organization_id = $1`);
    await send(by, person, template(otherTemplate));
    await set(`update organizations set whatsapp_in_plan = false where id = $1`);
    expect(await refusalOf(send(by, person, template(otherTemplate)))).toMatchObject({ code: 'not_in_plan' });
  });

  it('another organization’s conversation, template, application and file do not exist', async () => {
    const foreign = await world.company();
    const theirs = await foreign.person();
    const person = await company.person();
    const theirTemplate = await foreign.template();
    const vacancy = await foreign.vacancy();
    const [applicationId] = await foreign.apply(vacancy, [theirs]);
    for (const call of [
      () => send(recruiter(), theirs, template(approved)),
      () => send(recruiter(), person, template(theirTemplate)),
      () => send(recruiter(), person, template(approved, { applicationId })),
      () => send(recruiter(), person, { type: 'media', mediaId: newId(), channel: 'whatsapp' }),
      () => send(recruiter(), person, { ...template(approved), replyToId: newId() }),
    ])
      expect(await refusalOf(call())).toMatchObject({ code: 'not_found' });
  });
});

describe('R-ROLE-3: who may write', () => {
  it('office roles to anyone; who only sees assigned candidates does not learn of others', async () => {
    for (const role of ['administrator', 'supervisor', 'recruiter'] as const)
      await send(company.as(company.users[role]), await company.person(), template(approved));
    const person = await company.person();
    for (const role of ['interviewer', 'collaborator', 'requisitioner', 'reviewer'] as const)
      expect(
        await refusalOf(send(company.as(company.users[role]), person, template(approved))),
      ).toMatchObject({ code: 'not_found' });
  });

  it('an Interviewer from the tray, then as owner; who may only read is refused', async () => {
    const { users } = company;
    const vacancy = await company.vacancy({
      assigned: [users.interviewer, users.reviewer, users.collaborator, users.requisitioner],
    });
    const elsewhere = await company.vacancy({ assigned: [] });
    const person = await company.person();
    const [applicationId] = await company.apply(vacancy, [person]);
    const [hidden] = await company.apply(elsewhere, [person]);
    for (const role of ['collaborator', 'requisitioner', 'reviewer'] as const)
      expect(
        await refusalOf(send(company.as(users[role]), person, template(approved, { applicationId }))),
      ).toMatchObject({ code: 'not_permitted' });
    const interviewer = company.as(users.interviewer);
    expect(await refusalOf(send(interviewer, person, template(approved)))).toMatchObject({
      code: 'not_permitted',
    });
    expect(
      (await refusalOf(send(interviewer, person, template(approved, { applicationId: hidden! })))).code,
    ).toMatch(/not_found|not_permitted/);
    await send(interviewer, person, template(approved, { applicationId: applicationId! }));
    expect(await chatOf(person)).toMatchObject({ owner_id: users.interviewer.id });
    await send(interviewer, person, template(approved));
    // As owner, too, what they may not see does not exist.
    expect(
      await refusalOf(send(interviewer, person, template(approved, { applicationId: hidden! }))),
    ).toMatchObject({ code: 'not_found' });
  });
});

describe('ownership', () => {
  it('R-CHAT-2, R-CHAT-3: the sender becomes owner; a colleague’s refusal names them', async () => {
    const person = await company.person();
    await send(recruiter(), person, template(approved));
    expect(await chatOf(person)).toMatchObject({
      status: 'active',
      owner_id: company.users.recruiter.id,
      inbox_user_id: company.users.recruiter.id,
    });
    const before = await everything(company.organizationId);
    for (const user of [company.colleague, company.users.administrator])
      expect(await refusalOf(send(company.as(user), person, template(approved)))).toMatchObject({
        code: 'chat_owned_by_other',
        ownerId: company.users.recruiter.id,
      });
    expect(await everything(company.organizationId)).toEqual(before);
    await send(recruiter(), person, template(approved));
    expect((await timelineOf(world.db, person.id)).map(({ kind }) => kind)).toEqual([
      'chatStarted',
      'messageSent',
      'messageSent',
    ]);
  });

  it('R-CHAT-7: a program that names nobody takes no ownership and is not held up; one that names a user is that user', async () => {
    const person = await company.person();
    await send(company.program, person, template(approved));
    expect(await chatOf(person)).toMatchObject({ status: 'closed', owner_id: null });
    await send({ ...recruiter(), apiKeyId: newId() }, person, template(approved));
    expect(await chatOf(person)).toMatchObject({ status: 'active', owner_id: company.users.recruiter.id });
    await send(company.program, person, template(approved));
    const rows = await world.db.query(
      'select origin from messages where conversation_id = $1 order by position',
      [person.conversationId],
    );
    expect(rows.map((row) => row.origin)).toEqual(['api', 'manual', 'api']);
  });

  it('R-CHAT-3: two users press Send at the same instant, 200 times: exactly one owner', async () => {
    const people = await company.people(200);
    for (let start = 0; start < people.length; start += 10) {
      await Promise.all(
        people.slice(start, start + 10).map(async (person) => {
          const results = await Promise.allSettled([
            send(recruiter(), person, template(approved)),
            send(colleague(), person, template(approved)),
          ]);
          const won = results.findIndex((result) => result.status === 'fulfilled');
          const lost = results[1 - won] as PromiseRejectedResult;
          const ownerId = [company.users.recruiter.id, company.colleague.id][won];
          expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
          expect(lost.reason).toMatchObject({ code: 'chat_owned_by_other', ownerId });
          expect(await chatOf(person)).toMatchObject({
            status: 'active',
            owner_id: ownerId,
            message_count: 1,
          });
        }),
      );
    }
    const sums = await world.db.query(
      `select count(*)::int as messages, count(distinct conversation_id)::int as conversations from messages where conversation_id = any($1)`,
      [people.map((person) => person.conversationId)],
    );
    expect(sums).toEqual([{ messages: 200, conversations: 200 }]);
  });

  it('R-CHAT-4, R-CHAT-8: close, take over, hand over', async () => {
    const person = await company.person({ responsible: company.users.supervisor });
    const ids = company.ids(person);
    const by = (actor: Actor) => ({ actor, dayMs });
    expect(await refusalOf(closeChat(world.db, by(recruiter()), ids))).toMatchObject({
      code: 'chat_not_active',
    });
    await send(recruiter(), person, template(approved));
    expect(await refusalOf(closeChat(world.db, by(colleague()), ids))).toMatchObject({
      code: 'not_permitted',
    });
    expect(await refusalOf(handOverChat(world.db, by(colleague()), ids, company.colleague.id))).toMatchObject(
      { code: 'not_permitted' },
    );
    expect(
      await refusalOf(handOverChat(world.db, by(recruiter()), ids, company.users.reviewer.id)),
    ).toMatchObject({ code: 'not_permitted' });
    // An Interviewer who does not see the person could do nothing with the chat.
    expect(
      await refusalOf(handOverChat(world.db, by(recruiter()), ids, company.users.interviewer.id)),
    ).toMatchObject({ code: 'not_permitted' });
    await handOverChat(world.db, by(recruiter()), ids, company.colleague.id);
    expect(await chatOf(person)).toMatchObject({
      owner_id: company.colleague.id,
      inbox_user_id: company.colleague.id,
    });
    await closeChat(world.db, by(company.as(company.users.supervisor)), ids);
    expect(await chatOf(person)).toMatchObject({
      status: 'open',
      owner_id: null,
      last_owner_id: company.colleague.id,
      inbox_user_id: company.users.supervisor.id,
    });
    await startChat(world.db, by(recruiter()), ids, null);
    await startChat(world.db, by(recruiter()), ids, null);
    expect(await refusalOf(startChat(world.db, by(colleague()), ids, null))).toMatchObject({
      code: 'chat_owned_by_other',
    });
    expect((await timelineOf(world.db, person.id)).map(({ kind }) => kind)).toEqual([
      'chatStarted',
      'messageSent',
      'chatHandedOver',
      'chatClosed',
      'chatStarted',
    ]);
    const told = await world.db.query(`select user_id, kind from notifications where conversation_id = $1`, [
      person.conversationId,
    ]);
    expect(told).toEqual([{ user_id: company.colleague.id, kind: 'handedOver' }]);
  });

  it('handing a chat to whoever owns it changes nothing and tells nobody', async () => {
    const person = await company.person();
    await send(recruiter(), person, template(approved));
    const admin = { actor: company.as(company.users.administrator), dayMs };
    await handOverChat(world.db, admin, company.ids(person), company.users.recruiter.id);
    expect(
      await world.db.query('select 1 from notifications where conversation_id = $1', [person.conversationId]),
    ).toEqual([]);
  });
});

describe('time', () => {
  it('R-CHAT-2: free text to the last instant of the window, and not at 24:00:00', async () => {
    const person = await company.person();
    await company.write(person, 'hello');
    const [window] = await world.db.query<{ at: Date }>(
      'select last_inbound_at as at from service_windows where contact_point_id = $1',
      [person.contactPointId],
    );
    const windowEnds = window!.at.getTime() + dayMs;
    // to the millisecond it is the rule's own test (tests/domain/chat.test.ts): here time passes
    world.clock.advance(windowEnds - world.clock.now().getTime() - 60_000);
    await send(recruiter(), person, text('just in time'));
    world.clock.advance(60_000);
    expect(await refusalOf(send(recruiter(), person, text('too late')))).toMatchObject({
      code: 'window_closed',
    });
    await send(recruiter(), person, template(approved));
  });

  it('R-CHAT-4: what has run out is settled before anything is decided, dated when it was due', async () => {
    const person = await company.person();
    await send(recruiter(), person, template(approved));
    const deadline = (await chatOf(person)).deadline_at as Date;
    world.clock.advance(dayMs);
    await send(colleague(), person, template(approved));
    expect(await chatOf(person)).toMatchObject({ status: 'active', owner_id: company.colleague.id });
    const timeline = await timelineOf(world.db, person.id);
    expect(timeline.map(({ kind }) => kind)).toEqual([
      'chatStarted',
      'messageSent',
      'chatExpired',
      'chatStarted',
      'messageSent',
    ]);
    expect(timeline[2]).toMatchObject({
      occurredAt: deadline,
      data: { ownerId: company.users.recruiter.id, to: 'open' },
    });
  });
});

describe('R-CRED-2', () => {
  it('50 at once on a balance of 10: ten are accepted, and the balance is zero', async () => {
    const poor = await world.company({ credits: 10 });
    const templateId = await poor.template();
    const people = await poor.people(50);
    const results = await Promise.allSettled(
      people.map((person) => send(poor.as(poor.users.recruiter), person, template(templateId))),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(40);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'no_credits' });
    expect(await poor.balance()).toBe(0);
    expect(
      await world.db.query('select count(*)::int from messages where organization_id = $1', [
        poor.organizationId,
      ]),
    ).toEqual([{ count: 10 }]);
  });
});

describe('trying again', () => {
  it('once, with the same content, also when two press at once', async () => {
    const person = await company.person();
    const id = await send(recruiter(), person, template(approved));
    expect(await refusalOf(retryMessage(world.db, { actor: recruiter(), dayMs }, id))).toMatchObject({
      code: 'conflict',
    });
    await world.db.query(`update messages set state = 'unknown' where id = $1`, [id]);
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () => retryMessage(world.db, { actor: recruiter(), dayMs }, id)),
    );
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    const rows = await world.db.query(
      'select body, retry_of_id from messages where conversation_id = $1 order by position',
      [person.conversationId],
    );
    expect(rows).toEqual([
      { body: 'Hello Ada, welcome.', retry_of_id: null },
      { body: 'Hello Ada, welcome.', retry_of_id: id },
    ]);
  });
});

describe('R-MAIL-5: what is written on WhatsApp and names no match', () => {
  const matchOf = async (messageId: string) => (await rowOf(world.db, 'messages', messageId)).application_id;

  it('is about the only open one, and what the person answers is as well (R-LOG-1)', async () => {
    const person = await company.person();
    await company.write(person, 'Hello');
    expect(await matchOf(await send(recruiter(), person, text('Which vacancy?')))).toBeNull();
    const [rejected] = await company.apply(await company.vacancy(), [person]);
    await world.db.query('update applications set rejected_at = clock_timestamp() where id = $1', [rejected]);
    const [open] = await company.apply(await company.vacancy(), [person]);
    expect(await matchOf(await send(recruiter(), person, text('This one?')))).toBe(open);
    // and the preview of a template shows what it will say
    const { organizationId } = company;
    const [{ id: templateId, title }] = (await world.db.query<{ id: string; title: string }>(
      `insert into templates (organization_id, id, channel, name, language, status, title, body, created_at, updated_at)
       select $1, gen_random_uuid(), 'email', 'About', 'en', 'approved', 'Hi', 'Of {{vacancy.title}}', clock_timestamp(), clock_timestamp()
       returning id, (select v.title from vacancies v join applications a on a.vacancy_id = v.id where a.id = $2) as title`,
      [organizationId, open],
    )) as [{ id: string; title: string }];
    const preview = (inConversation: boolean) =>
      previewTemplate(world.db, recruiter(), templateId, { personId: person.id, inConversation });
    expect(await preview(true)).toMatchObject({ body: `Of ${title}`, missing: [] });
    expect(await preview(false)).toMatchObject({ missing: ['vacancy.title'] });
    await company.write(person, 'Yes');
    const [answer] = await world.db.query<{ id: string }>(
      `select application_id as id from messages where conversation_id = $1 and direction = 'in' order by position desc limit 1`,
      [person.conversationId],
    );
    expect(answer!.id).toBe(open);
    const ofMatch = await world.db.query<{ kind: string }>(
      `select kind from timeline_entries where application_id = $1 order by id`,
      [open],
    );
    expect(ofMatch.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['messageSent', 'messageReceived']),
    );
  });

  it('of several goes on with the one that was spoken of last', async () => {
    const person = await company.person();
    await company.write(person, 'Hello');
    const [first] = await company.apply(await company.vacancy(), [person]);
    const [second] = await company.apply(await company.vacancy(), [person]);
    const say = async (more: Parameters<typeof text>[1] = {}) =>
      matchOf(await send(recruiter(), person, text('Hi', more)));
    expect(await say()).toBeNull();
    expect(await say({ applicationId: first! })).toBe(first);
    expect(await say()).toBe(first);
    expect(await say({ applicationId: second! })).toBe(second);
    expect(await say()).toBe(second);
  });
});
