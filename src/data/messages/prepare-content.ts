import type { Copies } from '../../contracts/messages';
import { DomainError, notFound } from '../../domain/errors';
import { longestTexts, type SendChannel, type SendIntent } from '../../domain/eligibility';
import type { Actor } from '../../domain/permissions';
import { maxEmailFilesBytes } from '../../domain/media-rules';
import { smsSize } from '../../domain/sms-segments';
import {
  renderTemplateText,
  unknownVariables,
  variablesOf,
  type VariableValues,
} from '../../domain/template-render';
import {
  displayTemplate,
  fillParameters,
  type StoredComponent,
  type StoredParameter,
  type TemplateDisplay,
} from '../../domain/whatsapp-template';
import type { LockedConversation } from '../conversations/conversation-store';
import { whatsAppCredits } from '../credits/credits';
import type { Tx } from '../database';
import type { MessageContent } from './message-content';
import type { WantedFallback } from '../scheduled/fallbacks';
import type { Queryable } from '../sql';
import { loadVariablesToSend } from './variables';

type Content =
  /** `literal`: what looks like a variable is none. */
  | {
      type: 'text';
      text: string;
      title?: string | undefined;
      mediaIds?: string[] | undefined;
      literal?: true | undefined;
    }
  | {
      type: 'template';
      templateId: string;
      parameters?: Record<string, string> | undefined;
      title?: string | undefined;
    }
  | { type: 'media'; mediaId: string; caption?: string | undefined };

export type NewMessage = {
  channel: SendChannel;
  content: Content;
  origin: 'manual' | 'automatic' | 'api' | 'bulk';
  actor: Actor;
  applicationId: string | null;
  /** Without an application it is about that which the conversation is about. */
  goesOn?: boolean;
  replyToId: string | null;
  retryOfId: string | null;
  stageEntryId: string | null;
  /** Of an e-mail. */
  copies?: Copies | null;
  /** R-SEND-9: what goes instead where WhatsApp does not deliver it. */
  fallback?: WantedFallback | null | undefined;
  /** The message that it stands in for. */
  fallbackOfId?: string | null;
  /** False: outside the window the text does not travel in the carrier template, for another way is wanted then. */
  carry?: boolean;
  /** False where the caller sends from the queue itself. */
  poke?: boolean;
};

export type Prepared = {
  intent: SendIntent;
  credits: number;
  kind: string;
  title: string | null;
  body: string | null;
  content: MessageContent;
  templateId: string | null;
  templateVersion: number | null;
  /** Keys of template parameters without a value. */
  missing: string[];
};

/** What a message is made of for its channel, for this person. Refusals of bad input throw a `DomainError`. */
export async function prepareContent(
  tx: Tx,
  conversation: LockedConversation,
  message: NewMessage,
  windowOpen: boolean,
  sources: ContentSources = sourcesOf(tx, conversation, message),
): Promise<Prepared> {
  const { content, channel } = message;
  switch (content.type) {
    case 'text': {
      const title = content.title ?? null;
      const mediaIds = [...new Set(content.mediaIds)];
      if (mediaIds.length > 0) await claimFiles(tx, message, mediaIds);
      const text = content.literal
        ? { body: content.text, title, missing: [] }
        : await fillIn(sources, message, content.text, title);
      const carrier =
        channel === 'whatsapp' && !windowOpen && message.carry !== false
          ? await sources.carrier()
          : undefined;
      if (carrier) return filled(carrier, carry(carrier, text.body), text.missing);
      return { ...textOf(message, text), content: mediaIds.length > 0 ? { mediaIds } : {} };
    }
    case 'media': {
      if (channel !== 'whatsapp')
        throw invalid('type', 'is for WhatsApp: an e-mail takes files along with its text, as mediaIds');
      const media = await claimMedia(tx, message, content.mediaId);
      return {
        ...plain,
        intent: { content: { type: 'free' }, credits: whatsAppCredits },
        credits: whatsAppCredits,
        kind: media.kind,
        body: content.caption ?? null,
        content: { mediaId: content.mediaId },
      };
    }
    case 'template': {
      const template = await sources.template(content.templateId);
      if (template.channel === 'whatsapp')
        return prepareWhatsAppTemplate(sources, message, content, template);
      if (channel === 'whatsapp') throw invalid('templateId', `is a template for ${template.channel}`);
      const { title = template.title } = content;
      return {
        ...textOf(message, await fillIn(sources, message, template.body, title)),
        templateId: template.id,
        templateVersion: template.version,
      };
    }
  }
}

/** Where its parts come from: read for one message, or loaded before for many. */
export type ContentSources = {
  template(templateId: string): Promise<TemplateRow>;
  carrier(): Promise<TemplateRow | undefined>;
  /** `names`: what is spoken of. */
  variables(names: string[]): Promise<VariableValues>;
};

