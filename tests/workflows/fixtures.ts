import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Worker, type WorkflowBundlePath } from '@temporalio/worker';
import { createFailureInterceptor } from '../../activities/interceptors';
import { createLogger } from '../../src/logger';
import { taskQueues } from '../../src/temporal/task-queues';
import '../support/quiet-temporal';
import type { World } from './world';

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

/** Both task queues served until `work` has ended and nothing of it is under way. */
export async function withWorkers<T>(
  { env, activities, settled }: Pick<World, 'env' | 'activities' | 'settled'>,
  work: () => Promise<T>,
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
      }),
    ),
  );
  const workAndRest = async () => {
    const result = await work();
    await settled();
    return result;
  };
  const [first, ...rest] = workers;
  return rest.reduce<() => Promise<T>>(
    (inner, worker) => () => worker.runUntil(inner()),
    () => first!.runUntil(workAndRest()),
  )();
}
