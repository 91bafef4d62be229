import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Template } from '../../../contracts/templates';
import type { ApiError, CallArgs } from '../api';
import { callAny, keyOf } from '../queries';
import { text } from '../text';

const key = 'GET /api/v1/templates';

/** All templates of a channel that may be sent: for WhatsApp those that it approved. */
export function useSendableTemplates(
  channel: 'whatsapp' | 'sms' | 'email',
  enabled = true,
): UseQueryResult<{ items: Template[] }, ApiError> {
  return useQuery<{ items: Template[] }, ApiError>({
    queryKey: [...keyOf(key, { query: { channel, status: 'approved' } }), 'all'],
    queryFn: ({ signal }) => readAll(channel, signal),
    enabled,
    staleTime: 60_000,
  });
}

/** The templates that WhatsApp approved. */
export const useApprovedTemplates = (enabled = true) => useSendableTemplates('whatsapp', enabled);

async function readAll(
  channel: 'whatsapp' | 'sms' | 'email',
  signal: AbortSignal,
): Promise<{ items: Template[] }> {
  const items: Template[] = [];
  for (let cursor: string | undefined; ;) {
    const args: CallArgs<typeof key> = { query: { channel, status: 'approved', limit: 200, cursor } };
    const page = await callAny(key, args, { signal });
    items.push(...page.items);
    if (page.nextCursor === null) return { items };
    cursor = page.nextCursor;
  }
}

/** Templates that hold every word of a search in name or text; those whose name begins with it come first. */
export function searchTemplates(templates: Template[], query: string): Template[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = templates.filter((template) => {
    const haystack =
      `${readableName(template.name)} ${template.name} ${template.body} ${template.language}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
  const first = words[0];
  if (first === undefined) return found;
  const rank = (template: Template) => (template.name.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

/** `interview_invitation` as people write it. */
export function readableName(name: string): string {
  const spaced = name.replace(/[_-]+/g, ' ').trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A parameter of a WhatsApp template, as people call it. */
export function parameterLabel(template: Template, key: string): string {
  const parameter = template.parameters.find((each) => each.key === key);
  const variable = parameter?.expression.match(/\{\{\s*([\w.]+)/)?.[1];
  if (variable) return text.templates.variable(variable);
  const name = key.replace(/^(header|body|button)\./, '');
  return /^\d+$/.test(name) ? text.templates.parameter(name) : readableName(name);
}
