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
  const at = address.lastIndexOf('@');
  const localPart = address.slice(0, at).toLowerCase();
  const domain = address.slice(at + 1).toLowerCase();
  if (at < 1 || domain === '') return undefined;
  const organizationId = await organizationOfMailDomain(db, domain, mailDomain);
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
