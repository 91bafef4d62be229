import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Relay } from '../../src/temporal/relay';
import type { conversation } from '../../workflows';
import { stateQuery } from '../../workflows/messages';
import { timeSkippingServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { keepHistory } from './history';
import { createWorld, dayMs, type Person, type World } from './world';

const second = 1000;
const minute = 60 * second;

let env: TestWorkflowEnvironment;
let world: World;
let carla: Person;
let relay: Relay;

jest.setTimeout(240_000);

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  relay = world.relayTo(env.client);
  carla = await world.newPerson();
});
afterEach(async () => {
  await world?.close();
});

const run = (work: () => Promise<void>) => withWorkers(world, work);
const handle = (): WorkflowHandle<typeof conversation> => env.client.workflow.getHandle(carla.workflowId);
const status = async () => (await handle().describe()).status.name;
const state = () => handle().query(stateQuery);

const pass = (ms: number) => world.pass(ms);

const sent = (count: number) =>
  waitLong(async () => (await carla.states()).filter((each) => each === 'sent').length === count, {
    what: `${count} messages sent`,
  });

it('R-CHAT-6, R-CHAT-2: a message from the person opens the chat, an answer makes it Active and is sent', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await world.told();
    expect(await state()).toMatchObject({ snapshot: { status: 'open', ownerId: null } });

    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    expect(carla.phone()).toEqual(['Good morning']);
    await waitLong(async () => (await state()).snapshot.ownerId === world.ana.id, {
      what: 'the owner to be known',
    });
    expect(await carla.chat()).toMatchObject({ status: 'active', ownerId: world.ana.id });
  });
});

it('R-CHAT-4, R-CHAT-5: Active at 23:59, Open at 24:00, Closed a day later, each written down by the timer', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    const { deadlineAt } = await carla.chat();

    await pass(deadlineAt!.getTime() - (await world.db.now()).getTime() - minute);
    expect(await carla.chat()).toMatchObject({ status: 'active', ownerId: world.ana.id });
    await pass(minute);
    await waitLong(async () => (await carla.chat()).status === 'open', { what: 'Open' });
    expect(await carla.chat()).toMatchObject({
      ownerId: null,
      deadlineAt: new Date(deadlineAt!.getTime() + dayMs),
    });

    await pass(dayMs - 2 * minute);
    expect(await carla.chat()).toMatchObject({ status: 'open' });
    await pass(2 * minute);
    await waitLong(async () => (await carla.chat()).status === 'closed', { what: 'Closed' });
    await waitLong(async () => (await status()) === 'COMPLETED', { what: 'the end of the workflow' });
  });
  await keepHistory('active-open-closed', handle());
});

it('R-CHAT-6: a message from the person extends Active without telling the workflow, whose timer finds it out', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    await world.told();
    await pass(dayMs / 2);
    await carla.writes('Are you there?');
    expect(await world.db.query('select 1 from outbox')).toEqual([]);

    await pass(dayMs / 2 + second);
    expect(await carla.chat()).toMatchObject({ status: 'active', ownerId: world.ana.id });
    await pass(dayMs / 2);
    await waitLong(async () => (await carla.chat()).status === 'open', { what: 'Open' });
  });
});

it('a message that races the timer belongs to the status that its own instant has', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    const { deadlineAt } = await carla.chat();
    // The database's clock passes the deadline before Temporal's does: the message settles the chat, not the timer.
    world.clock.advance(deadlineAt!.getTime() - (await world.db.now()).getTime());
    await carla.writes('Too late for Ana');
    const opened = await carla.chat();
    expect(opened).toMatchObject({ status: 'open', ownerId: null });
    await env.sleep(dayMs);
    expect(await carla.chat()).toEqual(opened);
    await pass(dayMs);
    await waitLong(async () => (await carla.chat()).status === 'closed', { what: 'Closed' });
  });
});

it('Close chat opens it at once, and the timer runs for Open', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    await pass(3_600_000);
    await carla.isClosedBy(world.ana);
    await waitLong(async () => (await state()).snapshot.status === 'open', {
      what: 'the workflow to know it',
    });
    await pass(dayMs);
    await waitLong(async () => (await status()) === 'COMPLETED', { what: 'the end of the workflow' });
    expect(await carla.chat()).toMatchObject({ status: 'closed' });
  });
});

it('lost, doubled and swapped pokes do not matter', async () => {
  await run(async () => {
    await carla.writes('Hello');
    await world.told();
    const before = (await state()).snapshot;
    await carla.isSent(world.ana, 'Good morning');
    await sent(1);
    await waitLong(async () => (await state()).snapshot.status === 'active', { what: 'Active' });
    const active = (await state()).snapshot;
    const ids = { organizationId: world.organizationId, conversationId: carla.conversationId };
    const doubled = { ...ids, snapshot: { ...active, pending: true } };
    await handle().signal('poke', doubled);
    await handle().signal('poke', doubled);
    await handle().signal('poke', { ...ids, snapshot: before });
    await waitLong(async () => !(await state()).gate.wanted, { what: 'the gate to be quiet' });
    expect((await state()).snapshot).toEqual(active);
    expect(carla.phone()).toEqual(['Good morning']);

    // Lost: what is committed without a poke is found when the timer rings.
    await pass(dayMs / 2);
    await carla.writes('Still there?');
    await relay.stop();
    await carla.isSent(world.ana, 'Yes');
    await world.db.query('delete from outbox');
    expect(await carla.states()).toEqual(['sent', 'queued']);
    await pass(dayMs / 2);
    await sent(2);
    expect(carla.phone()).toEqual(['Good morning', 'Yes']);
  });
});
