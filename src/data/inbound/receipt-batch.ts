import type { MessageState } from '../../contracts/messages';
import { foldReceipts, type ReceiptStatus } from '../../domain/receipts';
import { groupBy } from '../../domain/group-by';
import { lockProviderIds, noticeConversation } from '../conversations/conversation-store';
import type { Database, Tx } from '../database';
import { eventRows, insertEventsSql } from '../events/events';
import { receiptEvents } from './receipt-events';
import {
  clientReferenceOf,
  recordReceipt,
  untaken,
  type ReceiptContext,
  type ReceiptEvent,
} from './receipts';
import { recordTaken } from '../messages/take-many';
import { rowsByKeySql } from '../sql';

export type ReceiptItem = { organizationId: string; channelAccountId: string; event: ReceiptEvent };

export type ReceiptOutcome = 'applied' | 'parked' | 'repeated';

/**
 * Takes many receipts at once: the common ones, which only move a message that was sent already, in five statements for all; those of
 * messages that nobody knows (yet) are parked together; each of the others (failures, first words from a number) has a transaction of
 * its own.
 *
 * @returns how each ended; an error where it failed
 */
export async function recordReceipts(
  db: Database,
  context: ReceiptContext,
  items: ReceiptItem[],
): Promise<(ReceiptOutcome | Error)[]> {
  const outcomes = new Map<ReceiptItem, ReceiptOutcome | Error>();
  const take = (some: [ReceiptItem, ReceiptOutcome][]) => {
    for (const [item, outcome] of some) outcomes.set(item, outcome);
  };
  // Whatever one of them is wrong with: alone it costs the others nothing.
  const { taken, unknown, early } = await recordPlain(db, items).catch(() => nothing);
  take(taken);
  take(await park(db, unknown).catch(() => []));
  if (early.length > 0) {
    await settleEarly(db, context, early).catch(() => undefined);
    const known = early.map(({ item }) => item);
    take((await recordPlain(db, known).catch(() => nothing)).taken);
  }
  for (const item of items) {
    if (outcomes.has(item)) continue;
    const outcome = await recordReceipt(db, { ...context, ...item }, item.event).catch((error: unknown) =>
      error instanceof Error ? error : new Error('receipt failed'),
    );
    outcomes.set(item, outcome);
  }
  return items.map((item) => outcomes.get(item)!);
}

type Target = {
  ord: number;
  messageId: string;
  conversationId: string;
  personId: string;
  state: MessageState;
  present: boolean;
  toMany: boolean;
};

const inputColumns = 'ord int, organization_id uuid, account_id uuid, provider_id text, reference uuid';

/** By the provider's id, else by our own that it gave back. */
const lockTargets = `
  with input as ${rowsByKeySql('$1', inputColumns, '$2')},
  named as materialized (
    select i.ord, i.organization_id, coalesce((select pm.message_id from provider_messages pm where pm.organization_id = i.organization_id
      and pm.channel_account_id = i.account_id and pm.provider_id = i.provider_id), i.reference) as id from input i),
  locked as materialized (
    select m.organization_id, m.id, m.conversation_id, m.contact_point_id, m.channel, m.state, m.origin from messages m
    where (m.organization_id, m.id) in (select organization_id, id from named) and m.direction = 'out'
    order by m.id for update of m),
  placed as materialized (
    select m.organization_id, m.id, m.conversation_id, c.person_id, m.state, m.origin,
      m.channel <> 'whatsapp' or coalesce(cp.whatsapp = 'present', false) as present
    from locked m join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
    left join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id)
  select n.ord, m.id as "messageId", m.conversation_id as "conversationId", m.person_id as "personId", m.state, m.present,
    m.origin = 'bulk' as "toMany"
  from named n join placed m on m.organization_id = n.organization_id and m.id = n.id`;

const insertReceipts = `
  with input as (
    select distinct on (organization_id, message_id, status) *
    from ${rowsByKeySql('$1', 'organization_id uuid, message_id uuid, status receipt_status, occurred_at timestamptz', '$3')} i
    order by organization_id, message_id, status, occurred_at),
  fresh as (
    insert into receipts (organization_id, message_id, status, occurred_at, received_at)
    select organization_id, message_id, status, least(occurred_at, $2::timestamptz), $2 from input
    on conflict (organization_id, message_id, status) do nothing
    returning organization_id, message_id, status, occurred_at)
  select message_id as "messageId", status, occurred_at as at, true as fresh from fresh
  union all
  select r.message_id, r.status, r.occurred_at, false from receipts r
  where (r.organization_id, r.message_id) in (select organization_id, message_id from fresh)`;

const moveMessages = `
  with evented as (${insertEventsSql('$2')})
  update messages m set state = i.state, sent_at = least(m.sent_at, i.sent_at), delivered_at = i.delivered_at, read_at = i.read_at,
    failed_at = null, reason = null, reason_detail = null, provider_code = null
  from ${rowsByKeySql(
    '$1',
    'organization_id uuid, id uuid, state message_state, sent_at timestamptz, delivered_at timestamptz, read_at timestamptz',
    '$3',
  )} i
  where m.organization_id = i.organization_id and m.id = i.id`;

/** States that a receipt other than a failure simply moves on from. */
const settled: readonly MessageState[] = ['sent', 'delivered', 'read'];

type Plain = {
  taken: [ReceiptItem, ReceiptOutcome][];
  unknown: ReceiptItem[];
  /** Of messages to many whose call is not written down yet. */
  early: { item: ReceiptItem; messageId: string }[];
};

const nothing: Plain = { taken: [], unknown: [], early: [] };

