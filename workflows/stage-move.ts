import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import type { StageMoveInput } from './messages';

const { runStageMove } = proxyActivities<Activities>(batchOptions);

/** Another worker may hold what is due: it is not asked for in a tight loop. */
const leastWaitMs = 1000;

/** All automatic actions of one move of 1…n applications (R-AUTO-2). */
export async function stageMove(input: StageMoveInput): Promise<void> {
  for (;;) {
    const { nextDueAt } = await runStageMove(input);
    if (nextDueAt === null) return;
    setCurrentDetails(`The next automatic action is due at ${nextDueAt}.`);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof stageMove>(input);
    await sleep(Math.max(Date.parse(nextDueAt) - Date.now(), leastWaitMs), {
      summary: 'The next automatic action is due',
    });
  }
}
