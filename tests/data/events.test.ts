import { dispatchNext } from '../../activities/dispatch-next';
import { event } from '../../src/contracts/events';
import { sendMessage } from '../../src/data/messages/accept-message';
import { createApiKey } from '../../src/data/organization/api-keys';
import { closeChat } from '../../src/data/conversations/chat-commands';
import type { Tx } from '../../src/data/database';
import { readFeed } from '../../src/data/events/events';
import { moveApplications } from '../../src/data/actions/stage-moves';
import { writeTimeline } from '../../src/data/conversations/timeline';
import { createWorld, dayMs, text, type Company, type Person, type World } from '../support/company';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

/** A company with a program that reads the feed. */
async function readCompany(): Promise<Company> {
  const company = await world.company();
  const actor = company.as(company.users.administrator);
  await createApiKey(world.db, actor, { name: 'ATS', scopes: ['events:read'] });
  return company;
}

const read = (company: Company, after?: string, limit = 500) =>
  readFeed(world.db, company.organizationId, { after, limit });

const count = async (company: Company) =>
  (await world.db.query('select 1 from events where organization_id = $1', [company.organizationId])).length;

it('R-LOG-5: a conversation as an ATS hears of it: every step in order, with external ids and the text', async () => {
  const company = await readCompany();
  const person = await company.person();
  await world.db.query(`update people set external_id = 'ats-1' where id = $1`, [person.id]);
  const context = { actor: company.as(company.users.recruiter), dayMs };
  await company.write(person, 'May I come on Monday?');
  const messageId = await sendMessage(world.db, context, company.ids(person), text('Please do.'));
  await dispatchNext(world.deps, company.ids(person));
  await world.settled();
  world.sandbox.read(person.waId);
  await world.settled();
  await closeChat(world.db, context, company.ids(person));

  const { items, more } = await read(company);
  const types = items.map(({ type }) => type);
  expect(types.slice(0, 4)).toEqual(['message.created', 'chat.started', 'message.created', 'message.sent']);
  expect(types.slice(4)).toEqual(['message.delivered', 'message.read', 'chat.closed']);
  expect(more).toBe(false);
  for (const item of items) {
    event.parse(item);
    expect(item.data).toMatchObject({
      conversationId: person.conversationId,
      person: { id: person.id, externalId: 'ats-1', kind: 'candidate' },
    });
  }
  expect(items[0]!.data).toMatchObject({
    message: { direction: 'in', state: 'received', text: 'May I come on Monday?' },
  });
  expect(items[2]!.data).toMatchObject({
    byUserId: company.users.recruiter.id,
    message: { id: messageId, direction: 'out', state: 'queued', text: 'Please do.' },
  });
  expect(items.at(-1)!.data).toMatchObject({
    chat: { status: 'open', ownerId: null, previousOwnerId: company.users.recruiter.id },
  });
});

it('R-LOG-5: no text is stored a second time, and none where nobody is told', async () => {
  const [company, silent] = [await readCompany(), await world.company()];
  const [person, other] = [await company.person(), await silent.person()];
  await company.write(person, 'Rosebud');
  await company.write(person, 'STOP');
  await silent.write(other, 'Rosebud');
  const rows = await world.db.query('select * from events where organization_id = $1', [
    company.organizationId,
  ]);
  expect(JSON.stringify(rows)).not.toContain('Rosebud');
  expect(JSON.stringify(rows)).not.toContain('STOP');
  expect((await read(company)).items.map(({ type }) => type)).toContain('optOut.changed');
  expect(await count(silent)).toBe(0);
});

it('R-LOG-5: a move tells the application, its vacancy and both stages', async () => {
  const company = await readCompany();
  const person = await company.person();
  const vacancy = await company.vacancy();
  const [applicationId] = await company.apply(vacancy, [person]);
  await world.db.query(`update applications set external_id = 'app-7' where id = $1`, [applicationId]);
  await world.db.query(`update stages set external_id = 'interview' where id = $1`, [vacancy.stages[1]]);
  await moveApplications(
    world.db,
    { actor: company.as(company.users.administrator), dayMs },
    { applicationIds: [applicationId!], stageId: vacancy.stages[1]!, runActions: true },
  );
  const { items } = await read(company);
  expect(items).toEqual([
    expect.objectContaining({
      type: 'application.moved',
      data: expect.objectContaining({
        application: {
          id: applicationId,
          externalId: 'app-7',
          vacancy: { id: vacancy.id, externalId: null },
        },
        fromStage: { id: vacancy.stages[0], externalId: null },
        toStage: { id: vacancy.stages[1], externalId: 'interview' },
      }) as object,
    }),
  ]);
  event.parse(items[0]);
});

describe('R-LOG-5: the feed leaves nothing out', () => {
  const say = (tx: Tx, company: Company, person: Person) =>
    writeTimeline(tx, company.organizationId, [
      {
        personId: person.id,
        kind: 'consent',
        data: { channel: 'sms', granted: true },
        occurredAt: new Date(),
      },
    ]);

  it('what was written first and committed last comes later, and is not skipped', async () => {
    const company = await readCompany();
    const [first, second] = await company.people(2);
    let finish!: () => void;
    const mayCommit = new Promise<void>((resolve) => (finish = resolve));
    let written!: () => void;
    const hasWritten = new Promise<void>((resolve) => (written = resolve));
    const slow = world.db.transact(async (tx) => {
      await say(tx, company, first!);
      written();
      await mayCommit;
    });
    await hasWritten;
    await world.db.transact((tx) => say(tx, company, second!));
    const before = await read(company);
    expect(before.items.map(({ data }) => data.person.id)).toEqual([second!.id]);
    finish();
    await slow;
    const after = await read(company, before.cursor);
    expect(after.items.map(({ data }) => data.person.id)).toEqual([first!.id]);
    expect((await read(company, after.cursor)).items).toEqual([]);
  });

  it('many writers at once, two readers: each sees all, once, in the same order', async () => {
    const company = await readCompany();
    const people = await company.people(6);
    let writing = true;
    const writers = people.map(async (person) => {
      for (let round = 0; round < 15; round++)
        await world.db.transact(async (tx) => {
          await say(tx, company, person);
          // the order of commits is not that of writes
          await tx.query('select pg_sleep(random() * 0.01)');
        });
    });
    const reader = async (limit: number) => {
      const seen: string[] = [];
      let cursor: string | undefined;
      for (;;) {
        const last = !writing;
        const page = await read(company, cursor, limit);
        seen.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
        if (last && !page.more) return seen;
      }
    };
    const readers = [reader(7), reader(50)];
    await Promise.all(writers);
    writing = false;
    const [one, other] = await Promise.all(readers);
    expect(one).toHaveLength(90);
    expect(new Set(one).size).toBe(90);
    expect(other).toEqual(one);
  });
});

it('R-LOG-5: a cursor that is ahead of the feed, as after a restored backup, is refused instead of passing events by', async () => {
  const company = await readCompany();
  expect(await read(company, '0')).toMatchObject({ items: [], cursor: '0' });
  await company.write(await company.person(), 'Hello');
  const { cursor } = await read(company);
  expect(await read(company, cursor)).toMatchObject({ items: [], cursor });
  await expect(read(company, String(Number(cursor) + 1))).rejects.toMatchObject({ code: 'cursor_expired' });
});
