import { stateQuery } from '../../workflows/messages';
import { timeSkippingServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { billableActions, eventsOf, keepHistory, tooManySignals } from './history';
import { createWorld, dayMs } from './world';

jest.setTimeout(240_000);

it('five messages in and five out, counted to Closed: at most 25 billable actions and 10.5 events a message', async () => {
  const env = await timeSkippingServer();
  const world = await createWorld(env);
  try {
    world.relayTo(env.client);
    const carla = await world.newPerson();
    const handle = env.client.workflow.getHandle(carla.workflowId);
    const pass = (ms: number) => world.pass(ms);
    await withWorkers(world, async () => {
      for (let turn = 1; turn <= 5; turn++) {
        await carla.writes(`question ${turn}`);
        await carla.isSent(world.ana, `answer ${turn}`);
        await waitLong(() => carla.phone().length === turn, { what: `answer ${turn} on the phone` });
        await waitLong(async () => !(await handle.query(stateQuery)).gate.pending, {
          what: 'the turn to end',
        });
        await world.told();
        await pass(600_000);
      }
      await pass(dayMs);
      await waitLong(async () => (await carla.chat()).status === 'open', { what: 'Open' });
      await pass(dayMs);
      await waitLong(async () => (await handle.describe()).status.name === 'COMPLETED', { what: 'the end' });
    });
    const events = await eventsOf(handle);
    expect(carla.phone()).toHaveLength(5);
    // Their first message and each answer wake it; one that comes twice costs itself and a look.
    const twice = tooManySignals(events, 6);
    expect(billableActions(events) - 2 * twice).toBeLessThanOrEqual(25);
    expect((events.length - 8 * twice) / 10).toBeLessThanOrEqual(10.5);
    await keepHistory('chat-to-closed', handle);
  } finally {
    await world.close();
    await env.teardown();
  }
});
