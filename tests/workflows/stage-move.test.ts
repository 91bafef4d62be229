import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { newId } from '../../src/data/database';
import { setQuietHours } from '../../src/data/organization/quiet-hours-setting';
import { moveApplications } from '../../src/data/actions/stage-moves';
import type { Actor } from '../../src/domain/permissions';
import { stageMoveWorkflowId } from '../../src/domain/workflow-ids';
import { timeSkippingServer } from '../support/temporal';
import { waitLong } from './wait-long';
import { withWorkers } from './fixtures';
import { eventsOf, keepHistory } from './history';
import { createWorld, dayMs, insert, type Person, type World } from './world';

jest.setTimeout(240_000);

let env: TestWorkflowEnvironment;
let world: World;

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  world.relayTo(env.client);
});
afterEach(async () => {
  await world?.close();
});

const pass = (ms: number) => world.pass(ms);

/** A vacancy whose second stage sends a template after `delaySeconds`, with candidates in its first. */
async function createVacancy({ candidates, delaySeconds }: { candidates: number; delaySeconds: number }) {
  const { db, organizationId } = world;
  const at = await db.now();
  const [vacancyId, firstStageId, stageId, templateId, moveId] = Array.from({ length: 5 }, newId);
  const { wabaId } = world.sandbox.control.account(world.phoneNumberId);
  const components = [{ type: 'BODY' as const, text: 'We would like to meet you.' }];
  world.sandbox.control.createTemplate({
    wabaId,
    name: 'meet',
    language: 'en',
    status: 'APPROVED',
    components,
  });
  await insert(db, 'templates', {
    organizationId,
    id: templateId,
    channel: 'whatsapp',
    name: 'Meet',
    language: 'en',
    status: 'approved',
    body: components[0]!.text,
    channelAccountId: world.channelAccountId,
    metaName: 'meet',
    category: 'UTILITY',
    components: JSON.stringify(components),
    parameters: '[]',
    createdAt: at,
    updatedAt: at,
  });
  await insert(db, 'vacancies', {
    organizationId,
    id: vacancyId,
    title: 'Vacancy',
    notificationEmails: [],
    createdAt: at,
    updatedAt: at,
  });
  for (const [position, id] of [firstStageId, stageId].entries())
    await insert(db, 'stages', {
      organizationId,
      id,
      vacancyId,
      name: `Stage ${position}`,
      position,
      createdAt: at,
    });
  await insert(db, 'stage_actions', {
    organizationId,
    id: newId(),
    stageId,
    position: 0,
    templateId,
    channels: ['whatsapp'],
    delaySeconds,
    createdAt: at,
  });
  const people: Person[] = [];
  const applicationIds: string[] = [];
  for (let index = 0; index < candidates; index++) {
    const person = await world.newPerson();
    const id = newId();
    await insert(db, 'applications', {
      organizationId,
      id,
      personId: person.personId,
      vacancyId,
      stageId: firstStageId,
      stageEntryId: moveId,
      createdAt: at,
      updatedAt: at,
    });
    people.push(person);
    applicationIds.push(id);
  }
  const actor: Actor = {
    organizationId,
    user: { ...world.ana, role: 'administrator' },
    apiKeyId: null,
  };
  const move = () =>
    moveApplications(db, { actor, dayMs }, { applicationIds, stageId: stageId!, runActions: true });
  return { people, move };
}

const phones = (people: Person[]) => people.flatMap((person) => person.phone());
const handleOf = (moveId: string) => env.client.workflow.getHandle(stageMoveWorkflowId(moveId));
const waits = (moveId: string) =>
  waitLong(async () => (await eventsOf(handleOf(moveId))).includes('TIMER_STARTED'), { what: 'the timer' });
const ended = (moveId: string) =>
  waitLong(async () => (await handleOf(moveId).describe()).status.name === 'COMPLETED', {
    what: 'the end of the move',
  });

