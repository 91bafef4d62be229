export type ReceiptStatus = 'sent' | 'delivered' | 'read' | 'failed';

/** A provider's word on one message. Unique per (message, status) where it is stored; here it may come doubled. */
export type ReceiptFact = { status: ReceiptStatus; at: Date };

export type ReceiptState = {
  status: ReceiptStatus | undefined;
  sentAt: Date | undefined;
  deliveredAt: Date | undefined;
  readAt: Date | undefined;
  /** Kept even where a delivery outranks it: what the provider said stays visible. */
  failedAt: Date | undefined;
};

const rank: Record<ReceiptStatus, number> = { sent: 1, failed: 2, delivered: 3, read: 4 };

/**
 * What a message's receipts say together, whatever their order and however often each came: read > delivered > failed > sent.
 * A read message was delivered and sent, also where those receipts never arrived.
 */
export function foldReceipts(facts: Iterable<ReceiptFact>): ReceiptState {
  const earliest: Partial<Record<ReceiptStatus, number>> = {};
  for (const { status, at } of facts) earliest[status] = Math.min(earliest[status] ?? Infinity, at.getTime());
  const { sent, delivered, read, failed } = earliest;
  return {
    status: strongest(Object.keys(earliest) as ReceiptStatus[]),
    sentAt: firstOf(sent, delivered, read),
    deliveredAt: firstOf(delivered, read),
    readAt: firstOf(read),
    failedAt: firstOf(failed),
  };
}

/** Whether `next` changes what is shown of a message whose receipts say `current` so far. */
export function outranks(next: ReceiptStatus, current: ReceiptStatus | undefined): boolean {
  return current === undefined || rank[next] > rank[current];
}

function strongest(statuses: ReceiptStatus[]): ReceiptStatus | undefined {
  return statuses.reduce<ReceiptStatus | undefined>(
    (best, status) => (outranks(status, best) ? status : best),
    undefined,
  );
}

function firstOf(...times: (number | undefined)[]): Date | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : new Date(Math.min(...known));
}
