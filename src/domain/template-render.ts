/** R-SEND-5: what a template may speak of. Custom fields come on top as `candidate.custom.<key>`. */
export const templateVariables = [
  'candidate.firstName',
  'candidate.lastName',
  'candidate.fullName',
  'contact.firstName',
  'contact.lastName',
  'contact.fullName',
  'vacancy.title',
  'company.name',
  'stage.name',
  'recruiter.firstName',
  'recruiter.fullName',
  'recruiter.phone',
  'recruiter.email',
  'candidatePage.link',
] as const;

/** Values by variable name; a blank one counts as missing. */
export type VariableValues = Readonly<Record<string, string | null | undefined>>;

export type RenderedText = { ok: true; text: string } | { ok: false; missing: string[] };

export type TextSegment =
  { kind: 'text'; text: string } | { kind: 'variable'; name: string; fallback: string | undefined };

const knownVariables = new Set<string>(templateVariables);
const customVariable = /^candidate\.custom\.([\w-]+)$/;

/** Splits `Hello {{candidate.firstName|there}}`. Braces that are never closed are text. */
export function parseTemplateText(text: string): TextSegment[] {
  const segments: TextSegment[] = [];
  let end = 0;
  for (const match of text.matchAll(/\{\{([^{}]*)\}\}/g)) {
    if (match.index > end) segments.push({ kind: 'text', text: text.slice(end, match.index) });
    const inner = match[1] ?? '';
    const bar = inner.indexOf('|');
    segments.push({
      kind: 'variable',
      name: (bar < 0 ? inner : inner.slice(0, bar)).trim(),
      fallback: bar < 0 ? undefined : inner.slice(bar + 1).trim(),
    });
    end = match.index + match[0].length;
  }
  if (end < text.length) segments.push({ kind: 'text', text: text.slice(end) });
  return segments;
}

/** The names used in a text, each once, in order. */
export function variablesOf(text: string): string[] {
  return unique(
    parseTemplateText(text).flatMap((segment) => (segment.kind === 'variable' ? [segment.name] : [])),
  );
}

/** Names that nothing can ever fill: a template holding one is refused when saved. Without `customKeys` every custom key is taken. */
export function unknownVariables(text: string, customKeys?: ReadonlySet<string>): string[] {
  return variablesOf(text).filter((name) => {
    if (knownVariables.has(name)) return false;
    const key = customVariable.exec(name)?.[1];
    return key === undefined || (customKeys !== undefined && !customKeys.has(key));
  });
}

/** The text for one recipient, or the variables that have neither value nor fallback. Values are never read as templates. */
export function renderTemplateText(text: string, values: VariableValues): RenderedText {
  const missing: string[] = [];
  const rendered = parseTemplateText(text).map((segment) => {
    if (segment.kind === 'text') return segment.text;
    const value = valueOf(values, segment.name) ?? segment.fallback;
    if (value === undefined) missing.push(segment.name);
    return value ?? '';
  });
  return missing.length > 0 ? { ok: false, missing: unique(missing) } : { ok: true, text: rendered.join('') };
}

/** The text with what there is; a variable that has neither value nor fallback stays visible as it was written. */
export function renderVisibleText(text: string, values: VariableValues): { text: string; missing: string[] } {
  const missing: string[] = [];
  const rendered = parseTemplateText(text).map((segment) => {
    if (segment.kind === 'text') return segment.text;
    const value = valueOf(values, segment.name) ?? segment.fallback;
    if (value === undefined) missing.push(segment.name);
    return value ?? `{{${segment.name}}}`;
  });
  return { text: rendered.join(''), missing: unique(missing) };
}

/** The parameters of a WhatsApp template's text, `{{1}}` or `{{first_name}}`, each once: numbers ascending, names in order. */
export function whatsAppParametersOf(text: string): string[] {
  const names = unique([...text.matchAll(whatsAppParameter)].map((match) => match[1] ?? ''));
  return names.every((name) => /^\d+$/.test(name)) ? names.sort((a, b) => Number(a) - Number(b)) : names;
}

/** A WhatsApp template's text as the person sees it. A parameter without value stays visible as it stands in the template. */
export function renderWhatsAppText(text: string, values: VariableValues): string {
  return text.replace(whatsAppParameter, (whole, name: string) => valueOf(values, name) ?? whole);
}

/** WhatsApp takes no line breaks, tabs or long runs of spaces inside a parameter; previews show this very text. */
export function whatsAppParameterText(text: string): string {
  return text
    .replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ')
    .replace(/\t/g, ' ')
    .replace(/ {4,}/g, '   ')
    .trim();
}

const whatsAppParameter = /\{\{\s*(\d+|[a-z][a-z0-9_]*)\s*\}\}/gi;

function valueOf(values: VariableValues, name: string): string | undefined {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === null || value === undefined || value.trim() === '' ? undefined : value;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
