import type { ReasonCode } from '../../contracts/reasons';
import { reasonsAgainst, type SendChannel } from '../../domain/eligibility';
import { variablesOf } from '../../domain/template-render';
import type { Tx } from '../database';
import { intentOf, type SendContent } from '../actions/foretell';
import { loadCarrier } from '../messages/prepare-content';
import type { RecipientQuery } from './recipients';
import { decidingFacts } from '../messages/send-facts';
import { columnsSql } from '../sql';
import { examplePageLink, spokenOf } from '../messages/variables';

export type SendCount = {
  channel: SendChannel;
  willSend: number;
  credits: number;
  reasons: Map<ReasonCode, number>;
};

type Scope = { organizationId: string; userId: string | null; now: Date; dayMs: number };

const batch = 2_000;

/**
 * R-SEND-6: how many of them would get it over each channel, and how many not, by reason; judged as acceptance will judge it, each
 * taking its credits from what those before it have left (of the channels that are not `chosen` each as if it alone came on top). People who are alike in all that decides are counted by the database and
 * judged once, so that a hundred thousand cost no memory here; only an SMS that is longer for one than for another is looked at one by one.
 */
export async function countSends(
  tx: Tx,
  scope: Scope,
  recipients: RecipientQuery,
  { channels, chosen = channels }: { channels: SendChannel[]; chosen?: SendChannel[] | undefined },
  content: SendContent,
): Promise<SendCount[]> {
  const carrier = channels.includes('whatsapp') ? await loadCarrier(tx, scope) : undefined;
  const pageLink = examplePageLink(tx, scope.organizationId);
  const counts: SendCount[] = [];
  let spent = 0;
  const inTurn = [...channels].sort(
    (one, other) => Number(chosen.includes(other)) - Number(chosen.includes(one)),
  );
  for (const channel of inTurn) {
    const count: SendCount = { channel, willSend: 0, credits: 0, reasons: new Map() };
    const refuse = (reason: ReasonCode, people: number) =>
      count.reasons.set(reason, (count.reasons.get(reason) ?? 0) + people);
    const { alike, facts, variables } = alikeSql({ ...scope, pageLink }, recipients, channel, content);
    for await (const rows of inBatches<{ people: number }>(tx, alike.sql, alike.values)) {
      for (const row of rows) {
        const known = facts.read(row);
        const carriedBy = channel === 'whatsapp' && !known.windowOpen ? carrier : undefined;
        const intent = intentOf(content, channel, variables.read(row), carriedBy);
        const reason = intent
          ? reasonsAgainst({ ...known, balance: Number.MAX_SAFE_INTEGER }, intent)[0]
          : 'template_not_approved';
        if (!intent || reason !== undefined) {
          refuse(reason!, row.people);
          continue;
        }
        const paid =
          intent.credits === 0
            ? row.people
            : Math.floor((known.balance - spent - count.credits) / intent.credits);
        const going = Math.max(0, Math.min(row.people, paid));
        count.willSend += going;
        count.credits += going * intent.credits;
        if (going < row.people) refuse('no_credits', row.people - going);
      }
    }
    counts.push(count);
    if (chosen.includes(channel)) spent += count.credits;
  }
  return channels.map((channel) => counts.find((count) => count.channel === channel)!);
}

/** Everything that decides over one channel and that the content speaks of, and how many people share it. */
function alikeSql(
  { userId, now, dayMs, pageLink }: Scope & { pageLink: string | null },
  recipients: RecipientQuery,
  channel: SendChannel,
  { template, title, body }: SendContent,
) {
  const values = [...recipients.values];
  const add = (value: unknown) => `$${values.push(value)}`;
  const texts = [title, body, template?.title, template?.body];
  const expressions = template?.parameters.map(({ expression }) => expression) ?? [];
  const names = [...texts, ...expressions].flatMap((text) => variablesOf(text ?? ''));
  const facts = decidingFacts({ channel, now, dayMs, userId }, add);
  const variables = spokenOf(names, { userId, pageLink }, add);
  const columns = { ...facts.columns, ...variables.columns };
  const rows = `from (${recipients.sql}) r join people p on p.organization_id = $1 and p.id = r.person_id
    ${facts.tables} ${variables.tables}`;
  const listed = Object.keys(columns)
    .map((name) => `"${name}"`)
    .join(', ');
  const sql =
    channel === 'sms' && variables.personal
      ? `select ${columnsSql(columns)}, 1 as people ${rows} order by r.place`
      : `select ${listed}, count(*)::int as people from (select ${columnsSql(columns)} ${rows}) alike group by ${listed}`;
  return { alike: { sql, values }, facts, variables };
}

/** The rows of a query, no more than a batch held at a time. */
async function* inBatches<Row extends object>(
  tx: Tx,
  sql: string,
  values: unknown[],
): AsyncGenerator<Row[], void, void> {
  await tx.query(`declare counted no scroll cursor for ${sql}`, values);
  for (;;) {
    const rows = await tx.query<Row>(`fetch ${batch} from counted`);
    yield rows;
    if (rows.length < batch) break;
  }
  await tx.query('close counted');
}
