import {
  isOffice,
  maySendFromBase,
  seesEverything,
  sendingRight,
  type Actor,
} from '../../domain/permissions';
import type { Tx } from '../database';
import type { NewMessage } from '../messages/prepare-content';
import { findActingUser } from '../organization/session';
import { visibleApplication, visiblePerson } from '../visibility';

type Author = {
  organizationId: string;
  origin: NewMessage['origin'];
  userId: string | null;
  apiKeyId: string | null;
  /** Of one to many: the send. */
  batchId: string;
};

type Addressee = { conversationId: string; personId: string; applicationId: string | null };

/** R-ROLE-1: who sends what was scheduled, if they still may write to this person now; the rest is asked by the acceptance of the message. */
export async function authorOf(tx: Tx, scheduled: Author & Addressee): Promise<Actor | null> {
  const { actor, may } = await authorOfMany(tx, scheduled, [scheduled]);
  return may.has(scheduled.personId) ? actor : null;
}

/** The same for many of one send, in as many queries as for one; `may`: to whom they still may write, by the ids of people. */
export async function authorOfMany(
  tx: Tx,
  author: Author,
  to: readonly Addressee[],
): Promise<{ actor: Actor; may: Set<string> }> {
  const { organizationId, userId, apiKeyId, origin } = author;
  const user = userId === null ? null : ((await findActingUser(tx, { organizationId, userId })) ?? null);
  const actor: Actor = { organizationId, user, apiKeyId };
  const none = { actor, may: new Set<string>() };
  if (userId !== null && !user) return none;
  if (apiKeyId !== null && (await isRevoked(tx, actor))) return none;
  // an automatic action is nobody's: who set it up was asked then
  if (!user || origin === 'automatic') return { actor, may: peopleOf(to) };
  const seen = await visibleAmong(tx, actor, to);
  return { actor, may: peopleOf(origin === 'bulk' ? await withinReach(tx, actor, author, seen) : seen) };
}

const peopleOf = (to: readonly Addressee[]): Set<string> => new Set(to.map(({ personId }) => personId));

async function isRevoked(tx: Tx, { organizationId, apiKeyId }: Actor): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from api_keys where organization_id = $1 and id = $2 and revoked_at is not null',
    [organizationId, apiKeyId],
  );
  return rows.length > 0;
}

async function visibleAmong(tx: Tx, actor: Actor, to: readonly Addressee[]): Promise<readonly Addressee[]> {
  if (seesEverything(actor)) return to;
  const rows = await tx.query<{ id: string }>(
    `select p.id from people p where p.organization_id = $1 and p.id = any($2::uuid[]) and ${visiblePerson(actor, 'p')}`,
    [actor.organizationId, to.map(({ personId }) => personId)],
  );
  const visible = new Set(rows.map(({ id }) => id));
  return to.filter(({ personId }) => visible.has(personId));
}

/** Of one among many: on vacancies one is assigned to, else from the base; one alone is somebody's file (R-ROLE-3). */
async function withinReach(
  tx: Tx,
  actor: Actor,
  { organizationId, batchId }: Author,
  to: readonly Addressee[],
): Promise<readonly Addressee[]> {
  const { user } = actor;
  if (user === null || user.role === 'administrator') return to;
  if (sendingRight(user.role) === 'nobody') return [];
  const fromBase =
    to.some(({ applicationId }) => applicationId === null) &&
    (maySendFromBase(actor) || (isOffice(user.role) && (await isOneFile(tx, organizationId, batchId))));
  const assigned = await assignedAmong(tx, actor, to);
  return to.filter(({ applicationId, personId }) =>
    applicationId === null ? fromBase : assigned.has(`${applicationId} ${personId}`),
  );
}

/** Applications on vacancies that the user is assigned to, each with its person. */
async function assignedAmong(tx: Tx, actor: Actor, to: readonly Addressee[]): Promise<Set<string>> {
  const applicationIds = to.flatMap(({ applicationId }) => applicationId ?? []);
  if (applicationIds.length === 0) return new Set();
  const rows = await tx.query<{ pair: string }>(
    `select a.id || ' ' || a.person_id as pair from applications a
     join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id and vu.user_id = $3
     where a.organization_id = $1 and a.id = any($2::uuid[]) and ${visibleApplication(actor, 'a')}`,
    [actor.organizationId, applicationIds, actor.user?.id],
  );
  return new Set(rows.map(({ pair }) => pair));
}

async function isOneFile(tx: Tx, organizationId: string, bulkSendId: string): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from bulk_sends where organization_id = $1 and id = $2 and planned = cardinality(channels)',
    [organizationId, bulkSendId],
  );
  return rows.length > 0;
}
