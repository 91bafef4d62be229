import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities';
import { webhookOptions } from './activity-options';
import { wakeSignal, type WebhookEndpointInput } from './messages';

const { deliverEvents } = proxyActivities<Activities>(webhookOptions);

/** Posts events to one endpoint, in order, and waits where it does not take them; ends when nothing is left (R-LOG-5). */
export async function webhookEndpoint(input: WebhookEndpointInput): Promise<void> {
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  for (;;) {
    woken = false;
    const { nextDueAt } = await deliverEvents(input);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhookEndpoint>(input);
    if (woken) continue;
    if (nextDueAt === null) return;
    setCurrentDetails(`The next attempt is due at ${nextDueAt}.`);
    const waitMs = Date.parse(nextDueAt) - Date.now();
    if (waitMs > 0) await condition(() => woken, waitMs);
  }
}
