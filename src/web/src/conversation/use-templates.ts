import type { Template } from '../../../contracts/templates';
import { useRoute } from '../queries';

/** The templates that WhatsApp approved. */
export function useApprovedTemplates(enabled = true) {
  return useRoute(
    'GET /api/v1/templates',
    enabled ? { query: { channel: 'whatsapp', status: 'approved' } } : null,
    { staleTime: 60_000 },
  );
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
