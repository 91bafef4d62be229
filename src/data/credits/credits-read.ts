import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { lowSql } from './plan';

export async function readCredits(db: Database, actor: Actor): Promise<{ balance: number; low: boolean }> {
  const [row] = await db.query<{ balance: number; low: boolean }>(
    `select a.balance, ${lowSql} as low from credit_accounts a join organizations o on o.id = a.organization_id where o.id = $1`,
    [actor.organizationId],
  );
  return row ?? { balance: 0, low: true };
}