const sourcesOf = (
  tx: Tx,
  { organizationId, personId }: LockedConversation,
  { actor, applicationId }: NewMessage,
): ContentSources => ({
  template: (templateId) => loadTemplate(tx, actor, templateId),
  carrier: () => loadCarrier(tx, actor),
  variables: async (names) => {
    const scope = { organizationId, userId: actor.user?.id ?? null };
    const [values] = await loadVariablesToSend(tx, scope, [{ personId, applicationId }], names);
    return values!;
  },
});

const plain = { title: null, templateId: null, templateVersion: null, missing: [], content: {} };

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });

/** R-SEND-3: outside the window composed text travels as the one parameter of the organization's carrier template. */
export function carry(
  { parameters, components }: Pick<TemplateRow, 'parameters' | 'components'>,
  text: string,
): { values: Record<string, string>; display: TemplateDisplay } {
  const { values } = fillParameters(parameters, { [parameters[0]!.key]: text }, {});
  return { values, display: displayTemplate(components, values) };
}

/** What is asked of a WhatsApp template. */
export const templateIntent = (
  { status, category }: Pick<TemplateRow, 'status' | 'category'>,
  { body, complete }: { body: string; complete: boolean },
): SendIntent => ({
  content: {
    type: 'template',
    approved: status === 'approved',
    category,
    complete,
    fits: body.length <= longestTexts.whatsappTemplate,
  },
  credits: whatsAppCredits,
});

/** What is asked of free text on its channel, and what it costs there. */
export const textIntent = (
  channel: SendChannel,
  { body, title, complete }: { body: string; title: string | null; complete: boolean },
): SendIntent => ({
  content: {
    type: 'free',
    complete,
    fits: body.length <= longestTexts[channel],
    titled: channel !== 'email' || (title ?? '').trim() !== '',
  },
  credits: channel === 'whatsapp' ? whatsAppCredits : channel === 'sms' ? smsSize(body).segments : 0,
});

/** A WhatsApp template with its parameters filled. */
function filled(
  template: TemplateRow,
  { values, display }: { values: Record<string, string>; display: TemplateDisplay },
  missing: string[],
): Prepared {
  return {
    ...plain,
    intent: templateIntent(template, { body: display.body, complete: missing.length === 0 }),
    credits: whatsAppCredits,
    kind: 'template',
    body: display.body,
    content: { template: { name: template.metaName, language: template.language, values, display } },
    templateId: template.id,
    templateVersion: template.version,
    missing,
  };
}

type Text = { body: string; title: string | null; missing: string[] };

/** Free text, priced and judged for its channel. */
function textOf({ channel }: NewMessage, { body, title, missing }: Text): Prepared {
  const intent = textIntent(channel, { body, title, complete: missing.length === 0 });
  return {
    ...plain,
    intent,
    credits: intent.credits,
    kind: 'text',
    title: channel === 'email' ? title : null,
    body,
    missing,
  };
}

/** Fills in the variables (R-SEND-5). A second try holds them filled in already. */
async function fillIn(
  sources: ContentSources,
  message: NewMessage,
  body: string,
  title: string | null,
): Promise<Text> {
  const texts = [body, title ?? ''];
  if (message.retryOfId !== null || !texts.some((text) => text.includes('{{')))
    return { body, title, missing: [] };
  const unknown = texts.flatMap((text) => unknownVariables(text));
  if (unknown.length > 0) throw invalid('text', `holds unknown variables: ${unknown.join(', ')}`);
  const variables = await sources.variables(texts.flatMap(variablesOf));
  const [filledBody, filledTitle] = texts.map((text) => renderTemplateText(text, variables));
  return {
    body: filledBody!.ok ? filledBody!.text : body,
    title: title === null ? null : filledTitle!.ok ? filledTitle!.text : title,
    missing: [filledBody!, filledTitle!].flatMap((text) => (text.ok ? [] : text.missing)),
  };
}

/** On WhatsApp the template itself; on other channels what the person would have read. */
async function prepareWhatsAppTemplate(
  sources: ContentSources,
  message: NewMessage,
  content: Extract<Content, { type: 'template' }>,
  template: TemplateRow,
): Promise<Prepared> {
  // a second try carries what the template took then
  if (message.retryOfId === null) assertParameters(template.parameters, content.parameters ?? {});
  const variables = await sources.variables(
    template.parameters.flatMap(({ expression }) => variablesOf(expression)),
  );
  const { values, missing } = fillParameters(template.parameters, content.parameters ?? {}, variables);
  const display = displayTemplate(template.components, values);
  if (message.channel === 'whatsapp') return filled(template, { values, display }, missing);
  return {
    ...textOf(message, { body: display.body, title: content.title ?? null, missing }),
    templateId: template.id,
    templateVersion: template.version,
  };
}

