import { GraphError } from './graph-error';
import type { Content, Template, TemplateButton, TemplateComponent } from './model';

type Json = Record<string, unknown>;
type Parameter = {
  type?: string;
  text?: unknown;
  parameter_name?: unknown;
  payload?: unknown;
  [key: string]: unknown;
};
export type SentComponent = {
  type?: string;
  sub_type?: string;
  index?: string | number;
  parameters?: Parameter[];
};

const variable = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/** The variables of a template text, each once. */
function variablesOf(text: string | undefined): string[] {
  return [...new Set([...(text ?? '').matchAll(variable)].map((match) => match[1]!))];
}

/** Checks a template that somebody wants to have; Meta's sentences in brief. */
export function parseNewTemplate(body: Json): Omit<Template, 'id' | 'wabaId' | 'status' | 'rejectedReason'> {
  const { name, language, category } = body;
  if (typeof name !== 'string' || name === '') throw missing('name');
  if (!/^[a-z0-9_]{1,512}$/.test(name)) {
    throw templateRefusal(
      'Message template name',
      'The name may only have lowercase letters, digits and underscores.',
    );
  }
  if (typeof language !== 'string' || !/^[a-z]{2,3}(_[A-Za-z0-9]+)?$/.test(language))
    throw missing('language');
  if (category !== 'MARKETING' && category !== 'UTILITY' && category !== 'AUTHENTICATION')
    throw missing('category');
  if (!Array.isArray(body.components)) throw missing('components');
  const components = (body.components as TemplateComponent[]).map((component): TemplateComponent => ({
    ...component,
    type: String(component.type).toUpperCase(),
  }));
  const text = components.find((component) => component.type === 'BODY')?.text;
  if (typeof text !== 'string' || text.trim() === '')
    throw templateRefusal('Body is missing', 'A template needs a BODY component with text.');
  if (text.length > 1024) throw templateRefusal('Message is too long', 'The body may have 1024 characters.');
  if (/^\s*\{\{[^}]*\}\}|\{\{[^}]*\}\}\s*$/.test(text)) {
    throw templateRefusal(
      'Variables at the start or end',
      "Variables can't be at the start or end of the template.",
    );
  }
  const named = typeof body.parameter_format === 'string' && body.parameter_format.toUpperCase() === 'NAMED';
  for (const component of components) checkComponent(component, named);
  return { name, language, category, parameterFormat: named ? 'NAMED' : 'POSITIONAL', components };
}

function checkComponent(component: TemplateComponent, named: boolean): void {
  const { type, text } = component;
  const variables = type === 'BUTTONS' ? [] : variablesOf(text);
  if (!named && variables.some((key, position) => key !== String(position + 1))) {
    throw templateRefusal(
      'Invalid parameters',
      'Positional variables are numbered {{1}}, {{2}}, … without gaps.',
    );
  }
  if (variables.length > 0 && type !== 'FOOTER' && !component.example) {
    throw templateRefusal(
      'Missing sample',
      `The ${type.toLowerCase()} has variables and needs an example for each of them.`,
    );
  }
  if (type === 'HEADER' && (component.format ?? 'TEXT') === 'TEXT') {
    if (typeof text !== 'string' || text === '' || text.length > 60)
      throw templateRefusal('Header is wrong', 'A text header has 1 to 60 characters.');
    if (variables.length > 1)
      throw templateRefusal('Header is wrong', 'A header takes one variable at most.');
  }
  if (type === 'FOOTER') {
    if (typeof text !== 'string' || text === '' || text.length > 60)
      throw templateRefusal('Footer is wrong', 'A footer has 1 to 60 characters.');
    if (variables.length > 0) throw templateRefusal('Footer is wrong', "Variables can't be in the footer.");
  }
  if (type === 'BUTTONS') checkButtons(component.buttons ?? []);
}

function checkButtons(buttons: TemplateButton[]): void {
  if (buttons.length === 0 || buttons.length > 10)
    throw templateRefusal('Too many buttons', 'A template has 1 to 10 buttons.');
  for (const button of buttons) {
    const text = button.text ?? '';
    if (text === '' || text.length > 25)
      throw templateRefusal('Button is wrong', 'The text of a button has 1 to 25 characters.');
    if (String(button.type).toUpperCase() !== 'URL') continue;
    const variables = variablesOf(button.url);
    if (!/^https?:\/\//.test(button.url ?? '') || variables.length > 1)
      throw templateRefusal('Button is wrong', 'A link is an address with one variable at most.');
    if (variables.length === 1 && !/\}\}$/.test(button.url ?? ''))
      throw templateRefusal('Button is wrong', 'The variable of a link stands at its end.');
    if (variables.length === 1 && !Array.isArray(button.example))
      throw templateRefusal('Missing sample', 'A link with a variable needs an example.');
  }
}

