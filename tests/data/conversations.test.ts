import fc from 'fast-check';
import { sendMessage } from '../../src/data/messages/accept-message';
import { closeChat, dismissUnanswered, startChat } from '../../src/data/conversations/chat-commands';
import { settleOverdue } from '../../src/data/conversations/conversation-store';
import { countInbox, listConversations, readConversation } from '../../src/data/conversations/conversations';
import { markRead } from '../../src/data/messages/message-commands';
import type { ConversationRow } from '../../src/contracts/conversations';
import { settle, type Chat } from '../../src/domain/chat';
import type { ActingUser } from '../../src/domain/permissions';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  rowOf,
  template,
  type Company,
  type Person,
  type Vacancy,
  type World,
} from '../support/company';

let world: World;
let company: Company;
let templateId: string;
let vacancy: Vacancy;

beforeAll(async () => {
  world = await createWorld();
  company = await world.company();
  templateId = await company.template();
  vacancy = await company.vacancy({ assigned: [company.users.interviewer, company.users.reviewer] });
});
afterAll(async () => {
  await assertLedger(world.db);
  await world.close();
});

type View = 'my' | 'all' | 'unassigned';
const context = (user: ActingUser) => ({ actor: company.as(user), dayMs });
const send = (person: Person, user: ActingUser | null) =>
  sendMessage(
    world.db,
    { actor: user ? company.as(user) : company.program, dayMs },
    company.ids(person),
    template(templateId),
  );

