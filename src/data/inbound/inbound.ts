import type { InboundContent, WhatsAppEvent } from '../../channels/whatsapp/types';
import { reduceChat } from '../../domain/chat';
import { optOutWord } from '../../domain/opt-out';
import {
  hasQueued,
  lockConversation,
  pokeConversation,
  saveChat,
  type LockedConversation,
} from '../conversations/conversation-store';
import { newId, type Database, type Tx } from '../database';
import type { MessageContent } from '../messages/message-content';
import { parkReaction } from './parked-reactions';
import { answerHelp } from '../messages/answer-help';
import { findOrMakePhone, type InboundPhone } from './inbound-person';
import { cutUnsent } from '../messages/cut-unsent';
import { addOptOut, phoneChannels, undoOptOut } from '../people/opt-outs';
import { messageOfProviderId, storeInbound } from './store-inbound';

export type InboundEvent = Omit<Extract<WhatsAppEvent, { type: 'message' }>, 'type' | 'phoneNumberId'> & {
  /** The provider has answered STOP, START or HELP itself. */
  answered?: boolean;
};

export type InboundContext = {
  channel: 'whatsapp' | 'sms';
  organizationId: string;
  channelAccountId: string;
  dayMs: number;
  /** Keyed hash of an address: an opt-out outlives its erasure. */
  hashKey: (key: string) => string;
};

export type Received = { messageId: string | null; mediaId: string | null; duplicate: boolean };

/**
 * A message from a person, in one transaction: found by number or made to be reviewed (R-CHAT-13), stored once however often it is
 * delivered, the right people notified (R-LOG-4). On WhatsApp the chat is moved on (R-CHAT-6) and the window opened.
 */
export async function receiveMessage(
  db: Database,
  context: InboundContext,
  event: InboundEvent,
): Promise<Received> {
  return db.transact(async (tx) => {
    const phone = await findOrMakePhone(
      tx,
      context.organizationId,
      {
        channel: context.channel,
        waId: event.from,
        userId: event.fromUserId,
        profileName: event.profileName,
      },
      { ...context, providerId: event.providerId },
    );
    const repeated = { messageId: null, mediaId: null, duplicate: true };
    if (!phone) return repeated;
    const messageId = newId();
    // a reaction is no message of its own, which would be found when the person is erased
    const fresh = await tx.prepared(
      `insert into provider_messages (channel_account_id, provider_id, organization_id, message_id, remove_at)
       values ($1, $2, $3, $4, case when $5 then clock_timestamp() + interval '8 days' end)
       on conflict (channel_account_id, provider_id) do nothing returning 1`,
      [
        context.channelAccountId,
        event.providerId,
        context.organizationId,
        messageId,
        event.content.kind === 'reaction',
      ],
    );
    if (fresh.length === 0) return repeated;
    const ids = { organizationId: context.organizationId, conversationId: phone.conversationId };
    const conversation = await lockConversation(tx, ids);
    const now = await tx.now();
    const at = event.at > now ? now : event.at;
    if (context.channel === 'whatsapp') await openWindow(tx, context, phone.contactPointId, at);
    if (event.content.kind === 'reaction') {
      await storeReaction(tx, conversation, context.channelAccountId, event.content, at);
    }
    const before = conversation.chat;
    const moved =
      context.channel === 'whatsapp'
        ? await saveChat(
            tx,
            conversation,
            reduceChat(before, { type: 'inbound', at: now }, context.dayMs),
            null,
          )
        : conversation;
    const mediaId =
      event.content.kind === 'reaction'
        ? null
        : await storeMessage(tx, moved, phone, context, event, { messageId, at, now });
    await takeOptOut(tx, context, moved, phone, event, { messageId, at });
    // A fact that only extends a deadline needs no workflow to hear of it; a new status does, and what the messaging limit held up goes now,
    // also where something else waits for the end of a night.
    const freed = conversation.blockedBy === 'messaging_limit' || conversation.blockedBy === 'quiet_hours';
    if (freed || moved.chat.status !== before.status || moved.chat.ownerId !== before.ownerId)
      await pokeConversation(tx, moved, await hasQueued(tx, ids));
    return { messageId, mediaId, duplicate: false };
  });
}

async function openWindow(tx: Tx, context: InboundContext, contactPointId: string, at: Date): Promise<void> {
  await tx.prepared(
    `insert into service_windows (organization_id, channel_account_id, contact_point_id, last_inbound_at) values ($1, $2, $3, $4)
     on conflict (organization_id, channel_account_id, contact_point_id)
     do update set last_inbound_at = greatest(service_windows.last_inbound_at, excluded.last_inbound_at)`,
    [context.organizationId, context.channelAccountId, contactPointId, at],
  );
}

