import { dispatchNext } from '../../activities/dispatch-next';
import { runStageMove } from '../../activities/run-stage-move';
import { sendMessage } from '../../src/data/messages/accept-message';
import { closeChat, releaseChatsOf, startChat } from '../../src/data/conversations/chat-commands';
import { settleOverdue } from '../../src/data/conversations/conversation-store';
import { moveApplications } from '../../src/data/actions/stage-moves';
import { sweep } from '../../src/data/sweep';
import { listMessages } from '../../src/data/messages/message-read';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  rowOf,
  storeWebhook,
  template,
  text,
  timelineOf,
  type Company,
  type World,
} from '../support/company';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld({ poolSize: 20 });
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
});
afterEach(async () => {
  await world.settled();
  expect(world.sandbox.counts({ minimum: 2 })).toEqual([]);
  await assertLedger(world.db);
});

const deadlocks = async (): Promise<number> => {
  await world.db.query('select pg_stat_force_next_flush()');
  const [row] = await world.db.query<{ deadlocks: number }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return row!.deadlocks;
};

describe('everything at once', () => {
  it('locks in one order: people who write while they are written to, moved, closed and settled', async () => {
    const before = await deadlocks();
    const people = await company.people(20);
    const vacancy = await company.vacancy();
    const applicationIds = await company.apply(vacancy, people);
    const templateId = await company.template();
    await company.action(vacancy.stages[1]!, templateId);
    const by = { actor: company.as(company.users.recruiter), dayMs };
    const either = { actor: company.as(company.colleague), dayMs };
    const moved = moveApplications(world.db, by, {
      applicationIds,
      stageId: vacancy.stages[1]!,
      runActions: true,
    });
    const runs = moved.then(({ moveId }) =>
      Promise.all(
        [1, 2].map(() =>
          runStageMove(world.deps, { organizationId: company.organizationId, moveId }, () => undefined),
        ),
      ),
    );
    const refusals = ['chat_owned_by_other', 'chat_not_active', 'window_closed', 'not_permitted'];
    const maybe = (call: Promise<unknown>): Promise<unknown> =>
      call.catch((error: { code?: string }) => expect(refusals).toContain(error.code));
    await Promise.all([
      runs,
      ...people.flatMap((person) => {
        const ids = company.ids(person);
        return [
          world.sandbox.write(
            person.waId,
            { type: 'text', text: 'one' },
            { phoneNumberId: company.account.phoneNumberId },
          ),
          world.sandbox.write(
            person.waId,
            { type: 'text', text: 'two' },
            { phoneNumberId: company.account.phoneNumberId },
          ),
          maybe(
            sendMessage(world.db, by, ids, template(templateId)).then(() => dispatchNext(world.deps, ids)),
          ),
          maybe(
            sendMessage(world.db, either, ids, template(templateId)).then(() =>
              dispatchNext(world.deps, ids),
            ),
          ),
          maybe(startChat(world.db, either, ids, null)),
          maybe(closeChat(world.db, by, ids)),
        ];
      }),
      settleOverdue(world.db, { dayMs }),
    ]);
    await world.settled();
    // What was in flight when somebody asked is sent by whoever asks next.
    for (const person of people) while ((await dispatchNext(world.deps, company.ids(person))).more);
    await world.settled();
    expect(await deadlocks()).toBe(before);
    expect(
      await world.db.query(
        `select state from messages where organization_id = $1 and state not in ('delivered', 'received')`,
        [company.organizationId],
      ),
    ).toEqual([]);
    const inbound = await world.db.query<{ count: number }>(
      'select sum(inbound_count)::int as count from conversations where organization_id = $1',
      [company.organizationId],
    );
    expect(inbound).toEqual([{ count: 40 }]);
  });
});

