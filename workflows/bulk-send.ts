import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import { wakeSignal, type BulkSendInput } from './messages';

const { runBulkSend } = proxyActivities<Activities>(batchOptions);

/** Another worker may hold what is due: it is not asked for in a tight loop. */
const leastWaitMs = 1000;

/** A message to many (R-SEND-6). Paused and cancelled are the database's; resuming wakes or starts this. */
export async function bulkSend(input: BulkSendInput): Promise<void> {
  let woken = false;
  setHandler(wakeSignal, () => void (woken = true));
  for (;;) {
    woken = false;
    const { nextDueAt } = await runBulkSend(input);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof bulkSend>(input);
    if (nextDueAt !== null) {
      setCurrentDetails(`The next recipients are due at ${nextDueAt}.`);
      await condition(() => woken, Math.max(Date.parse(nextDueAt) - Date.now(), leastWaitMs));
    } else if (!woken) return;
  }
}
