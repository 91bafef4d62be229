import type { Erased } from '../../contracts/erase';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import {
  hasQueued,
  lockConversations,
  noticeConversation,
  pokeConversation,
  type LockedConversation,
} from '../conversations/conversation-store';
import { ConcurrentChange, newId, type Database, type Tx } from '../database';
import { writeEvents } from '../events/events';
import { dropRecipients, eraseMails } from '../mail/erase-mails';
import { endUnsent } from '../messages/dispatch';
import { writeAudit } from '../organization/audit';
import { blankPeople, type ErasedPeople } from './blank-people';
import { cancelPlanned, lockPlanned } from './cancel-planned';

const hourMs = 3_600_000;
/** Meta repeats a webhook for seven days: until then its messages are known by the provider's ids. */
const repeatedForMs = 8 * 24 * hourMs;

/**
 * Erases a person for good, and whoever was merged into them (decision 0031): what is still to be sent is cancelled, the chat ends, and all
 * that says who they are or what was said is blanked. The rows stay, so that the ledger, counts and cursors do. Locked in the order of all:
 * what is planned, contact points, people, applications, conversations.
 */
export async function erasePerson(db: Database, actor: Actor, personId: string): Promise<Erased> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const people = await lockAll(tx, organizationId, personId);
    const now = await tx.now();
    await tx.query(
      `update applications set erased_at = $3, updated_at = $3 where organization_id = $1 and person_id = any($2::uuid[])`,
      [organizationId, people.personIds, now],
    );
    await cancelPlanned(tx, people, now);
    for (const conversation of people.conversations) await endQueued(tx, conversation, now);
    await eraseMails(tx, people);
    await dropRecipients(tx, people);
    await forgetSearches(tx, people);
    await tx.query(
      'update people set erased_at = $3, erase_again_at = $4, updated_at = $3 where organization_id = $1 and id = any($2::uuid[])',
      [organizationId, people.personIds, now, new Date(now.getTime() + hourMs)],
    );
    await blankPeople(tx, people, { removeProviderIdsAt: new Date(now.getTime() + repeatedForMs) });
    for (const conversation of people.conversations) await endChat(tx, conversation, now);
    await tell(tx, actor, people, now);
    return { id: people.personIds[0]!, erasedAt: now.toISOString() };
  });
}

type Locked = ErasedPeople & {
  conversations: LockedConversation[];
  addresses: string[];
  numbers: string[];
  names: string[];
};

/** Whoever comes second of two who erase the same person finds nobody. */
async function lockAll(tx: Tx, organizationId: string, personId: string): Promise<Locked> {
  const ids = (
    await tx.query<{ id: string }>(
      'select id from people where organization_id = $1 and (id = $2 or merged_into_id = $2)',
      [organizationId, personId],
    )
  ).map(({ id }) => id);
  await lockPlanned(tx, organizationId, ids);
  const points = await tx.query<{ kind: 'phone' | 'email'; key: string; waId: string | null }>(
    `select kind, key, wa_id as "waId" from contact_points where organization_id = $1 and person_id = any($2::uuid[]) order by id for update`,
    [organizationId, ids],
  );
  const people = await tx.query<{ id: string; name: string; gone: boolean; conversationId: string }>(
    `select p.id, trim(p.first_name || ' ' || p.last_name) as name, p.id = $2 and (p.merged_into_id is not null or p.erased_at is not null) as gone,
       (select c.id from conversations c where c.organization_id = p.organization_id and c.person_id = p.id) as "conversationId"
     from people p where p.organization_id = $1 and (p.id = $2 or p.merged_into_id = $2) order by p.id for update of p`,
    [organizationId, personId],
  );
  if (!people.some(({ id }) => id === personId) || people.some(({ gone }) => gone)) throw notFound('person');
  // somebody was merged into them while this waited
  if (people.some(({ id }) => !ids.includes(id))) throw new ConcurrentChange();
  await tx.query(
    'select 1 from applications where organization_id = $1 and person_id = any($2::uuid[]) order by id for update',
    [organizationId, ids],
  );
  const conversationIds = people.map(({ conversationId }) => conversationId);
  const conversations = await lockConversations(tx, { organizationId, conversationIds });
  return {
    organizationId,
    personIds: [personId, ...ids.filter((id) => id !== personId)],
    conversationIds,
    conversations: [...conversations.values()],
    addresses: await withoutUsers(
      tx,
      organizationId,
      points.filter(({ kind }) => kind === 'email').map(({ key }) => key),
    ),
    numbers: points
      .filter(({ kind }) => kind === 'phone')
      .flatMap(({ key, waId }) => [key, ...(waId ? [waId] : [])]),
    names: people.map(({ name }) => name).filter((name) => name !== ''),
  };
}

/** The mail of a user whose address stands in somebody's file is the user's. */
const withoutUsers = async (tx: Tx, organizationId: string, addresses: string[]): Promise<string[]> =>
  (
    await tx.query<{ address: string }>(
      `select address from unnest($2::text[]) address
       where address not in (select lower(email) from users where organization_id = $1)
         and address not in (select lower(from_address) from mailboxes where organization_id = $1 and from_address is not null)`,
      [organizationId, addresses],
    )
  ).map(({ address }) => address);

