import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkflowBundlePath } from '@temporalio/worker';
import type { Activities } from '../../activities';
import { createFailureInterceptor } from '../../activities/interceptors';
import { createLogger } from '../../src/logger';
import { taskQueues } from '../../src/temporal/task-queues';
import '../support/quiet-temporal';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);
let bundle: Promise<WorkflowBundlePath> | undefined;

/** The workflows as they stand; `npm test` has bundled them unless they were changed since. */
export function workflowBundle(): Promise<WorkflowBundlePath> {
  bundle ??= run(process.execPath, [path.join(root, 'scripts/build.mjs'), '--workflows-only']).then(() => ({
    codePath: path.join(root, 'dist/workflow-bundle.js'),
  }));
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
