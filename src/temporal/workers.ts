import { existsSync } from 'node:fs';
import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../../activities';
import { createFailureInterceptor } from '../../activities/interceptors';
import type { Config } from '../config';
import type { Logger } from '../logger';
import { connectionOptions } from './client';
import { taskQueues } from './task-queues';

export type Workers = {
  /** Resolves when the workers have stopped; rejects when they cannot go on. */
  run(): Promise<void>;
  /** Takes no new work; what is under way has eight seconds. */
  shutdown(): void;
};

/** Memory follows the cached workflows; a cache smaller than the number of busy conversations halves the rate. */
const interactive: Partial<WorkerOptions> = {
  maxCachedWorkflows: 2000,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 60,
};

const bulk: Partial<WorkerOptions> = {
  maxCachedWorkflows: 50,
  maxConcurrentWorkflowTaskExecutions: 4,
  maxConcurrentWorkflowTaskPolls: 2,
  maxConcurrentActivityTaskExecutions: 4,
  maxConcurrentActivityTaskPolls: 2,
};

export async function createWorkers(
  config: Config['temporal'],
  activities: Activities,
  logger: Logger,
): Promise<Workers> {
  const connection = await NativeConnection.connect(connectionOptions(config));
  try {
    const common: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace: config.namespace,
      ...workflowSource(),
      activities,
      interceptors: { activity: [() => ({ inbound: createFailureInterceptor(logger) })] },
      shutdownGraceTime: '8s',
      shutdownForceTime: '9s',
    };
    const workers = [
      await Worker.create({ ...common, ...interactive, taskQueue: taskQueues.interactive }),
      await Worker.create({ ...common, ...bulk, taskQueue: taskQueues.bulk }),
    ];
    const shutdown = () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    return { run: () => runAll(workers, shutdown).finally(() => connection.close()), shutdown };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** One that stops takes the others with it. */
async function runAll(workers: Worker[], shutdown: () => void): Promise<void> {
  const runs = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutdown)));
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
}

/** The bundle made by the build; run from the sources, the SDK bundles them itself. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const root = path.resolve(__dirname, '../..');
  const codePath = path.join(root, 'workflow-bundle.js');
  return existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: path.join(root, 'workflows/index') };
}
