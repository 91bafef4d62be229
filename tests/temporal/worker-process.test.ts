import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { portsFor } from '../support/ports';
import { localServer } from '../support/temporal';
import { waitLong } from '../workflows/wait-long';
import { createWorld, type Person, type World } from '../workflows/world';

jest.setTimeout(300_000);

const program = path.resolve(__dirname, '../../dist/src/worker.js');

let env: TestWorkflowEnvironment;
let world: World;
let carla: Person;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  env = await localServer();
});
afterAll(() => env?.teardown());
beforeEach(async () => {
  world = await createWorld(env);
  carla = await world.newPerson();
});
afterEach(async () => {
  for (const child of processes.splice(0)) await kill(child, 'SIGKILL');
  await world?.close();
});

/** `said`: its first log line has come. */
type Worker = { child: ChildProcess; ready(): Promise<boolean>; said(): boolean };

async function startWorker(environment: Record<string, string> = {}): Promise<Worker> {
  const { port } = await portsFor(['port']);
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...world.environment, PARLEY_WORKER_PORT: String(port), ...environment },
  });
  processes.push(child);
  let said = false;
  child.stdout.on('data', () => (said = true));
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  return { child, ready, said: () => said };
}

async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
  return child.exitCode;
}

const states = (...expected: string[]) =>
  waitLong(async () => (await carla.states()).join() === expected.join(), { what: expected.join() });

it('sends what is committed elsewhere, and drains on SIGTERM', async () => {
  const worker = await startWorker();
  await waitLong(worker.ready, { what: 'the worker to be ready' });
  // Committed by a process without a relay: the worker's finds the rows.
  await carla.writes('Hello');
  await carla.isSent(world.ana, 'one');
  await states('sent');
  expect(carla.phone()).toEqual(['one']);

  // one that has not drained within its time ends with another code
  expect(await kill(worker.child, 'SIGTERM')).toBe(0);
});

it('keeps trying while Temporal and PostgreSQL are down at its start, and SIGTERM still ends it', async () => {
  const withoutTemporal = await startWorker({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  const withoutDatabase = await startWorker({
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing',
    LOG_LEVEL: 'info',
  });
  await waitLong(async () => !(await withoutTemporal.ready()), { what: 'its health to say so' });
  await waitLong(withoutDatabase.said, { what: 'the other to say that the database is away' });
  expect(withoutDatabase.child.exitCode).toBeNull();
  expect(await kill(withoutTemporal.child, 'SIGTERM')).toBe(0);
  expect(await kill(withoutDatabase.child, 'SIGTERM')).toBe(0);
});

it('killed during a send: the next worker takes over, that message is unknown and never sent twice', async () => {
  const first = await startWorker();
  await waitLong(first.ready, { what: 'the worker to be ready' });
  await carla.writes('Hello');
  world.sandbox.control.misbehave(carla.waId, { neverAnswer: 1 });
  await carla.isSent(world.ana, 'one');
  // The provider has it, and does not answer: killed before, the silence would fall on the next message.
  await waitLong(() => carla.phone().includes('one'), { what: 'the provider to have it' });
  expect(await carla.states()).toEqual(['dispatching']);
  await kill(first.child, 'SIGKILL');

  const second = await startWorker();
  await waitLong(second.ready, { what: 'the second worker to be ready' });
  await carla.isSent(world.ana, 'two');
  // A dead worker is noticed after its heartbeats and its call's deadline: half a minute on an idle machine.
  await waitLong(async () => (await carla.states()).join() === 'unknown,sent', {
    what: 'unknown, sent',
    timeoutMs: 150_000,
  });
  expect(carla.phone().filter((text) => text === 'one')).toHaveLength(1);
  expect(carla.phone().filter((text) => text === 'two')).toHaveLength(1);
});
