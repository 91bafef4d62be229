import { z } from 'zod';
import { whatsAppParametersOf, whatsAppParameterText } from '../../domain/template-render';
import type {
  RemoteTemplate,
  NewTemplate,
  TemplateButton,
  TemplateComponent,
  TemplateParameter,
  TemplateSend,
  TemplateStatus,
} from './types';
import { graphId, optionalText } from './wire';

/**
 * One place of a template that wants a value. `key` names it in stored parameters and forms: `header.1`, `body.2`,
 * `body.first_name`, `button.0`.
 */
export type TemplateSlot = {
  key: string;
  part: 'header' | 'body' | 'button';
  /** The number or name between the braces. */
  parameter: string;
  /** Of a button: its place in the template. */
  index?: number;
};

export type BuiltTemplate = { ok: true; template: TemplateSend } | { ok: false; missing: string[] };

/** Every value a template wants, in the order of the template. */
export function templateSlots(components: readonly TemplateComponent[]): TemplateSlot[] {
  return components.flatMap((component): TemplateSlot[] => {
    switch (component.type) {
      case 'HEADER':
        return component.format === 'TEXT' ? textSlots('header', component.text ?? '') : [];
      case 'BODY':
        return textSlots('body', component.text);
      case 'FOOTER':
        return [];
      case 'BUTTONS':
        return component.buttons.flatMap((button, index) =>
          button.type === 'URL' && whatsAppParametersOf(button.url).length > 0
            ? [{ key: `button.${index}`, part: 'button' as const, parameter: '1', index }]
            : [],
        );
    }
  });
}

/** The send of a template with these values by slot key, or the keys that are still without one. */
export function buildTemplateSend(
  template: Pick<RemoteTemplate, 'name' | 'language' | 'parameterFormat' | 'components'>,
  values: Readonly<Record<string, string | undefined>>,
): BuiltTemplate {
  const filled = templateSlots(template.components).map((slot) => ({
    slot,
    text: whatsAppParameterText((Object.hasOwn(values, slot.key) ? values[slot.key] : undefined) ?? ''),
  }));
  const missing = filled.filter(({ text }) => text === '').map(({ slot }) => slot.key);
  if (missing.length > 0) return { ok: false, missing };
  const parameters = (part: TemplateSlot['part']): TemplateParameter[] =>
    filled
      .filter(({ slot }) => slot.part === part)
      .map(({ slot, text }) =>
        template.parameterFormat === 'NAMED' ? { name: slot.parameter, text } : { text },
      );
  return {
    ok: true,
    template: {
      name: template.name,
      language: template.language,
      header: parameters('header'),
      body: parameters('body'),
      buttons: filled.flatMap(({ slot, text }) =>
        slot.index === undefined ? [] : [{ index: slot.index, subType: 'url' as const, parameter: text }],
      ),
    },
  };
}

/**
 * Whether Parley can send this template: it fills texts and web links, not pictures in headers, one-time codes or
 * buttons of other kinds.
 */
export function isSendable(template: Pick<RemoteTemplate, 'category' | 'components'>): boolean {
  return (
    template.category !== 'AUTHENTICATION' &&
    template.components.every(
      (component) =>
        (component.type !== 'HEADER' || component.format === 'TEXT') &&
        (component.type !== 'BUTTONS' || component.buttons.every((button) => button.type !== 'OTHER')),
    )
  );
}

/** The components of a new template as Graph takes them: every place that wants a value with an example for the reviewers. */
export function templateJson({
  components,
  examples,
}: Pick<NewTemplate, 'components' | 'examples'>): object[] {
  const slots = templateSlots(components);
  const examplesOf = (part: TemplateSlot['part']): string[] =>
    slots.filter((slot) => slot.part === part).map(({ key }) => examples[key] ?? 'example');
  return components.map((component) => {
    switch (component.type) {
      case 'HEADER': {
        const texts = examplesOf('header');
        return { ...component, ...(texts.length > 0 && { example: { header_text: texts } }) };
      }
      case 'BODY': {
        const texts = examplesOf('body');
        return { ...component, ...(texts.length > 0 && { example: { body_text: [texts] } }) };
      }
      case 'FOOTER':
        return component;
      case 'BUTTONS':
        return {
          type: component.type,
          buttons: component.buttons.map((button, index) => buttonJson(button, examples[`button.${index}`])),
        };
    }
  });
}