async function listAll(user: ActingUser, view: View, limit = 100): Promise<ConversationRow[]> {
  const items: ConversationRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await listConversations(world.db, context(user), { view, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

type Raw = Chat & {
  id: string;
  personId: string;
  responsibleUserId: string | null;
  unansweredSince: Date | null;
  lastMessageAt: Date | null;
  lastDirection: string | null;
};

const rawConversations = (): Promise<Raw[]> =>
  world.db.query<Raw>(
    `select id, person_id as "personId", status, owner_id as "ownerId", last_owner_id as "lastOwnerId", chat_version as version,
       last_contact_at as "lastContactAt", opened_at as "openedAt", last_inbound_at as "lastInboundAt", deadline_at as "deadlineAt",
       responsible_user_id as "responsibleUserId", unanswered_since as "unansweredSince", last_message_at as "lastMessageAt",
       last_direction as "lastDirection"
     from conversations where organization_id = $1`,
    [company.organizationId],
  );

/** R-CHAT-9, said as plainly as it stands in the rules. */
function belongs(raw: Raw, user: ActingUser, view: View, now: Date, assigned: Set<string>): boolean {
  const sees = ['administrator', 'supervisor', 'recruiter'].includes(user.role);
  if (!sees && !assigned.has(raw.personId)) return false;
  const { status, ownerId } = settle(raw, now, dayMs).chat;
  if (raw.lastMessageAt === null && status === 'closed') return false;
  switch (view) {
    case 'all':
      return true;
    case 'my':
      return status === 'active' ? ownerId === user.id : raw.responsibleUserId === user.id;
    case 'unassigned':
      return status !== 'active' && raw.responsibleUserId === null;
  }
}

/** The unanswered first, the longest waiting on top; then the others, the latest on top. */
function inOrder(a: Raw, b: Raw): number {
  if ((a.unansweredSince === null) !== (b.unansweredSince === null))
    return a.unansweredSince === null ? 1 : -1;
  if (a.unansweredSince !== null)
    return a.unansweredSince.getTime() - b.unansweredSince!.getTime() || (a.id < b.id ? -1 : 1);
  return b.lastMessageAt!.getTime() - a.lastMessageAt!.getTime() || (a.id < b.id ? 1 : -1);
}

describe('R-CHAT-9: the lists', () => {
  it('are those of a plain model, whoever asks, whenever, on pages of whatever size', async () => {
    const { users, colleague } = company;
    const people: Person[] = [];
    for (const responsible of [users.recruiter, colleague, users.supervisor, null])
      people.push(...(await company.people(6, { responsible })));
    await company.people(2);
    const visible = people.filter((_, index) => index % 3 === 0);
    await company.apply(vacancy, visible);
    const assigned = new Set(visible.map(({ id }) => id));
    const askers = [
      users.administrator,
      users.recruiter,
      colleague,
      users.supervisor,
      users.interviewer,
      users.reviewer,
      users.collaborator,
    ];

    const step = fc.record({
      what: fc.constantFrom('inbound', 'send', 'automatic', 'close', 'dismiss', 'start'),
      who: fc.nat(people.length - 1),
      by: fc.constantFrom(users.recruiter, colleague, users.supervisor),
      then: fc.constantFrom(0, 0, 0, 1000, hourMs, 11 * hourMs, dayMs),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 8, maxLength: 14 }),
        fc.integer({ min: 1, max: 9 }),
        async (steps, limit) => {
          for (const { what, who, by, then } of steps) {
            const person = people[who]!;
            // A refusal is an outcome like another: the rows tell.
            const outcome = { settled: Promise.resolve() as Promise<unknown> };
            if (what === 'inbound')
              outcome.settled = world.sandbox.write(
                person.waId,
                { type: 'text', text: 'hi' },
                { phoneNumberId: company.account.phoneNumberId },
              );
            if (what === 'send') outcome.settled = send(person, by);
            if (what === 'automatic') outcome.settled = send(person, null);
            if (what === 'close') outcome.settled = closeChat(world.db, context(by), company.ids(person));
            if (what === 'dismiss')
              outcome.settled = dismissUnanswered(world.db, context(by), company.ids(person));
            if (what === 'start')
              outcome.settled = startChat(world.db, context(by), company.ids(person), null);
            await outcome.settled.catch((error: unknown) => expect(error).toHaveProperty('code'));
            await world.settled();
            world.clock.advance(then);
          }
          const raw = await rawConversations();
          const now = await world.db.now();
          for (const user of askers) {
            const theirs = user === users.collaborator ? new Set<string>() : assigned;
            for (const view of ['my', 'all', 'unassigned'] as const) {
              const expected = raw.filter((row) => belongs(row, user, view, now, theirs)).sort(inOrder);
              const items = await listAll(user, view, limit);
              const asked = { role: user.role, view };
              expect({ ...asked, ids: items.map(({ id }) => id) }).toEqual({
                ...asked,
                ids: expected.map(({ id }) => id),
              });
              expect(items.map(({ status, owner }) => [status, owner?.id ?? null])).toEqual(
                expected.map((row) => {
                  const { status, ownerId } = settle(row, now, dayMs).chat;
                  return [status, ownerId];
                }),
              );
            }
            // R-CHAT-10
            const mine = raw.filter((row) =>
              belongs(row, user, 'my', now, new Set(people.map(({ id }) => id))),
            );
            expect((await countInbox(world.db, context(user))).my).toBe(
              mine.filter((row) => row.unansweredSince !== null && row.lastDirection === 'in').length,
            );
          }
        },
      ),
      { numRuns: 8, endOnFailure: true },
    );
  }, 300_000);

  it('what has run out shows as what it is, however much of it there is', async () => {
    const many = await world.company();
    const people = await many.people(1200);
    const at = await world.db.now();
    await world.db.query(
      `update conversations set status = 'active', owner_id = $2, last_owner_id = $2, inbox_user_id = $2, last_message_at = $3, message_count = 1,
         last_contact_at = $3, deadline_at = $3 where organization_id = $1`,
      [many.organizationId, many.colleague.id, new Date(at.getTime() - 1000)],
    );
    const page = await listConversations(
      world.db,
      { actor: many.as(many.colleague), dayMs },
      { view: 'my', limit: 100 },
    );
    expect(page.items).toEqual([]);
    expect(people).toHaveLength(1200);
    expect(await settleOverdue(world.db, { dayMs })).toBe(0);
  });

  it('filters and search leave out what does not fit', async () => {
    const person = await company.person({ firstName: 'Zoë', lastName: '100%_Müller' });
    await company.write(person, 'hello');
    const { recruiter } = company.users;
    const find = async (query: object) =>
      (
        await listConversations(world.db, context(recruiter), { view: 'all', limit: 100, ...query })
      ).items.map(({ id }) => id);
    for (const q of [
      'zoë',
      'müll',
      '100%_',
      person.waId.slice(2, 9),
      `+${person.waId}`,
      `0034 ${person.waId.slice(2)}`,
    ])
      expect(await find({ q })).toContain(person.conversationId);
    expect(await find({ q: '100%%' })).toEqual([]);
    expect(await find({ q: "o'brien" })).toEqual([]);
    expect(await find({ status: 'open' })).toContain(person.conversationId);
    expect(await find({ status: 'active' })).not.toContain(person.conversationId);
    expect(await find({ unanswered: true })).toContain(person.conversationId);
    expect(await find({ unanswered: false })).not.toContain(person.conversationId);
    expect(await find({ vacancyId: vacancy.id })).not.toContain(person.conversationId);
    expect(await find({ channel: 'sms' })).toEqual([]);
    await expect(find({ cursor: 'nonsense' })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('R-CHAT-10', () => {
  it('unread is each user’s own, and reading marks it for oneself alone', async () => {
    const person = await company.person();
    await company.write(person, 'one');
    await company.write(person, 'two');
    const { recruiter, supervisor } = company.users;
    const unread = async (user: ActingUser) =>
      (await listAll(user, 'all')).find(({ id }) => id === person.conversationId)?.unread;
    expect([await unread(recruiter), await unread(supervisor)]).toEqual([2, 2]);
    // The responsible user's view tells the person, a colleague's does not.
    expect(await markRead(world.db, context(supervisor), company.ids(person))).toBeUndefined();
    expect(await markRead(world.db, context(recruiter), company.ids(person))).toBeDefined();
    expect(await markRead(world.db, context(recruiter), company.ids(person))).toBeUndefined();
    await company.write(person, 'three');
    expect([await unread(recruiter), await unread(supervisor), await unread(company.colleague)]).toEqual([
      1, 1, 3,
    ]);
  });

  it('the mark can be dismissed by who may write, and comes again with the next message', async () => {
    const person = await company.person();
    await company.apply(vacancy, [person]);
    await company.write(person, 'hello');
    await expect(
      dismissUnanswered(world.db, context(company.users.reviewer), company.ids(person)),
    ).rejects.toMatchObject({ code: 'not_permitted' });
    await dismissUnanswered(world.db, context(company.users.recruiter), company.ids(person));
    expect((await rowOf(world.db, 'conversations', person.conversationId)).unanswered_since).toBeNull();
    await company.write(person, 'hello?');
    expect((await rowOf(world.db, 'conversations', person.conversationId)).unanswered_since).not.toBeNull();
  });
});

describe('one conversation', () => {
  const read = (user: ActingUser, person: Person) =>
    readConversation(
      world.db,
      { ...context(user), temporalUi: { url: 'http://temporal', namespace: 'default' } },
      company.ids(person),
    );

  it('says what may be done and why not, as the commands would', async () => {
    const person = await company.person();
    const { recruiter, administrator } = company.users;
    expect((await read(recruiter, person)).can).toMatchObject({
      sendText: { code: 'window_closed' },
      sendTemplate: null,
      start: true,
      close: false,
    });
    await company.write(person, 'hello');
    expect(await read(recruiter, person)).toMatchObject({
      status: 'open',
      unread: 1,
      can: { sendText: null, dismiss: true },
    });
    await send(person, company.colleague);
    expect((await read(recruiter, person)).can).toMatchObject({
      sendText: { code: 'chat_owned_by_other' },
      start: false,
      close: true,
      handOver: false,
    });
    expect((await read(administrator, person)).can).toMatchObject({ close: true, handOver: true });
    expect((await read(company.colleague, person)).can).toMatchObject({
      sendText: null,
      close: true,
      handOver: true,
    });
    world.clock.advance(dayMs);
    expect(await read(recruiter, person)).toMatchObject({
      status: 'open',
      owner: null,
      lastOwner: { id: company.colleague.id },
      windowUntil: null,
    });
    world.clock.advance(dayMs);
    expect(await read(recruiter, person)).toMatchObject({ status: 'closed', deadlineAt: null });
  });

  it('R-ROLE-1: does not exist for who may not see it, and the workflow’s address is for Administrators', async () => {
    const person = await company.person();
    await expect(read(company.users.interviewer, person)).rejects.toMatchObject({ code: 'not_found' });
    expect((await read(company.users.recruiter, person)).workflowUrl).toBeNull();
    expect((await read(company.users.administrator, person)).workflowUrl).toContain(person.conversationId);
  });
});
