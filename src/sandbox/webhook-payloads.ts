import { createHash } from 'node:crypto';
import type { Account, Media, Message, Phone, Template, WebhookElement, WebhookError } from './model';

/** Seconds since 1970 as text: how messages and statuses carry their time. */
function unixSeconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

export type StatusName = 'sent' | 'delivered' | 'read' | 'played' | 'failed';

/** One element of `statuses[]`. */
export function statusValue(
  message: Message,
  facts: { status: StatusName; at: number; windowEndsAt?: number; error?: WebhookError },
): object {
  const billed = facts.status === 'sent' || facts.status === 'delivered';
  const category = message.category ?? 'service';
  return {
    id: message.id,
    status: facts.status,
    timestamp: unixSeconds(facts.at),
    recipient_id: message.waId,
    ...(message.callbackData !== undefined && { biz_opaque_callback_data: message.callbackData }),
    ...(billed && {
      conversation: {
        id: conversationId(message, category),
        ...(facts.status === 'sent' &&
          facts.windowEndsAt !== undefined && { expiration_timestamp: unixSeconds(facts.windowEndsAt) }),
        origin: { type: category },
      },
      pricing: {
        billable: message.free !== true,
        pricing_model: 'PMP',
        type: message.free === true ? 'free_customer_service' : 'regular',
        category,
      },
    }),
    ...(facts.error && { errors: [facts.error] }),
  };
}

function conversationId(message: Message, category: string): string {
  return createHash('md5').update(`${message.phoneNumberId} ${message.waId} ${category}`).digest('hex');
}

/** One element of `messages[]`: what the phone sent. */
export function messageValue(
  message: Message,
  facts: { account: Account; media: Media | undefined; newWaId?: string },
): object {
  return {
    ...(message.replyTo !== undefined && {
      context: { from: facts.account.displayPhoneNumber.replace(/\D/g, ''), id: message.replyTo },
    }),
    from: message.waId,
    id: message.id,
    timestamp: unixSeconds(message.at),
    ...messageContent(message, facts),
  };
}

function messageContent(message: Message, facts: { media: Media | undefined; newWaId?: string }): object {
  const { content } = message;
  switch (content.type) {
    case 'text':
      return { type: 'text', text: { body: content.text } };
    case 'image':
    case 'video':
    case 'audio':
    case 'document':
    case 'sticker':
      return {
        type: content.type,
        [content.type]: {
          ...(content.caption !== undefined && { caption: content.caption }),
          ...(content.filename !== undefined &&
            content.type === 'document' && { filename: content.filename }),
          mime_type: facts.media?.mimeType,
          // In webhooks Base64, when the media is asked for hexadecimal: so does Meta.
          sha256: facts.media && Buffer.from(facts.media.sha256, 'hex').toString('base64'),
          id: content.mediaId,
          ...(content.type === 'audio' && { voice: content.voice === true }),
          ...(content.type === 'sticker' && { animated: false }),
        },
      };
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { type: 'location', location: { latitude, longitude, name, address } };
    }
    case 'contacts':
      return { type: 'contacts', contacts: content.contacts };
    case 'button':
      return { type: 'button', button: { payload: content.payload, text: content.text } };
    case 'interactive':
      return { type: 'interactive', interactive: content.raw };
    case 'reaction':
      return {
        type: 'reaction',
        reaction: {
          message_id: content.messageId,
          ...(content.emoji !== '' && { emoji: content.emoji }),
        },
      };
    case 'system':
      return {
        type: 'system',
        system: { body: content.text, wa_id: facts.newWaId, type: 'user_changed_number' },
      };
    case 'template':
    case 'other':
      return {
        type: 'unsupported',
        errors: [
          {
            code: 131051,
            title: 'Message type unknown',
            message: 'Message type unknown',
            error_data: { details: 'Message type is currently not supported.' },
          },
        ],
      };
  }
}

export function contactValue(phone: Phone): object {
  return { profile: { name: phone.name }, wa_id: phone.id };
}

export function userPreferenceValue(
  account: Account,
  facts: { phone: Phone; value: 'stop' | 'resume'; at: number },
): object {
  return {
    messaging_product: 'whatsapp',
    metadata: metadata(account),
    contacts: [contactValue(facts.phone)],
    user_preferences: [
      {
        wa_id: facts.phone.id,
        detail: `User requested to ${facts.value} marketing messages`,
        category: 'marketing_messages',
        value: facts.value,
        timestamp: Math.floor(facts.at / 1000),
      },
    ],
  };
}

export function templateStatusValue(template: Template): object {
  return {
    event: template.status,
    message_template_id: Number(template.id),
    message_template_name: template.name,
    message_template_language: template.language,
    reason: template.status === 'REJECTED' ? template.rejectedReason : 'NONE',
    message_template_category: template.category,
    ...(template.status === 'PAUSED' && {
      other_info: {
        title: 'FIRST_PAUSE',
        description: 'Your WhatsApp message template has been paused for 3 hours until it can be sent again.',
      },
    }),
  };
}

function metadata(account: Account): object {
  return {
    display_phone_number: account.displayPhoneNumber.replace(/\D/g, ''),
    phone_number_id: account.id,
  };
}

/** The body of one webhook: elements of one WABA, grouped as Meta groups them. */
export function webhookBody(
  elements: WebhookElement[],
  facts: { account(phoneNumberId: string): Account | undefined; now: number },
): Buffer {
  const first = elements[0];
  const messages = new Map<string, WebhookElement[]>();
  const accountLevel: WebhookElement[] = [];
  for (const element of elements) {
    if (element.part === 'value') accountLevel.push(element);
    else push(messages, `${element.part} ${element.phoneNumberId}`, element);
  }
  const changes = [...messages.values()].map((group) => messagesChange(group, facts.account));
  const entries: object[] = [];
  if (changes.length > 0) entries.push({ id: first?.wabaId, changes });
  for (const { field, value } of accountLevel) {
    entries.push({ id: first?.wabaId, time: Math.floor(facts.now / 1000), changes: [{ value, field }] });
  }
  return Buffer.from(escapeAsMeta(JSON.stringify({ object: 'whatsapp_business_account', entry: entries })));
}

function messagesChange(group: WebhookElement[], account: (id: string) => Account | undefined): object {
  const head = group[0]!;
  const owner = account(head.phoneNumberId ?? '');
  const contacts = new Map(group.filter((element) => element.contact).map((e) => [e.waId, e.contact]));
  return {
    value: {
      messaging_product: 'whatsapp',
      metadata: owner && metadata(owner),
      ...(contacts.size > 0 && { contacts: [...contacts.values()] }),
      [head.part === 'message' ? 'messages' : 'statuses']: group.map((element) => element.value),
    },
    field: 'messages',
  };
}

/** Meta escapes what is not ASCII, and slashes: whoever signs a re-serialised body instead of the raw one is found out. */
function escapeAsMeta(json: string): string {
  return json
    .replace(/\//g, '\\/')
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function push<Value>(groups: Map<string, Value[]>, key: string, value: Value): void {
  const group = groups.get(key);
  if (group) group.push(value);
  else groups.set(key, [value]);
}
