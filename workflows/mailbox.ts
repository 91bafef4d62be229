import { proxyActivities } from '@temporalio/workflow';
import type { MailActivities } from '../activities/mail';
import { mailboxOptions } from './activity-options';
import { workUntilDone } from './due-loop';
import type { MailboxWorkflowInput } from './messages';

const { syncMailbox } = proxyActivities<MailActivities>(mailboxOptions);

/** Looks into one user's mailbox from time to time, and when it is woken: the settings were changed, or somebody wants the mail now. */
export async function mailbox(input: MailboxWorkflowInput): Promise<void> {
  await workUntilDone(input, 'The next look is', syncMailbox);
}
