import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { batchOptions } from './activity-options';
import { workUntilDone } from './due-loop';
import type { ScheduledSendInput } from './messages';

const { runScheduledSend } = proxyActivities<Activities>(batchOptions);

/** What is decided when it is due: a scheduled message (R-SEND-7), or the fallbacks of one command (R-SEND-9). */
export async function scheduledSend(input: ScheduledSendInput): Promise<void> {
  await workUntilDone(input, 'The next message is', runScheduledSend);
}
