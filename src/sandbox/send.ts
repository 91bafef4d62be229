import { type Context, isWindowOpen } from './context';
import { GraphError, webhookError } from './graph-error';
import { newWamid } from './ids';
import { downloadLink, storeMedia } from './media';
import { isMediaKind, mediaFault, mediaTypes } from './media-types';
import type { Account, Content, MediaKind, Message, Phone, Template } from './model';
import { misbehaviourOf } from './misbehaviour';
import { digitsOf, variantKey } from './numbers';
import { firstStatuses, setStatus } from './statuses';
import { fillTemplate, type SentComponent } from './templates';
import type { NewElement } from './webhooks';

type Json = Record<string, unknown>;

export type Accepted = {
  phone: Phone;
  message: Message;
  answer: object;
  /** What the company will hear about it by webhook. */
  elements: NewElement[];
};

/** `POST /{phone_number_id}/messages`: everything Meta checks, in its order; throws its refusal. */
export function acceptSend(context: Context, account: Account, body: Json): Accepted {
  if (body.messaging_product !== 'whatsapp') throw required('messaging_product');
  const input = body.to;
  if (typeof input !== 'string' || input === '') throw required('to');
  const digits = digitsOf(input);
  if (digits === undefined) {
    throw new GraphError(131009, {
      details: `Invalid WhatsApp recipient: '${input}' is not a valid phone number`,
    });
  }
  const callbackData = body.biz_opaque_callback_data;
  if (callbackData !== undefined && (typeof callbackData !== 'string' || callbackData.length > 512)) {
    throw new GraphError(100, {
      details: 'biz_opaque_callback_data must be a string of at most 512 characters',
    });
  }
  const now = context.clock.now().getTime();
  const rate = { capacity: account.throughput, perMs: account.throughput / 1000 };
  if (!context.limiter.take(`throughput ${account.id}`, rate, now)) throw new GraphError(130429);
  if (variantKey(digits) === variantKey(account.displayPhoneNumber.replace(/\D/g, '')))
    throw new GraphError(131021);

  const { content, template } = parseContent(context, account, body);
  const phone = context.index.ensurePhone(digits);
  const pair = { capacity: account.pairBurst, perMs: 1 / account.pairIntervalMs };
  if (!context.limiter.take(`pair ${account.id} ${phone.key}`, pair, now)) throw new GraphError(131056);

  const open = isWindowOpen(context, account.id, phone.id);
  const closed = !template && !open;
  if (closed && account.windowClosedAs === 'refusal') throw new GraphError(131047);

  const limit = { people: account.messagingLimit, dayMs: context.dayMs };
  if (!open && !closed && !context.reach.take(account.wabaId, phone.key, limit, now))
    throw new GraphError(131048);

  const misbehaviour = misbehaviourOf(context.store, { phoneNumberId: account.id, waId: phone.id });
  const refusal = misbehaviour.value('refuse')?.as === 'status' ? misbehaviour.use('refuse') : undefined;
  const message = context.index.addMessage({
    id: newWamid(phone.id, 'toPhone'),
    direction: 'received',
    phoneNumberId: account.id,
    waId: phone.id,
    input,
    at: now,
    content,
    callbackData,
    replyTo: contextId(body),
    category: template ? (template.category.toLowerCase() as Message['category']) : 'service',
    free: !template || (template.category === 'UTILITY' && open),
    ...(phone.blocked.includes(account.id) && { withheld: true }),
  });
  const failure =
    (typeof refusal === 'object' && webhookError(refusal.code, refusal.details)) ||
    (closed && webhookError(131047)) ||
    asynchronousFailure(context, { account, phone, message, template });
  const elements: NewElement[] = [];
  if (failure) elements.push(setStatus(context, message, { status: 'failed', error: failure }));
  else if (!isPendingLink(content)) elements.push(...firstStatuses(context, message));
  if (!failure) showReaction(context, message);
  context.live.emit({ type: 'message', waId: phone.id, phoneNumberId: account.id, messageId: message.id });
  return {
    phone,
    message,
    elements,
    answer: {
      messaging_product: 'whatsapp',
      contacts: [{ input, wa_id: phone.id }],
      messages: [{ id: message.id, ...(template && { message_status: 'accepted' }) }],
    },
  };
}

/** What Meta finds out only after it has said yes. */
function asynchronousFailure(
  context: Context,
  facts: { account: Account; phone: Phone; message: Message; template: Template | undefined },
): ReturnType<typeof webhookError> | undefined {
  const { account, phone, message, template } = facts;
  if (!phone.onWhatsApp) return webhookError(131026);
  if (template?.category === 'MARKETING' && phone.marketingStopped.includes(account.id))
    return webhookError(131050);
  const { content } = message;
  if (!isMediaKind(content.type)) return undefined;
  const media = context.store.tables.media.get((content as { mediaId?: string }).mediaId ?? '');
  const fault = media && mediaFault(content.type, media);
  return fault === undefined ? undefined : webhookError(131053, fault);
}

function isPendingLink(content: Content): content is Extract<Content, { type: MediaKind }> {
  return isMediaKind(content.type) && (content as { link?: string }).link !== undefined;
}

/** A message with a link is on its way once Meta has fetched the file. */
export async function resolveLink(context: Context, message: Message): Promise<NewElement[]> {
  const { content } = message;
  if (!isPendingLink(content) || message.failedAt !== undefined) return [];
  try {
    const file = await downloadLink(content.link!, mediaTypes[content.type].maxBytes);
    const fault = mediaFault(content.type, { mimeType: file.mimeType, size: file.bytes.length });
    if (fault !== undefined) throw new Error(fault);
    const media = await storeMedia(context, message.phoneNumberId, { ...file, filename: content.filename });
    message.content = { ...content, mediaId: media.id, mimeType: media.mimeType };
    return firstStatuses(context, message);
  } catch (error) {
    const details = error instanceof Error ? error.message : 'The file could not be downloaded.';
    return [setStatus(context, message, { status: 'failed', error: webhookError(131053, details) })];
  }
}