/** Receipts are often faster than the record of their call: they prove themselves that the provider took the message. */
async function settleEarly(db: Database, context: ReceiptContext, early: Plain['early']): Promise<void> {
  for (const [organizationId, some] of groupBy(early, ({ item }) => item.organizationId)) {
    const byMessage = new Map(
      some.map(({ item, messageId }) => {
        const { channelAccountId, event } = item;
        const one = {
          messageId,
          attemptToken: null,
          channelAccountId,
          providerId: event.providerId,
          waId: undefined,
        };
        return [messageId, one] as const;
      }),
    );
    await recordTaken(db, { ...context, organizationId }, [...byMessage.values()]);
  }
}

async function recordPlain(db: Database, items: ReceiptItem[]): Promise<Plain> {
  return db.transact(async (tx) => {
    const found = await tx.prepared<Target>(lockTargets, [inputOf(items), items.length]);
    const known = new Set(found.map(({ ord }) => ord));
    const unknown = items.filter((_, ord) => !known.has(ord));
    const targets = found
      .map((target) => ({ target, item: items[target.ord]! }))
      .filter(
        ({ target, item }) =>
          target.present && settled.includes(target.state) && item.event.status !== 'failed',
      );
    // One whose record was just written may show its number as it was before.
    const early = found
      .filter(
        ({ toMany, state, present, ord }) =>
          toMany && (untaken.includes(state) || !present) && items[ord]!.event.status !== 'failed',
      )
      .map(({ ord, messageId }) => ({ item: items[ord]!, messageId }));
    return { unknown, early, taken: targets.length === 0 ? [] : await moveOn(tx, targets) };
  });
}

/** Like parking one (`recordReceipt`): under the lock that tx B holds while it looks for parked receipts. */
async function park(db: Database, items: ReceiptItem[]): Promise<[ReceiptItem, ReceiptOutcome][]> {
  if (items.length === 0) return [];
  return db.transact(async (tx) => {
    await lockProviderIds(
      tx,
      items.map(({ channelAccountId, event }) => ({ channelAccountId, providerId: event.providerId })),
    );
    const parked = await tx.prepared<{ ord: number }>(parkUnknown, [inputOf(items, true), await tx.now()]);
    return parked.map(({ ord }) => [items[ord]!, 'parked']);
  });
}

const parkUnknown = `
  with input as (
    select * from jsonb_to_recordset($1::jsonb) as i(${inputColumns}, status receipt_status, event jsonb)),
  nobodys as (
    select * from input i
    where not exists (select 1 from provider_messages pm
        where pm.organization_id = i.organization_id and pm.channel_account_id = i.account_id and pm.provider_id = i.provider_id)
      and not exists (select 1 from messages m where m.organization_id = i.organization_id and m.id = i.reference)),
  parked as (
    insert into parked_receipts (channel_account_id, provider_id, status, organization_id, event, received_at)
    select account_id, provider_id, status, organization_id, event, $2 from nobodys on conflict do nothing)
  select ord from nobodys`;

function inputOf(items: ReceiptItem[], withEvent = false): string {
  return JSON.stringify(
    items.map(({ organizationId, channelAccountId, event }, ord) => ({
      ord,
      organization_id: organizationId,
      account_id: channelAccountId,
      provider_id: event.providerId,
      reference: clientReferenceOf(event),
      ...(withEvent ? { status: event.status, event } : {}),
    })),
  );
}

async function moveOn(
  tx: Tx,
  targets: { item: ReceiptItem; target: Target }[],
): Promise<[ReceiptItem, ReceiptOutcome][]> {
  const now = await tx.now();
  const all = await tx.prepared<{ messageId: string; status: ReceiptStatus; at: Date; fresh: boolean }>(
    insertReceipts,
    [
      JSON.stringify(
        targets.map(({ item, target }) => ({
          organization_id: item.organizationId,
          message_id: target.messageId,
          status: item.event.status,
          occurred_at: item.event.at,
        })),
      ),
      now,
      targets.length,
    ],
  );
  const byMessage = groupBy(all, (receipt) => receipt.messageId);
  const moved = new Map(
    targets.flatMap((found) =>
      byMessage.has(found.target.messageId) ? [[found.target.messageId, found] as const] : [],
    ),
  );
  if (moved.size > 0) {
    await tx.prepared(moveMessages, [
      JSON.stringify(
        [...moved.values()].map(({ item, target }) => {
          const folded = foldReceipts(byMessage.get(target.messageId)!);
          return {
            organization_id: item.organizationId,
            id: target.messageId,
            state: folded.status,
            sent_at: folded.sentAt ?? null,
            delivered_at: folded.deliveredAt ?? null,
            read_at: folded.readAt ?? null,
          };
        }),
      ),
      eventRows(
        [...moved.values()].flatMap(({ item, target }) =>
          receiptEvents({ organizationId: item.organizationId, ...target }, byMessage.get(target.messageId)!),
        ),
      ),
      moved.size,
    ]);
  }
  for (const { item, target } of moved.values()) {
    const { organizationId } = item;
    noticeConversation(tx, { organizationId, id: target.conversationId, personId: target.personId });
  }
  return targets.map(({ item, target }) => [
    item,
    outcomeOf(byMessage.get(target.messageId), item.event.status),
  ]);
}

function outcomeOf(
  receipts: { status: ReceiptStatus; fresh: boolean }[] | undefined,
  status: ReceiptStatus,
): ReceiptOutcome {
  return receipts?.some((receipt) => receipt.fresh && receipt.status === status) ? 'applied' : 'repeated';
}
