import type { Copies } from '../../contracts/messages';
import { reasonText } from '../../contracts/reasons';
import { DomainError } from '../../domain/errors';
import { sendingRight } from '../../domain/permissions';
import type { Tx } from '../database';
import type { NewMessage } from './prepare-content';

type Wanted = { cc?: Copies['cc'] | undefined; bcc?: Copies['bcc'] | undefined };

/** Everybody once, openly where they are named in both; null: nobody gets a copy. `to`: has the e-mail itself. */
export function copiesOf({ cc = [], bcc = [] }: Wanted, to: string | null = null): Copies | null {
  const there = new Set(to === null ? [] : [to.toLowerCase()]);
  const once = (list: Copies['cc']) =>
    list.filter(({ address }) => !there.has(address) && there.add(address));
  const copies = { cc: once(cc), bcc: once(bcc) };
  return copies.cc.length + copies.bcc.length > 0 ? copies : null;
}

/** Copies go with an e-mail, from who may write to anybody (R-ROLE-3), and to nobody who has opted out. */
export async function assertCopies(
  tx: Tx,
  { actor, channel }: Pick<NewMessage, 'actor' | 'channel'>,
  { cc, bcc }: Copies,
): Promise<void> {
  const { organizationId, user } = actor;
  if (channel !== 'email')
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: cc.length > 0 ? 'cc' : 'bcc', message: 'goes with an e-mail' }],
    });
  if (user && sendingRight(user.role) !== 'anyone')
    throw new DomainError(
      'not_permitted',
      'Your role does not allow sending copies. Leave Cc and Bcc empty.',
    );
  const optedOut = await tx.query(
    `select 1 from contact_points cp
     join opt_outs o on o.organization_id = cp.organization_id and o.contact_point_id = cp.id and o.undone_at is null
       and not o.marketing_only and 'email' = any(o.channels)
     where cp.organization_id = $1 and cp.kind = 'email' and cp.key = any($2) limit 1`,
    [organizationId, [...cc, ...bcc].map(({ address }) => address)],
  );
  if (optedOut.length > 0) throw new DomainError('copy_opted_out', reasonText.copy_opted_out);
}
