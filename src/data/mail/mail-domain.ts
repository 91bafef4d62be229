import type { Queryable } from '../sql';

/** Whether mail goes out under the domain `alias`, a row of mail_domains. */
export const mailDomainInUseSql = (alias: string): string => `(${alias}.checks ->> 'inUse')::boolean`;

/** The organization's mail domain (R-BOX-1), as SQL on `alias`, a row of organizations; `base` is a parameter with PARLEY_MAIL_DOMAIN, or null. */
export const mailDomainSql = (alias: string, base: string): string =>
  `coalesce((select own.domain from mail_domains own where own.organization_id = ${alias}.id and ${mailDomainInUseSql('own')}), ${alias}.slug || '.' || ${base}::text)`;

/** Null: the organization has no domain of its own, and the installation has none. */
export async function readMailDomain(
  db: Queryable,
  organizationId: string,
  base: string | null,
): Promise<string | null> {
  const [row] = await db.query<{ domain: string | null }>(
    `select ${mailDomainSql('o', '$2')} as domain from organizations o where o.id = $1`,
    [organizationId, base],
  );
  return row?.domain ?? null;
}

/** Whose mail domain it is. That of the installation goes on receiving: older mails were sent under it. */
export async function organizationOfMailDomain(
  db: Queryable,
  domain: string,
  base: string | null,
): Promise<string | undefined> {
  const suffix = base === null ? undefined : `.${base}`;
  const slug = suffix && domain.endsWith(suffix) ? domain.slice(0, -suffix.length) : null;
  const [row] = await db.query<{ id: string }>(
    `select organization_id as id from mail_domains where domain = $1 and (checks ->> 'proven')::boolean
     union all
     select id from organizations where slug = $2
     limit 1`,
    [domain, slug],
  );
  return row?.id;
}
