import type { MergePreview } from '../../contracts/merge';
import { mergeChats } from '../../domain/chat';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from '../organization/audit';
import {
  hasQueued,
  lockConversation,
  noticeConversation,
  pokeConversation,
  saveChat,
  type LockedConversation,
} from '../conversations/conversation-store';
import type { Database, Tx } from '../database';
import { moveApplicationsOf } from './merge-applications';
import { replanWaiting } from '../scheduled/replan-waiting';
import { mergeConversations } from './merge-conversations';
import { fullNameSql, type Queryable } from '../sql';
import { writeTimeline } from '../conversations/timeline';

type Context = { actor: Actor; dayMs: number };
type Pair = { fromId: string; intoId: string };

type Side = {
  id: string;
  kind: 'candidate' | 'contact';
  name: string;
  toReview: boolean;
  responsibleUserId: string | null;
  conversationId: string;
  applied: boolean;
};

/**
 * R-CHAT-13: `fromId` becomes a part of `intoId`; nothing of either is lost. Locked in the order of all: contact points, people,
 * conversations, each by id. Running chats become one, which the later-contacted owner keeps.
 */
export async function mergePeople(db: Database, context: Context, pair: Pair): Promise<{ id: string }> {
  const { actor, dayMs } = context;
  const { organizationId } = actor;
  const { fromId, intoId } = pair;
  return db.transact(async (tx) => {
    await tx.query(
      'select 1 from contact_points where organization_id = $1 and person_id = any($2::uuid[]) order by id for update',
      [organizationId, [fromId, intoId]],
    );
    const { from, into } = await readSides(tx, organizationId, pair, true);
    assertMergeable(from, into);
    const locked = await lockBoth(tx, organizationId, from, into);
    const now = await tx.now();

    await moveContactPoints(tx, organizationId, pair);
    await moveApplicationsOf(tx, actor, pair, now);
    await mergeConversations(tx, { organizationId, from: locked.from, into: locked.into, now });
    await moveHistory(tx, organizationId, pair, from, into);
    const responsibleUserId = into.responsibleUserId ?? from.responsibleUserId;
    await mergeFields(tx, organizationId, pair, responsibleUserId, now);
    await replanWaiting(tx, { organizationId, personIds: [intoId] });
    const step = mergeChats(locked.into.chat, locked.from.chat, now, dayMs);
    const kept = await saveChat(tx, { ...locked.into, responsibleUserId }, step, actor.user?.id ?? null);

    await writeTimeline(tx, organizationId, [
      {
        personId: intoId,
        kind: 'merged',
        actorUserId: actor.user?.id ?? null,
        actorApiKeyId: actor.apiKeyId,
        data: { name: from.name, personId: fromId },
        occurredAt: now,
      },
    ]);
    await writeAudit(tx, actor, {
      action: 'person.merged',
      target: 'person',
      targetId: intoId,
      before: { personId: fromId },
      after: { personId: intoId },
    });
    await endWorkflow(tx, locked.from, locked.into);
    const ids = { organizationId, conversationId: kept.id };
    await pokeConversation(tx, kept, await hasQueued(tx, ids));
    for (const conversation of [locked.from, kept]) noticeConversation(tx, conversation);
    return { id: intoId };
  });
}

/** What `mergePeople` would make of them now. */
export async function previewMerge(db: Database, context: Context, pair: Pair): Promise<MergePreview> {
  const { organizationId } = context.actor;
  const { from, into } = await readSides(db, organizationId, pair, false);
  assertMergeable(from, into);
  const ids = [from.id, into.id];
  const points = await db.query<{ value: string }>(
    `select value from contact_points where organization_id = $1 and person_id = any($2::uuid[])
     order by person_id <> $3, position, id`,
    [organizationId, ids, into.id],
  );
  const matches = await db.query<{ vacancyTitle: string; stages: string[] }>(
    `select v.title as "vacancyTitle", array_agg(s.name order by se.entered_at desc, (a.person_id = $3) desc) as stages
     from applications a
     join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     join stage_entries se on se.organization_id = a.organization_id and se.id = a.stage_entry_id
     where a.organization_id = $1 and a.person_id = any($2::uuid[]) group by v.id, v.title order by v.title`,
    [organizationId, ids, into.id],
  );
  const [said] = await db.query<{ messageCount: number }>(
    'select count(*)::int as "messageCount" from messages where organization_id = $1 and conversation_id = any($2::uuid[])',
    [organizationId, [from.conversationId, into.conversationId]],
  );
  return {
    from: { id: from.id, name: from.name, kind: from.kind },
    into: { id: into.id, name: into.name, kind: into.kind },
    result: {
      name: into.name || from.name,
      contactPoints: points.map(({ value }) => value),
      messageCount: said!.messageCount,
      matches: matches.map(({ vacancyTitle, stages }) => ({
        vacancyTitle,
        stageName: stages[0]!,
        otherStageName: stages[1] ?? null,
      })),
      chat: await previewChat(db, context, from, into),
    },
  };
}

