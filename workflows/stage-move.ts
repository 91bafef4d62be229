import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import type { StageMoveInput } from './messages';

const { runStageMove } = proxyActivities<Activities>(batchOptions);

/** All automatic actions of one move of 1…n applications, in batches (R-AUTO-2). */
export async function stageMove(input: StageMoveInput): Promise<void> {
  let before = Infinity;
  for (;;) {
    const { remaining } = await runStageMove(input);
    if (remaining === 0) return;
    setCurrentDetails(`${remaining} automatic actions are still to be run.`);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof stageMove>(input);
    // Another worker may hold the rest: look again after its batch.
    if (remaining >= before) await sleep('5s');
    before = remaining;
  }
}
