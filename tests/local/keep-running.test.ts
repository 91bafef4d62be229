import { keepRunning } from '../../src/local/keep-running';
import { waitFor } from '../support/wait';

describe('keepRunning', () => {
  it('starts a part that ends again, after pauses that double', async () => {
    const { part, starts, end, said } = await begin();
    end();
    await waitFor(() => starts.length === 2, { what: 'the first restart' });
    end();
    await waitFor(() => said.filter((line) => line === 'api runs again').length === 2, {
      what: 'the second restart',
    });
    expect(said).toEqual([
      'api was ended by SIGKILL; starting it again in 0.02 s',
      'api runs again',
      'api was ended by SIGKILL; starting it again in 0.04 s',
      'api runs again',
    ]);
    await part.stop();
  });

  it('tries on when a restart fails', async () => {
    const { part, starts, end, said, failNext } = await begin();
    failNext();
    end();
    await waitFor(() => starts.length === 3, { what: 'the start after the failed one' });
    expect(said).toContain('api does not start (no room); starting it again in 0.04 s');
    await part.stop();
  });

  it('ends a part once it is stopped, also while it waits to start it again', async () => {
    const { part, starts, stops, end } = await begin();
    await part.stop();
    expect(stops).toEqual([1]);

    const waiting = await begin({ firstPauseMs: 60_000 });
    waiting.end();
    await waiting.part.stop();
    expect(waiting.starts).toEqual([1]);
    end();
    expect(starts).toEqual([1]);
  });

  it('leaves it to its caller when the first start fails', async () => {
    const start = () => Promise.reject(new Error('no room'));
    await expect(keepRunning({ name: 'api', start, say: () => undefined })).rejects.toThrow('no room');
  });

  async function begin(options: { firstPauseMs?: number } = {}) {
    const starts: number[] = [];
    const stops: number[] = [];
    const said: string[] = [];
    let end: (how: string) => void = () => undefined;
    let failing = false;
    const part = await keepRunning({
      name: 'api',
      say: (line) => said.push(line),
      firstPauseMs: 20,
      ...options,
      start: async (onExit) => {
        const number = starts.push(starts.length + 1);
        if (failing) {
          failing = false;
          throw new Error('no room');
        }
        end = onExit;
        return { stop: async () => void stops.push(number) };
      },
    });
    return {
      part,
      starts,
      stops,
      said,
      end: () => end('was ended by SIGKILL'),
      failNext: () => void (failing = true),
    };
  }
});
