import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WhatsAppClient } from '../../src/channels/whatsapp/types';
import { wakeConversation } from '../../src/data/conversations/wake';
import { searchAttributes } from '../../src/temporal/search-attributes';
import { stateQuery } from '../../workflows/messages';
import { timeSkippingServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { keepHistory } from './history';
import { createWorld, dayMs, type Person, type World } from './world';

jest.setTimeout(240_000);

let env: TestWorkflowEnvironment;
let world: World;
let carla: Person;
/** What the provider's client does instead of calling; for what the sandbox cannot do. */
let inPlaceOfSend: WhatsAppClient['send'] | undefined;

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  inPlaceOfSend = undefined;
  world = await createWorld(env, {
    whatsApp: (real) => ({ ...real, send: (...call) => (inPlaceOfSend ?? real.send)(...call) }),
  });
  world.relayTo(env.client);
  carla = await world.newPerson();
});
afterEach(async () => {
  await world?.close();
});

const run = (work: () => Promise<void>) => withWorkers(world, work);
const handle = () => env.client.workflow.getHandle(carla.workflowId);
const gate = async () => (await handle().query(stateQuery)).gate;
const blockedBy = async () =>
  (await handle().describe()).typedSearchAttributes.get(searchAttributes.blockedBy);

const pass = (ms: number) => world.pass(ms);
const passUntil = async (at: string) => pass(Date.parse(at) - (await world.db.now()).getTime() + 100);
const waiting = () =>
  waitLong(
    async () => {
      const now = await gate();
      return now.retryAt === null ? undefined : now;
    },
    { what: 'the gate to wait' },
  );

const states = (...expected: string[]) =>
  waitLong(async () => (await carla.states()).join() === expected.join(), { what: expected.join() });

const setChannel = (state: 'paused' | 'connected') =>
  world.db.query('update channel_accounts set state = $1 where id = $2', [state, world.channelAccountId]);

it('R-AUTO-6: a paused channel holds the messages and says so to operators; the poke on its resumption sends them in order', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await setChannel('paused');
    await carla.isSent(world.ana, 'one');
    await carla.isSent(world.ana, 'two');
    await waitLong(async () => (await blockedBy()) === 'channel_paused', { what: 'the search attribute' });
    expect(await gate()).toMatchObject({ blockedBy: 'channel_paused', retryAt: null, pending: true });
    expect(await carla.states()).toEqual(['queued', 'queued']);

    await setChannel('connected');
    await wakeConversation(world.db, {
      organizationId: world.organizationId,
      conversationId: carla.conversationId,
    });
    await states('sent', 'sent');
    expect(carla.phone()).toEqual(['one', 'two']);
    await waitLong(async () => (await blockedBy()) === undefined, {
      what: 'the search attribute to be gone',
    });
  });
});

it('a chat that is Closed with messages held up stays until they are sent', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await setChannel('paused');
    await carla.isSent(world.ana, 'one');
    await waitLong(async () => (await blockedBy()) === 'channel_paused', { what: 'the search attribute' });
    await pass(dayMs);
    await waitLong(async () => (await carla.chat()).status === 'open', { what: 'Open' });
    await pass(dayMs);
    await waitLong(async () => (await carla.chat()).status === 'closed', { what: 'Closed' });
    expect((await handle().describe()).status.name).toBe('RUNNING');

    await setChannel('connected');
    await wakeConversation(world.db, {
      organizationId: world.organizationId,
      conversationId: carla.conversationId,
    });
    // Everything is checked again: the window has closed meanwhile.
    await states('suppressed');
    await waitLong(async () => (await handle().describe()).status.name === 'COMPLETED', { what: 'the end' });
    expect(carla.phone()).toEqual([]);
  });
});

it('a worker that dies during the call: the retry waits for its deadline, then the message is unknown and sent by nobody', async () => {
  let calls = 0;
  inPlaceOfSend = () => {
    calls++;
    throw new Error('the process was killed');
  };
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'one');
    await waitLong(() => calls === 1, { what: 'the call' });
    inPlaceOfSend = undefined;
    await carla.isSent(world.ana, 'two');
    await pass(1500);
    const { retryAt } = await waiting();
    expect(await carla.states()).toEqual(['dispatching', 'queued']);
    await passUntil(retryAt!);
    await states('unknown', 'sent');
    expect(calls).toBe(1);
    expect(carla.phone()).toEqual(['two']);
    await keepHistory('attempt-of-a-dead-worker', handle());
  });
});

it('a refusal that may pass is tried again at its time, and not before', async () => {
  await run(async () => {
    await carla.writes('Hello');
    world.sandbox.control.misbehave(carla.waId, { refuse: { code: 131056, times: 1 } });
    await carla.isSent(world.ana, 'one');
    const { retryAt } = await waiting();
    await passUntil(retryAt!);
    await states('sent');
    expect(carla.phone()).toEqual(['one']);
    const [sent] = await world.db.query<{ at: Date }>(
      'select sent_at as at from messages where sent_at is not null',
    );
    expect(sent!.at.getTime()).toBeGreaterThanOrEqual(Date.parse(retryAt!));
  });
});

it('the database is down for a moment: nothing is lost, and the failure in Temporal holds a code only', async () => {
  const transact = jest.spyOn(world.db, 'transact');
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'secret words');
    await states('sent');
    transact.mockRejectedValueOnce(
      Object.assign(new Error('connect failed for secret words'), { code: 'ECONNREFUSED' }),
    );
    await wakeAgain();
    await pass(1500);
    await waitLong(async () => !(await gate()).pending, { what: 'the turn to end' });
    const history = JSON.stringify(await handle().fetchHistory());
    expect(history).not.toContain('secret');
  });

  async function wakeAgain(): Promise<void> {
    const { snapshot } = await handle().query(stateQuery);
    const ids = { organizationId: world.organizationId, conversationId: carla.conversationId };
    await handle().signal('poke', { ...ids, snapshot: { ...snapshot, pending: true } });
  }
});
