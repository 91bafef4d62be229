import { newId, type Tx } from '../database';

/** R-CRED-2: what a WhatsApp message costs. */
export const whatsAppCredits = 1;

/**
 * The CTEs that take the credits of an accepted message; `paid` is empty where they are not there. All of an organization's messages wait
 * for this row, so it is locked last.
 */
export const withReservedCredits = (values: {
  organizationId: string;
  messageId: string;
  credits: string;
  at: string;
  entryId: string;
}): string =>
  `paid as (
     update credit_accounts set balance = balance - ${values.credits}
     where organization_id = ${values.organizationId} and balance >= ${values.credits} and ${values.credits} > 0 returning 1),
   reserved as (
     insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select ${values.organizationId}, ${values.entryId}::uuid, 'reserve', -${values.credits}::int, ${values.messageId}, ${values.at} from paid)`;

/** The CTE that spends the reservation of a message which the provider took (`message`: a CTE), once, however often it runs. */
export const withCommittedCredits = (message: string, values: { entryId: string; at: string }): string =>
  `committed as (
     insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select m.organization_id, ${values.entryId}::uuid, 'commit', 0, m.id, ${values.at} from ${message} m
     where exists (select 1 from credit_entries e where e.organization_id = m.organization_id and e.message_id = m.id and e.kind = 'reserve')
     on conflict (organization_id, message_id, kind) do nothing)`;

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
