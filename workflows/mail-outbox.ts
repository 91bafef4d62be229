import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';
import { mailOptions } from './activity-options';
import { workUntilDone } from './due-loop';
import type { MailOutboxInput } from './messages';

const { sendMails } = proxyActivities<Activities>(mailOptions);

/** Sends what one user has written in their mailbox, and ends when nothing waits (R-BOX-7). */
export function mailOutbox(input: MailOutboxInput): Promise<void> {
  return workUntilDone(input, 'The next mail is', sendMails);
}
