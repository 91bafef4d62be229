import { createTemporalClient } from '../../src/temporal/client';
import { stateQuery } from '../../workflows/messages';
import { timeSkippingServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { createWorld, dayMs } from './world';

jest.setTimeout(240_000);

const hour = 3_600_000;

it('Temporal down for 30 hours: commands go on, statuses are right without it, sends follow when it is back', async () => {
  const env = await timeSkippingServer();
  const world = await createWorld(env);
  const nowhere = createTemporalClient({
    address: '127.0.0.1:1',
    namespace: 'default',
    apiKey: undefined,
    tlsCertFile: undefined,
    tlsKeyFile: undefined,
    uiUrl: undefined,
  });
  const pass = (ms: number) => world.pass(ms);
  try {
    const down = world.relayTo(nowhere.client);
    const [carla, dora] = [await world.newPerson(), await world.newPerson()];
    const handleOf = (person: typeof carla) => env.client.workflow.getHandle(person.workflowId);

    await carla.writes('Hello');
    await carla.isSent(world.ana, 'sent in the outage');
    await dora.writes('Hello');
    await pass(dayMs);
    // Ana's chat has run out at its time, though nobody wrote it down: Ben may start one.
    await carla.writes('Anybody?');
    await carla.isSent(world.ben, 'sent by Ben');
    await pass(6 * hour);
    expect(await carla.states()).toEqual(['queued', 'queued']);
    expect(await carla.chat()).toMatchObject({ status: 'active', ownerId: world.ben.id });
    await down.stop();
    // what it has tried last is due again
    await pass(300_000);

    world.relayTo(env.client);
    await withWorkers(world, async () => {
      await waitLong(() => carla.phone().length === 2, { what: 'both messages on the phone' });
      expect(carla.phone()).toEqual(['sent in the outage', 'sent by Ben']);
      // the last of them extends the deadline once the provider's answer is written down
      await waitLong(async () => (await carla.states()).every((state) => state === 'sent'), {
        what: 'all sent',
      });
      await waitLong(async () => (await dora.chat()).status === 'closed', { what: 'the chat that ran out' });
      await waitLong(async () => (await handleOf(dora).describe()).status.name === 'COMPLETED', {
        what: 'its end',
      });

      const { deadlineAt } = await carla.chat();
      expect((await handleOf(carla).query(stateQuery)).snapshot).toMatchObject({ ownerId: world.ben.id });
      await pass(deadlineAt!.getTime() - (await world.db.now()).getTime());
      await waitLong(async () => (await carla.chat()).status === 'open', { what: 'Open' });
    });
  } finally {
    await world.close();
    await nowhere.close();
    await env.teardown();
  }
});
