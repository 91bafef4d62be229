import type { Actor } from '../domain/permissions';
import type { Database } from './database';

export async function readCredits(db: Database, actor: Actor): Promise<{ balance: number; low: boolean }> {
  const [row] = await db.query<{ balance: number; low: boolean }>(
    'select balance, balance <= low_balance as low from credit_accounts where organization_id = $1',
    [actor.organizationId],
  );
  return row ?? { balance: 0, low: true };
}
