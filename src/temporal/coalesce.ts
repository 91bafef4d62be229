import type { ChatSnapshot } from '../domain/snapshot';

/** One thing to tell Temporal, and the outbox rows that are settled by it. */
export type Delivery = {
  workflowType: string;
  workflowId: string;
  payload: Record<string, unknown>;
  rowIds: string[];
};

/** Two pokes of one workflow that wait at once become one: the later snapshot, pending if either is. */
export function coalesce(first: Delivery, second: Delivery): Delivery {
  const rowIds = [...first.rowIds, ...second.rowIds];
  if (first.workflowType !== 'conversation') return { ...first, rowIds };
  const a = first.payload.snapshot as ChatSnapshot;
  const b = second.payload.snapshot as ChatSnapshot;
  const snapshot = { ...(b.version >= a.version ? b : a), pending: a.pending || b.pending };
  return { ...first, rowIds, payload: { ...first.payload, snapshot } };
}
