import { reasonText } from '../../contracts/reasons';
import { DomainError, notFound } from '../../domain/errors';
import { maySend, type Actor } from '../../domain/permissions';
import { acceptMessage, assertVisible } from './accept-message';
import {
  lockConversation,
  noticeConversation,
  type ConversationIds,
} from '../conversations/conversation-store';
import type { Database } from '../database';
import type { SealedAccount } from '../../channels/open-account';
import type { MessageContent } from './message-content';
import type { NewMessage } from './prepare-content';
import { visiblePerson } from '../visibility';
import { sealedAccountSql } from '../channels/sealed-account';
import { readInMailbox } from '../mail/seen-together';

type Context = { actor: Actor; dayMs: number };

type Original = {
  conversationId: string;
  channel: NewMessage['channel'];
  title: string | null;
  state: string;
  kind: string;
  body: string | null;
  content: MessageContent | null;
  templateId: string | null;
  applicationId: string | null;
  replyToId: string | null;
};

/** *Try again*: the same content as a new message, by hand; once per message. Returns the new one's id. */
export async function retryMessage(
  db: Database,
  { actor, dayMs }: Context,
  messageId: string,
): Promise<string> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const [seen] = await tx.query<{ conversationId: string }>(
      `select m.conversation_id as "conversationId" from messages m
       join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
       join people p on p.organization_id = c.organization_id and p.id = c.person_id
       where m.organization_id = $1 and m.id = $2 and m.direction = 'out' and ${visiblePerson(actor, 'p')}`,
      [organizationId, messageId],
    );
    if (!seen) throw notFound('message');
    // The conversation is locked before its messages, as everywhere.
    await lockConversation(tx, { organizationId, ...seen });
    const [original] = await tx.query<Original>(
      `select m.conversation_id as "conversationId", m.channel, m.title, m.state, m.kind, m.body, m.content, m.template_id as "templateId",
         m.application_id as "applicationId", m.reply_to_id as "replyToId"
       from messages m where m.organization_id = $1 and m.id = $2`,
      [organizationId, messageId],
    );
    if (!original) throw notFound('message');
    const again = await tx.query(
      'select 1 from messages where organization_id = $1 and conversation_id = $2 and retry_of_id = $3',
      [organizationId, original.conversationId, messageId],
    );
    if (!['failed', 'suppressed', 'unknown', 'unconfirmed'].includes(original.state) || again.length > 0) {
      throw new DomainError(
        'conflict',
        'This message needs no second try: it was sent, is on its way, or was tried again already.',
      );
    }
    const ids = { organizationId, conversationId: original.conversationId };
    const accepted = await acceptMessage(tx, dayMs, ids, {
      channel: original.channel,
      content: contentAgain(original),
      origin: actor.user ? 'manual' : 'api',
      actor,
      applicationId: original.applicationId,
      replyToId: original.replyToId,
      retryOfId: messageId,
      stageEntryId: null,
      copies: original.content?.copies ?? null,
    });
    return accepted.messageId;
  });
}

function contentAgain(original: Original): NewMessage['content'] {
  const { template, mediaId, mediaIds } = original.content ?? {};
  if (template && original.templateId)
    return { type: 'template', templateId: original.templateId, parameters: template.values };
  if (mediaId) return { type: 'media', mediaId, ...(original.body ? { caption: original.body } : {}) };
  return { type: 'text', text: original.body ?? '', title: original.title ?? undefined, mediaIds };
}

export type ReadMark = { account: SealedAccount; providerId: string };

/**
 * Marks a conversation as read for one user, and with it what of it is in their own mailbox. Only the owner's view (the responsible user's, while nobody owns it) is also shown
 * to the person: then the last message of theirs is returned, for its read mark.
 */
