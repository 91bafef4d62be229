import { pairFreeAt, pairLimit } from '../../domain/send-limits';
import type { SendChannel } from '../../domain/eligibility';
import type { Database, Tx } from '../database';
import {
  createMessagingLimits,
  reachedAlready,
  type MessagingLimits,
  type Portfolio,
} from './messaging-limit';
import { outsideOf, type LoadedSendFacts } from '../messages/send-facts';
import { createSendLimits, type RatedAccount, type SendLimits, type Slot } from './send-limits';

/** What all sends of a process share. */
export type Limits = { rate: SendLimits; reach: MessagingLimits };

/** One of a process. */
export function createLimits(deps: { db: Database; dayMs: number }): Limits {
  return { rate: createSendLimits(deps), reach: createMessagingLimits(deps) };
}

/** What a claim has brought along, and what it has taken on its way: to be settled when its transaction is over. */
export type InHand = { slot: Slot | undefined; reached: Portfolio[] };

export type Passed = { kind: 'pass'; slot: Slot; outside: Portfolio | null };

/** Why a message that may go does not go now. */
export type Hold =
  | { kind: 'wait'; until: Date }
  /** Nobody new can be reached before then; who writes to us can. */
  | { kind: 'held'; by: 'messaging_limit'; until: Date }
  /** R-SEND-10: nobody sends it by hand, and the person has quiet hours. */
  | { kind: 'held'; by: 'quiet_hours'; until: Date }
  /** To be got outside the transaction, then claimed anew: a place in the account's row, a share of the messaging limit. */
  | { kind: 'turn'; account: RatedAccount }
  | { kind: 'share'; portfolio: Portfolio };

/** What the limits say of a message that nothing else speaks against. Takes its place in the row; without a statement in the usual case. */
export async function passLimits(
  tx: Tx,
  message: { channel: SendChannel; earlierSentAt: Date | null },
  facts: LoadedSendFacts,
  { limits, dayMs, now, hand }: { limits: Limits; dayMs: number; now: Date; hand: InHand },
  organizationId: string,
): Promise<Passed | Hold> {
  const account = { organizationId, channelAccountId: facts.channelAccountId! };
  const pairBusyUntil = await pairBusy(tx, message, facts, now, organizationId);
  if (pairBusyUntil) return { kind: 'wait', until: pairBusyUntil };

  const outside = outsideOf(facts);
  const isNew =
    outside !== null &&
    !(await reachedAlready(tx, { ...outside, now, dayMs }, [facts.contactPointId!])).has(
      facts.contactPointId!,
    );
  if (isNew) {
    const until = limits.reach.heldUntil(outside);
    if (until) return { kind: 'held', by: 'messaging_limit', until };
    if (limits.reach.take(outside, 1) === 0) return { kind: 'share', portfolio: outside };
    hand.reached.push(outside);
  }
  const slot =
    hand.slot?.channelAccountId === account.channelAccountId ? hand.slot : limits.rate.take(account);
  return slot ? { kind: 'pass', slot, outside } : { kind: 'turn', account };
}

/** WhatsApp's limit to one and the same person. Asked for only where the message that many places before was sent lately. */
async function pairBusy(
  tx: Tx,
  { channel, earlierSentAt }: { channel: SendChannel; earlierSentAt: Date | null },
  { channelAccountId, contactPointId }: LoadedSendFacts,
  now: Date,
  organizationId: string,
): Promise<Date | null> {
  const { burst, everyMs } = pairLimit;
  const since = new Date(now.getTime() - burst * everyMs);
  if (channel !== 'whatsapp' || !earlierSentAt || earlierSentAt < since) return null;
  const sent = await tx.query<{ at: Date }>(
    `select coalesce(m.sent_at, m.dispatch_deadline_at) as at from messages m
     join contact_points p on p.organization_id = m.organization_id and p.id = $3
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.person_id and c.id = m.conversation_id
     where m.organization_id = $1 and m.channel_account_id = $2 and m.contact_point_id = $3 and m.direction = 'out'
       and coalesce(m.sent_at, m.dispatch_deadline_at) > $4 and m.attempts > 0
     order by m.position desc limit $5`,
    [organizationId, channelAccountId, contactPointId, since, burst],
  );
  const freeAt = pairFreeAt(sent.map((one) => one.at));
  return freeAt && freeAt > now ? freeAt : null;
}

/** The transaction is over: what it took of the messaging limit is used, or comes back. */
export function settleHand({ reach }: Limits, { reached }: InHand, used: boolean): void {
  reached.forEach((portfolio, index) => {
    // Of a transaction that was repeated, the last attempt counts.
    const kept = used && index === reached.length - 1;
    reach.settle(portfolio, 1, kept ? 0 : 1);
  });
}
