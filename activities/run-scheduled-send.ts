import { fireNextScheduled, nextScheduledDue, type BatchIds } from '../src/data/scheduled/fire-scheduled';
import { sendOrWake, type DispatchDeps } from './dispatch-next';

const lanes = 4;

/**
 * Fires what is due of a batch (scheduled messages, fallbacks) and sends it, a few conversations side by side. What cannot go at once is
 * handed to its conversation's workflow; what a worker that was killed has left queued, the sweep finds.
 *
 * @returns when the next is due (ISO 8601); null: none is left
 */
export async function runScheduledSend(
  deps: DispatchDeps,
  batch: BatchIds,
  heartbeat: () => void,
): Promise<{ nextDueAt: string | null }> {
  const { organizationId } = batch;
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      for (;;) {
        const fired = await fireNextScheduled(deps.db, batch, deps.dayMs);
        heartbeat();
        if (!fired) return;
        const { conversationId } = fired;
        if (conversationId !== null) await sendOrWake(deps, { organizationId, conversationId });
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { nextDueAt: (await nextScheduledDue(deps.db, batch))?.toISOString() ?? null };
}
