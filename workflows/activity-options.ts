import type { ActivityOptions } from '@temporalio/workflow';
import { taskQueues } from '../src/temporal/task-queues';

/**
 * Faults of ours (the database is down, a bug) are tried again until they are mended: what was accepted is not given up.
 * What a provider refuses is no fault: the activity writes it down and returns.
 */
const retry: ActivityOptions['retry'] = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '10s',
};

/** A worker that died is noticed after 15 s; the time as a whole is a bit above upload and call of the largest file. */
export const dispatchOptions: ActivityOptions = {
  startToCloseTimeout: '90s',
  heartbeatTimeout: '15s',
  retry,
};

export const settleOptions: ActivityOptions = { startToCloseTimeout: '10s', retry };

/** Many messages in one activity. */
export const batchOptions: ActivityOptions = {
  taskQueue: taskQueues.bulk,
  startToCloseTimeout: '1h',
  heartbeatTimeout: '15s',
  retry,
};

/** Mails with attachments over slow lines; how each went is in the database. */
export const mailOptions: ActivityOptions = {
  startToCloseTimeout: '10m',
  heartbeatTimeout: '15s',
  retry,
};

/** In the mail process; how it went is in the database. */
export const mailboxOptions: ActivityOptions = {
  taskQueue: taskQueues.mail,
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  retry,
};

/** Many posts in one activity; how each went is in the database. */
export const webhookOptions: ActivityOptions = {
  taskQueue: taskQueues.webhooks,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '15s',
  retry,
};
