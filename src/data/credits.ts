import { newId, type Tx } from './database';

/** R-CRED-2: what a WhatsApp message costs. */
export const whatsAppCredits = 1;

/** Takes credits for a message, or tells that there are not enough. The account's row is locked last of all. */
export async function reserveCredits(
  tx: Tx,
  facts: { organizationId: string; messageId: string; credits: number; at: Date },
): Promise<boolean> {
  const rows = await tx.query(
    `with taken as (
       update credit_accounts set balance = balance - $3 where organization_id = $1 and balance >= $3 returning 1)
     insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select $1, $5, 'reserve', -$3::int, $2, $4 from taken returning 1`,
    [facts.organizationId, facts.messageId, facts.credits, facts.at, newId()],
  );
  return rows.length > 0;
}

/** The provider took the message: the reservation is spent. Once, however often it is called. */
export async function commitCredits(
  tx: Tx,
  facts: { organizationId: string; messageId: string; at: Date },
): Promise<void> {
  await tx.query(
    `insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select $1, $4, 'commit', 0, $2, $3
     where exists (select 1 from credit_entries where organization_id = $1 and message_id = $2 and kind = 'reserve')
     on conflict (organization_id, message_id, kind) do nothing`,
    [facts.organizationId, facts.messageId, facts.at, newId()],
  );
}

/**
 * The message was proven not sent, or failed later: its credits come back, once. `release` while only reserved, `refund`
 * after the commit.
 */
export async function giveBackCredits(
  tx: Tx,
  facts: { organizationId: string; messageId: string; at: Date },
): Promise<void> {
  await tx.query(
    `with given as (
       insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
       select $1, $4, (case when exists (
           select 1 from credit_entries where organization_id = $1 and message_id = $2 and kind = 'commit')
         then 'refund' else 'release' end)::credit_entry_kind, -amount, $2, $3
       from credit_entries
       where organization_id = $1 and message_id = $2 and kind = 'reserve'
         and not exists (select 1 from credit_entries
           where organization_id = $1 and message_id = $2 and kind in ('release', 'refund'))
       on conflict (organization_id, message_id, kind) do nothing
       returning amount)
     update credit_accounts set balance = balance + given.amount from given where organization_id = $1`,
    [facts.organizationId, facts.messageId, facts.at, newId()],
  );
}
