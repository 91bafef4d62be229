import type { Database } from '../database';
import { administratorIds } from '../organization/administrators';
import { notify } from '../notify';
import { lowSql } from './plan';

export type LowBalance = {
  organizationId: string;
  organization: string;
  balance: number;
  administrators: string[];
};

/** R-CRED-2: a low balance warns the Administrators once, until it has risen above the threshold again. Done by the sweep. */
export async function warnLowBalances(db: Database): Promise<number> {
  await db.query(
    `update credit_accounts set low_warned_at = null, low_mailed_at = null where low_warned_at is not null and balance > low_balance`,
  );
  const low = await db.query<{ organizationId: string }>(
    `select a.organization_id as "organizationId" from credit_accounts a join organizations o on o.id = a.organization_id
     where a.low_warned_at is null and ${lowSql} limit 500`,
  );
  for (const { organizationId } of low) await warn(db, organizationId);
  return low.length;
}

async function warn(db: Database, organizationId: string): Promise<void> {
  await db.transact(async (tx) => {
    const [account] = await tx.query<{ balance: number }>(
      `update credit_accounts set low_warned_at = $2
       where organization_id = $1 and low_warned_at is null and balance <= low_balance returning balance`,
      [organizationId, await tx.now()],
    );
    if (!account) return;
    await notify(tx, organizationId, {
      userIds: await administratorIds(tx, organizationId),
      kind: 'lowBalance',
      data: { balance: account.balance },
      at: await tx.now(),
    });
    tx.notice({ type: 'settings', organizationId });
  });
}

/** Those whose Administrators have still to hear of it by mail. */
export async function lowBalancesToMail(db: Database): Promise<LowBalance[]> {
  return db.query<LowBalance>(
    `select o.id as "organizationId", o.name as organization, a.balance, array_agg(u.email order by u.email) as administrators
     from credit_accounts a join organizations o on o.id = a.organization_id
     join users u on u.organization_id = o.id and u.role = 'administrator' and u.deactivated_at is null
     where a.low_warned_at is not null and a.low_mailed_at is null and a.balance <= a.low_balance
     group by o.id, o.name, a.balance limit 100`,
  );
}

export async function noteLowBalanceMailed(db: Database, organizationId: string): Promise<void> {
  await db.query(
    'update credit_accounts set low_mailed_at = $2 where organization_id = $1 and low_warned_at is not null',
    [organizationId, await db.now()],
  );
}
