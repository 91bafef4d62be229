import { mostRecipients, type RecipientSource } from '../../contracts/sends';
import { DomainError, notFound } from '../../domain/errors';
import { isOffice, maySendFromBase, type Actor } from '../../domain/permissions';
import { peopleConditions, prepareSearch } from '../people/people-filter';
import { readPeopleSearch } from '../people/saved-searches';
import { createParams, type Queryable } from '../sql';
import { resolveReferences, visibleApplication, visiblePerson, visibleVacancy } from '../visibility';

export type Recipient = { personId: string; applicationId: string | null };

/** To whom a message goes, as a query: rows of `person_id`, `application_id` and `place`, each once. Its `$1` is the organization. */
export type RecipientQuery = ReturnType<typeof createParams> & { sql: string };

/**
 * Whom a send means and this actor may write to; nobody is read yet but for the check. 404 for one who is not seen, 403 where the
 * role does not reach (R-ROLE). One more than there may be tells that there are too many: `assertNotTooMany`.
 */
export async function chooseRecipients(
  tx: Queryable,
  actor: Actor,
  source: RecipientSource,
): Promise<RecipientQuery> {
  const params = createParams(actor.organizationId);
  const chosen = await sqlOf(tx, actor, source, params);
  return {
    ...params,
    sql: `select person_id, application_id, row_number() over (order by place) as place
      from (${chosen} order by place limit ${mostRecipients + 1}) chosen`,
  };
}

export function assertNotTooMany(recipients: number): void {
  if (recipients <= mostRecipients) return;
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: [{ path: 'filter', message: 'means more than 100,000 people: narrow it' }],
  });
}

type Params = ReturnType<typeof createParams>;

async function sqlOf(
  tx: Queryable,
  actor: Actor,
  { applicationIds, personIds, stageId, filter, savedSearchId }: RecipientSource,
  params: Params,
): Promise<string> {
  if (applicationIds) {
    const ids = await resolveReferences(tx, actor, 'application', applicationIds);
    return ofApplications(tx, actor, [...new Set(ids)], params);
  }
  if (stageId !== undefined) return ofStage(tx, actor, stageId, params);
  if (personIds) {
    const ids = await resolveReferences(tx, actor, 'person', personIds);
    return ofPeople(tx, actor, [...new Set(ids)], params);
  }
  assertBase(actor);
  const meant = filter ?? (await readPeopleSearch(tx, actor, savedSearchId!));
  const search = await prepareSearch(tx, actor.organizationId, meant);
  const conditions = peopleConditions(meant, { actor, ...search, add: params.add });
  return `select p.id as person_id, null::uuid as application_id, row_number() over (order by p.last_name, p.first_name, p.id) as place
    from people p where ${conditions.join(' and ')}`;
}

async function ofApplications(
  tx: Queryable,
  actor: Actor,
  ids: string[],
  { add, values }: Params,
): Promise<string> {
  const rows = `unnest(${add(ids)}::uuid[]) with ordinality as asked(id, place)
    join applications a on a.organization_id = $1 and a.id = asked.id and ${visibleApplication(actor, 'a')}`;
  const [found] = await tx.query<{ seen: number; assigned: boolean | null }>(
    `select count(*)::int as seen, bool_and(${isAssigned('a', '$3')}) as assigned from ${rows}`,
    [...values, actor.user?.id ?? null],
  );
  if (found!.seen < ids.length) throw notFound('application');
  assertVacancies(actor, found!.assigned === true);
  return `select a.person_id, a.id as application_id, asked.place from ${rows}`;
}

/** Who stands in it now and was neither rejected nor has withdrawn, in the board's order. */
async function ofStage(tx: Queryable, actor: Actor, stageId: string, { add }: Params): Promise<string> {
  const [stage] = await tx.query<{ vacancyId: string; assigned: boolean }>(
    `select s.vacancy_id as "vacancyId", ${isAssigned('s', '$3')} as assigned from stages s
     join vacancies v on v.organization_id = s.organization_id and v.id = s.vacancy_id and ${visibleVacancy(actor, 'v')}
     where s.organization_id = $1 and s.id = $2`,
    [actor.organizationId, stageId, actor.user?.id ?? null],
  );
  if (!stage) throw notFound('stage');
  assertVacancies(actor, stage.assigned);
  return `select a.person_id, a.id as application_id, row_number() over (order by a.stage_entry_id desc) as place
    from applications a where a.organization_id = $1 and a.vacancy_id = ${add(stage.vacancyId)} and a.stage_id = ${add(stageId)}
      and a.rejected_at is null and a.withdrawn_at is null and a.erased_at is null`;
}

async function ofPeople(
  tx: Queryable,
  actor: Actor,
  ids: string[],
  { add, values }: Params,
): Promise<string> {
  // One alone is somebody's file, which those who see it may write from (R-ROLE-3).
  const oneFile = ids.length === 1 && actor.user !== null && isOffice(actor.user.role);
  if (!oneFile) assertBase(actor);
  const rows = `unnest(${add(ids)}::uuid[]) with ordinality as asked(id, place)
    join people p on p.organization_id = $1 and p.id = asked.id and p.merged_into_id is null and p.erased_at is null
      and ${visiblePerson(actor, 'p')}`;
  const [found] = await tx.query<{ seen: number }>(`select count(*)::int as seen from ${rows}`, values);
  if (found!.seen < ids.length) throw notFound('person');
  return `select p.id as person_id, null::uuid as application_id, asked.place from ${rows}`;
}

const isAssigned = (alias: string, user: string): string => `exists (
  select 1 from vacancy_users vu where vu.organization_id = ${alias}.organization_id and vu.vacancy_id = ${alias}.vacancy_id
    and vu.user_id = ${user})`;

function assertVacancies(actor: Actor, assigned: boolean): void {
  if (assigned || actor.user === null || actor.user.role === 'administrator') return;
  throw new DomainError('not_permitted', 'You may send to the candidates of vacancies you are assigned to.');
}

function assertBase(actor: Actor): void {
  if (maySendFromBase(actor)) return;
  throw new DomainError('not_permitted', 'Sending from the candidate base needs Access to own base.');
}
