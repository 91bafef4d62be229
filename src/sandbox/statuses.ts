import { type Context, windowEndsAt } from './context';
import type { Message, WebhookError } from './model';
import { type StatusName, statusValue } from './webhook-payloads';
import type { NewElement } from './webhooks';

/** Writes a status down on the message and makes the element that tells the company. */
export function setStatus(
  context: Context,
  message: Message,
  facts: { status: StatusName; error?: WebhookError },
): NewElement {
  const at = context.clock.now().getTime();
  if (facts.status === 'sent') message.sentAt = at;
  if (facts.status === 'delivered') message.deliveredAt = at;
  if (facts.status === 'read') message.readAt = at;
  if (facts.status === 'played') message.playedAt = at;
  if (facts.status === 'failed') {
    message.failedAt = at;
    message.error = facts.error;
  }
  context.store.put('message', message);
  const { phoneNumberId, waId } = message;
  context.live.emit({ type: 'status', waId, phoneNumberId, messageId: message.id });
  const windowEnd = windowEndsAt(context, phoneNumberId, waId);
  return {
    wabaId: context.store.tables.account.get(phoneNumberId)?.wabaId ?? '',
    phoneNumberId,
    waId,
    field: 'messages',
    part: 'status',
    value: statusValue(message, { ...facts, at, windowEndsAt: windowEnd || at + context.dayMs }),
  };
}

/** `sent`, and `delivered` right after it when the phone is on and wants to hear from this company. */
export function firstStatuses(context: Context, message: Message): NewElement[] {
  const phone = context.store.tables.phone.get(message.waId);
  const sent = setStatus(context, message, { status: 'sent' });
  if (message.withheld || !phone?.switchedOn) return [sent];
  // Meta reports reactions as sent only.
  if (message.content.type === 'reaction') return [sent];
  return [sent, setStatus(context, message, { status: 'delivered' })];
}
