import {
  renderTemplateText,
  renderWhatsAppText,
  whatsAppParameterText,
  type VariableValues,
} from './template-render';

/** A value that a WhatsApp template wants. `key` is its slot (`header.1`, `body.2`, `body.first_name`, `button.0`). */
export type StoredParameter = { key: string; place: 'header' | 'body' | 'button'; expression: string };

/** The parts of a stored template that people see. */
export type StoredComponent = {
  type: 'HEADER' | 'BODY' | 'FOOTER' | 'BUTTONS';
  text?: string;
  /** Of a header. */
  format?: string;
  buttons?: { type: string; text: string; url?: string }[];
};

export type TemplateDisplay = {
  header: string | null;
  body: string;
  footer: string | null;
  buttons: { type: string; text: string }[];
};

/**
 * The value of each parameter as WhatsApp takes it: what was typed, else what its expression gives for this person. `missing`
 * are the keys that have neither.
 */
export function fillParameters(
  parameters: readonly StoredParameter[],
  typed: Readonly<Record<string, string>>,
  variables: VariableValues,
): { values: Record<string, string>; missing: string[] } {
  const values: Record<string, string> = {};
  const missing: string[] = [];
  for (const { key, expression } of parameters) {
    const rendered = renderTemplateText(expression, variables);
    const value = whatsAppParameterText(
      (Object.hasOwn(typed, key) ? typed[key] : undefined) ?? (rendered.ok ? rendered.text : ''),
    );
    if (value === '') missing.push(key);
    else values[key] = value;
  }
  return { values, missing };
}

/** The template as the person will see it; a parameter without value stays visible as it stands in the template. */
export function displayTemplate(
  components: readonly StoredComponent[],
  values: Readonly<Record<string, string>>,
): TemplateDisplay {
  const textOf = (type: StoredComponent['type'], place: string): string | null => {
    const text = components.find((component) => component.type === type)?.text;
    if (text === undefined) return null;
    const prefix = `${place}.`;
    const own = Object.entries(values).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    );
    return renderWhatsAppText(text, Object.fromEntries(own) as Record<string, string>);
  };
  return {
    header: textOf('HEADER', 'header'),
    body: textOf('BODY', 'body') ?? '',
    footer: textOf('FOOTER', 'footer'),
    buttons: components
      .flatMap((component) => component.buttons ?? [])
      .map(({ type, text }) => ({ type, text })),
  };
}

/** Whether people would see the same of both; examples, and the order in which WhatsApp lists the parts, do not count. */
export function saysTheSame(one: readonly StoredComponent[], other: readonly StoredComponent[]): boolean {
  const facts = (components: readonly StoredComponent[]) =>
    components
      .map(({ type, format, text, buttons }) =>
        JSON.stringify([
          type,
          type === 'HEADER' ? (format ?? 'TEXT') : null,
          text ?? null,
          buttons?.map((button) => [button.type, button.text, button.url ?? null]) ?? null,
        ]),
      )
      .sort();
  return facts(one).join() === facts(other).join();
}
