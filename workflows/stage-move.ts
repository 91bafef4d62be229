import { continueAsNew, proxyActivities, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import type { StageMoveInput } from './messages';

const { runStageMove } = proxyActivities<Activities>(batchOptions);

/** While another worker holds what is due: look again after its batch. */
const heldMs = 5_000;

/** All automatic actions of one move of 1…n applications (R-AUTO-2): fires what is due, sleeps until the next is. */
export async function stageMove(input: StageMoveInput): Promise<void> {
  for (;;) {
    const { nextDueAt } = await runStageMove(input);
    if (nextDueAt === null) return;
    setCurrentDetails(`The next automatic action is due at ${nextDueAt}.`);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof stageMove>(input);
    await sleep(Math.max(Date.parse(nextDueAt) - Date.now(), heldMs));
  }
}