async function previewChat(
  db: Database,
  { actor, dayMs }: Context,
  from: Side,
  into: Side,
): Promise<MergePreview['result']['chat']> {
  type Row = LockedConversation['chat'] & { id: string };
  const rows = await db.query<Row>(
    `select id, status, owner_id as "ownerId", last_owner_id as "lastOwnerId", chat_version as version, last_contact_at as "lastContactAt",
       opened_at as "openedAt", last_inbound_at as "lastInboundAt", deadline_at as "deadlineAt"
     from conversations where organization_id = $1 and id = any($2::uuid[])`,
    [actor.organizationId, [from.conversationId, into.conversationId]],
  );
  const chatOf = (side: Side): Row => {
    const row = rows.find(({ id }) => id === side.conversationId);
    if (!row) throw notFound('conversation');
    return row;
  };
  const { chat } = mergeChats(chatOf(into), chatOf(from), await db.now(), dayMs);
  const [owner] = await db.query<{ name: string }>(
    `select ${fullNameSql('u')} as name from users u where u.organization_id = $1 and u.id = $2`,
    [actor.organizationId, chat.ownerId],
  );
  return { status: chat.status, ownerName: owner?.name ?? null };
}

async function readSides(
  db: Queryable,
  organizationId: string,
  { fromId, intoId }: Pair,
  lock: boolean,
): Promise<{ from: Side; into: Side }> {
  if (fromId === intoId) throw invalid('is the same person');
  const rows = await db.query<Side>(
    `select p.id, p.kind, ${fullNameSql('p')} as name, p.to_review as "toReview", p.responsible_user_id as "responsibleUserId",
       (select c.id from conversations c where c.organization_id = p.organization_id and c.person_id = p.id) as "conversationId",
       exists (select 1 from applications a where a.organization_id = p.organization_id and a.person_id = p.id) as applied
     from people p where p.organization_id = $1 and p.id = any($2::uuid[]) and p.merged_into_id is null and p.erased_at is null
     order by p.id ${lock ? 'for update of p' : ''}`,
    [organizationId, [fromId, intoId]],
  );
  const from = rows.find(({ id }) => id === fromId);
  const into = rows.find(({ id }) => id === intoId);
  if (!from || !into) throw notFound('person');
  return { from, into };
}

/** Whoever wrote from an unknown number may turn out to be a client's contact; otherwise kinds do not mix. */
function assertMergeable(from: Side, into: Side): void {
  if (from.kind === into.kind || (from.toReview && !from.applied)) return;
  throw invalid('is of the other kind: candidates and contacts are not merged');
}

const invalid = (message: string): DomainError =>
  new DomainError('invalid', 'These two cannot be merged.', { errors: [{ path: 'intoId', message }] });

async function lockBoth(
  tx: Tx,
  organizationId: string,
  from: Side,
  into: Side,
): Promise<{ from: LockedConversation; into: LockedConversation }> {
  const locked = new Map<string, LockedConversation>();
  for (const conversationId of [from.conversationId, into.conversationId].sort())
    locked.set(conversationId, await lockConversation(tx, { organizationId, conversationId }));
  return { from: locked.get(from.conversationId)!, into: locked.get(into.conversationId)! };
}

/** With their consents, opt-outs and service windows, which belong to them; behind those that are there. */
async function moveContactPoints(tx: Tx, organizationId: string, { fromId, intoId }: Pair): Promise<void> {
  await tx.query(
    `update contact_points set person_id = $3, position = position + 1 + (
       select coalesce(max(kept.position), -1) from contact_points kept where kept.organization_id = $1 and kept.person_id = $3)
     where organization_id = $1 and person_id = $2`,
    [organizationId, fromId, intoId],
  );
}

