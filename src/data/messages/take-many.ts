import { groupBy } from '../../domain/group-by';
import {
  lockConversations,
  lockProviderIds,
  noticeConversation,
  pokeConversation,
  queuedAmong,
} from '../conversations/conversation-store';
import { ConcurrentChange, newId, type Database, type Tx } from '../database';
import { applyParkedReceipts, type ParkedReceipt, type ReceiptContext } from '../inbound/receipts';
import { rowsByKeySql } from '../sql';
import { withWhatTakenBrings } from './taken';

/** A message to many that the provider took: it says so itself (with the token of the attempt), or a receipt proves it. */
export type TakenOne = {
  messageId: string;
  attemptToken: string | null;
  channelAccountId: string;
  providerId: string;
  waId: string | undefined;
};

/**
 * Tx B for many messages to many: what `recordSent` does for one, where no chat can be moved by it. Locks in the order of all: the
 * provider's ids, the numbers, the conversations, the messages.
 */
export async function recordTaken(
  db: Database,
  context: ReceiptContext & { organizationId: string },
  taken: TakenOne[],
): Promise<void> {
  if (taken.length === 0) return;
  await db.transact((tx) => take(tx, context, taken));
}

type Place = {
  messageId: string;
  conversationId: string;
  contactPointId: string | null;
};

async function take(
  tx: Tx,
  context: ReceiptContext & { organizationId: string },
  all: TakenOne[],
): Promise<void> {
  const { organizationId } = context;
  await lockProviderIds(tx, all);
  const places = await tx.prepared<Place>(
    `select id as "messageId", conversation_id as "conversationId", contact_point_id as "contactPointId" from messages
     where organization_id = $1 and id = any($2::uuid[])`,
    [organizationId, all.map(({ messageId }) => messageId)],
  );
  await tx.prepared(
    `select 1 from contact_points where organization_id = $1 and id = any($2::uuid[]) order by id for no key update`,
    [organizationId, places.flatMap(({ contactPointId }) => contactPointId ?? [])],
  );
  const conversationIds = places.map(({ conversationId }) => conversationId);
  const conversations = await lockConversations(tx, { organizationId, conversationIds });
  // the messages have moved while this waited for the lock: they are found in their new conversation
  for (const { mergedIntoId } of conversations.values())
    if (mergedIntoId !== null) throw new ConcurrentChange();
  const rows = all.map((one) => ({
    id: one.messageId,
    token: one.attemptToken,
    account_id: one.channelAccountId,
    provider_id: one.providerId,
    wa_id: one.waId ?? null,
    commit_id: newId(),
    event_id: newId(),
  }));
  rows.sort((a, b) => (a.id < b.id ? -1 : 1));
  const at = await tx.now();
  const heard = await tx.prepared<{ messageId: string; accountId: string; event: ParkedReceipt | null }>(
    takeSql,
    [organizationId, JSON.stringify(rows), at, rows.length],
  );
  const placeOf = new Map(places.map((place) => [place.messageId, place]));
  for (const { messageId } of heard)
    noticeConversation(tx, conversations.get(placeOf.get(messageId)!.conversationId)!);
  const parked = heard.flatMap(({ event, ...one }) => (event ? [{ ...one, event }] : []));
  for (const [messageId, some] of groupBy(parked, (one) => one.messageId)) {
    const { conversationId, contactPointId } = placeOf.get(messageId)!;
    // it has been taken over WhatsApp a moment ago, so somebody is there
    const point =
      contactPointId === null ? null : { id: contactPointId, whatsapp: 'unknown' as const, waId: null };
    const facts = { ...context, messageId, point, channelAccountId: some[0]!.accountId };
    await applyParkedReceipts(
      tx,
      conversations.get(conversationId)!,
      facts,
      some.map(({ event }) => event),
    );
  }
  // What was accepted meanwhile relies on whoever is sending.
  for (const id of await queuedAmong(tx, { organizationId, conversationIds }))
    await pokeConversation(tx, conversations.get(id)!, true);
}

const takeSql = `
  with input as ${rowsByKeySql('$2', 'id uuid, token uuid, account_id uuid, provider_id text, wa_id text, commit_id uuid, event_id uuid', '$4')},
  locked as materialized (
    select m.organization_id, m.id, m.contact_point_id from messages m where m.organization_id = $1 and m.id in (select id from input)
    order by m.id for update of m),
  taken as (
    update messages m set state = 'sent', sent_at = coalesce(m.sent_at, $3), provider_id = i.provider_id, reason = null, reason_detail = null
    from locked l join input i on i.id = l.id
    where m.organization_id = l.organization_id and m.id = l.id and m.state in ('queued', 'dispatching', 'unknown', 'unconfirmed')
      and (i.token is null or m.attempt_token = i.token)
    returning m.organization_id, m.id, m.conversation_id, m.contact_point_id, m.channel, i.account_id as channel_account_id,
      i.provider_id, i.commit_id, i.event_id),
  reached as (
    update contact_points p set wa_id = coalesce(i.wa_id, p.wa_id),
      whatsapp = case when t.channel = 'whatsapp' then 'present' else p.whatsapp end
    from locked l join input i on i.id = l.id left join taken t on t.id = l.id
    where p.organization_id = l.organization_id and p.id = l.contact_point_id and p.value <> ''
      and ((t.channel = 'whatsapp' and p.whatsapp <> 'present') or (i.wa_id is not null and i.wa_id is distinct from p.wa_id))),
  ${withWhatTakenBrings({ eventId: 't.event_id', entryId: 'm.commit_id', at: '$3' })}
  select t.id as "messageId", t.channel_account_id as "accountId", h.event from taken t left join heard h on h.id = t.id`;
