import type { Channel } from '../../contracts/common';
import type { MessageState } from '../../contracts/messages';
import type { ReasonCode } from '../../contracts/reasons';
import { foldReceipts, type ReceiptStatus } from '../../domain/receipts';
import { takeBackAnswer } from '../conversations/answers';
import {
  lockProviderIds,
  lockSendOfReceipt,
  noticeConversation,
  pokeConversation,
  type LockedConversation,
  type LockedPoint,
} from '../conversations/conversation-store';
import { giveBackCredits } from '../credits/credits';
import type { Database, Tx } from '../database';
import { eventRows, insertEventsSql } from '../events/events';
import { fallBackNow } from '../scheduled/fallbacks';
import { receiptEvents } from './receipt-events';
import { declineMarketing } from '../people/opt-outs';
import { isUuid } from '../sql';
import { extendChat, markAbsent, markPresent, markTaken } from '../messages/taken';
import { writeTimeline } from '../conversations/timeline';

/** What a provider said of one message. */
export type ReceiptEvent = {
  providerId: string;
  status: ReceiptStatus;
  at: Date;
  /** Our message id, where the provider gave it back. */
  clientReference: string | undefined;
  error:
    | {
        code: number;
        detail: string | undefined;
        reason: ReasonCode;
        marksNotOnWhatsApp: boolean;
        declinesMarketing: boolean;
      }
    | undefined;
};

export type ReceiptContext = {
  dayMs: number;
  /** Keyed hash of an address (`src/seal.ts`). */
  hashKey: (key: string) => string;
};

/**
 * Takes a receipt as a fact, in any order and however often (design: receipts are facts). It settles an unknown message.
 * Before its message is known it is parked. `repeated`: it was known.
 */
