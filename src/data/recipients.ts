import { DomainError, notFound } from '../domain/errors';
import { isOffice, maySendFromBase, type Actor } from '../domain/permissions';
import type { Queryable } from './sql';
import { visibleApplication, visiblePerson } from './visibility';

export type Recipient = { personId: string; applicationId: string | null };

type Wanted = { applicationIds?: string[] | undefined; personIds?: string[] | undefined };

/** To whom a message goes, each once, in the order asked for. 404 for one who is not seen, 403 where the role does not reach (R-ROLE). */
export async function resolveRecipients(
  tx: Queryable,
  actor: Actor,
  { applicationIds, personIds }: Wanted,
): Promise<Recipient[]> {
  return applicationIds === undefined
    ? fromBase(tx, actor, [...new Set(personIds)])
    : fromVacancies(tx, actor, [...new Set(applicationIds)]);
}

async function fromVacancies(tx: Queryable, actor: Actor, ids: string[]): Promise<Recipient[]> {
  const rows = await tx.query<Recipient & { assigned: boolean }>(
    `select a.person_id as "personId", a.id as "applicationId", exists (
       select 1 from vacancy_users vu where vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id and vu.user_id = $3) as assigned
     from applications a where a.organization_id = $1 and a.id = any($2::uuid[]) and ${visibleApplication(actor, 'a')}
     order by array_position($2::uuid[], a.id)`,
    [actor.organizationId, ids, actor.user?.id ?? null],
  );
  if (rows.length < ids.length) throw notFound('application');
  const everywhere = actor.user === null || actor.user.role === 'administrator';
  if (!everywhere && !rows.every((row) => row.assigned))
    throw new DomainError(
      'not_permitted',
      'You may send to the candidates of vacancies you are assigned to.',
    );
  return rows.map(({ personId, applicationId }) => ({ personId, applicationId }));
}

async function fromBase(tx: Queryable, actor: Actor, ids: string[]): Promise<Recipient[]> {
  // One alone is somebody's file, which those who see it may write from (R-ROLE-3).
  const oneFile = ids.length === 1 && actor.user !== null && isOffice(actor.user.role);
  if (!oneFile && !maySendFromBase(actor))
    throw new DomainError('not_permitted', 'Sending from the candidate base needs Access to own base.');
  const rows = await tx.query<{ personId: string }>(
    `select p.id as "personId" from people p
     where p.organization_id = $1 and p.id = any($2::uuid[]) and p.merged_into_id is null and ${visiblePerson(actor, 'p')}
     order by array_position($2::uuid[], p.id)`,
    [actor.organizationId, ids],
  );
  if (rows.length < ids.length) throw notFound('person');
  return rows.map(({ personId }) => ({ personId, applicationId: null }));
}
