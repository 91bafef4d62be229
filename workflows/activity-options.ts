import type { ActivityOptions } from '@temporalio/workflow';

/**
 * Faults of ours (the database is down, a bug) are tried again until they are mended: what was accepted is not given up.
 * What a provider refuses is no fault: the activity writes it down and returns.
 */
const retry: ActivityOptions['retry'] = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '10s',
};

/** A bit above the provider call's deadline: the retry of a worker that died finds the attempt nearly settled. */
export const dispatchOptions: ActivityOptions = { startToCloseTimeout: '30s', retry };

export const settleOptions: ActivityOptions = { startToCloseTimeout: '10s', retry };

/** One batch of many messages accepted. */
export const batchOptions: ActivityOptions = { startToCloseTimeout: '2m', retry };