async function moveHistory(
  tx: Tx,
  organizationId: string,
  { fromId, intoId }: Pair,
  from: Side,
  into: Side,
): Promise<void> {
  for (const table of ['notes', 'timeline_entries', 'scheduled_messages']) {
    await tx.query(`update ${table} set person_id = $3 where organization_id = $1 and person_id = $2`, [
      organizationId,
      fromId,
      intoId,
    ]);
  }
  await tx.query(
    'update notifications set person_id = $3, conversation_id = $5 where organization_id = $1 and (person_id = $2 or conversation_id = $4)',
    [organizationId, fromId, intoId, from.conversationId, into.conversationId],
  );
  // where both have a page of one match, or a mail, that of the other is found through who they became part of
  await tx.query(
    `update candidate_pages cp set person_id = $3 where cp.organization_id = $1 and cp.person_id = $2 and not exists (
       select 1 from candidate_pages other where other.organization_id = $1 and other.person_id = $3
         and other.application_id is not distinct from cp.application_id)`,
    [organizationId, fromId, intoId],
  );
  await tx.query(
    `update mail_filings f set person_id = $3 where f.organization_id = $1 and f.person_id = $2 and not exists (
       select 1 from mail_filings other where other.organization_id = $1 and other.mail_id = f.mail_id and other.person_id = $3)`,
    [organizationId, fromId, intoId],
  );
  // what came to both, they now have once: brought again, it is known
  await tx.query(
    `update mails w set conversation_id = $3 where w.organization_id = $1 and w.conversation_id = $2
       and (w.state in ('received', 'held') or w.direction = 'out' and w.state = 'sent') and not exists (
         select 1 from mails other where other.organization_id = $1 and other.conversation_id = $3
           and other.message_id_header = w.message_id_header and other.content_hash = w.content_hash
           and (other.state in ('received', 'held') or other.direction = 'out' and other.state = 'sent'))`,
    [organizationId, from.conversationId, into.conversationId],
  );
  // a bulk that has reached the one and still waits for the other has reached them
  await tx.query(
    `update bulk_recipients r set person_id = case when r.person_id = $2 then $3::uuid else $2 end
     from bulk_recipients reached join bulk_recipients waiting on waiting.organization_id = $1 and waiting.bulk_send_id = reached.bulk_send_id
       and waiting.person_id = $3 and waiting.state = 'waiting' and waiting.channel = reached.channel
       and waiting.application_id is not distinct from reached.application_id
     where reached.organization_id = $1 and reached.person_id = $2 and reached.state = 'accepted' and r.organization_id = $1
       and r.bulk_send_id = reached.bulk_send_id and r.position in (reached.position, waiting.position)`,
    [organizationId, fromId, intoId],
  );
  // a bulk that still waits for them; where both are in it, the other one is left out and says so (`followMerged`)
  await tx.query(
    `update bulk_recipients r set person_id = $3 where r.organization_id = $1 and r.person_id = $2 and not exists (
       select 1 from bulk_recipients other where other.organization_id = $1 and other.bulk_send_id = r.bulk_send_id
         and other.person_id = $3 and other.channel = r.channel and other.application_id is not distinct from r.application_id
         and other.state in ('waiting', 'accepted'))`,
    [organizationId, fromId, intoId],
  );
}

/** What the one who stays does not say is taken from the other; tags come together. */
async function mergeFields(
  tx: Tx,
  organizationId: string,
  { fromId, intoId }: Pair,
  responsibleUserId: string | null,
  now: Date,
): Promise<void> {
  const [gone] = await tx.query<{ externalId: string | null }>(
    'select external_id as "externalId" from people where organization_id = $1 and id = $2',
    [organizationId, fromId],
  );
  const [kept] = await tx.query<{ externalId: string | null }>(
    'select external_id as "externalId" from people where organization_id = $1 and id = $2',
    [organizationId, intoId],
  );
  const takesExternalId = kept!.externalId === null && gone!.externalId !== null;
  await tx.query(
    `update people set merged_into_id = case when id = $2 then $3::uuid else merged_into_id end,
       external_id = case when id = $2 and $5 then null else external_id end,
       to_review = to_review and id <> $2, updated_at = $4
     where organization_id = $1 and id = $2`,
    [organizationId, fromId, intoId, now, takesExternalId],
  );
  await tx.query(
    'update people set merged_into_id = $3, updated_at = $4 where organization_id = $1 and merged_into_id = $2',
    [organizationId, fromId, intoId, now],
  );
  await tx.query(
    `update people s set
       external_id = coalesce(s.external_id, $5),
       first_name = case when s.first_name = '' and s.last_name = '' then l.first_name else s.first_name end,
       last_name = case when s.first_name = '' and s.last_name = '' then l.last_name else s.last_name end,
       employer_id = coalesce(s.employer_id, case when s.kind = 'contact' then l.employer_id end),
       responsible_user_id = $6, time_zone = coalesce(s.time_zone, l.time_zone), language = coalesce(s.language, l.language),
       tags = array(select distinct tag from unnest(coalesce(s.tags, '{}') || coalesce(l.tags, '{}')) as tag order by tag),
       custom = coalesce(l.custom, '{}') || coalesce(s.custom, '{}'), confidential = s.confidential or l.confidential, updated_at = $4
     from people l
     where s.organization_id = $1 and s.id = $3 and l.organization_id = $1 and l.id = $2`,
    [organizationId, fromId, intoId, now, takesExternalId ? gone!.externalId : null, responsibleUserId],
  );
  await tx.query(
    `update conversations set responsible_user_id = $3, inbox_user_id = case when status = 'active' then owner_id else $3 end
     where organization_id = $1 and person_id = $2`,
    [organizationId, intoId, responsibleUserId],
  );
}

/** A version that no later snapshot of the other conversation outdoes: its workflow hears that nothing is left, and ends. */
async function endWorkflow(tx: Tx, from: LockedConversation, into: LockedConversation): Promise<void> {
  const version = Math.max(from.chat.version, into.chat.version) + 1_000_000;
  await tx.query(
    `update conversations set status = 'closed', owner_id = null, deadline_at = null, opened_at = null, chat_version = $3,
       inbox_user_id = responsible_user_id where organization_id = $1 and id = $2`,
    [from.organizationId, from.id, version],
  );
  const chat = {
    ...from.chat,
    status: 'closed' as const,
    ownerId: null,
    deadlineAt: null,
    openedAt: null,
    version,
  };
  await pokeConversation(tx, { ...from, chat }, false);
}
