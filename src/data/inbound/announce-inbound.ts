import type { LockedConversation } from '../conversations/conversation-store';
import type { Tx } from '../database';

/**
 * R-MAIL-2: a message of a candidate by e-mail or their page is mailed to the notification addresses of its vacancy, a row each. Returns whom
 * it concerns in the app: every Administrator and every user assigned to the vacancy.
 */
export async function announceInbound(
  tx: Tx,
  { organizationId, personId }: LockedConversation,
  message: { messageId: string; applicationId: string | null; now: Date },
): Promise<string[]> {
  const users = await tx.query<{ id: string }>(
    `with vacancy as (
       select v.id, v.notification_emails from applications a
       join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
       where a.organization_id = $1 and a.id = $3),
     noticed as (
       insert into message_notices (organization_id, id, message_id, address, user_id, created_at)
       select $1, gen_random_uuid(), $4, wanted.address, u.id, $5
       from (select distinct lower(trim(email)) as address from vacancy, unnest(notification_emails) email) wanted
       left join users u on u.organization_id = $1 and lower(u.email) = wanted.address
       where u.deactivated_at is null
       on conflict do nothing)
     select u.id from people p join users u on u.organization_id = p.organization_id
     where p.organization_id = $1 and p.id = $2 and p.kind = 'candidate' and u.deactivated_at is null
       and (u.role = 'administrator' or exists (select 1 from vacancy_users vu join vacancy v on v.id = vu.vacancy_id
         where vu.organization_id = u.organization_id and vu.user_id = u.id))`,
    [organizationId, personId, message.applicationId, message.messageId, message.now],
  );
  return users.map(({ id }) => id);
}