/** What the phone will show; throws what Meta would refuse with. */
export function fillTemplate(
  template: Template,
  sent: SentComponent[],
): Extract<Content, { type: 'template' }> {
  const part = (type: string): TemplateComponent | undefined =>
    template.components.find((c) => c.type === type);
  const given = (type: string): Parameter[] =>
    sent.find((component) => String(component.type).toLowerCase() === type)?.parameters ?? [];

  const header = part('HEADER');
  const isText = header?.format === undefined || header.format === 'TEXT';
  const headerText =
    header && isText ? fill(template, header.text ?? '', given('header'), 'header') : undefined;
  const text = fill(template, part('BODY')?.text ?? '', given('body'), 'body');
  if (text.length > 1024)
    throw new GraphError(132005, {
      details: 'Translated text too long: the body has more than 1024 characters.',
    });
  return {
    type: 'template',
    name: template.name,
    language: template.language,
    ...(headerText !== undefined && { header: headerText }),
    ...(header && !isText && { headerMediaId: headerMedia(header.format!, given('header')) }),
    text,
    ...(part('FOOTER')?.text !== undefined && { footer: part('FOOTER')!.text! }),
    buttons: (part('BUTTONS')?.buttons ?? []).map((button, index) => fillButton(button, index, sent)),
  };
}

function fill(template: Template, text: string, parameters: Parameter[], where: string): string {
  const expected = variablesOf(text);
  if (parameters.length !== expected.length) {
    throw new GraphError(132000, {
      details: `${where}: number of localizable_params (${parameters.length}) does not match the expected number of params (${expected.length})`,
    });
  }
  const values = new Map<string, string>();
  for (const [position, parameter] of parameters.entries()) {
    const type = parameter.type ?? '';
    if (type !== 'text' && type !== 'currency' && type !== 'date_time') {
      throw new GraphError(132012, {
        details: `${where}: Format mismatch, expected TEXT, received ${type.toUpperCase() || 'UNKNOWN'}`,
      });
    }
    const value =
      type === 'text' ? parameter.text : ((parameter[type] as Json | undefined)?.fallback_value ?? '');
    if (typeof value !== 'string' || value === '') {
      throw new GraphError(131008, { details: 'Parameter of type text is missing text value' });
    }
    if (where === 'body' && /[\n\t]| {5,}/.test(value)) {
      throw new GraphError(132018, {
        details: 'Param text cannot have new-line/tab characters or more than 4 consecutive spaces',
      });
    }
    values.set(keyOf(template, parameter, position), value);
  }
  const unknown = expected.find((key) => !values.has(key));
  if (unknown !== undefined)
    throw new GraphError(100, { details: `Parameter name ${unknown} is missing in ${where}` });
  return text.replace(variable, (_, key: string) => values.get(key) ?? '');
}

function keyOf(template: Template, parameter: Parameter, position: number): string {
  if (template.parameterFormat === 'POSITIONAL') return String(position + 1);
  if (typeof parameter.parameter_name !== 'string' || parameter.parameter_name === '') {
    throw new GraphError(100, { details: 'Parameter name is missing or empty' });
  }
  return parameter.parameter_name;
}

function headerMedia(format: string, parameters: Parameter[]): string | undefined {
  const parameter = parameters[0];
  if (parameters.length !== 1 || String(parameter?.type).toUpperCase() !== format) {
    throw new GraphError(132012, {
      details: `header: Format mismatch, expected ${format}, received ${String(parameter?.type ?? 'UNKNOWN').toUpperCase()}`,
    });
  }
  return (parameter?.[format.toLowerCase()] as { id?: string } | undefined)?.id;
}

function fillButton(
  button: TemplateButton,
  index: number,
  sent: SentComponent[],
): { type: string; text: string; url?: string; payload?: string } {
  const component = sent.find(
    (candidate) =>
      String(candidate.type).toLowerCase() === 'button' && Number(candidate.index ?? -1) === index,
  );
  const parameter = component?.parameters?.[0];
  const type = String(button.type).toUpperCase();
  const text = button.text ?? '';
  if (component && String(component.sub_type).toLowerCase() !== type.toLowerCase()) {
    throw new GraphError(132012, {
      details: `buttons: Button at index ${index} is of type ${type}, received ${String(component.sub_type).toUpperCase()}`,
    });
  }
  if (type === 'QUICK_REPLY')
    return { type, text, payload: typeof parameter?.payload === 'string' ? parameter.payload : text };
  if (type === 'URL') {
    if (variablesOf(button.url).length === 0) return { type, text, url: button.url };
    if (typeof parameter?.text !== 'string' || parameter.text === '') {
      throw new GraphError(131008, {
        details: `buttons: Button at index ${index} of type Url requires a parameter`,
      });
    }
    const value = parameter.text;
    return { type, text, url: button.url!.replace(variable, () => value) };
  }
  return { type, text, ...(button.phone_number !== undefined && { url: `tel:${button.phone_number}` }) };
}

/** A template as `GET /{waba_id}/message_templates` shows it, narrowed to the fields asked for. */
export function templateJson(template: Template, fields: string[] | undefined): Json {
  const whole: Json = {
    name: template.name,
    parameter_format: template.parameterFormat,
    components: template.components,
    language: template.language,
    status: template.status,
    category: template.category,
    rejected_reason: template.status === 'REJECTED' ? template.rejectedReason : 'NONE',
    quality_score: { score: 'UNKNOWN' },
    id: template.id,
  };
  if (!fields) {
    delete whole.rejected_reason;
    delete whole.quality_score;
    return whole;
  }
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key === 'id' || fields.includes(key)));
}

function missing(parameter: string): GraphError {
  return new GraphError(100, { message: `(#100) The parameter ${parameter} is required.` });
}

export function templateRefusal(title: string, message: string): GraphError {
  return new GraphError(100, {
    message: 'Invalid parameter',
    subcode: 2388023,
    userMessage: { title, message },
  });
}
