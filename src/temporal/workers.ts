import { existsSync } from 'node:fs';
import path from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Activities } from '../../activities';
import type { MailActivities } from '../../activities/mail';
import { createFailureInterceptor } from '../../activities/interceptors';
import type { Config } from '../config';
import type { Logger } from '../logger';
import { connectionOptions } from './client';
import { taskQueues } from './task-queues';

/** Memory follows the cached workflows; a cache smaller than the number of busy conversations halves the rate. */
const interactive: Partial<WorkerOptions> = {
  maxCachedWorkflows: 2000,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxConcurrentActivityTaskExecutions: 60,
};

const bulk: Partial<WorkerOptions> = {
  maxConcurrentActivityTaskExecutions: 4,
  maxConcurrentActivityTaskPolls: 2,
};

/** Each is a turn at one endpoint; they mostly wait for its answers. */
const webhooks: Partial<WorkerOptions> = {
  maxConcurrentActivityTaskExecutions: 10,
  maxConcurrentActivityTaskPolls: 1,
};

/** Each reads one mailbox, and may hold a large mail in memory. */
const mail: Partial<WorkerOptions> = {
  maxConcurrentActivityTaskExecutions: 10,
  maxConcurrentActivityTaskPolls: 1,
};

/**
 * Serves all task queues until `stopping`, then takes no new work and gives what is under way `drainMs`. Rejects when Temporal
 * cannot be reached at the start, or a worker cannot go on; an outage in between is waited out.
 */
export async function runWorkers({
  config,
  activities,
  logger,
  stopping,
  drainMs,
  onRunning,
}: {
  config: Config['temporal'];
  activities: Activities;
  logger: Logger;
  stopping: AbortSignal;
  drainMs: number;
  onRunning: () => void;
}): Promise<void> {
  const connection = await NativeConnection.connect(connectionOptions(config));
  try {
    const common: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace: config.namespace,
      activities,
      interceptors: { activity: [() => ({ inbound: createFailureInterceptor(logger) })] },
      shutdownForceTime: drainMs,
    };
    const workers = [
      await Worker.create({
        ...common,
        ...interactive,
        ...workflowSource(),
        taskQueue: taskQueues.interactive,
      }),
      await Worker.create({ ...common, ...bulk, taskQueue: taskQueues.bulk }),
      await Worker.create({ ...common, ...webhooks, taskQueue: taskQueues.webhooks }),
    ];
    onRunning();
    await runUntil(workers, stopping);
  } finally {
    await connection.close();
  }
}

/** The same for the mail process, which reads mailboxes and runs no workflows. */
export async function runMailWorker({
  config,
  activities,
  logger,
  stopping,
  drainMs,
}: {
  config: Config['temporal'];
  activities: MailActivities;
  logger: Logger;
  stopping: AbortSignal;
  drainMs: number;
}): Promise<void> {
  const connection = await NativeConnection.connect(connectionOptions(config));
  try {
    const worker = await Worker.create({
      connection,
      namespace: config.namespace,
      activities,
      interceptors: { activity: [() => ({ inbound: createFailureInterceptor(logger) })] },
      shutdownForceTime: drainMs,
      ...mail,
      taskQueue: taskQueues.mail,
    });
    await runUntil([worker], stopping);
  } finally {
    await connection.close();
  }
}

/** One that stops takes the others with it. */
async function runUntil(workers: Worker[], stopping: AbortSignal): Promise<void> {
  const oneEnded = new AbortController();
  const end = aborted(AbortSignal.any([stopping, oneEnded.signal]));
  const runs = workers.map((worker) => worker.runUntil(end).finally(() => oneEnded.abort()));
  for (const run of await Promise.allSettled(runs)) if (run.status === 'rejected') throw run.reason;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The bundle made by the build; run from the sources, the SDK bundles them itself. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const root = path.resolve(__dirname, '../..');
  const codePath = path.join(root, 'workflow-bundle.js');
  return existsSync(codePath)
    ? { workflowBundle: { codePath } }
    : { workflowsPath: path.join(root, 'workflows/index') };
}
