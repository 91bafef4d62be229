import { z } from 'zod';
import type { MediaType } from '../../domain/media-rules';
import type { InboundContent } from './types';
import { graphId, graphNumber, optionalText } from './wire';

/**
 * What a message holds, by its type. A type that is unknown, or whose part does not look as documented, is `unsupported`:
 * the message itself is never lost for it.
 */
export function projectContent(type: string, raw: unknown): InboundContent {
  const project = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  const part = typeof raw === 'object' && raw !== null ? (raw as Record<string, unknown>)[type] : undefined;
  return project?.(part) ?? { kind: 'unsupported', providerType: type };
}

type Kind = (part: unknown) => InboundContent | undefined;

const kinds: Record<string, Kind> = {
  text: kind(z.object({ body: z.string() }), ({ body }) => ({ kind: 'text', body })),
  image: media('image'),
  audio: media('audio'),
  video: media('video'),
  document: media('document'),
  sticker: media('sticker'),
  location: kind(
    z.object({
      latitude: graphNumber,
      longitude: graphNumber,
      name: optionalText,
      address: optionalText,
    }),
    ({ latitude, longitude, name, address }) => ({ kind: 'location', latitude, longitude, name, address }),
  ),
  contacts: kind(z.array(z.unknown()), (cards) => ({
    kind: 'contacts',
    contacts: cards.flatMap(contactCard),
  })),
  button: kind(z.object({ text: z.string(), payload: optionalText }), ({ text, payload }) => ({
    kind: 'buttonReply',
    text,
    payload,
  })),
  interactive: kind(
    z.union([
      z
        .object({ type: z.literal('button_reply'), button_reply: replySchema() })
        .transform((it) => it.button_reply),
      z.object({ type: z.literal('list_reply'), list_reply: replySchema() }).transform((it) => it.list_reply),
    ]),
    ({ id, title }) => ({ kind: 'buttonReply', text: title, payload: id }),
  ),
  reaction: kind(
    z.object({ message_id: z.string().min(1), emoji: optionalText }),
    ({ message_id, emoji }) => ({
      kind: 'reaction',
      targetProviderId: message_id,
      // an empty or missing emoji takes the reaction back
      emoji: emoji || undefined,
    }),
  ),
  system: kind(
    z.object({
      type: z.enum(['user_changed_number', 'customer_changed_number']),
      wa_id: optionalText,
      new_wa_id: optionalText,
      body: optionalText,
    }),
    ({ wa_id, new_wa_id, body }) => ({
      kind: 'numberChanged',
      newWaId: (wa_id ?? new_wa_id)?.replace(/\D/g, '') || undefined,
      body,
    }),
  ),
};

function kind<T>(schema: z.ZodType<T>, project: (part: T) => InboundContent): Kind {
  return (part) => {
    const parsed = schema.safeParse(part);
    return parsed.success ? project(parsed.data) : undefined;
  };
}

function media(type: MediaType): Kind {
  return kind(
    z.object({
      id: graphId,
      mime_type: z.string().catch('application/octet-stream'),
      sha256: optionalText,
      caption: optionalText,
      filename: optionalText,
      voice: z.boolean().catch(false),
    }),
    ({ id, mime_type, sha256, caption, filename, voice }) => ({
      kind: 'media',
      media: type,
      providerMediaId: id,
      mimeType: mime_type,
      sha256,
      caption,
      filename,
      voice,
    }),
  );
}

function replySchema() {
  return z.object({ id: optionalText, title: z.string() });
}

const cardSchema = z.object({
  name: z
    .object({ formatted_name: optionalText, first_name: optionalText, last_name: optionalText })
    .catch({}),
  phones: z.array(z.unknown()).catch([]),
});

const cardPhoneSchema = z.object({ phone: optionalText, wa_id: optionalText });

function contactCard(raw: unknown): { name: string; phones: string[] }[] {
  const card = cardSchema.safeParse(raw).data;
  if (card === undefined) return [];
  const { formatted_name: formatted, first_name: first, last_name: last } = card.name;
  const phones = card.phones.flatMap((entry) => {
    const phone = cardPhoneSchema.safeParse(entry).data;
    return phone?.phone ?? (phone?.wa_id === undefined ? [] : `+${phone.wa_id}`);
  });
  return [{ name: formatted ?? [first, last].filter(Boolean).join(' '), phones }];
}