describe('R-CHAT-8: a user leaves', () => {
  it.each([true, false])(
    'their chats and people go to the successor (%s), else chats open and people stand unassigned',
    async (named) => {
      const { recruiter, administrator } = company.users;
      const successorId = named ? company.colleague.id : null;
      const owned = await company.person({ responsible: company.users.supervisor });
      const theirs = await company.person();
      const templateId = await company.template();
      await sendMessage(
        world.db,
        { actor: company.as(recruiter), dayMs },
        company.ids(owned),
        template(templateId),
      );
      await world.db.transact((tx) =>
        releaseChatsOf(tx, dayMs, {
          organizationId: company.organizationId,
          userId: recruiter.id,
          successorId,
          actorUserId: administrator.id,
        }),
      );
      expect(await rowOf(world.db, 'conversations', owned.conversationId)).toMatchObject(
        named
          ? { status: 'active', owner_id: successorId, inbox_user_id: successorId }
          : { status: 'open', owner_id: null, inbox_user_id: company.users.supervisor.id },
      );
      expect(await rowOf(world.db, 'conversations', theirs.conversationId)).toMatchObject({
        responsible_user_id: successorId,
        inbox_user_id: successorId,
      });
      expect(await rowOf(world.db, 'people', theirs.id)).toMatchObject({ responsible_user_id: successorId });
      expect((await timelineOf(world.db, owned.id)).at(-1)).toMatchObject({
        kind: named ? 'chatHandedOver' : 'chatClosed',
      });
    },
  );
});

describe('the sweep', () => {
  const old = 120_000;

  it('wakes what nobody drives, once, and names what came in and was left behind', async () => {
    const person = await company.person();
    const vacancy = await company.vacancy();
    const templateId = await company.template();
    await company.action(vacancy.stages[1]!, templateId);
    const [applicationId] = await company.apply(vacancy, [person]);
    const by = { actor: company.as(company.users.recruiter), dayMs };
    await sendMessage(world.db, by, company.ids(person), template(templateId));
    await moveApplications(world.db, by, {
      applicationIds: [applicationId!],
      stageId: vacancy.stages[1]!,
      runActions: true,
    });
    const delivery = await storeWebhook(world.db, company.account.id, Buffer.from('{}'));
    const told = () =>
      world.db.query('select workflow_type from outbox where organization_id = $1 order by workflow_type', [
        company.organizationId,
      ]);
    await world.db.query('delete from outbox');
    await sweep(world.db, { dayMs });
    expect(await told()).toEqual([]);
    world.clock.advance(old);
    const swept = await sweep(world.db, { dayMs });
    expect(swept.webhooks).toContain(delivery);
    expect(await told()).toEqual([{ workflow_type: 'conversation' }, { workflow_type: 'stageMove' }]);
    await sweep(world.db, { dayMs });
    expect(await told()).toHaveLength(2);
  });

  it('writes down what has run out', async () => {
    const person = await company.person();
    await company.write(person, 'hello');
    world.clock.advance(dayMs);
    await sweep(world.db, { dayMs });
    expect(await rowOf(world.db, 'conversations', person.conversationId)).toMatchObject({ status: 'closed' });
  });
});

describe('the messages of a conversation', () => {
  it('come in pages, newest first, complete and without doubles', async () => {
    const person = await company.person();
    const by = { actor: company.as(company.users.recruiter), dayMs };
    for (let n = 0; n < 5; n++) await company.write(person, `in ${n}`);
    for (let n = 0; n < 6; n++) await sendMessage(world.db, by, company.ids(person), text(`out ${n}`));
    const positions: number[] = [];
    const times: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listMessages(world.db, by.actor, company.ids(person), { limit: 3, cursor });
      positions.push(...page.items.map(({ position }) => position));
      times.push(...page.items.map(({ occurredAt }) => occurredAt));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect([...positions].sort((a, b) => a - b)).toEqual([...Array(11).keys()].map((n) => n + 1));
    expect(times).toEqual([...times].sort().reverse());
  });
});

describe('a transaction', () => {
  it('is told after its commit alone, and a listener that fails undoes nothing', async () => {
    const person = await company.person();
    const heard: number[] = [];
    const off = [
      world.db.onCommitted(() => {
        throw new Error('deaf');
      }),
      world.db.onCommitted(({ pokes }) => void heard.push(pokes.length)),
    ];
    const templateId = await company.template();
    const by = { actor: company.as(company.users.recruiter), dayMs };
    await sendMessage(world.db, by, company.ids(person), template(templateId));
    await expect(sendMessage(world.db, by, company.ids(person), text('refused'))).rejects.toMatchObject({
      code: 'window_closed',
    });
    for (const stop of off) stop();
    expect(heard).toEqual([1]);
    expect(await rowOf(world.db, 'conversations', person.conversationId)).toMatchObject({ message_count: 1 });
    world.clock.advance(hourMs);
  });
});
