import { longestTexts } from './eligibility';
import type { FieldError } from './errors';
import { parseTemplateText, templateVariables, unknownVariables } from './template-render';
import type { StoredParameter } from './whatsapp-template';

export type WrittenButton =
  { type: 'QUICK_REPLY'; text: string } | { type: 'URL'; text: string; url: string };

/** A template as its author writes it: with variables, not with WhatsApp's numbers. */
export type WrittenTemplate = {
  channel: 'whatsapp' | 'sms' | 'email' | 'page';
  name: string;
  /** E-mail. */
  title: string | null;
  body: string;
  /** These three: WhatsApp. */
  header: string | null;
  footer: string | null;
  buttons: WrittenButton[];
};

export type WhatsAppComponent =
  | { type: 'HEADER'; format: 'TEXT'; text: string }
  | { type: 'BODY'; text: string }
  | { type: 'FOOTER'; text: string }
  | { type: 'BUTTONS'; buttons: WrittenButton[] };

/** The longest that WhatsApp and the SMS gateway take. */
const templateLimits = {
  header: 60,
  whatsappBody: longestTexts.whatsappTemplate,
  footer: 60,
  buttonText: 25,
  url: 2000,
  buttons: 10,
  urlButtons: 2,
  smsBody: longestTexts.sms,
} as const;

/** R-SEND-5: everything that speaks against saving it, by field. */
export function templateErrors(written: WrittenTemplate): FieldError[] {
  return [
    ...texts(written).flatMap(({ path, text }) => variableErrors(written.channel, path, text)),
    ...(written.channel === 'whatsapp' ? whatsAppErrors(written) : plainErrors(written)),
  ];
}

/** The texts of a template that may hold variables. */
function texts({ title, header, body, footer, buttons }: WrittenTemplate): { path: string; text: string }[] {
  return [
    { path: 'title', text: title ?? '' },
    { path: 'header', text: header ?? '' },
    { path: 'body', text: body },
    { path: 'footer', text: footer ?? '' },
    ...buttons.flatMap((button, index) => [
      { path: `buttons.${index}.text`, text: button.text },
      ...(button.type === 'URL' ? [{ path: `buttons.${index}.url`, text: button.url }] : []),
    ]),
  ];
}

function variableErrors(channel: WrittenTemplate['channel'], path: string, text: string): FieldError[] {
  const unknown = unknownVariables(text).filter((name) => channel !== 'whatsapp' || !isTyped(name));
  return unknown.map((name) => ({ path, message: unknownVariableText(name) }));
}

/** Says what there is instead. */
export const unknownVariableText = (name: string): string =>
  `there is no variable {{${name}}}; there are ${templateVariables.join(', ')} and candidate.custom.<key>`;

/** `{{1}}` in a WhatsApp template: whoever sends it types the value. */
const isTyped = (name: string): boolean => /^\d{1,3}$/.test(name);

const hasVariable = (text: string): boolean =>
  parseTemplateText(text).some((segment) => segment.kind === 'variable');

function plainErrors({ channel, title, body, header, footer, buttons }: WrittenTemplate): FieldError[] {
  const errors: FieldError[] = [];
  if (channel === 'email' && (title === null || title.trim() === '')) {
    errors.push({ path: 'title', message: 'an e-mail needs a title' });
  }
  if (channel !== 'email' && title !== null)
    errors.push({ path: 'title', message: 'only an e-mail has a title' });
  if (/[\r\n]/.test(title ?? '')) errors.push({ path: 'title', message: 'has to be one line' });
  if (channel === 'sms' && body.length > templateLimits.smsBody) {
    errors.push({ path: 'body', message: `an SMS takes ${templateLimits.smsBody} characters at most` });
  }
  if (header !== null) errors.push({ path: 'header', message: 'only a WhatsApp template has a header' });
  if (footer !== null) errors.push({ path: 'footer', message: 'only a WhatsApp template has a footer' });
  if (buttons.length > 0) errors.push({ path: 'buttons', message: 'only a WhatsApp template has buttons' });
  return errors;
}

