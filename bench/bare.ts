import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { atRate, inLanes } from './figures';

export type Bare = {
  /** Workflows per second, `callers` waiting for each. */
  rate(count: number, callers: number): Promise<number>;
  /** Milliseconds from start to result at a given load. */
  latencies(perSecond: number, seconds: number): Promise<number[]>;
  stop(): Promise<void>;
};

/** The bare baseline on the same Temporal server: start + signal + one activity, waited for. */
export async function startBare(address: string): Promise<Bare> {
  const child: ChildProcess = fork(path.join(__dirname, 'bare-worker.js'), {
    env: { ...process.env, TEMPORAL_ADDRESS: address },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [word] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
  if (word !== 'ready') throw new Error('the baseline worker ended while starting');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  let made = 0;
  const one = async () => {
    const handle = await client.workflow.signalWithStart('bare', {
      workflowId: `bench-bare-${process.pid}-${made++}`,
      taskQueue: 'bench-bare',
      signal: 'go',
    });
    await handle.result();
  };
  return {
    async rate(count, callers) {
      const started = performance.now();
      await inLanes(count, callers, one);
      return (count * 1000) / (performance.now() - started);
    },
    async latencies(perSecond, seconds) {
      const figures: number[] = [];
      await atRate(perSecond, seconds, async () => {
        const started = performance.now();
        await one();
        figures.push(performance.now() - started);
      });
      return figures;
    },
    async stop() {
      await connection.close();
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