export async function recordReceipt(
  db: Database,
  context: ReceiptContext & { organizationId: string; channelAccountId: string },
  event: ReceiptEvent,
): Promise<'applied' | 'parked' | 'repeated'> {
  const { organizationId, channelAccountId } = context;
  const { providerId } = event;
  const receipt = { organizationId, clientReference: clientReferenceOf(event), channelAccountId, providerId };
  return db.transact(async (tx) => {
    let sent = await lockSendOfReceipt(tx, receipt);
    if (!sent) {
      // The same lock as tx B holds while it looks for parked receipts: neither can miss the other.
      await lockProviderIds(tx, [{ channelAccountId, providerId }]);
      sent = await lockSendOfReceipt(tx, receipt);
    }
    if (!sent) {
      await tx.query(
        `insert into parked_receipts (channel_account_id, provider_id, status, organization_id, event, received_at)
         values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
        [
          channelAccountId,
          providerId,
          event.status,
          organizationId,
          { ...event, at: event.at.toISOString() },
          await tx.now(),
        ],
      );
      return 'parked';
    }
    const fresh = await applyReceipt(tx, sent.conversation, { ...context, ...sent }, event);
    return fresh ? 'applied' : 'repeated';
  });
}

/** As it is kept until its message is known. */
export type ParkedReceipt = Omit<ReceiptEvent, 'at'> & { at: string };

/** Our message id, where the provider gave one back. */
export function clientReferenceOf({ clientReference }: ReceiptEvent): string | null {
  return clientReference !== undefined && isUuid(clientReference) ? clientReference : null;
}

/** Once the provider's id of a message is known: what had come before it. */
export async function applyParkedReceipts(
  tx: Tx,
  conversation: LockedConversation,
  facts: ReceiptContext & { messageId: string; point: LockedPoint | null; channelAccountId: string },
  parked: ParkedReceipt[],
): Promise<void> {
  for (const event of parked)
    await applyReceipt(tx, conversation, facts, { ...event, at: new Date(event.at) });
}

/** States in which nobody has said yet that the provider took the message. */
export const untaken: readonly MessageState[] = ['queued', 'dispatching', 'unknown', 'unconfirmed'];

async function applyReceipt(
  tx: Tx,
  conversation: LockedConversation,
  facts: ReceiptContext & { messageId: string; point: LockedPoint | null; channelAccountId: string },
  event: ReceiptEvent,
): Promise<boolean> {
  const { organizationId } = conversation;
  const { messageId, point } = facts;
  const now = await tx.now();
  const at = event.at > now ? now : event.at;
  const all = await tx.prepared<{
    status: ReceiptStatus;
    at: Date;
    fresh: boolean;
    messageState: MessageState;
    channel: Channel;
  }>(
    `with fresh as (
       insert into receipts (organization_id, message_id, status, occurred_at, received_at, provider_code, detail)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (organization_id, message_id, status) do nothing
       returning status, occurred_at)
     select r.*, m.state as "messageState", m.channel from messages m, (
       select status, occurred_at as at, true as fresh from fresh
       union all
       select status, occurred_at, false from receipts where organization_id = $1 and message_id = $2) r
     where m.organization_id = $1 and m.id = $2`,
    [
      organizationId,
      messageId,
      event.status,
      at,
      now,
      event.error?.code ?? null,
      event.error?.detail ?? null,
    ],
  );
  if (!all.some((receipt) => receipt.fresh)) return false;

  // A receipt proves that the provider took the message, whatever became of it afterwards.
  const { taken, parked, more } = untaken.includes(all[0]!.messageState)
    ? await markTaken(tx, {
        organizationId,
        messageId,
        conversationId: conversation.id,
        attemptToken: null,
        channelAccountId: facts.channelAccountId,
        providerId: event.providerId,
        at,
      })
    : { taken: undefined, parked: [], more: false };
  const extended = taken ? await extendChat(tx, conversation, taken, now, facts.dayMs) : conversation;

  const folded = foldReceipts(all);
  const failed = folded.status === 'failed';
  const [message] = await tx.prepared<{ applicationId: string | null }>(
    `with evented as (${insertEventsSql('$11')})
     update messages set state = $3::message_state, sent_at = least(sent_at, $4), delivered_at = $5, read_at = $6, failed_at = $7,
       reason = case when $3 = 'failed' then coalesce($8, reason, 'provider_refused') end,
       reason_detail = case when $3 = 'failed' then coalesce($9, reason_detail) end,
       provider_code = case when $3 = 'failed' then coalesce($10, provider_code) end
     where organization_id = $1 and id = $2
     returning application_id as "applicationId"`,
    [
      organizationId,
      messageId,
      folded.status,
      folded.sentAt ?? at,
      folded.deliveredAt ?? null,
      folded.readAt ?? null,
      failed ? (folded.failedAt ?? at) : null,
      event.error?.reason ?? null,
      event.error?.detail ?? null,
      event.error?.code ?? null,
      eventRows(
        receiptEvents(
          { organizationId, messageId, conversationId: conversation.id, personId: conversation.personId },
          all,
        ),
      ),
    ],
  );
  if (folded.deliveredAt && all[0]!.channel === 'whatsapp') await markPresent(tx, organizationId, point);
  if (event.status === 'failed') {
    // Whatever else it says: what the provider once called failed is not paid for.
    await giveBackCredits(tx, { organizationId, messageId, at: now });
    if (failed && event.error?.marksNotOnWhatsApp) await markAbsent(tx, organizationId, point);
    if (event.error?.declinesMarketing)
      await declineMarketing(tx, facts.hashKey, { ...conversation, contactPointId: point?.id ?? null, at });
    if (failed) {
      await takeBackAnswer(tx, { organizationId, conversationId: conversation.id });
      await fallBackNow(tx, { organizationId, messageId, at: now });
    }
    await writeTimeline(tx, organizationId, [
      {
        personId: conversation.personId,
        applicationId: message?.applicationId ?? null,
        kind: 'messageFailed',
        messageId,
        data: { reason: event.error?.reason ?? 'provider_refused' },
        occurredAt: at,
      },
    ]);
  }
  noticeConversation(tx, extended);
  await applyParkedReceipts(tx, extended, facts, parked);
  if (taken && more) await pokeConversation(tx, extended, true);
  return true;
}