function whatsAppErrors(written: WrittenTemplate): FieldError[] {
  const { name, title, header, footer } = written;
  const { components } = toWhatsAppTemplate(written);
  const lengthOf = (type: 'HEADER' | 'BODY') =>
    components.map((each) => (each.type === type ? each.text.length : 0)).reduce((a, b) => a + b, 0);
  const errors: FieldError[] = [];
  const check = (wrong: boolean, path: string, message: string): void => {
    if (wrong) errors.push({ path, message });
  };
  check(
    !/^[a-z0-9_]{1,512}$/.test(name),
    'name',
    'WhatsApp takes lower-case letters, digits and underscores only, 512 at most',
  );
  check(title !== null, 'title', 'only an e-mail has a title');
  check(lengthOf('HEADER') > templateLimits.header, 'header', tooLong(templateLimits.header));
  check(/[\r\n]/.test(header ?? ''), 'header', 'has to be one line');
  check(distinctVariables(header ?? '').length > 1, 'header', 'takes one variable at most');
  check(lengthOf('BODY') > templateLimits.whatsappBody, 'body', tooLong(templateLimits.whatsappBody));
  check(
    startsOrEndsWithVariable(written.body),
    'body',
    'WhatsApp takes no variable at the very start or end: put words there',
  );
  check((footer ?? '').length > templateLimits.footer, 'footer', tooLong(templateLimits.footer));
  check(hasVariable(footer ?? ''), 'footer', 'takes no variables');
  check(/[\r\n]/.test(footer ?? ''), 'footer', 'has to be one line');
  return [...errors, ...buttonErrors(written.buttons)];
}

function buttonErrors(buttons: WrittenButton[]): FieldError[] {
  const errors: FieldError[] = [];
  if (buttons.length > templateLimits.buttons) {
    errors.push({ path: 'buttons', message: `${templateLimits.buttons} at most` });
  }
  if (buttons.filter(({ type }) => type === 'URL').length > templateLimits.urlButtons) {
    errors.push({ path: 'buttons', message: `${templateLimits.urlButtons} links at most` });
  }
  const kinds = buttons.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
  if (kinds.length > 2)
    errors.push({ path: 'buttons', message: 'put the quick replies together, and the links' });
  buttons.forEach((button, index) => {
    const path = `buttons.${index}`;
    if (buttons.findIndex(({ text }) => text === button.text) < index) {
      errors.push({ path: `${path}.text`, message: 'two buttons may not have the same words' });
    }
    if (hasVariable(button.text)) errors.push({ path: `${path}.text`, message: 'takes no variables' });
    if (button.type === 'URL' && !isButtonAddress(button.url)) {
      errors.push({
        path: `${path}.url`,
        message: 'an address beginning with https://, with one variable at most, at its end',
      });
    }
  });
  return errors;
}

function isButtonAddress(url: string): boolean {
  const segments = parseTemplateText(url);
  const [first] = segments;
  if (first?.kind !== 'text' || !/^https?:\/\/[^\s/]+\.[^\s/]+/.test(first.text) || /\s/.test(first.text))
    return false;
  if (segments.length === 1) return URL.canParse(first.text);
  return segments.length === 2 && segments[1]?.kind === 'variable' && first.text.includes('/', 8);
}

function startsOrEndsWithVariable(body: string): boolean {
  const segments = parseTemplateText(body.trim());
  return segments[0]?.kind === 'variable' || segments.at(-1)?.kind === 'variable';
}

function distinctVariables(text: string): string[] {
  return numbered('header', text).parameters.map(({ expression }) => expression);
}

const tooLong = (most: number): string => `WhatsApp takes ${most} characters at most`;

/** Our variables become WhatsApp's numbers, each place counted for itself; a variable used twice there is one number. */
export function toWhatsAppTemplate(written: WrittenTemplate): {
  components: WhatsAppComponent[];
  parameters: StoredParameter[];
} {
  const header = written.header === null ? null : numbered('header', written.header);
  const body = numbered('body', written.body);
  const buttons = written.buttons.map(numberedButton);
  return {
    components: [
      ...(header ? [{ type: 'HEADER', format: 'TEXT', text: header.text } as const] : []),
      { type: 'BODY', text: body.text },
      ...(written.footer === null ? [] : [{ type: 'FOOTER', text: written.footer } as const]),
      ...(buttons.length === 0
        ? []
        : [{ type: 'BUTTONS', buttons: buttons.map(({ button }) => button) } as const]),
    ],
    parameters: [
      ...(header?.parameters ?? []),
      ...body.parameters,
      ...buttons.flatMap(({ parameter }) => parameter ?? []),
    ],
  };
}

