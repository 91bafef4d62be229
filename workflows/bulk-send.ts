import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import { workUntilDone } from './due-loop';
import type { BulkSendInput } from './messages';

const { runBulkSend } = proxyActivities<Activities>(batchOptions);

/** A message to many (R-SEND-6). Paused and cancelled are the database's; resuming wakes or starts this. */
export async function bulkSend(input: BulkSendInput): Promise<void> {
  await workUntilDone(input, 'The next recipients are', runBulkSend);
}
