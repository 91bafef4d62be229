import type { Template } from '../../../../contracts/templates';
import { toWhatsAppTemplate, writtenParts } from '../../../../domain/written-template';

export type TemplateChannel = 'whatsapp' | 'sms' | 'email';
export type DraftButton = { type: 'QUICK_REPLY' | 'URL'; text: string; url: string };

/** A template while it is written; empty texts are none. */
export type TemplateDraft = {
  channel: TemplateChannel;
  name: string;
  language: string;
  folder: string;
  personal: boolean;
  category: 'UTILITY' | 'MARKETING';
  channelAccountId: string | null;
  title: string;
  header: string;
  body: string;
  footer: string;
  buttons: DraftButton[];
};

export const newDraft = (channel: TemplateChannel): TemplateDraft => ({
  channel,
  name: '',
  language: 'en',
  folder: '',
  personal: false,
  category: 'UTILITY',
  channelAccountId: null,
  title: '',
  header: '',
  body: '',
  footer: '',
  buttons: [],
});

export const draftOf = (template: Template): TemplateDraft => ({
  channel: template.channel === 'page' ? 'email' : template.channel,
  name: template.name,
  language: template.language,
  folder: template.folder ?? '',
  personal: template.personal,
  category: template.category === 'MARKETING' ? 'MARKETING' : 'UTILITY',
  channelAccountId: template.channelAccountId,
  title: template.title ?? '',
  header: template.header ?? '',
  body: template.body,
  footer: template.footer ?? '',
  buttons: template.buttons.map(({ type, text, url }) => ({
    type: type === 'URL' ? 'URL' : 'QUICK_REPLY',
    text,
    url: url ?? '',
  })),
});

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** The texts as the API takes them; what another channel has is left out. */
export function partsOf(draft: TemplateDraft) {
  const isWhatsApp = draft.channel === 'whatsapp';
  return {
    title: draft.channel === 'email' ? orNull(draft.title) : null,
    header: isWhatsApp ? orNull(draft.header) : null,
    body: draft.body.trim(),
    footer: isWhatsApp ? orNull(draft.footer) : null,
    buttons: isWhatsApp
      ? draft.buttons.map(({ type, text, url }) =>
          type === 'URL' ? { type, text: text.trim(), url: url.trim() } : { type, text: text.trim() },
        )
      : [],
  };
}

/** `Interview invitation` as WhatsApp takes it. */
export const whatsAppName = (typed: string): string =>
  typed
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .slice(0, 512);

/** A preview speaks of WhatsApp's numbers where a value is missing; its author knows variables. */
export function inVariables(
  draft: TemplateDraft,
  preview: { header: string | null; body: string; missing: string[] },
): { header: string | null; body: string; missing: string[] } {
  if (draft.channel !== 'whatsapp') return preview;
  const { parameters } = toWhatsAppTemplate({ ...partsOf(draft), channel: 'whatsapp', name: '' });
  const { header, body } = writtenParts(
    [
      ...(preview.header === null ? [] : [{ type: 'HEADER', text: preview.header }]),
      { type: 'BODY', text: preview.body },
    ],
    parameters,
  );
  const expressions = preview.missing.flatMap(
    (key) => parameters.find((parameter) => parameter.key === key)?.expression ?? [],
  );
  // what is typed when sending is not missing
  const missing = expressions.filter((expression) => expression !== '').map((each) => each.slice(2, -2));
  return { header, body, missing: [...new Set(missing)] };
}
