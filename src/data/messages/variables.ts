import type { VariableValues } from '../../domain/template-render';
import type { Tx } from '../database';
import { touchCandidatePages } from '../candidate-pages/candidate-pages';
import { columnsSql } from '../sql';

export type Recipient = { personId: string; applicationId: string | null };

/** All links are as long as each other. */
const page = 'candidatePage.link';

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

const columns = {
  kind: 'p.kind',
  firstName: 'p.first_name',
  lastName: 'p.last_name',
  custom: 'p.custom',
  company: 'o.name',
  vacancy: 'v.title',
  stage: 's.name',
  userFirstName: 'u.first_name',
  userLastName: 'u.last_name',
  userPhone: 'u.phone',
  userEmail: 'u.email',
};

/** Beside `r` (a recipient), `p` and `o`. */
const tables = (userId: string): string => `
  left join applications ap on ap.organization_id = p.organization_id and ap.id = r.application_id and ap.person_id = p.id
  left join vacancies v on v.organization_id = ap.organization_id and v.id = ap.vacancy_id
  left join stages s on s.organization_id = ap.organization_id and s.id = ap.stage_id
  left join users u on u.organization_id = p.organization_id and u.id = coalesce(${userId}::uuid, p.responsible_user_id)`;

/**
 * The same as part of a larger query, for people who are alike to be counted. What none of `names` speaks of is left empty, so that it
 * sets nobody apart. `personal`: what they speak of differs from person to person.
 */
export function spokenOf(
  names: string[],
  { userId, pageLink }: { userId: string | null; pageLink: string | null },
  add: (value: unknown) => string,
) {
  const speaks = (pattern: RegExp) => names.some((name) => pattern.test(name));
  const customKeys = names.flatMap((name) => /^candidate\.custom\.(.+)$/.exec(name)?.[1] ?? []);
  const nothing = (...unused: (keyof typeof columns)[]) =>
    Object.fromEntries(unused.map((name) => [name, `null::text`]));
  return {
    columns: {
      ...columns,
      custom:
        customKeys.length === 0
          ? `'{}'::jsonb`
          : `(select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(p.custom) where key = any(${add(customKeys)}))`,
      ...(!speaks(/^(candidate|contact)\.(?!custom)/) && { firstName: `''`, lastName: `''` }),
      ...(!speaks(/^vacancy\./) && nothing('vacancy')),
      ...(!speaks(/^stage\./) && nothing('stage')),
      ...(!speaks(/^recruiter\./) && nothing('userFirstName', 'userLastName', 'userPhone', 'userEmail')),
    },
    tables: tables(add(userId)),
    personal: names.some(
      (name) =>
        name !== 'company.name' && name !== page && (userId === null || !name.startsWith('recruiter.')),
    ),
    read: (row: object) => valuesOf(row as VariableRow, pageLink),
  };
}

/** R-SEND-5: the values of all variables for one person, application and acting user. */
export async function loadVariables(
  tx: Pick<Tx, 'prepared' | 'pageUrl'>,
  scope: { organizationId: string; userId: string | null } & Recipient,
): Promise<VariableValues> {
  const [values] = await loadVariablesOf(tx, scope, [scope]);
  return values!;
}

/**
 * The same for many, in one query and their order; `userId` null: the responsible user of each is the recruiter. The link to the candidate's page
 * is an example, which opens nothing.
 */
export async function loadVariablesOf(
  tx: Pick<Tx, 'prepared' | 'pageUrl'>,
  scope: { organizationId: string; userId: string | null },
  recipients: Recipient[],
): Promise<VariableValues[]> {
  const rows = await tx.prepared<VariableRow & { place: number }>(
    `select r.place, ${columnsSql(columns)}
     from unnest($3::uuid[], $4::uuid[]) with ordinality as r(person_id, application_id, place)
     join people p on p.organization_id = $1 and p.id = r.person_id
     join organizations o on o.id = p.organization_id ${tables('$2')}`,
    [
      scope.organizationId,
      scope.userId,
      recipients.map(({ personId }) => personId),
      recipients.map(({ applicationId }) => applicationId),
    ],
  );
  const values: VariableValues[] = recipients.map(() => ({}));
  const pageLink = examplePageLink(tx, scope.organizationId);
  for (const row of rows) values[row.place - 1] = valuesOf(row, pageLink);
  return values;
}

/** The same for messages: where their texts (`names`) speak of the candidate's page, it is made, and lives from then on. */
export async function loadVariablesToSend(
  tx: Pick<Tx, 'query' | 'prepared' | 'pageUrl' | 'now'>,
  scope: { organizationId: string; userId: string | null },
  recipients: Recipient[],
  names: string[],
): Promise<VariableValues[]> {
  const { pageUrl } = tx;
  const values = await loadVariablesOf(tx, scope, recipients);
  const withPage = recipients.filter((_, index) => values[index]![page]);
  if (!pageUrl || !names.includes(page) || withPage.length === 0) return values;
  const { organizationId } = scope;
  const pages = await touchCandidatePages(tx, organizationId, withPage, await tx.now());
  const links = new Map(
    pages.map((link, index) => [withPage[index]!, pageUrl({ organizationId, ...link })] as const),
  );
  return recipients.map((recipient, index) => {
    const link = links.get(recipient);
    return link === undefined ? values[index]! : { ...values[index], [page]: link };
  });
}

/** As long as a real one, and dead; null: there are no pages. */
export const examplePageLink = ({ pageUrl }: Pick<Tx, 'pageUrl'>, organizationId: string): string | null =>
  pageUrl?.({ organizationId, pageId: '00000000-0000-0000-0000-000000000000', version: 1 }) ?? null;

function valuesOf(row: VariableRow, pageLink: string | null): VariableValues {
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
    [page]: row.kind === 'candidate' ? pageLink : null,
  };
}
