import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import type { Activities } from '../../activities';
import { createFailureInterceptor } from '../../activities/interceptors';
import { createLogger } from '../../src/logger';
import { taskQueues } from '../../src/temporal/task-queues';
import { quietLogger } from '../support/quiet-logger';
import '../support/quiet-temporal';

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;

/** The workflows as they stand, bundled once for a test file. */
export function workflowBundle(): Promise<WorkflowBundleWithSourceMap> {
  const workflowsPath = path.resolve(__dirname, '../../workflows/index.ts');
  bundle ??= bundleWorkflowCode({ workflowsPath, logger: quietLogger });
  return bundle;
}

/** Both task queues served until `work` has ended. */
export async function withWorkers<T>(
  env: TestWorkflowEnvironment,
  activities: Activities,
  work: () => Promise<T>,
  options: { maxCachedWorkflows?: number } = {},
): Promise<T> {
  const workers = await Promise.all(
    Object.values(taskQueues).map(async (taskQueue) =>
      Worker.create({
        connection: env.nativeConnection,
        taskQueue,
        ...(taskQueue === taskQueues.interactive ? { workflowBundle: await workflowBundle() } : {}),
        activities,
        interceptors: {
          activity: [() => ({ inbound: createFailureInterceptor(createLogger('test', 'silent')) })],
        },
        ...options,
      }),
    ),
  );
  const [first, ...rest] = workers;
  return rest.reduce<() => Promise<T>>(
    (inner, worker) => () => worker.runUntil(inner()),
    () => first!.runUntil(work()),
  )();
}