function showReaction(context: Context, message: Message): void {
  if (message.content.type !== 'reaction') return;
  const target = context.store.tables.message.get(message.content.messageId);
  if (!target || target.waId !== message.waId) return;
  target.reactionOfCompany = message.content.emoji || undefined;
  context.store.put('message', target);
}

function contextId(body: Json): string | undefined {
  const id = (body.context as Json | undefined)?.message_id;
  if (id === undefined) return undefined;
  if (typeof id !== 'string' || !id.startsWith('wamid.')) {
    throw new GraphError(131009, { details: 'Invalid message_id in context' });
  }
  return id;
}

function parseContent(
  context: Context,
  account: Account,
  body: Json,
): { content: Content; template: Template | undefined } {
  const type = body.type ?? 'text';
  if (typeof type !== 'string') throw required('type');
  const value = body[type] as Json | undefined;
  if (type === 'template') return parseTemplate(context, account, value);
  return { content: parseFree(context, { account, type, value }), template: undefined };
}

function parseFree(
  context: Context,
  { account, type, value }: { account: Account; type: string; value: Json | undefined },
): Content {
  if (isMediaKind(type)) return parseMedia(context, { account, type, value });
  switch (type) {
    case 'text': {
      if (typeof value?.body !== 'string' || value.body === '') throw required("text['body']");
      if (value.body.length > 4096) {
        throw new GraphError(100, {
          message: "(#100) Param text['body'] must be at most 4096 characters long.",
        });
      }
      return { type: 'text', text: value.body };
    }
    case 'reaction': {
      if (typeof value?.message_id !== 'string') throw required("reaction['message_id']");
      if (!context.store.tables.message.has(value.message_id)) {
        throw new GraphError(131009, { details: 'Reaction message not found: invalid message_id' });
      }
      return {
        type: 'reaction',
        messageId: value.message_id,
        emoji: typeof value.emoji === 'string' ? value.emoji : '',
      };
    }
    case 'location': {
      const { latitude, longitude, name, address } = value ?? {};
      if (latitude === undefined || longitude === undefined) throw required("location['latitude']");
      return {
        type: 'location',
        latitude: Number(latitude),
        longitude: Number(longitude),
        ...(typeof name === 'string' && { name }),
        ...(typeof address === 'string' && { address }),
      };
    }
    case 'contacts':
      if (!Array.isArray(value)) throw required('contacts');
      return { type: 'contacts', contacts: value };
    case 'interactive':
      if (!value) throw required('interactive');
      return { type: 'interactive', text: textOf(value.body), raw: value };
    default:
      throw new GraphError(100, {
        message: `(#100) Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, REACTION, STICKER, TEMPLATE, TEXT, VIDEO} - got "${type}".`,
      });
  }
}

function parseMedia(
  context: Context,
  { account, type, value }: { account: Account; type: MediaKind; value: Json | undefined },
): Content {
  const caption =
    typeof value?.caption === 'string' && type !== 'audio' && type !== 'sticker' ? value.caption : undefined;
  const filename = typeof value?.filename === 'string' && type === 'document' ? value.filename : undefined;
  if (caption !== undefined && caption.length > 1024) {
    throw new GraphError(100, {
      message: `(#100) Param ${type}['caption'] must be at most 1024 characters long.`,
    });
  }
  const extras = { ...(caption !== undefined && { caption }), ...(filename !== undefined && { filename }) };
  if (typeof value?.id === 'string') {
    const media = context.store.tables.media.get(value.id);
    if (!media || media.phoneNumberId !== account.id) {
      throw new GraphError(100, {
        message: `(#100) Param ${type}["id"] is not a valid whatsapp business account media attachment ID`,
      });
    }
    const voice = type === 'audio' && (value.voice === true || media.mimeType.startsWith('audio/ogg'));
    return { type, mediaId: media.id, mimeType: media.mimeType, ...extras, ...(voice && { voice }) };
  }
  if (typeof value?.link !== 'string') throw required(`${type}['id']`);
  if (!/^https?:\/\//.test(value.link)) {
    throw new GraphError(100, { message: `(#100) Param ${type}['link'] is not a valid URI.` });
  }
  return { type, link: value.link, ...extras };
}

function parseTemplate(
  context: Context,
  account: Account,
  value: Json | undefined,
): { content: Content; template: Template } {
  const name = value?.name;
  const language = (value?.language as Json | undefined)?.code;
  if (typeof name !== 'string') throw required("template['name']");
  if (typeof language !== 'string') throw required("template['language']['code']");
  const template = [...context.store.tables.template.values()].find(
    (candidate) =>
      candidate.wabaId === account.wabaId && candidate.name === name && candidate.language === language,
  );
  // What was never approved does not exist yet for those who send.
  if (!template || template.status === 'PENDING' || template.status === 'REJECTED') {
    throw new GraphError(132001, { details: `template name (${name}) does not exist in ${language}` });
  }
  if (template.status === 'PAUSED') throw new GraphError(132015);
  if (template.status === 'DISABLED') throw new GraphError(132016);
  const components = Array.isArray(value?.components) ? (value.components as SentComponent[]) : [];
  return { content: fillTemplate(template, components), template };
}

function textOf(part: unknown): string {
  const text = (part as Json | undefined)?.text;
  return typeof text === 'string' ? text : '';
}

function required(parameter: string): GraphError {
  return new GraphError(100, { message: `(#100) The parameter ${parameter} is required.` });
}