async function storeMessage(
  tx: Tx,
  conversation: LockedConversation,
  phone: InboundPhone,
  context: InboundContext,
  event: InboundEvent,
  facts: { messageId: string; at: Date; now: Date },
): Promise<string | null> {
  const { channel, channelAccountId } = context;
  const { messageId, at, now } = facts;
  const shown = await contentOf(tx, context, event, messageId, now);
  const replyTo = event.replyToProviderId
    ? await messageOfProviderId(tx, conversation, channelAccountId, event.replyToProviderId)
    : undefined;
  await storeInbound(tx, conversation, {
    ...shown,
    messageId,
    channel,
    channelAccountId,
    contactPointId: phone.contactPointId,
    providerId: event.providerId,
    replyTo,
    at,
    now,
  });
  return shown.content.mediaId ?? null;
}

type Shown = { kind: string; body: string | null; content: MessageContent };

async function contentOf(
  tx: Tx,
  context: InboundContext,
  event: InboundEvent,
  messageId: string,
  now: Date,
): Promise<Shown> {
  const content: InboundContent = event.content;
  switch (content.kind) {
    case 'text':
      return { kind: 'text', body: content.body, content: {} };
    case 'buttonReply':
      return {
        kind: 'buttonReply',
        body: content.text,
        content: content.payload === undefined ? {} : { buttonPayload: content.payload },
      };
    case 'media': {
      const mediaId = newId();
      await tx.query(
        `insert into media (organization_id, id, message_id, state, provider_id, mime_type, filename, sha256, voice, created_at)
         values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9)`,
        [
          context.organizationId,
          mediaId,
          messageId,
          content.providerMediaId,
          content.mimeType,
          content.filename ?? null,
          content.sha256 ?? null,
          content.voice,
          now,
        ],
      );
      return { kind: content.media, body: content.caption ?? null, content: { mediaId } };
    }
    case 'location': {
      const { latitude, longitude, name = null, address = null } = content;
      return {
        kind: 'location',
        body: name ?? address,
        content: { location: { latitude, longitude, name, address } },
      };
    }
    case 'contacts':
      return {
        kind: 'contacts',
        body: content.contacts.map((contact) => contact.name).join(', '),
        content: { contacts: content.contacts },
      };
    case 'numberChanged':
      return {
        kind: 'numberChanged',
        body: content.body ?? null,
        content: content.newWaId === undefined ? {} : { newWaId: content.newWaId },
      };
    case 'unsupported':
      return {
        kind: 'unsupported',
        body: null,
        content: { providerType: content.providerType, raw: event.raw },
      };
    case 'reaction':
      throw new Error('a reaction is no message of its own');
  }
}

async function storeReaction(
  tx: Tx,
  conversation: LockedConversation,
  channelAccountId: string,
  reaction: Extract<InboundContent, { kind: 'reaction' }>,
  at: Date,
): Promise<void> {
  const { organizationId } = conversation;
  const [target] = await tx.query<{ id: string }>(
    `select m.id from provider_messages pm join messages m on m.organization_id = pm.organization_id and m.id = pm.message_id
     where pm.channel_account_id = $1 and pm.provider_id = $2 and m.conversation_id = $3`,
    [channelAccountId, reaction.targetProviderId, conversation.id],
  );
  const emoji = reaction.emoji ?? '';
  if (!target) {
    return parkReaction(tx, conversation, {
      channelAccountId,
      providerId: reaction.targetProviderId,
      emoji,
      at,
    });
  }
  // One that was taken back stays as an empty one: what it took back may come later.
  await tx.query(
    `insert into reactions (organization_id, message_id, actor, emoji, occurred_at) values ($1, $2, 'person', $3, $4)
     on conflict (organization_id, message_id, actor) do update set emoji = excluded.emoji, occurred_at = excluded.occurred_at
     where reactions.occurred_at <= excluded.occurred_at`,
    [organizationId, target.id, emoji, at],
  );
  tx.notice({
    type: 'conversation',
    organizationId,
    conversationId: conversation.id,
    personId: conversation.personId,
  });
}

/** STOP, START and HELP, as a whole message; a press on a button of that name counts too. */
async function takeOptOut(
  tx: Tx,
  context: InboundContext,
  conversation: LockedConversation,
  phone: InboundPhone,
  event: InboundEvent,
  { messageId, at }: { messageId: string; at: Date },
): Promise<void> {
  const { content } = event;
  const words = content.kind === 'text' ? content.body : content.kind === 'buttonReply' ? content.text : '';
  const meaning = optOutWord(words);
  if (!meaning) return;
  const optOut = {
    organizationId: context.organizationId,
    contactPointId: phone.contactPointId,
    keyHash: context.hashKey(phone.key),
    personId: phone.personId,
    channels: phoneChannels,
    marketingOnly: false,
    words: words.trim(),
    source: 'message' as const,
    messageId,
    at,
  };
  if (meaning === 'help') {
    if (event.answered || at < new Date((await tx.now()).getTime() - context.dayMs)) return;
    return answerHelp(tx, { ...context, conversationId: conversation.id }, context);
  }
  if (meaning === 'start') return undoOptOut(tx, optOut);
  await addOptOut(tx, optOut);
  await cutUnsent(tx, conversation, { ...optOut, at: await tx.now() });
}
