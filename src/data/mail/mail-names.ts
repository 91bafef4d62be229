import { companyMailName } from '../../channels/email/company-name';
import type { Tx } from '../database';

/**
 * Gives the users of an organization who have none the name of their system address (R-BOX-1): what stands before the @ of their own
 * address, told apart by a piece of their id where a colleague has the same.
 */
export async function giveMailNames(tx: Tx, organizationId: string): Promise<void> {
  await tx.query(
    `with parts as (
       select id, created_at, coalesce(nullif(regexp_replace(lower(split_part(email, '@', 1)), '[^a-z0-9._-]', '', 'g'), ''), 'user') as base
       from users where organization_id = $1 and mail_name is null),
     numbered as (select *, row_number() over (partition by base order by created_at, id) as number from parts)
     update users u set mail_name = case when n.number = 1 and n.base <> $2 and not exists (
         select 1 from users o where o.organization_id = $1 and o.mail_name = n.base) then n.base else n.base || '-' || right(n.id::text, 6) end
     from numbered n where u.organization_id = $1 and u.id = n.id`,
    [organizationId, companyMailName],
  );
}
