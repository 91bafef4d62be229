import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openProcessBook } from '../../src/local/process-book';
import { exists } from '../../src/local/processes';
import { openStateFolder } from '../../src/local/state-folder';
import { createTemporaryFolder } from '../support/temporary-folder';

describe('the process book', () => {
  const temporary = createTemporaryFolder();
  const state = openStateFolder(temporary.path);
  afterAll(() => temporary.remove());

  it('lets the next start end what a killed one left behind', async () => {
    const orphan = await sleeper();
    openProcessBook(state).add('worker', orphan.pid!);
    await expect(openProcessBook(state).endAll()).resolves.toEqual(['worker']);
    expect(exists(orphan.pid!)).toBe(false);
    await expect(openProcessBook(state).endAll()).resolves.toEqual([]);
  });

  it('spares a stranger who was given the id of a process long gone', async () => {
    const stranger = await sleeper();
    state.write('processes', { api: { pid: stranger.pid, startedAt: '1' } });
    await expect(openProcessBook(state).endAll()).resolves.toEqual([]);
    expect(exists(stranger.pid!)).toBe(true);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  async function sleeper() {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    return child;
  }
});
