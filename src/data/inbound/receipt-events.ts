import type { ReceiptStatus } from '../../domain/receipts';
import { newId } from '../database';
import type { NewEvent } from '../events/events';

type Receipt = { status: ReceiptStatus; at: Date; fresh: boolean };

const told = ['delivered', 'read'] as const;

/**
 * What fresh receipts of a message say to others, in their order. Left out are a *delivered* that came after its *read* (nothing new),
 * *sent* (told when the message is taken) and *failed* (told by the timeline).
 */
export function receiptEvents(
  message: { organizationId: string; messageId: string; conversationId: string; personId: string },
  receipts: Receipt[],
): NewEvent[] {
  const { organizationId, messageId, conversationId, personId } = message;
  const known = receipts.filter(({ fresh }) => !fresh).map(({ status }) => status);
  return told.flatMap((status) => {
    const receipt = receipts.find((one) => one.fresh && one.status === status);
    if (!receipt || (status === 'delivered' && known.includes('read'))) return [];
    return [
      {
        id: newId(),
        organizationId,
        type: `message.${status}` as const,
        conversationId,
        personId,
        messageId,
        occurredAt: receipt.at,
      },
    ];
  });
}
