import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export const goSignal = defineSignal('go');

const { work } = proxyActivities<{ work(): Promise<void> }>({ startToCloseTimeout: '30s' });

/** The baseline: what the least that Temporal can do for one message costs. Start, one signal, one activity. */
export async function bare(): Promise<void> {
  let go = false;
  setHandler(goSignal, () => void (go = true));
  await condition(() => go);
  await work();
}
