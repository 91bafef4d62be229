import type { Context } from './context';
import { contactValue, messageValue, userPreferenceValue } from './webhook-payloads';
import { newWamid } from './ids';
import { type File, storeMedia } from './media';
import { bareMimeType } from './media-types';
import type { Account, Content, Media, MediaKind, Message, Phone } from './model';
import { usualWaId, variantKey } from './numbers';
import { setStatus } from './statuses';

/** What a phone can be told to send; see docs/sandbox.md. */
export type PhoneMessage =
  | { type: 'text'; text: string }
  | { type: MediaKind; file: File; caption?: string; voice?: boolean }
  | { type: 'location'; latitude: number; longitude: number; name?: string; address?: string }
  | { type: 'contacts'; contacts: unknown[] }
  | { type: 'button'; text: string; payload?: string }
  | { type: 'interactive'; interactive: unknown; text?: string }
  | { type: 'reaction'; messageId: string; emoji: string }
  | { type: 'unsupported' }
  /** Any message object whatever, to try what this version has no form for. `from`, `id` and `timestamp` are filled in. */
  | { type: 'raw'; message: Record<string, unknown> };

/** The phone writes to the company: kept, shown, and told by webhook. */
export async function sendFromPhone(
  context: Context,
  facts: { phone: Phone; account: Account; message: PhoneMessage; replyTo?: string },
): Promise<Message> {
  const { phone, account } = facts;
  const media =
    'file' in facts.message ? await storeMedia(context, account.id, facts.message.file) : undefined;
  const message = context.index.addMessage({
    id: newWamid(phone.id, 'fromPhone'),
    direction: 'sent',
    phoneNumberId: account.id,
    waId: phone.id,
    input: phone.id,
    at: context.clock.now().getTime(),
    content: contentOf(facts.message, media),
    replyTo: facts.replyTo ?? (facts.message.type === 'button' ? lastTemplate(context, facts) : undefined),
  });
  react(context, message);
  announce(context, { phone, account, message, media, raw: rawOf(facts.message) });
  return message;
}

function contentOf(message: PhoneMessage, media: Media | undefined): Content {
  switch (message.type) {
    case 'text':
    case 'location':
    case 'contacts':
    case 'reaction':
      return message;
    case 'button':
      return { type: 'button', text: message.text, payload: message.payload ?? message.text };
    case 'interactive':
      return { type: 'interactive', text: message.text ?? '', raw: message.interactive };
    case 'unsupported':
      return {
        type: 'other',
        providerType: 'unsupported',
        text: 'A message of a kind that the Cloud API does not pass on',
      };
    case 'raw':
      return {
        type: 'other',
        providerType: String(message.message.type),
        text: `A message of type ${String(message.message.type)}`,
      };
    default: {
      const { type, file, caption, voice } = message;
      return {
        type,
        mediaId: media?.id,
        mimeType: file.mimeType,
        ...(caption !== undefined && { caption }),
        ...(file.filename !== undefined && { filename: file.filename }),
        ...(type === 'audio' && { voice: voice ?? false }),
      };
    }
  }
}

function rawOf(message: PhoneMessage): object | undefined {
  return message.type === 'raw' ? message.message : undefined;
}

/** A pressed button answers the template it stands under. */
function lastTemplate(context: Context, facts: { phone: Phone; account: Account }): string | undefined {
  return context.index
    .messagesOf(facts.phone.id)
    .findLast(
      ({ phoneNumberId, content }) => phoneNumberId === facts.account.id && content.type === 'template',
    )?.id;
}

function react(context: Context, message: Message): void {
  if (message.content.type !== 'reaction') return;
  const target = context.store.tables.message.get(message.content.messageId);
  if (!target) return;
  target.reactionOfPhone = message.content.emoji || undefined;
  context.store.put('message', target);
}

function announce(
  context: Context,
  facts: { phone: Phone; account: Account; message: Message; media?: Media; raw?: object; newWaId?: string },
): void {
  const { phone, account, message, media, raw, newWaId } = facts;
  const value = { ...messageValue(message, { account, media, newWaId }), ...raw };
  const elements = context.webhooks.note([
    {
      wabaId: account.wabaId,
      phoneNumberId: account.id,
      waId: phone.id,
      field: 'messages',
      part: 'message',
      contact: contactValue(phone),
      value,
      messageId: message.id,
    },
  ]);
  context.store.flush();
  context.webhooks.release(elements);
  context.live.emit({ type: 'message', waId: phone.id, phoneNumberId: account.id, messageId: message.id });
}

