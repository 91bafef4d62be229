import net from 'node:net';
import type { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { newId, type Database, type Poke } from '../../src/data/database';
import type { ChatSnapshot } from '../../src/domain/snapshot';
import { conversationWorkflowId, stageMoveWorkflowId } from '../../src/domain/workflow-ids';
import { createTemporalClient, type TemporalClient } from '../../src/temporal/client';
import { claimDueRows } from '../../src/temporal/outbox-rows';
import { localServer } from '../support/temporal';
import { waitFor } from '../support/wait';
import { createWorld, type World } from '../workflows/world';

jest.setTimeout(120_000);

let env: TestWorkflowEnvironment;
let world: World;
let db: Database;

beforeAll(async () => {
  env = await localServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  db = world.db;
});
afterEach(() => world.close());

const rows = async () => (await db.query('select 1 from outbox')).length;
const emptied = () =>
  waitFor(async () => (await rows()) === 0, { what: 'the outbox to be empty', timeoutMs: 60_000 });

function pokeOf(conversationId: string, more: Partial<ChatSnapshot> = {}): Omit<Poke, 'id'> {
  const { organizationId } = world;
  const snapshot: ChatSnapshot = {
    version: 1,
    status: 'open',
    ownerId: null,
    personId: 'p',
    deadlineAt: null,
    pending: false,
    ...more,
  };
  return {
    organizationId,
    workflowType: 'conversation',
    workflowId: conversationWorkflowId(conversationId),
    payload: { organizationId, conversationId, snapshot },
  };
}

const commitPoke = (conversationId: string) => db.transact((tx) => tx.poke(pokeOf(conversationId)));

async function signalsOf(client: Client, conversationId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(conversationWorkflowId(conversationId)).fetchHistory();
  return events!.filter((event) => event.workflowExecutionSignaledEventAttributes).length;
}

const makeDue = () => world.clock.advance(6000);
/** Nothing is tried again by itself, however slow the machine is. */
const putOff = () => world.clock.advance(-120_000);

it('delivers right after the commit and deletes the row', async () => {
  world.relayTo(env.client);
  const conversationId = newId();
  await commitPoke(conversationId);
  putOff();
  await emptied();
  expect(await signalsOf(env.client, conversationId)).toBe(1);
  const { memo, typedSearchAttributes } = await env.client.workflow
    .getHandle(conversationWorkflowId(conversationId))
    .describe();
  expect(memo).toEqual({ link: `http://parley.test/inbox/${conversationId}` });
  expect(JSON.stringify(typedSearchAttributes)).toContain(world.organizationId);
});

it('makes one signal of the pokes that wait at once', async () => {
  world.relayTo(env.client);
  const conversationId = newId();
  await db.transact(async (tx) => {
    for (let version = 1; version <= 40; version++) await tx.poke(pokeOf(conversationId, { version }));
  });
  putOff();
  await emptied();
  expect(await signalsOf(env.client, conversationId)).toBe(1);
});

it('works off a backlog at a bounded rate', async () => {
  for (let row = 0; row < 100; row++) await commitPoke(newId());
  makeDue();
  const started = performance.now();
  world.relayTo(env.client);
  await emptied();
  expect(performance.now() - started).toBeGreaterThan(1500);
});

it('a rolled back transaction tells nobody', async () => {
  world.relayTo(env.client);
  const conversationId = newId();
  await expect(
    db.transact(async (tx) => {
      await tx.poke({
        organizationId: world.organizationId,
        workflowType: 'conversation',
        workflowId: conversationWorkflowId(conversationId),
        payload: {},
      });
      throw new Error('undone');
    }),
  ).rejects.toThrow('undone');
  expect(await rows()).toBe(0);
  await expect(signalsOf(env.client, conversationId)).rejects.toThrow();
});

it('delivers again what another process left behind, after five seconds', async () => {
  const conversationId = newId();
  await commitPoke(conversationId);
  putOff();
  const relay = world.relayTo(env.client);
  expect(await rows()).toBe(1);
  world.clock.advance(120_000);
  makeDue();
  await emptied();
  expect(await signalsOf(env.client, conversationId)).toBe(1);
  expect(relay.health()).toMatchObject({ temporal: 'up', waiting: 0 });
});

it('two relays never claim the same row', async () => {
  for (let row = 0; row < 60; row++) await commitPoke(newId());
  makeDue();
  const claims = await Promise.all(Array.from({ length: 4 }, () => claimDueRows(db, 20)));
  const claimed = claims.flat().flatMap((delivery) => delivery.rowIds);
  expect(claimed).toHaveLength(60);
  expect(new Set(claimed).size).toBe(60);
  expect(await claimDueRows(db, 20)).toEqual([]);
});

it('a move that was started before counts as delivered', async () => {
  world.relayTo(env.client);
  const moveId = newId();
  const { organizationId } = world;
  const payload = { organizationId, moveId };
  for (let time = 0; time < 2; time++) {
    await db.transact((tx) =>
      tx.poke({
        organizationId,
        workflowType: 'stageMove',
        workflowId: stageMoveWorkflowId(moveId),
        payload,
      }),
    );
    await emptied();
  }
});

it('a delivery that Temporal refuses does not hold up the others', async () => {
  const relay = world.relayTo(env.client);
  const { organizationId } = world;
  await db.transact((tx) =>
    tx.poke({
      organizationId,
      workflowType: 'conversation',
      workflowId: 'x'.repeat(2000),
      payload: { snapshot: {} },
    }),
  );
  const conversationId = newId();
  await commitPoke(conversationId);
  putOff();
  await waitFor(async () => (await rows()) === 1, { what: 'the good one to be delivered' });
  expect(await signalsOf(env.client, conversationId)).toBe(1);
  expect(relay.health().temporal).toBe('up');
});

describe('while Temporal is away', () => {
  let away: TemporalClient;
  let frozen: net.Server | undefined;
  const sockets: net.Socket[] = [];

  afterEach(async () => {
    await away.close();
    for (const socket of sockets.splice(0)) socket.destroy();
    await new Promise((resolve) => (frozen ? frozen.close(resolve) : resolve(undefined)));
    frozen = undefined;
  });

  const connect = (port: number) =>
    createTemporalClient({
      address: `127.0.0.1:${port}`,
      namespace: 'default',
      apiKey: undefined,
      tlsCertFile: undefined,
      tlsKeyFile: undefined,
      uiUrl: undefined,
    });

  it('refused: commits are as fast as ever, the breaker opens, and all is delivered when it is back', async () => {
    away = connect(1);
    const relay = world.relayTo(away.client);
    const conversationIds = Array.from({ length: 12 }, newId);
    for (const conversationId of conversationIds) await commitPoke(conversationId);
    await waitFor(() => relay.health().temporal === 'down', { what: 'the breaker to open' });
    expect(await rows()).toBe(12);
    await relay.stop();

    // 30 hours later.
    world.clock.advance(30 * 3_600_000);
    world.relayTo(env.client);
    await emptied();
    for (const conversationId of conversationIds) expect(await signalsOf(env.client, conversationId)).toBe(1);
  });

  it('frozen: nobody waits for it, and each call ends after two seconds', async () => {
    frozen = net.createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => frozen!.listen(0, '127.0.0.1', resolve));
    away = connect((frozen.address() as net.AddressInfo).port);
    const relay = world.relayTo(away.client);
    await commitPoke(newId());
    // One that waited for its call would go on only after that has ended.
    expect(relay.health()).toMatchObject({ waiting: 1, lastFault: undefined });
    for (let poke = 1; poke < 5; poke++) await commitPoke(newId());
    await waitFor(() => relay.health().temporal === 'down', { what: 'the breaker to open' });
    await waitFor(() => relay.health().waiting === 0, { what: 'the calls to end' });
    expect(relay.health().lastFault).toBe('DEADLINE_EXCEEDED');
    expect(await rows()).toBe(5);
  });
});
