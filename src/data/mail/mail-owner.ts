import type { Queryable } from '../sql';
import { idsIn } from './message-ids';

/** Where a mail stands that is nobody's, or is to be. `conversationId` null: nobody knows its thread. */
export type MailThread = {
  organizationId: string;
  conversationId: string | null;
  /** Whose reply address it came to. */
  userId?: string | undefined;
  /** The Message-IDs that it answers, the nearest first. */
  answered: string[];
  /** The message that it answers, where that is known by other ways. */
  replyToId?: string | null;
};

/**
 * The user who may keep a mail of the conversation to themselves, and has it where it is private (decision 0026): whose reply address it came to, whose
 * private mail it answers, else who wrote what it answers, else who wrote last, else the responsible user, else the first Administrator; nobody who has left.
 */
export async function ownerOfMail(
  db: Queryable,
  { organizationId, conversationId, userId, answered, replyToId }: MailThread,
): Promise<string | null> {
  const [row] = await db.query<{ id: string }>(
    `select u.id from (
       select 0 as rank, $5::uuid as user_id, 0 as place
       union all
       select 1, w.user_id, array_position($4::text[], w.message_id_header) from mails w
         where w.organization_id = $1 and w.private and w.message_id_header = any($4::text[])
       union all
       select 1, w.user_id, array_position($4::text[], w.message_id_header) from deleted_mails w
         where w.organization_id = $1 and w.private and w.message_id_header = any($4::text[])
       union all
       select 2, m.sender_user_id, -m.position from messages m where m.organization_id = $1 and m.id = any($3::uuid[])
       union all
       select 3, c.last_sender_id, 0 from conversations c where c.organization_id = $1 and c.id = $2
       union all
       select 4, c.responsible_user_id, 0 from conversations c where c.organization_id = $1 and c.id = $2
       union all
       select 5, a.id, row_number() over (order by a.created_at, a.id) from users a where a.organization_id = $1 and a.role = 'administrator'
         and a.deactivated_at is null) of
     join users u on u.organization_id = $1 and u.id = of.user_id and u.deactivated_at is null
     order by of.rank, of.place limit 1`,
    [
      organizationId,
      conversationId,
      [...idsIn(answered), ...(replyToId ? [replyToId] : [])],
      answered,
      userId ?? null,
    ],
  );
  return row?.id ?? null;
}
