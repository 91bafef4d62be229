import {
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
  type Workflow,
} from '@temporalio/workflow';
import { wakeSignal } from './messages';

/** Another worker may hold what is due: it is not asked for in a tight loop. */
const leastWaitMs = 1000;

/** Has done what is due, waits for what is due next or to be woken, and ends when nothing is left. `what`: for operators. */
export async function workUntilDone<Input>(
  input: Input,
  what: string,
  work: (input: Input) => Promise<{ nextDueAt: string | null; fault?: string }>,
): Promise<void> {
  let woken = false;
  setHandler(wakeSignal, () => void (woken = true));
  for (;;) {
    woken = false;
    const { nextDueAt, fault } = await work(input);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<Workflow>(input);
    if (nextDueAt !== null) {
      setCurrentDetails(
        `${what} due at ${nextDueAt}.${fault === undefined ? '' : ` The last one failed: ${fault}.`}`,
      );
      await condition(() => woken, Math.max(Date.parse(nextDueAt) - Date.now(), leastWaitMs));
    } else if (!woken) return;
  }
}