/** A value that no parameter takes would be lost in silence, and the message sent with another text. */
function assertParameters(parameters: StoredParameter[], typed: Readonly<Record<string, string>>): void {
  const keys = parameters.map(({ key }) => key);
  const unknown = Object.keys(typed).filter((key) => !keys.includes(key));
  if (unknown.length === 0) return;
  const known = keys.length > 0 ? `it has ${keys.join(', ')}` : 'it has none';
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: unknown.map((key) => ({
      path: `parameters.${key}`,
      message: `is no parameter of this template: ${known}`,
    })),
  });
}

/** Whether these may go along with what is planned by the actor: asked again when it is sent. */
export async function assertFiles(
  tx: Tx,
  { actor, channel, mediaIds }: Pick<NewMessage, 'actor' | 'channel'> & { mediaIds: string[] },
): Promise<void> {
  const message = { actor, channel, retryOfId: null };
  if (channel === 'email') await claimFiles(tx, message, mediaIds);
  else await uploadsOf(tx, message, mediaIds);
}

type Claiming = Pick<NewMessage, 'actor' | 'channel' | 'retryOfId'>;

async function claimMedia(tx: Tx, message: Claiming, mediaId: string): Promise<{ kind: string }> {
  const [media] = await uploadsOf(tx, message, [mediaId]);
  return { kind: mediaKind(media!.mimeType) };
}

/** The files of an e-mail. */
async function claimFiles(tx: Tx, message: Claiming, mediaIds: string[]): Promise<void> {
  if (message.channel !== 'email')
    throw invalid('mediaIds', 'go with an e-mail; over WhatsApp each file is a message of type media');
  const files = await uploadsOf(tx, message, mediaIds);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > maxEmailFilesBytes)
    throw new DomainError(
      'invalid',
      'The files are too large together: an e-mail takes 20 MB. Leave some out.',
      {
        errors: [{ path: 'mediaIds', message: 'are larger than 20 MB together' }],
      },
    );
}

/** Files that the sender has uploaded, or those of the message that is tried again, whoever uploaded them. */
async function uploadsOf(
  tx: Tx,
  message: Claiming,
  mediaIds: string[],
): Promise<{ mimeType: string; size: number }[]> {
  const { organizationId, user, apiKeyId } = message.actor;
  const files = await tx.query<{ mimeType: string; size: number }>(
    `select mime_type as "mimeType", size from media
     where organization_id = $1 and id = any($2::uuid[]) and state = 'stored' and provider_id is null and mail_id is null
       and (uploaded_by_id = $3 or $4 or (uploaded_by_id is null and $5)) order by id for update`,
    [organizationId, mediaIds, user?.id ?? null, message.retryOfId !== null, apiKeyId !== null],
  );
  if (files.length < mediaIds.length) throw notFound('file');
  return files;
}

function mediaKind(mimeType: string): string {
  if (mimeType === 'image/webp') return 'sticker';
  const family = mimeType.split('/')[0];
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}

export type TemplateRow = {
  id: string;
  channel: SendChannel;
  title: string | null;
  body: string;
  status: string;
  metaName: string;
  language: string;
  category: string | null;
  version: number;
  components: StoredComponent[];
  parameters: StoredParameter[];
};

const templateColumns = `id, channel, title, body, status, meta_name as "metaName", language, category, version,
  coalesce(components, '[]') as components, coalesce(parameters, '[]') as parameters`;

export async function loadTemplate(
  tx: Tx,
  { organizationId, user }: Actor,
  templateId: string,
): Promise<TemplateRow> {
  const [template] = await tx.prepared<TemplateRow>(
    `select ${templateColumns} from templates
     where organization_id = $1 and id = $2 and removed_at is null and (personal_user_id is null or personal_user_id = $3)`,
    [organizationId, templateId, user?.id ?? null],
  );
  if (!template) throw notFound('template');
  return template;
}

/** The carrier, while it is approved and still has its one parameter. */
export async function loadCarrier(
  tx: Queryable,
  { organizationId }: Pick<Actor, 'organizationId'>,
): Promise<TemplateRow | undefined> {
  const [carrier] = await tx.query<TemplateRow>(
    `select ${templateColumns} from templates
     where organization_id = $1 and id = (select carrier_template_id from organizations where id = $1)
       and status = 'approved' and removed_at is null`,
    [organizationId],
  );
  return carrier?.parameters.length === 1 ? carrier : undefined;
}
