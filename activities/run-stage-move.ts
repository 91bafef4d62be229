import { conversationsOfMove, fireNextAction, nextDue, type MoveIds } from '../src/data/actions/action-runs';
import { sendOrWake, type DispatchDeps } from './dispatch-next';

export type StageMoveResult = {
  /** ISO 8601: when the next action is due; null: none is left. */
  nextDueAt: string | null;
};

const lanes = 6;

/**
 * Fires what is due of a move and sends it, a few conversations side by side: messages in numbers cost no workflow each. What
 * cannot be sent at once (slow down, channel paused, an attempt in flight) is handed to its conversation's workflow.
 */
export async function runStageMove(
  deps: DispatchDeps,
  ids: MoveIds,
  heartbeat: () => void,
): Promise<StageMoveResult> {
  const { organizationId } = ids;
  const send = (conversationId: string) => sendOrWake(deps, { organizationId, conversationId });
  const left = await conversationsOfMove(deps.db, ids);
  // All lanes end before the activity does: a worker that shuts down cuts off no call.
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        await send(next);
        heartbeat();
      }
      for (;;) {
        const fired = await fireNextAction(deps.db, ids, deps.dayMs);
        heartbeat();
        if (!fired) return;
        if (fired.conversationId) await send(fired.conversationId);
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { nextDueAt: (await nextDue(deps.db, ids))?.toISOString() ?? null };
}