/** What is being sent right now settles by its id, and so do its credits. */
async function endQueued(tx: Tx, conversation: LockedConversation, now: Date): Promise<void> {
  const queued = await tx.query<{ id: string; applicationId: string | null }>(
    `select id, application_id as "applicationId" from messages
     where organization_id = $1 and conversation_id = $2 and state in ('queued', 'scheduled') order by position for update`,
    [conversation.organizationId, conversation.id],
  );
  for (const message of queued)
    await endUnsent(tx, conversation, message, 'cancelled', { reason: 'erased' }, now);
}

async function endChat(tx: Tx, conversation: LockedConversation, now: Date): Promise<void> {
  const { organizationId, id } = conversation;
  const version = conversation.chat.version + 1;
  await tx.query(
    `update conversations set status = 'closed', owner_id = null, last_owner_id = null, deadline_at = null, opened_at = null, chat_version = $3,
       responsible_user_id = null, inbox_user_id = null, last_sender_id = null, last_message_at = null, last_message_id = null,
       last_direction = null, channels = '{}', unanswered_since = null, answered_since = null, answered_position = null, blocked_by = null,
       not_before = null, erased_at = $4, updated_at = $4
     where organization_id = $1 and id = $2`,
    [organizationId, id, version, now],
  );
  const chat = {
    ...conversation.chat,
    status: 'closed' as const,
    ownerId: null,
    deadlineAt: null,
    openedAt: null,
    version,
  };
  const pending = await hasQueued(tx, { organizationId, conversationId: id });
  await pokeConversation(tx, { ...conversation, chat }, pending);
  noticeConversation(tx, conversation);
}

/** A search that finds this person alone goes; without its text it would find everybody. Refused webhooks of theirs go, too. */
async function forgetSearches(tx: Tx, { organizationId, names, addresses, numbers }: Locked): Promise<void> {
  const words = [...names.filter((name) => name.includes(' ')), ...addresses].map((word) =>
    word.toLowerCase(),
  );
  const digits = [...new Set(numbers.map((number) => number.replace(/\D/g, '')))].filter(
    ({ length }) => length > 5,
  );
  await tx.query(
    `delete from saved_searches s where s.organization_id = $1 and exists (
       select 1 from (select s.name union all select s.query ->> 'q') t(said)
       where exists (select 1 from unnest($2::text[]) w where position(w in lower(t.said)) > 0)
         or exists (select 1 from unnest($3::text[]) d where position(d in regexp_replace(t.said, '\\D', '', 'g')) > 0))`,
    [organizationId, words, digits],
  );
  await tx.query(
    `delete from webhook_deliveries w where w.organization_id = $1 and w.state = 'poison' and exists (
       select 1 from unnest($2::text[]) d where position(convert_to(d, 'UTF8') in w.body) > 0)`,
    [organizationId, digits],
  );
}

async function tell(tx: Tx, actor: Actor, { organizationId, personIds }: Locked, now: Date): Promise<void> {
  for (const personId of personIds) {
    await writeAudit(tx, actor, { action: 'person.erased', target: 'person', targetId: personId });
    const erased = { id: newId(), organizationId, type: 'person.erased' as const, personId, occurredAt: now };
    await writeEvents(tx, [{ ...erased, data: { byUserId: actor.user?.id ?? null } }]);
  }
  const vacancies = await tx.query<{ vacancyId: string }>(
    'select distinct vacancy_id as "vacancyId" from applications where organization_id = $1 and person_id = any($2::uuid[])',
    [organizationId, personIds],
  );
  for (const { vacancyId } of vacancies) tx.notice({ type: 'board', organizationId, vacancyId });
}

const againAtOnce = 20;

/**
 * What has come late for erased people (an answer of the provider, a note that was being written) is blanked as well: an hour after, and
 * once webhooks are not repeated any more. Part of the sweep.
 */
export async function eraseLateFacts(db: Database): Promise<void> {
  await db.transact(async (tx) => {
    const now = await tx.now();
    const due = await tx.query<{ id: string; organizationId: string; conversationId: string; until: Date }>(
      `select p.id, p.organization_id as "organizationId", c.id as "conversationId",
         p.erased_at + $3 * interval '1 millisecond' as until
       from people p join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
       where p.erase_again_at <= $1 order by p.erase_again_at, p.id limit $2 for update of p skip locked`,
      [now, againAtOnce, repeatedForMs],
    );
    for (const { id, organizationId, conversationId, until } of due) {
      const people = { organizationId, personIds: [id], conversationIds: [conversationId] };
      await eraseMails(tx, { ...people, addresses: [] });
      await blankPeople(tx, people, { removeProviderIdsAt: until });
      await tx.query('update people set erase_again_at = $3 where organization_id = $1 and id = $2', [
        organizationId,
        id,
        until > now ? until : null,
      ]);
    }
  });
}