/** The phone's owner looks at the chat: everything delivered there is read. Returns how many. */
export function readChat(
  context: Context,
  phone: Phone,
  facts: { phoneNumberId?: string; messageId?: string },
): number {
  if (!phone.switchedOn) return 0;
  const unread = context.index
    .messagesOf(phone.id)
    .filter(
      (message) =>
        message.direction === 'received' &&
        message.deliveredAt !== undefined &&
        message.readAt === undefined &&
        (facts.phoneNumberId === undefined || message.phoneNumberId === facts.phoneNumberId) &&
        (facts.messageId === undefined || message.id === facts.messageId),
    );
  const elements = unread.map((message) => setStatus(context, message, { status: 'read' }));
  context.webhooks.send(phone.readReceipts ? elements : []);
  return unread.length;
}

/** A voice message was listened to. */
export function playMessage(context: Context, message: Message): void {
  if (message.playedAt !== undefined || message.deliveredAt === undefined) return;
  const elements = message.readAt === undefined ? [setStatus(context, message, { status: 'read' })] : [];
  context.webhooks.send([...elements, setStatus(context, message, { status: 'played' })]);
}

/** Switched on again, a phone gets everything that waited for it. */
export function switchPhone(context: Context, phone: Phone, on: boolean): void {
  if (phone.switchedOn === on) return;
  phone.switchedOn = on;
  context.index.savePhone(phone);
  if (!on) return;
  const waiting = context.index
    .messagesOf(phone.id)
    .filter(
      (message) =>
        message.direction === 'received' &&
        message.sentAt !== undefined &&
        message.deliveredAt === undefined &&
        message.withheld !== true &&
        message.content.type !== 'reaction',
    );
  context.webhooks.send(waiting.map((message) => setStatus(context, message, { status: 'delivered' })));
}

/** Blocking stops what comes from now on; unblocking does not bring it back. */
export function setBlocked(
  context: Context,
  phone: Phone,
  facts: { phoneNumberId: string; blocked: boolean },
): void {
  const others = phone.blocked.filter((id) => id !== facts.phoneNumberId);
  phone.blocked = facts.blocked ? [...others, facts.phoneNumberId] : others;
  context.index.savePhone(phone);
}

export function setMarketing(
  context: Context,
  phone: Phone,
  facts: { account: Account; value: 'stop' | 'resume' },
): void {
  const { account, value } = facts;
  const others = phone.marketingStopped.filter((id) => id !== account.id);
  phone.marketingStopped = value === 'stop' ? [...others, account.id] : others;
  context.index.savePhone(phone);
  const at = context.clock.now().getTime();
  context.webhooks.send([
    {
      wabaId: account.wabaId,
      phoneNumberId: account.id,
      waId: phone.id,
      field: 'user_preferences',
      part: 'value',
      value: userPreferenceValue(account, { phone, value, at }),
    },
  ]);
}

/** The owner takes the account to a new number; the companies they talk with hear of it under the old one. */
export function changeNumber(context: Context, phone: Phone, newDigits: string): Phone {
  const moved: Phone = { ...phone, id: usualWaId(newDigits), key: variantKey(newDigits) };
  context.index.savePhone(moved);
  const accounts = new Set(context.index.messagesOf(phone.id).map((message) => message.phoneNumberId));
  for (const id of accounts) {
    const account = context.store.tables.account.get(id);
    if (!account) continue;
    const message = context.index.addMessage({
      id: newWamid(phone.id, 'fromPhone'),
      direction: 'sent',
      phoneNumberId: id,
      waId: phone.id,
      input: phone.id,
      at: context.clock.now().getTime(),
      content: { type: 'system', text: `User ${phone.name} changed from ${phone.id} to ${moved.id}` },
    });
    announce(context, { phone, account, message, newWaId: moved.id });
  }
  phone.onWhatsApp = false;
  context.index.savePhone(phone);
  return moved;
}

/** The message type that a file of this MIME type travels as. */
export function kindOfFile(mimeType: string): MediaKind {
  const bare = bareMimeType(mimeType);
  if (bare === 'image/webp') return 'sticker';
  if (bare === 'image/jpeg' || bare === 'image/png') return 'image';
  if (bare.startsWith('audio/')) return 'audio';
  if (bare.startsWith('video/')) return 'video';
  return 'document';
}
