import { z } from 'zod';
import type { CreditEntry, CustomerRequest, PlanAndCredits } from '../../contracts/credits';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from '../organization/audit';
import type { Database } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { fullNameSql, isoSql, personNameSql } from '../sql';

/** The balance is low, for an organization whose plan has something that costs credits. Of a join of `credit_accounts` a and `organizations` o. */
export const lowSql = 'a.balance <= a.low_balance and (o.whatsapp_in_plan or o.sms_in_plan)';

/** R-CRED-2: plan, balance, and what was asked of Customer Success today. */
export async function readPlan(db: Database, actor: Actor): Promise<PlanAndCredits> {
  const [row] = await db.query<Omit<PlanAndCredits, 'requests'>>(
    `select o.plan, o.whatsapp_in_plan as "whatsappInPlan", o.sms_in_plan as "smsInPlan", a.balance, a.low_balance as "lowBalance", ${lowSql} as low
     from organizations o join credit_accounts a on a.organization_id = o.id where o.id = $1`,
    [actor.organizationId],
  );
  if (!row) throw notFound('organization');
  const requests = await db.query<CustomerRequest>(
    `select r.kind, ${fullNameSql('u')} as "requestedBy", ${isoSql('r.requested_at')} as "requestedAt"
     from customer_requests r join organizations o on o.id = r.organization_id
     join users u on u.organization_id = r.organization_id and u.id = r.requested_by_id
     where r.organization_id = $1 and r.sent_at is not null and r.day = ($2::timestamptz at time zone o.time_zone)::date
     order by r.requested_at`,
    [actor.organizationId, await db.now()],
  );
  return { ...row, requests };
}

/** At which balance Administrators are warned. */
export async function changeLowBalance(db: Database, actor: Actor, lowBalance: number): Promise<void> {
  await db.transact(async (tx) => {
    const [before] = await tx.query<{ lowBalance: number }>(
      'select low_balance as "lowBalance" from credit_accounts where organization_id = $1 for update',
      [actor.organizationId],
    );
    if (before?.lowBalance === lowBalance) return;
    await tx.query('update credit_accounts set low_balance = $2 where organization_id = $1', [
      actor.organizationId,
      lowBalance,
    ]);
    await writeAudit(tx, actor, {
      action: 'organization.lowBalanceChanged',
      target: 'organization',
      targetId: actor.organizationId,
      before,
      after: { lowBalance },
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
}

const position = z.tuple([z.uuid()]);

/** The ledger, newest first. */
export async function listCreditEntries(
  db: Database,
  actor: Actor,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<CreditEntry>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.query<CreditEntry>(
    `with e as materialized (
       select * from credit_entries where organization_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3)
     select e.id, e.kind, e.amount, e.note, e.actor, ${isoSql('e.occurred_at')} as "occurredAt",
       case when m.id is not null then jsonb_build_object('id', m.id, 'conversationId', m.conversation_id, 'personName', ${personNameSql('p')}) end as message
     from e
     left join messages m on m.organization_id = e.organization_id and m.id = e.message_id
     left join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     left join people p on p.organization_id = c.organization_id and p.id = c.person_id
     order by e.id desc`,
    [actor.organizationId, before, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.id],
  );
}