function numbered(place: 'header' | 'body', text: string): { text: string; parameters: StoredParameter[] } {
  const numbers = new Map<string, number>();
  const parameters: StoredParameter[] = [];
  const parts = parseTemplateText(text).map((segment) => {
    if (segment.kind === 'text') return segment.text;
    const key = JSON.stringify([segment.name, segment.fallback]);
    const number = numbers.get(key) ?? numbers.size + 1;
    if (!numbers.has(key)) {
      numbers.set(key, number);
      parameters.push({ key: `${place}.${number}`, place, expression: expressionOf(segment) });
    }
    return `{{${number}}}`;
  });
  return { text: parts.join(''), parameters };
}

function numberedButton(
  button: WrittenButton,
  index: number,
): { button: WrittenButton; parameter?: StoredParameter } {
  if (button.type !== 'URL') return { button };
  const variable = parseTemplateText(button.url).find((segment) => segment.kind === 'variable');
  if (!variable) return { button };
  return {
    button: { ...button, url: `${button.url.slice(0, button.url.indexOf('{{'))}{{1}}` },
    parameter: { key: `button.${index}`, place: 'button', expression: expressionOf(variable) },
  };
}

function expressionOf({ name, fallback }: { name: string; fallback: string | undefined }): string {
  if (isTyped(name)) return '';
  return fallback === undefined ? `{{${name}}}` : `{{${name}|${fallback}}}`;
}

type ShownComponent = {
  type: string;
  text?: string;
  buttons?: { type: string; text: string; url?: string }[];
};

/** And back: what its author wrote, or, where it was written at WhatsApp, what fills its numbers. */
export function writtenParts(
  components: readonly ShownComponent[],
  parameters: readonly StoredParameter[],
): {
  header: string | null;
  body: string;
  footer: string | null;
  buttons: { type: string; text: string; url?: string }[];
} {
  const textOf = (type: string): string | undefined =>
    components.find((component) => component.type === type)?.text;
  const header = textOf('HEADER');
  return {
    header: header === undefined ? null : withExpressions('header', header, parameters),
    body: withExpressions('body', textOf('BODY') ?? '', parameters),
    footer: textOf('FOOTER') ?? null,
    buttons: components
      .flatMap((component) => component.buttons ?? [])
      .map(({ type, text, url }, index) => ({
        type,
        text,
        ...(url !== undefined && {
          url: url.replace(/\{\{[^{}]*\}\}/, (whole) => expressionAt(`button.${index}`, parameters) || whole),
        }),
      })),
  };
}

function withExpressions(
  place: 'header' | 'body',
  text: string,
  parameters: readonly StoredParameter[],
): string {
  return text.replace(
    /\{\{\s*(\w+)\s*\}\}/g,
    (whole, key: string) => expressionAt(`${place}.${key}`, parameters) || whole,
  );
}

const expressionAt = (key: string, parameters: readonly StoredParameter[]): string =>
  parameters.find((parameter) => parameter.key === key)?.expression ?? '';

/** WhatsApp's reviewers want to see an example of every parameter. */
export function exampleOf(expression: string): string {
  const [variable] = parseTemplateText(expression).filter((segment) => segment.kind === 'variable');
  return (variable && examples[variable.name]) ?? variable?.fallback ?? 'example';
}

const examples: Record<string, string> = {
  'candidate.firstName': 'Maria',
  'candidate.lastName': 'Silva',
  'candidate.fullName': 'Maria Silva',
  'contact.firstName': 'Jonas',
  'contact.lastName': 'Weber',
  'contact.fullName': 'Jonas Weber',
  'vacancy.title': 'Warehouse operative',
  'company.name': 'Brightwater',
  'stage.name': 'Interview',
  'recruiter.firstName': 'Ruth',
  'recruiter.fullName': 'Ruth Okafor',
  'recruiter.phone': '+44 20 7946 0000',
  'recruiter.email': 'ruth@example.com',
  'candidatePage.link': 'https://example.com/c/1a2b3c',
};

/** R-SEND-3: what a carrier has to be: nothing to fill but one place in its text, for the composed words. */
export function carriesText(parameters: readonly StoredParameter[]): boolean {
  return parameters.length === 1 && parameters[0]?.place === 'body';
}
