import { z } from 'zod';
import { classifyCode } from './classify-error';
import { projectContent } from './project-content';
import { storableJson } from './storable-json';
import { templateStatus } from './templates';
import type { ReceiptStatus, WhatsAppEvent } from './types';
import { graphId, graphNumber, optionalText, optionalWaId, unixSeconds } from './wire';

/** An element that could not be read. `path` leads to it in the stored body; the message names no value of it. */
export type WebhookFault = { path: string; message: string };

export type ProjectedWebhook = { events: WhatsAppEvent[]; faults: WebhookFault[] };

/**
 * The events of one webhook body, in its order. Never throws: an element that this version does not know comes out as
 * `unknown`, one that is broken as a fault, and neither costs the others. Texts are made storable (no null characters).
 */
export function projectWebhook(body: unknown): ProjectedWebhook {
  const out = new Projection();
  const root = out.read('', bodySchema, storableJson(body));
  root?.entry.forEach((rawEntry, entryIndex) => {
    const entryPath = `entry[${entryIndex}]`;
    const entry = out.read(entryPath, entrySchema, rawEntry);
    entry?.changes.forEach((rawChange, changeIndex) => {
      const path = `${entryPath}.changes[${changeIndex}]`;
      const change = out.read(path, changeSchema, rawChange);
      if (change === undefined) return;
      const project = fields[change.field];
      if (project === undefined || !Object.hasOwn(fields, change.field)) {
        out.events.push({ type: 'unknown', field: change.field, raw: change.value });
      } else {
        project(out, { path: `${path}.value`, wabaId: entry.id, value: change.value });
      }
    });
  });
  return { events: out.events, faults: out.faults };
}

class Projection {
  readonly events: WhatsAppEvent[] = [];
  readonly faults: WebhookFault[] = [];

  /** The element by its schema; a fault, and undefined, when it does not fit. */
  read<T>(path: string, schema: z.ZodType<T>, raw: unknown): T | undefined {
    const parsed = schema.safeParse(raw);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const inner =
      issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? '';
    this.faults.push({
      path: `${path}${inner}`.replace(/^\./, ''),
      message: issue?.message ?? 'Invalid element',
    });
    return undefined;
  }
}

type Change = { path: string; wabaId: string; value: unknown };

const list = z.array(z.unknown());
const optionalId = graphId.optional().catch(undefined);

const metadata = z.object({ phone_number_id: graphId });

// Made once: zod compiles a schema at its first use.
const bodySchema = z.object({ object: z.literal('whatsapp_business_account'), entry: list });
const entrySchema = z.object({ id: graphId.catch(''), changes: list });
const changeSchema = z.object({ field: z.string(), value: z.unknown() });
const templateStatusSchema = z.object({
  event: z.string(),
  message_template_name: z.string(),
  message_template_language: z.string(),
  reason: optionalText,
});
const templateQualitySchema = z.object({
  message_template_name: z.string(),
  message_template_language: z.string(),
  new_quality_score: z.string(),
});
const accountSchema = z.object({ event: z.string() });
const phoneQualitySchema = z.object({
  display_phone_number: optionalText,
  event: z.string(),
  current_limit: optionalText,
  max_daily_conversations_per_business: optionalText,
});
const messagesSchema = z.object({
  metadata,
  contacts: list.catch([]),
  messages: list.default([]),
  statuses: list.default([]),
  errors: list.catch([]),
});
const preferencesSchema = z.object({ metadata, user_preferences: list });
const preferenceSchema = z.object({
  wa_id: optionalWaId,
  category: z.string(),
  value: z.string(),
  timestamp: unixSeconds,
});

const fields: Record<string, (out: Projection, change: Change) => void> = {
  messages: projectMessages,
  user_preferences: projectPreferences,

  message_template_status_update(out, { path, wabaId, value }) {
    const update = out.read(path, templateStatusSchema, value);
    if (update === undefined) return;
    const status = templateStatus(update.event);
    if (status === undefined) {
      out.events.push({ type: 'unknown', field: 'message_template_status_update', raw: value });
      return;
    }
    out.events.push({
      type: 'templateStatus',
      wabaId,
      name: update.message_template_name,
      language: update.message_template_language,
      status,
      rejectedReason: update.reason === undefined || update.reason === 'NONE' ? undefined : update.reason,
    });
  },

  message_template_quality_update(out, { path, wabaId, value }) {
    const update = out.read(path, templateQualitySchema, value);
    if (update === undefined) return;
    out.events.push({
      type: 'templateQuality',
      wabaId,
      name: update.message_template_name,
      language: update.message_template_language,
      quality: update.new_quality_score,
    });
  },

  account_update(out, { path, wabaId, value }) {
    const update = out.read(path, accountSchema, value);
    if (update !== undefined) out.events.push({ type: 'accountUpdate', wabaId, event: update.event });
  },

  phone_number_quality_update(out, { path, wabaId, value }) {
    const update = out.read(path, phoneQualitySchema, value);
    if (update === undefined) return;
    out.events.push({
      type: 'phoneQuality',
      wabaId,
      displayPhone: update.display_phone_number,
      event: update.event,
      limit: update.max_daily_conversations_per_business ?? update.current_limit,
    });
  },
};

