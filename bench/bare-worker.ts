import path from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

void main();

/** The baseline's worker: a process of its own, with an activity that does nothing. */
async function main(): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS! });
  const worker = await Worker.create({
    connection,
    taskQueue: 'bench-bare',
    workflowsPath: path.join(__dirname, 'bare-workflow.js'),
    activities: { work: async () => undefined },
    maxCachedWorkflows: 2000,
  });
  process.once('SIGTERM', () => worker.shutdown());
  process.send?.('ready');
  await worker.run();
  await connection.close();
}
