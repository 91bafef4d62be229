import type { VariableValues } from '../domain/template-render';
import type { Tx } from './database';

export type Recipient = { personId: string; applicationId: string | null };

type VariableRow = {
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
};

/** R-SEND-5: the values of all variables for one person, application and acting user. */
export async function loadVariables(
  tx: Pick<Tx, 'query'>,
  scope: { organizationId: string; userId: string | null } & Recipient,
): Promise<VariableValues> {
  const [values] = await loadVariablesOf(tx, scope, [scope]);
  return values!;
}

/** The same for many, in one query and their order; `userId` null: the responsible user of each is the recruiter. */
export async function loadVariablesOf(
  tx: Pick<Tx, 'query'>,
  scope: { organizationId: string; userId: string | null },
  recipients: Recipient[],
): Promise<VariableValues[]> {
  const rows = await tx.query<VariableRow & { place: number }>(
    `select r.place, p.kind, p.first_name as "firstName", p.last_name as "lastName", p.custom, o.name as company,
       v.title as vacancy, s.name as stage,
       u.first_name as "userFirstName", u.last_name as "userLastName", u.phone as "userPhone", u.email as "userEmail"
     from unnest($3::uuid[], $4::uuid[]) with ordinality as r(person_id, application_id, place)
     join people p on p.organization_id = $1 and p.id = r.person_id
     join organizations o on o.id = p.organization_id
     left join applications a on a.organization_id = p.organization_id and a.id = r.application_id and a.person_id = p.id
     left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     left join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     left join users u on u.organization_id = p.organization_id and u.id = coalesce($2::uuid, p.responsible_user_id)`,
    [
      scope.organizationId,
      scope.userId,
      recipients.map(({ personId }) => personId),
      recipients.map(({ applicationId }) => applicationId),
    ],
  );
  const values: VariableValues[] = recipients.map(() => ({}));
  for (const row of rows) values[row.place - 1] = valuesOf(row);
  return values;
}

function valuesOf(row: VariableRow): VariableValues {
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