function buttonJson(button: TemplateButton, example: string | undefined): object {
  switch (button.type) {
    case 'URL': {
      if (whatsAppParametersOf(button.url).length === 0) return button;
      return {
        ...button,
        example: [button.url.replace(/\{\{[^{}]*\}\}/, encodeURIComponent(example ?? 'example'))],
      };
    }
    case 'PHONE_NUMBER':
      return { type: button.type, text: button.text, phone_number: button.phoneNumber };
    case 'QUICK_REPLY':
    case 'OTHER':
      return button;
  }
}

/** One element of `GET /{waba}/message_templates`; undefined when it lacks what makes it a template. */
export function projectTemplate(raw: unknown): RemoteTemplate | undefined {
  const parsed = templateSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const { id, name, language, category, status, parameter_format: parameterFormat, components } = parsed.data;
  const { rejected_reason: rejectedReason } = parsed.data;
  return {
    id,
    name,
    language,
    category,
    status: templateStatus(status) ?? 'DISABLED',
    rejectedReason: rejectedReason === 'NONE' ? undefined : rejectedReason,
    parameterFormat,
    components: components.map(projectComponent).filter((component) => component !== undefined),
  };
}

/** The provider's word for a template's state; undefined when it changes nothing about whether it may be sent. */
export function templateStatus(word: string): TemplateStatus | undefined {
  switch (word.toUpperCase()) {
    case 'APPROVED':
    case 'REINSTATED':
    case 'UNPAUSED':
    case 'FLAGGED': // a warning: it may still be sent
      return 'APPROVED';
    case 'PENDING':
    case 'IN_APPEAL':
      return 'PENDING';
    case 'REJECTED':
      return 'REJECTED';
    case 'PAUSED':
      return 'PAUSED';
    case 'DISABLED':
    case 'PENDING_DELETION':
    case 'DELETED':
    case 'LIMIT_EXCEEDED':
    case 'LOCKED':
    case 'ARCHIVED':
      return 'DISABLED';
    default:
      return undefined;
  }
}

const templateSchema = z.object({
  id: graphId,
  name: z.string().min(1),
  language: z.string().min(1),
  category: z.enum(['MARKETING', 'UTILITY', 'AUTHENTICATION']).catch('MARKETING'),
  status: z.string(),
  parameter_format: z.enum(['POSITIONAL', 'NAMED']).catch('POSITIONAL'),
  rejected_reason: optionalText,
  components: z.array(z.unknown()),
});

const componentSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('HEADER'),
    format: z.enum(['TEXT', 'IMAGE', 'VIDEO', 'DOCUMENT', 'LOCATION']),
    text: z.string().optional(),
  }),
  z.object({ type: z.literal('BODY'), text: z.string().default('') }),
  z.object({ type: z.literal('FOOTER'), text: z.string().default('') }),
  z.object({
    type: z.literal('BUTTONS'),
    buttons: z.array(
      z.object({
        type: z.string(),
        text: z.string().default(''),
        url: z.string().optional(),
        phone_number: z.string().optional(),
      }),
    ),
  }),
]);

function projectComponent(raw: unknown): TemplateComponent | undefined {
  const parsed = componentSchema.safeParse(raw);
  if (!parsed.success) return undefined;
  const component = parsed.data;
  if (component.type !== 'BUTTONS') return component;
  return { type: 'BUTTONS', buttons: component.buttons.map(projectButton) };
}

function projectButton(button: {
  type: string;
  text: string;
  url?: string;
  phone_number?: string;
}): TemplateButton {
  const { type, text, url, phone_number: phoneNumber } = button;
  if (type === 'QUICK_REPLY') return { type, text };
  if (type === 'URL' && url !== undefined) return { type, text, url };
  if (type === 'PHONE_NUMBER' && phoneNumber !== undefined) return { type, text, phoneNumber };
  return { type: 'OTHER', text };
}

function textSlots(part: 'header' | 'body', text: string): TemplateSlot[] {
  return whatsAppParametersOf(text).map((parameter) => ({ key: `${part}.${parameter}`, part, parameter }));
}