export async function markRead(
  db: Database,
  { actor }: Context,
  ids: ConversationIds,
): Promise<ReadMark | undefined> {
  const userId = actor.user!.id;
  return db.transact(async (tx) => {
    await assertVisible(tx, actor, ids);
    await readInMailbox(tx, ids, userId);
    const [read] = await tx.query<{ changed: boolean; personId: string }>(
      `with c as (select inbound_count, person_id from conversations where organization_id = $1 and id = $2),
       marked as (
         insert into conversation_reads (organization_id, conversation_id, user_id, inbound_read, read_at)
         select $1, $2, $3, inbound_count, $4 from c
         on conflict (organization_id, conversation_id, user_id) do update
           set inbound_read = excluded.inbound_read, read_at = excluded.read_at
           where conversation_reads.inbound_read < excluded.inbound_read
         returning 1)
       select exists (select 1 from marked) as changed, person_id as "personId" from c`,
      [ids.organizationId, ids.conversationId, userId, await tx.now()],
    );
    if (!read?.changed) return undefined;
    // what was read where it stands needs no telling
    await tx.query(
      `update notifications set seen_at = $4
       where organization_id = $1 and conversation_id = $2 and user_id = $3 and seen_at is null and kind = 'messageReceived'`,
      [ids.organizationId, ids.conversationId, userId, await tx.now()],
    );
    tx.notice({ type: 'conversation', ...ids, personId: read.personId });
    const [mark] = await tx.query<SealedAccount & { providerId: string }>(
      `select m.provider_id as "providerId", ${sealedAccountSql('a')}
       from conversations c
       join messages m on m.organization_id = c.organization_id and m.conversation_id = c.id
         and m.direction = 'in' and m.channel = 'whatsapp'
       join channel_accounts a on a.organization_id = m.organization_id and a.id = m.channel_account_id and a.state = 'connected'
       where c.organization_id = $1 and c.id = $2 and c.inbox_user_id = $3
       order by m.position desc limit 1`,
      [ids.organizationId, ids.conversationId, userId],
    );
    return mark && { account: mark, providerId: mark.providerId };
  });
}

export type OutgoingReaction = {
  account: SealedAccount;
  to: string;
  targetProviderId: string;
  emoji: string;
};

/**
 * Keeps a user's reaction to a message of the person (an empty emoji takes it back), and returns what is to be told to WhatsApp.
 * Free content: only inside the open window, and only by whom may write.
 */
export async function setReaction(
  db: Database,
  { actor, dayMs }: Context,
  messageId: string,
  emoji: string,
): Promise<OutgoingReaction> {
  const { organizationId } = actor;
  const user = actor.user!;
  return db.transact(async (tx) => {
    const [target] = await tx.query<
      SealedAccount & {
        conversationId: string;
        personId: string;
        providerId: string;
        waId: string;
        lastInboundAt: Date | null;
        tray: boolean;
      }
    >(
      `select m.conversation_id as "conversationId", c.person_id as "personId", m.provider_id as "providerId",
         coalesce(cp.wa_id, ltrim(cp.key, '+')) as "waId", w.last_inbound_at as "lastInboundAt",
         exists (select 1 from applications a2 join vacancy_users vu on vu.organization_id = a2.organization_id and vu.vacancy_id = a2.vacancy_id
           where a2.organization_id = c.organization_id and a2.person_id = c.person_id and vu.user_id = $3) as tray,
         ${sealedAccountSql('a')}
       from messages m
       join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
       join people p on p.organization_id = c.organization_id and p.id = c.person_id
       join contact_points cp on cp.organization_id = m.organization_id and cp.id = m.contact_point_id
       join channel_accounts a on a.organization_id = m.organization_id and a.id = m.channel_account_id
       left join service_windows w on w.organization_id = m.organization_id and w.channel_account_id = a.id and w.contact_point_id = cp.id
       where m.organization_id = $1 and m.id = $2 and m.direction = 'in' and m.channel = 'whatsapp'
         and m.provider_id is not null and ${visiblePerson(actor, 'p')}`,
      [organizationId, messageId, user.id],
    );
    if (!target) throw notFound('message');
    const conversation = await lockConversation(tx, {
      organizationId,
      conversationId: target.conversationId,
    });
    const now = await tx.now();
    const { ownerId } = conversation.chat;
    if (!maySend(user, { fromTray: target.tray, ownsChat: ownerId === user.id }))
      throw refused('not_permitted');
    if (ownerId !== null && ownerId !== user.id) throw refused('chat_owned_by_other', ownerId);
    if (!target.lastInboundAt || target.lastInboundAt.getTime() + dayMs <= now.getTime())
      throw refused('window_closed');
    if (emoji === '') {
      await tx.query('delete from reactions where organization_id = $1 and message_id = $2 and actor = $3', [
        organizationId,
        messageId,
        user.id,
      ]);
    } else {
      await tx.query(
        `insert into reactions (organization_id, message_id, actor, emoji, occurred_at) values ($1, $2, $3, $4, $5)
         on conflict (organization_id, message_id, actor) do update set emoji = excluded.emoji, occurred_at = excluded.occurred_at`,
        [organizationId, messageId, user.id, emoji, now],
      );
    }
    noticeConversation(tx, conversation);
    return { account: target, to: target.waId, targetProviderId: target.providerId, emoji };
  });
}

function refused(
  code: 'not_permitted' | 'chat_owned_by_other' | 'window_closed',
  ownerId?: string,
): DomainError {
  return new DomainError(code, reasonText[code], ownerId === undefined ? {} : { ownerId });
}