const messageSchema = z
  .object({
    id: graphId,
    from: optionalWaId,
    from_user_id: optionalId,
    timestamp: unixSeconds,
    type: z.string().catch('unsupported'),
    context: z.object({ id: optionalId }).optional().catch(undefined),
  })
  .refine((message) => message.from !== undefined || message.from_user_id !== undefined, 'expected a sender');

const statusSchema = z.object({
  id: graphId,
  status: z.string(),
  timestamp: unixSeconds,
  recipient_id: optionalWaId,
  biz_opaque_callback_data: optionalText,
  errors: list.optional().catch(undefined),
});

const errorSchema = z.object({
  code: graphNumber,
  title: optionalText,
  message: optionalText,
  error_data: z.object({ details: optionalText }).optional().catch(undefined),
});

const contactSchema = z.object({
  wa_id: optionalWaId,
  user_id: optionalId,
  profile: z.object({ name: optionalText }).optional().catch(undefined),
});

function projectMessages(out: Projection, { path, value }: Change): void {
  const arrays = out.read(path, messagesSchema, isolateArrays(out, path, value));
  if (arrays === undefined) return;
  const phoneNumberId = arrays.metadata.phone_number_id;
  const contacts = arrays.contacts.flatMap((raw) => contactSchema.safeParse(raw).data ?? []);

  arrays.messages.forEach((raw, index) => {
    const message = out.read(`${path}.messages[${index}]`, messageSchema, raw);
    if (message === undefined) return;
    out.events.push({
      type: 'message',
      phoneNumberId,
      providerId: message.id,
      from: message.from,
      fromUserId: message.from_user_id,
      profileName: profileName(contacts, message),
      at: message.timestamp,
      replyToProviderId: message.context?.id,
      content: projectContent(message.type, raw),
      raw,
    });
  });

  arrays.statuses.forEach((raw, index) => {
    const status = out.read(`${path}.statuses[${index}]`, statusSchema, raw);
    if (status === undefined) return;
    const known = receiptStatus(status.status);
    if (known === undefined) {
      out.events.push({ type: 'unknown', field: 'messages.statuses', raw });
      return;
    }
    out.events.push({
      type: 'status',
      phoneNumberId,
      providerId: status.id,
      status: known,
      recipient: status.recipient_id,
      at: status.timestamp,
      clientReference: status.biz_opaque_callback_data,
      error: known === 'failed' ? statusError(status.errors ?? []) : undefined,
    });
  });

  // faults of the account itself, belonging to no message
  for (const raw of arrays.errors) out.events.push({ type: 'unknown', field: 'messages.errors', raw });
}

/** `messages` that is no array must not cost the statuses beside it, nor the other way round. */
function isolateArrays(out: Projection, path: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = { ...value };
  for (const key of ['messages', 'statuses']) {
    if (copy[key] === undefined || out.read(`${path}.${key}`, list, copy[key]) !== undefined) continue;
    delete copy[key];
  }
  return copy;
}

function projectPreferences(out: Projection, { path, value }: Change): void {
  const change = out.read(path, preferencesSchema, value);
  change?.user_preferences.forEach((raw, index) => {
    const preference = out.read(`${path}.user_preferences[${index}]`, preferenceSchema, raw);
    if (preference === undefined) return;
    const { wa_id: from, category, value: wish, timestamp: at } = preference;
    if (from !== undefined && category === 'marketing_messages' && (wish === 'stop' || wish === 'resume')) {
      const phoneNumberId = change.metadata.phone_number_id;
      out.events.push({ type: 'userPreference', phoneNumberId, from, marketing: wish, at });
    } else {
      out.events.push({ type: 'unknown', field: 'user_preferences', raw });
    }
  });
}

function receiptStatus(word: string): ReceiptStatus | undefined {
  switch (word) {
    case 'sent':
    case 'delivered':
    case 'read':
    case 'failed':
      return word;
    // a voice message that was listened to was read
    case 'played':
      return 'read';
    default:
      return undefined;
  }
}

function statusError(errors: unknown[]) {
  const error = errors.map((raw) => errorSchema.safeParse(raw).data).find((parsed) => parsed !== undefined);
  if (error === undefined) return undefined;
  const { errorClass, reason } = classifyCode(error.code);
  return {
    code: error.code,
    detail: error.error_data?.details ?? error.message ?? error.title,
    reason,
    errorClass,
  };
}

function profileName(
  contacts: z.infer<typeof contactSchema>[],
  sender: { from?: string; from_user_id?: string },
): string | undefined {
  const contact = contacts.find(
    (candidate) =>
      (sender.from !== undefined && candidate.wa_id === sender.from) ||
      (sender.from_user_id !== undefined && candidate.user_id === sender.from_user_id),
  );
  return contact?.profile?.name?.trim() || undefined;
}
