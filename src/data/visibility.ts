import type { Actor } from '../domain/permissions';
import { seesEverything } from '../domain/permissions';
import { notFound } from '../domain/errors';
import type { Queryable } from './sql';
import { isUuid } from './sql';

/**
 * R-ROLE-2, the one place that says whose files, conversations and applications an actor sees: a condition on `alias`, a
 * row of `people`, or of `conversations`, with the id of a person in `column`. Office roles and programs see all of the organization; others the
 * candidates on vacancies they are assigned to; nobody sees who was erased. The organization itself is the caller's condition.
 */
export const visiblePerson = (actor: Actor, alias: string, column = 'id'): string =>
  `${alias}.erased_at is null and ${personInSight(actor, alias, column)}`;

/** The same where the caller leaves out the erased. */
export function personInSight(actor: Actor, alias: string, column = 'id'): string {
  if (seesEverything(actor)) return 'true';
  return `exists (
    select 1 from applications visible_a
    join vacancy_users visible_u
      on visible_u.organization_id = visible_a.organization_id and visible_u.vacancy_id = visible_a.vacancy_id
    where visible_a.organization_id = ${alias}.organization_id and visible_a.person_id = ${alias}.${column}
      and visible_u.user_id = ${userLiteral(actor)})`;
}

/** The same for `alias`, a row of `vacancies`: those that the actor is assigned to. */
export function visibleVacancy(actor: Actor, alias: string): string {
  if (seesEverything(actor)) return 'true';
  return `exists (
    select 1 from vacancy_users visible_u
    where visible_u.organization_id = ${alias}.organization_id and visible_u.vacancy_id = ${alias}.id
      and visible_u.user_id = ${userLiteral(actor)})`;
}

/**
 * The same rule for `alias`, a row of `applications`: who sees only assigned vacancies sees their applications, and not what
 * else the same person has applied for.
 */
export const visibleApplication = (actor: Actor, alias: string): string =>
  `${alias}.erased_at is null and ${applicationInSight(actor, alias)}`;

/** The same where the caller leaves out erased people. */
export function applicationInSight(actor: Actor, alias: string): string {
  if (seesEverything(actor)) return 'true';
  return `exists (
    select 1 from vacancy_users visible_u
    where visible_u.organization_id = ${alias}.organization_id and visible_u.vacancy_id = ${alias}.vacancy_id
      and visible_u.user_id = ${userLiteral(actor)})`;
}

/** Which of `userIds`, none of whom sees everything, see which of `personIds`: the same rule for live events, in one query. */
export async function whoSeesPeople(
  db: Queryable,
  facts: { organizationId: string; personIds: string[]; userIds: string[] },
): Promise<Set<string>> {
  if (facts.personIds.length === 0 || facts.userIds.length === 0) return new Set();
  const rows = await db.query<{ pair: string }>(
    `select distinct a.person_id || ' ' || vu.user_id as pair
     from applications a
     join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id
     where a.organization_id = $1 and a.person_id = any($2::uuid[]) and vu.user_id = any($3::uuid[])`,
    [facts.organizationId, facts.personIds, facts.userIds],
  );
  return new Set(rows.map((row) => row.pair));
}

/** Which of `userIds`, none of whom sees everything, see which of `vacancyIds`. */
export async function whoSeesVacancies(
  db: Queryable,
  facts: { organizationId: string; vacancyIds: string[]; userIds: string[] },
): Promise<Set<string>> {
  if (facts.vacancyIds.length === 0 || facts.userIds.length === 0) return new Set();
  const rows = await db.query<{ pair: string }>(
    `select vacancy_id || ' ' || user_id as pair from vacancy_users
     where organization_id = $1 and vacancy_id = any($2::uuid[]) and user_id = any($3::uuid[])`,
    [facts.organizationId, facts.vacancyIds, facts.userIds],
  );
  return new Set(rows.map((row) => row.pair));
}

type Resource = 'person' | 'vacancy' | 'application';

const resources = {
  person: {
    table: 'people',
    visible: visiblePerson,
    extra: 'and r.merged_into_id is null and r.erased_at is null',
  },
  vacancy: { table: 'vacancies', visible: visibleVacancy, extra: '' },
  application: { table: 'applications', visible: visibleApplication, extra: '' },
} as const;

/**
 * The id behind a reference (an id, or `ext:` and the caller's external id), when the actor may see it.
 *
 * @throws DomainError `not_found`, also for what exists and may not be seen
 */
export async function resolveReference(
  db: Queryable,
  actor: Actor,
  what: Resource,
  reference: string,
): Promise<string> {
  const { table, visible, extra } = resources[what];
  const { column, value } = parseReference(reference);
  if (what === 'person') return resolvePerson(db, actor, column, value);
  const [row] = await db.query<{ id: string }>(
    `select r.id from ${table} r where r.organization_id = $1 and r.${column} = $2 ${extra} and ${visible(actor, 'r')}`,
    [actor.organizationId, value],
  );
  if (!row) throw notFound(what);
  return row.id;
}

/** The ids behind many references, in their order. Whether the actor may see what they name is for the command to check. */
export async function resolveReferences(
  db: Queryable,
  { organizationId }: Actor,
  what: 'person' | 'application',
  references: readonly string[],
): Promise<string[]> {
  const places = references.map(parseReference);
  const external = places.flatMap(({ column, value }) => (column === 'external_id' ? [value] : []));
  if (external.length === 0) return places.map(({ value }) => value);
  const rows = await db.query<{ id: string; externalId: string }>(
    `select ${what === 'person' ? 'coalesce(merged_into_id, id)' : 'id'} as id, external_id as "externalId"
     from ${resources[what].table} where organization_id = $1 and external_id = any($2)`,
    [organizationId, external],
  );
  const ids = new Map(rows.map((row) => [row.externalId, row.id]));
  return places.map(({ column, value }) => {
    const id = column === 'id' ? value : ids.get(value);
    if (id === undefined) throw notFound(what);
    return id;
  });
}

/** What is sent, with the id of the application that it is about in place of a reference to it. */
export async function withApplicationId<Sent extends { applicationId?: string | undefined }>(
  db: Queryable,
  actor: Actor,
  sent: Sent,
): Promise<Sent> {
  if (sent.applicationId === undefined) return sent;
  const [applicationId] = await resolveReferences(db, actor, 'application', [sent.applicationId]);
  return { ...sent, applicationId };
}

/** Whoever was merged (R-CHAT-13) is found in the person they became part of. */
async function resolvePerson(
  db: Queryable,
  actor: Actor,
  column: 'id' | 'external_id',
  value: string,
): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `select p.id from people asked
     join people p on p.organization_id = asked.organization_id and p.id = coalesce(asked.merged_into_id, asked.id)
     where asked.organization_id = $1 and asked.${column} = $2 and p.merged_into_id is null and p.erased_at is null
       and ${visiblePerson(actor, 'p')}`,
    [actor.organizationId, value],
  );
  if (!row) throw notFound('person');
  return row.id;
}

/** Where a reference points: a column and the value in it. */
export function parseReference(reference: string): { column: 'id' | 'external_id'; value: string } {
  return isUuid(reference)
    ? { column: 'id', value: reference.toLowerCase() }
    : { column: 'external_id', value: reference.slice('ext:'.length) };
}

/** Ids come from the database or were checked as UUIDs; anything else must not reach SQL. */
function userLiteral(actor: Actor): string {
  const userId = actor.user?.id ?? '';
  if (!isUuid(userId)) throw new Error('the acting user has no proper id');
  return `'${userId}'::uuid`;
}
