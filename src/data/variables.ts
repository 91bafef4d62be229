import type { VariableValues } from '../domain/template-render';
import type { Tx } from './database';

/** R-SEND-5: the values of all variables for one person, application and acting user. */
export async function loadVariables(
  tx: Pick<Tx, 'query'>,
  scope: { organizationId: string; personId: string; applicationId: string | null; userId: string | null },
): Promise<VariableValues> {
  const [row] = await tx.query<{
    kind: 'candidate' | 'contact';
    firstName: string;
    lastName: string;
    custom: Record<string, string>;
    company: string;
    vacancy: string | null;
    stage: string | null;
    userFirstName: string | null;
    userLastName: string | null;
    userPhone: string | null;
    userEmail: string | null;
  }>(
    `select p.kind, p.first_name as "firstName", p.last_name as "lastName", p.custom, o.name as company,
       v.title as vacancy, s.name as stage,
       u.first_name as "userFirstName", u.last_name as "userLastName", u.phone as "userPhone", u.email as "userEmail"
     from people p
     join organizations o on o.id = p.organization_id
     left join applications a on a.organization_id = p.organization_id and a.id = $3 and a.person_id = p.id
     left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     left join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     left join users u on u.organization_id = p.organization_id and u.id = coalesce($4::uuid, p.responsible_user_id)
     where p.organization_id = $1 and p.id = $2`,
    [scope.organizationId, scope.personId, scope.applicationId, scope.userId],
  );
  if (!row) return {};
  const fullName = `${row.firstName} ${row.lastName}`.trim();
  const custom = Object.entries(row.custom).map(([key, value]) => [`candidate.custom.${key}`, value]);
  return {
    ...(Object.fromEntries(custom) as Record<string, string>),
    [`${row.kind}.firstName`]: row.firstName,
    [`${row.kind}.lastName`]: row.lastName,
    [`${row.kind}.fullName`]: fullName,
    'vacancy.title': row.vacancy,
    'stage.name': row.stage,
    'company.name': row.company,
    'recruiter.firstName': row.userFirstName,
    'recruiter.fullName':
      row.userFirstName === null ? null : `${row.userFirstName} ${row.userLastName ?? ''}`.trim(),
    'recruiter.phone': row.userPhone,
    'recruiter.email': row.userEmail,
  };
}
