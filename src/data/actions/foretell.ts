import type { ReasonCode } from '../../contracts/reasons';
import { reasonsAgainst, type SendChannel, type SendIntent } from '../../domain/eligibility';
import { renderTemplateText, type VariableValues } from '../../domain/template-render';
import {
  displayTemplate,
  fillParameters,
  type StoredComponent,
  type StoredParameter,
} from '../../domain/whatsapp-template';
import type { Tx } from '../database';
import { carry, loadCarrier, templateIntent, textIntent } from '../messages/prepare-content';
import { loadSendFacts, type LoadedSendFacts } from '../messages/send-facts';
import { loadVariablesOf } from '../messages/variables';

/** What an automatic action or a rejection says. */
export type SendContent = {
  /** null: composed text, or the template was removed. */
  template: {
    name: string;
    channel: SendChannel;
    status: string;
    category: string | null;
    title: string | null;
    body: string;
    components: StoredComponent[];
    parameters: StoredParameter[];
  } | null;
  title: string | null;
  body: string | null;
  /** A file goes along: on WhatsApp that is free content, which no carrier takes. */
  file?: boolean;
  /** Typed values of a template's parameters. */
  parameters?: Record<string, string> | null;
};

/** Of a row of `templates` that an outer join may not have found. */
export const templateContentSql = (alias: string): string => `case when ${alias}.id is null then null
  else jsonb_build_object('name', ${alias}.name, 'channel', ${alias}.channel, 'status', ${alias}.status, 'category', ${alias}.category,
    'title', ${alias}.title, 'body', ${alias}.body, 'components', coalesce(${alias}.components, '[]'),
    'parameters', coalesce(${alias}.parameters, '[]')) end`;

export type ForetoldSend = { personId: string; applicationId: string | null; channel: SendChannel };

export type Foretold = { reason: ReasonCode | null; credits: number };

/**
 * Whether each of these messages would go now, and what it would cost, judged as acceptance will judge it. `spending`: each takes its
 * credits from what those before it have left; otherwise the balance is left out of account.
 */
export async function foretell<Send extends ForetoldSend>(
  tx: Pick<Tx, 'query' | 'prepared'>,
  scope: { organizationId: string; now: Date; dayMs: number; spending: boolean; userId?: string | null },
  sends: Send[],
  contentOf: (send: Send) => SendContent,
): Promise<Foretold[]> {
  if (sends.length === 0) return [];
  const facts = new Map<SendChannel, Map<string, LoadedSendFacts>>();
  for (const channel of new Set(sends.map((send) => send.channel))) {
    const personIds = [
      ...new Set(sends.filter((send) => send.channel === channel).map(({ personId }) => personId)),
    ];
    facts.set(channel, await loadSendFacts(tx, { ...scope, personIds, channel }));
  }
  const keyOf = ({ personId, applicationId }: ForetoldSend) => `${personId} ${applicationId ?? ''}`;
  const recipients = [...new Map(sends.map((send) => [keyOf(send), send])).values()];
  const values = await loadVariablesOf(
    tx,
    { organizationId: scope.organizationId, userId: scope.userId ?? null },
    recipients.map(({ personId, applicationId }) => ({ personId, applicationId })),
  );
  const variables = new Map(recipients.map((recipient, index) => [keyOf(recipient), values[index]!]));
  const carrier = facts.has('whatsapp') ? await loadCarrier(tx, scope) : undefined;
  let spent = 0;
  return sends.map((send) => {
    const known = facts.get(send.channel)!.get(send.personId)!;
    const carriedBy = send.channel === 'whatsapp' && !known.windowOpen ? carrier : undefined;
    const intent = intentOf(contentOf(send), send.channel, variables.get(keyOf(send))!, carriedBy);
    if (!intent) return { reason: 'template_not_approved', credits: 0 };
    const balance = scope.spending ? known.balance - spent : Number.MAX_SAFE_INTEGER;
    const reason = reasonsAgainst({ ...known, balance }, intent)[0] ?? null;
    const credits = reason === null ? intent.credits : 0;
    spent += credits;
    return { reason, credits };
  });
}

/** What is asked for this content on a channel, for one person; undefined: it cannot go there at all. */
export function intentOf(
  { template, title, body, file = false, parameters }: SendContent,
  channel: SendChannel,
  variables: VariableValues,
  carriedBy: Awaited<ReturnType<typeof loadCarrier>>,
): SendIntent | undefined {
  if (!template) {
    if (body === null && !file) return undefined;
    const text = render(body ?? '', title, variables);
    if (!carriedBy || file) return textIntent(channel, text);
    return templateIntent(carriedBy, { ...text, body: carry(carriedBy, text.body).display.body });
  }
  if (template.channel !== 'whatsapp') {
    if (channel === 'whatsapp') return undefined;
    return textIntent(channel, render(template.body, title ?? template.title, variables));
  }
  const { values, missing } = fillParameters(template.parameters, parameters ?? {}, variables);
  const complete = missing.length === 0;
  const { body: said } = displayTemplate(template.components, values);
  if (channel === 'whatsapp') return templateIntent(template, { body: said, complete });
  return textIntent(channel, { body: said, title, complete });
}

function render(
  body: string,
  title: string | null,
  variables: VariableValues,
): { body: string; title: string | null; complete: boolean } {
  const [text, heading] = [body, title ?? ''].map((one) => renderTemplateText(one, variables));
  return { body: text!.ok ? text!.text : body, title, complete: text!.ok && heading!.ok };
}
