import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { findPostgres } from '../../src/local/postgres';
import { openProcessBook } from '../../src/local/process-book';
import { commandOf, exists, type ProcessMark } from '../../src/local/processes';
import { openStateFolder } from '../../src/local/state-folder';
import { freePorts, startParley, startTimeoutMs, type Start } from '../support/start';
import { createTemporaryFolder } from '../support/temporary-folder';
import { waitFor } from '../support/wait';

jest.setTimeout(3 * startTimeoutMs);

describe('npm start', () => {
  const temporary = createTemporaryFolder();
  const dataFolder = path.join(temporary.path, 'data');
  let env: NodeJS.ProcessEnv;
  let current: Start;

  beforeAll(async () => {
    env = { ...process.env, PARLEY_DATA_DIR: dataFolder, PARLEY_DEMO: 'off', ...(await freePorts()) };
    delete env.npm_lifecycle_event;
    current = start();
    await current.says('Parley runs');
  });

  afterAll(async () => {
    current.child.kill('SIGKILL');
    await openProcessBook(openStateFolder(dataFolder)).endAll();
    await findPostgres(path.join(dataFolder, 'postgres'))?.stop();
    temporary.remove();
  });

  it('tells the addresses, at which the parts answer', async () => {
    const inbox = /Inbox +(\S+)/.exec(current.output())?.[1];
    expect(inbox).toBe(`http://localhost:${env.PORT}`);
    const answer = await fetch(`${inbox}/readyz`);
    expect(answer.status).toBe(200);
  });

  it('refuses a second start on the same data, and says the remedy', async () => {
    const second = start();
    await expect(second.ends()).resolves.toBe(1);
    expect(second.output()).toContain(`Parley already runs on ${dataFolder} (process ${current.child.pid}).`);
    expect(second.output()).toContain('set PARLEY_DATA_DIR to another folder');
  });

  it.each(['worker', 'api', 'temporal'])('starts %s again after kill -9', async (name) => {
    const before = pidOf(name);
    process.kill(before, 'SIGKILL');
    await current.says(
      new RegExp(`${name} was ended by SIGKILL; starting it again in [^]*${name} runs again\n`, 'i'),
    );
    current.forget();
    expect(pidOf(name)).not.toBe(before);
  });

  it('starts PostgreSQL again after kill -9, and the api goes on with it', async () => {
    process.kill(findPostgres(path.join(dataFolder, 'postgres'))!.pid, 'SIGKILL');
    await current.says('PostgreSQL runs again');
    const ready = async () => (await fetch(`http://localhost:${env.PORT}/readyz`)).ok;
    await waitFor(ready, { what: 'the api to be ready again', timeoutMs: startTimeoutMs });
  });

  it('after its own kill -9 the next start stops what was left behind, and runs on the same ports', async () => {
    const orphans = ['sandbox', 'temporal', 'api', 'worker'].map(pidOf);
    current.child.kill('SIGKILL');
    await once(current.child, 'exit');
    expect(orphans.map(exists)).toEqual([true, true, true, true]);

    current = start();
    await current.says('Parley runs');
    expect(orphans.map(exists)).toEqual([false, false, false, false]);
    expect(current.output()).toMatch(/stopped what a killed start had left behind: .*worker/);
    expect(current.output()).toContain(`Inbox      http://localhost:${env.PORT}\n`);
  });

  it('stops everything in order at Ctrl-C, which may arrive twice', async () => {
    current.forget();
    current.child.kill('SIGINT');
    current.child.kill('SIGINT');
    await expect(current.ends()).resolves.toBe(0);
    expect(current.output().match(/^\w+ stopped$/gm)).toEqual([
      'api stopped',
      'mail stopped',
      'worker stopped',
      'sandbox stopped',
      'Temporal stopped',
      'PostgreSQL stopped',
    ]);
    expect(processesOf(dataFolder)).toEqual([]);
  });

  it('names the fault of a configuration that cannot be used', async () => {
    const wrong = start({ PARLEY_DAY: 'soon' });
    await expect(wrong.ends()).resolves.toBe(1);
    expect(wrong.output()).toContain('PARLEY_DAY must be a duration such as 24h, 2m or 90s');
    expect(processesOf(dataFolder)).toEqual([]);
  });

  const start = (more: NodeJS.ProcessEnv = {}): Start => startParley({ ...env, ...more });

  function pidOf(name: string): number {
    const marks = openStateFolder(dataFolder).read<Record<string, ProcessMark>>('processes');
    return marks![name]!.pid;
  }
});

/** The commands of all processes that name the folder or were given it. */
function processesOf(folder: string): string[] {
  const pids = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => namesFolder(Number(pid), folder)).map((pid) => commandOf(Number(pid)));
}

function namesFolder(pid: number, folder: string): boolean {
  if (pid === process.pid) return false;
  try {
    return (commandOf(pid) + fs.readFileSync(`/proc/${pid}/environ`, 'utf8')).includes(folder);
  } catch {
    return false;
  }
}
