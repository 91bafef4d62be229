import { DomainError, notFound } from '../../domain/errors';
import { mayManageVacancy, type Actor } from '../../domain/permissions';
import type { Queryable } from '../sql';
import { visibleVacancy } from '../visibility';

/** Vacancies, stages and their actions are set up by Administrators, and by office users assigned to the vacancy. */
export async function assertManages(db: Queryable, actor: Actor, vacancyId: string): Promise<void> {
  const [row] = await db.query<{ assigned: boolean }>(
    `select exists (select 1 from vacancy_users vu where vu.organization_id = v.organization_id
         and vu.vacancy_id = v.id and vu.user_id = $3) as assigned
     from vacancies v where v.organization_id = $1 and v.id = $2 and ${visibleVacancy(actor, 'v')}`,
    [actor.organizationId, vacancyId, actor.user?.id ?? null],
  );
  if (!row) throw notFound('vacancy');
  if (mayManageVacancy(actor, row)) return;
  throw new DomainError(
    'not_permitted',
    'Only Administrators, and Supervisors and Recruiters assigned to the vacancy, may change it.',
  );
}