it('R-AUTO-2: a move writes once to each candidate, in one workflow for all of them', async () => {
  const { people, move } = await createVacancy({ candidates: 8, delaySeconds: 0 });
  await withWorkers(world, async () => {
    const { moveId, planned } = await move();
    expect(planned).toHaveLength(8);
    await ended(moveId);
    expect(people.map((person) => person.phone())).toEqual(people.map(() => ['We would like to meet you.']));
    for (const person of people) {
      expect(await person.chat()).toMatchObject({ status: 'closed', ownerId: null });
      await expect(env.client.workflow.getHandle(person.workflowId).describe()).rejects.toThrow();
    }

    // The same poke again, as the sweep or a second relay may send it.
    const { organizationId } = world;
    await world.db.transact((tx) =>
      tx.poke({
        organizationId,
        workflowType: 'stageMove',
        workflowId: stageMoveWorkflowId(moveId),
        payload: { organizationId, moveId },
      }),
    );
    await waitLong(async () => (await world.db.query('select 1 from outbox')).length === 0, {
      what: 'its delivery',
    });
    expect(phones(people)).toHaveLength(8);
  });
});

it('an action with a delay fires at its time', async () => {
  const { people, move } = await createVacancy({ candidates: 2, delaySeconds: 7200 });
  await withWorkers(world, async () => {
    const { moveId } = await move();
    await waits(moveId);
    await pass(7_100_000);
    expect(phones(people)).toEqual([]);
    await pass(200_000);
    await ended(moveId);
    expect(phones(people)).toHaveLength(2);
    await keepHistory('move-with-delay', handleOf(moveId));
  });
});

/** Quiet hours that began an hour ago and end in `hours`, in a zone whose nights are all of one length. */
async function beQuiet({ hours }: { hours: number }) {
  const at = Math.floor(((await world.db.now()).getTime() % dayMs) / 60_000);
  await world.db.query(
    `update organizations set time_zone = 'UTC', quiet_from = $2, quiet_until = $3 where id = $1`,
    [world.organizationId, (at + 1380) % 1440, (at + hours * 60) % 1440],
  );
}

it('R-SEND-10: what is due in quiet hours waits until they end', async () => {
  const { people, move } = await createVacancy({ candidates: 2, delaySeconds: 0 });
  await beQuiet({ hours: 3 });
  await withWorkers(world, async () => {
    const { moveId, planned } = await move();
    expect(planned.map(({ quiet }) => quiet)).toEqual([true, true]);
    await waits(moveId);
    await pass(10_000_000);
    expect(phones(people)).toEqual([]);
    await pass(900_000);
    await ended(moveId);
    expect(phones(people)).toHaveLength(2);
  });
});

it('R-SEND-10: quiet hours that are taken away let what waits for their end go at once', async () => {
  const { people, move } = await createVacancy({ candidates: 2, delaySeconds: 0 });
  await beQuiet({ hours: 3 });
  await withWorkers(world, async () => {
    const { moveId } = await move();
    await waits(moveId);
    const actor: Actor = {
      organizationId: world.organizationId,
      user: { ...world.ana, role: 'administrator' },
      apiKeyId: null,
    };
    await setQuietHours(world.db, actor, { quietHours: null });
    await ended(moveId);
    expect(phones(people)).toHaveLength(2);
  });
});

it('R-SEND-10: what became due while quiet hours were set is put off as it fires', async () => {
  const { people, move } = await createVacancy({ candidates: 1, delaySeconds: 3600 });
  await withWorkers(world, async () => {
    const { moveId, planned } = await move();
    expect(planned).toMatchObject([{ quiet: false }]);
    await waits(moveId);
    await beQuiet({ hours: 3 });
    await pass(3_700_000);
    await waitLong(async () => (await world.db.query('select 1 from action_runs where quiet')).length === 1, {
      what: 'the delay',
    });
    expect(phones(people)).toEqual([]);
    await pass(7_600_000);
    await ended(moveId);
    expect(phones(people)).toHaveLength(1);
  });
});

it('a person who answers meets their conversation as the move left it', async () => {
  const { people, move } = await createVacancy({ candidates: 1, delaySeconds: 0 });
  const [carla] = people;
  await withWorkers(world, async () => {
    const { moveId } = await move();
    await ended(moveId);
    await carla!.writes('Yes, gladly');
    await waitLong(() => env.client.workflow.getHandle(carla!.workflowId).describe(), {
      what: 'the conversation',
    });
    expect(await carla!.chat()).toMatchObject({ status: 'open' });
  });
});
