import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import { workUntilDone } from './due-loop';
import type { StageMoveInput } from './messages';

const { runStageMove } = proxyActivities<Activities>(batchOptions);

/** All automatic actions of one move of 1…n applications (R-AUTO-2). */
export async function stageMove(input: StageMoveInput): Promise<void> {
  await workUntilDone(input, 'The next automatic action is', runStageMove);
}
