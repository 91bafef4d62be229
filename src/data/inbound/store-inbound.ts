import type { Channel } from '../../contracts/common';
import type { LockedConversation } from '../conversations/conversation-store';
import { writeTimeline } from '../conversations/timeline';
import type { Tx } from '../database';
import type { MessageContent } from '../messages/message-content';
import { notify } from '../notify';
import { announceInbound } from './announce-inbound';
import { withParkedReaction } from './parked-reactions';

export type InboundMessage = {
  messageId: string;
  channel: Channel;
  channelAccountId: string | null;
  contactPointId: string | null;
  providerId: string | null;
  kind: string;
  title?: string | null;
  body: string | null;
  content: MessageContent;
  /** The message that it answers. */
  replyTo?: { id: string; applicationId: string | null } | undefined;
  /** The application that it is about, where that is known by other ways. */
  applicationId?: string | null;
  /** A machine has written it: nobody is notified, and nobody owes an answer. */
  quiet?: boolean;
  /** It has come by itself just now, whatever its date says: days late, or written by a clock that is wrong. */
  arrived?: boolean | undefined;
  /** It is from before the user's mailbox was connected. */
  imported?: boolean | undefined;
  at: Date;
  now: Date;
};

/**
 * Stores a message of the person in their locked conversation, with its mark of being unanswered, its timeline entry, and the notification of
 * the owner while Active, else the responsible user, and the last sender (R-LOG-4), and of whom else it concerns (R-MAIL-2). Returns the
 * application that it stands under.
 */
export async function storeInbound(
  tx: Tx,
  conversation: LockedConversation,
  message: InboundMessage,
): Promise<string | null> {
  const { organizationId } = conversation;
  const { messageId, channel, replyTo, at, now } = message;
  const past = isPast(message);
  const quiet = (message.quiet ?? false) || past;
  const applicationId =
    message.applicationId !== undefined
      ? message.applicationId
      : replyTo
        ? replyTo.applicationId
        : await lastApplication(tx, conversation);
  await tx.prepared(
    `with stored as (
       insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, body,
         content, reply_to_id, channel_account_id, contact_point_id, provider_id, occurred_at, created_at, title)
       values ($1, $2, $3, $4, $5, $15::channel, 'in', 'person', 'received', $6, $7, $8, $9, $10, $11, $12, $13, $14, $16)
       returning organization_id, id, conversation_id, channel_account_id, provider_id),
     ${withParkedReaction('stored')}
     update conversations set message_count = message_count + 1, inbound_count = inbound_count + case when $19 then 0 else 1 end,
       last_message_at = greatest(last_message_at, coalesce($18, $14)),
       last_message_id = case when last_message_at > $18 then last_message_id else $2 end,
       last_direction = case when last_message_at > $18 then last_direction else 'in' end,
       unanswered_since = case when $17 then unanswered_since else coalesce(unanswered_since, $14) end,
       channels = case when $15::channel = any(channels) then channels else channels || $15::channel end, updated_at = $14
     where organization_id = $1 and id = $3`,
    [
      organizationId,
      messageId,
      conversation.id,
      conversation.messageCount + 1,
      applicationId,
      message.kind,
      message.body,
      past ? { ...message.content, past } : message.content,
      replyTo?.id ?? null,
      message.channelAccountId,
      message.contactPointId,
      message.providerId,
      at,
      now,
      channel,
      message.title ?? null,
      quiet,
      pastOf(message),
      past,
    ],
  );
  await writeTimeline(tx, organizationId, [
    { personId: conversation.personId, applicationId, kind: 'messageReceived', messageId, occurredAt: at },
  ]);
  if (!quiet) {
    const announced =
      channel === 'email' || channel === 'page'
        ? await announceInbound(tx, conversation, { messageId, applicationId, now })
        : [];
    await notify(tx, organizationId, {
      userIds: [
        conversation.chat.status === 'active' ? conversation.chat.ownerId : conversation.responsibleUserId,
        conversation.lastSenderId,
        ...announced,
      ],
      kind: 'messageReceived',
      personId: conversation.personId,
      conversationId: conversation.id,
      messageId,
      at: now,
    });
  }
  tx.notice({
    type: 'conversation',
    organizationId,
    conversationId: conversation.id,
    personId: conversation.personId,
  });
  return applicationId;
}

const newsForMs = 2 * 86_400_000;

/** An e-mail as the first import of a mailbox brings it: whoever was to read and answer it has done so elsewhere. */
const isPast = ({ channel, arrived, imported, at, now }: Dated): boolean =>
  channel === 'email' && !arrived && (imported === true || now.getTime() - at.getTime() > newsForMs);

type Dated = Pick<InboundMessage, 'channel' | 'arrived' | 'imported' | 'at' | 'now'>;

/** When a mail of the past was written, which pushes nothing newer away; null: it is of now. */
export const pastOf = (message: Dated): Date | null => (isPast(message) ? message.at : null);

/** The message of this conversation that the provider knows by an id. */
export async function messageOfProviderId(
  tx: Tx,
  conversation: LockedConversation,
  channelAccountId: string,
  providerId: string,
): Promise<{ id: string; applicationId: string | null } | undefined> {
  const [message] = await tx.query<{ id: string; applicationId: string | null }>(
    `select m.id, m.application_id as "applicationId" from provider_messages pm
     join messages m on m.organization_id = pm.organization_id and m.id = pm.message_id
     where pm.channel_account_id = $1 and pm.provider_id = $2 and m.conversation_id = $3`,
    [channelAccountId, providerId, conversation.id],
  );
  return message;
}

/**
 * R-MAIL-5: a message that answers none belongs to the application of the last one sent in the conversation `c`; not of an old mail that was
 * fetched since.
 */
export const lastApplicationSql = (c: string): string => `(
  select m.application_id from messages m where m.organization_id = ${c}.organization_id and m.conversation_id = ${c}.id
    and m.direction = 'out' and m.state <> 'suppressed' order by m.occurred_at desc, m.position desc limit 1)`;

async function lastApplication(tx: Tx, conversation: LockedConversation): Promise<string | null> {
  const [last] = await tx.query<{ applicationId: string | null }>(
    `select ${lastApplicationSql('c')} as "applicationId" from conversations c where c.organization_id = $1 and c.id = $2`,
    [conversation.organizationId, conversation.id],
  );
  return last?.applicationId ?? null;
}
