import { companyMailName } from '../../channels/email/company-name';
import { readReplyAddress } from '../../domain/reply-address';
import type { Hash } from '../../domain/signed-token';
import type { Queryable } from '../sql';
import { organizationOfMailDomain } from './mail-domain';
import { findReplyAddress, type ReplyAddressRow } from './reply-addresses';

/** Where a mail to an address under a mail domain goes. */
export type MailTarget =
  | { kind: 'user'; organizationId: string; userId: string }
  | { kind: 'reply'; to: ReplyAddressRow }
  /** The address that the company writes by. */
  | { kind: 'company'; organizationId: string };

/** RFC 5321, RFC 2142: whom other mail servers turn to; where no user has the name. */
const rolesOfCompany = ['postmaster', 'abuse'];

/** Undefined: Parley receives nothing under this address. */
export async function routeMail(
  db: Queryable,
  { hash, mailDomain }: { hash: Hash; mailDomain: string | null },
  address: string,
): Promise<MailTarget | undefined> {
  const whole = address.toLowerCase();
  const at = whole.lastIndexOf('@');
  const [localPart, domain] = at < 0 ? [whole, ''] : [whole.slice(0, at), whole.slice(at + 1)];
  if (localPart === '') return undefined;
  const organizationId =
    localPart === 'postmaster' && ['', mailDomain].includes(domain)
      ? await firstOrganization(db)
      : await organizationOfMailDomain(db, domain, mailDomain);
  if (organizationId === undefined) return undefined;
  const replyAddressId = readReplyAddress(hash, localPart);
  if (replyAddressId !== undefined) {
    const to = await findReplyAddress(db, organizationId, replyAddressId);
    return to && { kind: 'reply', to };
  }
  if (localPart === companyMailName) return { kind: 'company', organizationId };
  const [user] = await db.query<{ id: string }>(
    'select id from users where organization_id = $1 and mail_name = $2 and deactivated_at is null',
    [organizationId, localPart],
  );
  if (user) return { kind: 'user', organizationId, userId: user.id };
  return rolesOfCompany.includes(localPart) ? { kind: 'company', organizationId } : undefined;
}

/** Who runs the installation: RFC 5321, 4.5.1 wants a postmaster of the server itself, too. */
async function firstOrganization(db: Queryable): Promise<string | undefined> {
  const [first] = await db.query<{ id: string }>(
    'select id from organizations order by created_at, id limit 1',
  );
  return first?.id;
}
