import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { searchAttributes } from '../../src/temporal/search-attributes';
import { stateQuery } from '../../workflows/messages';
import { localServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { keepHistory } from './history';
import { createWorld, type World } from './world';

jest.setTimeout(240_000);

/** On the real server, which suggests a new run after 40 events. */
let env: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  env = await localServer({
    extraArgs: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40'],
  });
});
afterAll(() => env?.teardown());
const begin = async (dayMs?: number) => {
  world = await createWorld(env, dayMs === undefined ? {} : { dayMs });
  world.relayTo(env.client);
};
afterEach(async () => {
  await world?.close();
});

it('continues as new in the middle of a chat: every message once and in order, the status runs out at its time', async () => {
  // R-CHAT-15
  const dayMs = 12_000;
  await begin(dayMs);
  const carla = await world.newPerson();
  const handle = env.client.workflow.getHandle(carla.workflowId);
  await withWorkers(world, async () => {
    await carla.writes('Hello');
    const texts = Array.from({ length: 12 }, (_, index) => `message ${index + 1}`);
    const { runId } = await waitLong(() => handle.describe(), { what: 'the workflow' });
    for (const text of texts) {
      // which opens the window of such a short day anew, and tells the workflow nothing
      await carla.writes('Yes?');
      await carla.isSent(world.ana, text);
      await waitLong(() => carla.phone().includes(text), { what: text });
    }
    expect(carla.phone()).toEqual(texts);
    // The last of them extends the deadline once the provider's answer is written down.
    await waitLong(async () => (await carla.states()).every((state) => state === 'sent'), {
      what: 'all sent',
    });

    const later = await handle.describe();
    expect(later.runId).not.toBe(runId);
    expect(later.status.name).toBe('RUNNING');
    expect(later.memo).toEqual({ link: `http://parley.test/inbox/${carla.conversationId}` });
    expect(later.typedSearchAttributes.get(searchAttributes.owner)).toBe(world.ana.id);
    expect(later.typedSearchAttributes.get(searchAttributes.organization)).toBe(world.organizationId);
    expect((await handle.query(stateQuery)).snapshot).toMatchObject({
      status: 'active',
      ownerId: world.ana.id,
    });

    const { deadlineAt } = await carla.chat();
    await waitLong(async () => (await carla.chat()).status === 'open', {
      what: 'Open',
      timeoutMs: 3 * dayMs,
    });
    expect(await carla.chat()).toMatchObject({ deadlineAt: new Date(deadlineAt!.getTime() + dayMs) });
    await waitLong(async () => (await handle.describe()).status.name === 'COMPLETED', {
      what: 'the end',
      timeoutMs: 3 * dayMs,
    });
    expect(await carla.chat()).toMatchObject({ status: 'closed' });
  });
  await keepHistory('continued-as-new', env.client.workflow.getHandle(carla.workflowId));
});

it('operators find the conversation by its search attributes and read where it stands', async () => {
  await begin();
  const carla = await world.newPerson();
  await withWorkers(world, async () => {
    await carla.writes('Hello');
    await carla.isSent(world.ana, 'Good morning');
    const query = `ParleyOwner = '${world.ana.id}' and ParleyChatStatus = 'active' and ParleyPerson = '${carla.personId}'`;
    await waitLong(async () => (await env.client.workflow.count(query)).count === 1, {
      what: 'it to be listed',
    });
    const { currentDetails } = await env.client.workflow
      .getHandle(carla.workflowId)
      .query<{ currentDetails: string }>('__temporal_workflow_metadata');
    expect(currentDetails).toContain('**Active**');
    expect(currentDetails).toContain(`/inbox/${carla.conversationId}`);
    const told = JSON.stringify(await env.client.workflow.getHandle(carla.workflowId).fetchHistory());
    for (const personal of ['Good morning', 'Hello', 'Carla', carla.waId])
      expect(told).not.toContain(personal);
  });
});
