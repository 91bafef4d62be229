import type { CustomerRequest, CustomerRequestKind } from '../../contracts/credits';
import { DomainError } from '../../domain/errors';
import type { ActingUser, Actor } from '../../domain/permissions';
import { writeAudit } from '../organization/audit';
import { newId, type Database } from '../database';
import { fullNameSql, isoSql } from '../sql';

type UserActor = Actor & { user: ActingUser };

/** A request that is to be mailed now; `reached` or `failed` says what became of the mail. */
export type OpenRequest = {
  id: string;
  organization: string;
  slug: string;
  /** Null: the one of the configuration. */
  customerSuccessEmail: string | null;
  balance: number;
  userEmail: string;
};

/** A mail that takes longer than this to be handed over was lost with its process. */
const handOverMs = 60_000;

/**
 * Takes the day's one request of a kind, before its mail is sent.
 *
 * @throws DomainError `conflict` when it was made already, by whom
 */
export async function openCustomerRequest(
  db: Database,
  actor: UserActor,
  kind: CustomerRequestKind,
): Promise<OpenRequest> {
  return db.transact(async (tx) => {
    const now = await tx.now();
    const [row] = await tx.query<OpenRequest>(
      `with made as (
         insert into customer_requests (organization_id, id, kind, day, requested_by_id, requested_at)
         select $1, $2, $3, ($5::timestamptz at time zone time_zone)::date, $4, $5 from organizations where id = $1
         on conflict (organization_id, kind, day) do update set id = excluded.id, requested_by_id = excluded.requested_by_id,
           requested_at = excluded.requested_at
         where customer_requests.sent_at is null and customer_requests.requested_at < $6
         returning organization_id, id)
       select made.id, o.name as organization, o.slug, o.customer_success_email as "customerSuccessEmail", a.balance, u.email as "userEmail"
       from made join organizations o on o.id = made.organization_id
       join credit_accounts a on a.organization_id = o.id
       join users u on u.organization_id = o.id and u.id = $4`,
      [actor.organizationId, newId(), kind, actor.user.id, now, new Date(now.getTime() - handOverMs)],
    );
    if (row) return row;
    const [earlier] = await tx.query<{ name: string }>(
      `select ${fullNameSql('u')} as name from customer_requests r
       join organizations o on o.id = r.organization_id
       join users u on u.organization_id = r.organization_id and u.id = r.requested_by_id
       where r.organization_id = $1 and r.kind = $2 and r.day = ($3::timestamptz at time zone o.time_zone)::date`,
      [actor.organizationId, kind, now],
    );
    throw new DomainError(
      'conflict',
      `${earlier?.name ?? 'A colleague'} has asked Customer Success for this today. They will be in touch.`,
    );
  });
}

/** The mail server took it: from now on it counts, and the audit log tells of it. */
export async function customerRequestReached(
  db: Database,
  actor: UserActor,
  id: string,
): Promise<CustomerRequest> {
  return db.transact(async (tx) => {
    const [row] = await tx.query<CustomerRequest>(
      `update customer_requests set sent_at = $3 where organization_id = $1 and id = $2
       returning kind, ${isoSql('requested_at')} as "requestedAt"`,
      [actor.organizationId, id, await tx.now()],
    );
    if (!row) throw new DomainError('conflict', 'A colleague has asked for the same at this moment.');
    await writeAudit(tx, actor, {
      action: row.kind === 'credits' ? 'organization.creditsRequested' : 'organization.activationRequested',
      target: 'organization',
      targetId: actor.organizationId,
      after: { kind: row.kind },
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
    return { ...row, requestedBy: actor.user.name };
  });
}

/** No mail has left: it can be asked for again. */
export async function customerRequestFailed(db: Database, actor: Actor, id: string): Promise<void> {
  await db.query('delete from customer_requests where organization_id = $1 and id = $2 and sent_at is null', [
    actor.organizationId,
    id,
  ]);
}
