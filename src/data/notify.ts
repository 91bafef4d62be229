import { newId, type Tx } from './database';

export type NewNotification = {
  userIds: (string | null)[];
  kind:
    | 'messageReceived'
    | 'privateMail'
    | 'note'
    | 'handedOver'
    | 'channel'
    | 'webhook'
    | 'lowBalance'
    | 'application';
  personId?: string | null;
  conversationId?: string | null;
  messageId?: string | null;
  noteId?: string | null;
  data?: Record<string, unknown>;
  at: Date;
};

/** Notifies each user once; empty places and doubles are left out. */
export async function notify(tx: Tx, organizationId: string, notification: NewNotification): Promise<void> {
  const userIds = [...new Set(notification.userIds.filter((userId) => userId !== null))];
  if (userIds.length === 0) return;
  const rows = userIds.map((userId) => ({ id: newId(), user_id: userId }));
  await tx.query(
    `insert into notifications (organization_id, id, user_id, kind, person_id, conversation_id, message_id, note_id, data, occurred_at)
     select $1, id, user_id, $3, $4, $5, $6, $7, $8, $9 from jsonb_to_recordset($2::jsonb) as n(id uuid, user_id uuid)`,
    [
      organizationId,
      JSON.stringify(rows),
      notification.kind,
      notification.personId ?? null,
      notification.conversationId ?? null,
      notification.messageId ?? null,
      notification.noteId ?? null,
      notification.data ?? {},
      notification.at,
    ],
  );
  for (const row of rows)
    tx.notice({ type: 'notification', organizationId, userId: row.user_id, notificationId: row.id });
}
