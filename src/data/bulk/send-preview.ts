import { ownedText, reasonText } from '../../contracts/reasons';
import type { SendPreview, SendPreviewInput, SendRecipientsInput } from '../../contracts/sends';
import { channelNames } from '../../domain/channel-trouble';
import type { SendChannel } from '../../domain/eligibility';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { renderTemplateText } from '../../domain/template-render';
import { displayTemplate, fillParameters, type StoredParameter } from '../../domain/whatsapp-template';
import type { Database, Tx } from '../database';
import { carry, loadCarrier } from '../messages/prepare-content';
import { assertVariables } from './bulk-sends';
import { countSends } from './count-sends';
import { templateContentSql, type SendContent } from '../actions/foretell';
import { assertNotTooMany, chooseRecipients, type Recipient, type RecipientQuery } from './recipients';
import { loadSendFacts } from '../messages/send-facts';
import { smsCanBeAnswered } from '../channels/sms-account';
import { createParams, fullNameSql, likeText } from '../sql';
import { loadVariables } from '../messages/variables';

/** R-SEND-6: who would get it and who not, by reason, judged as acceptance will judge it; and what one of them would read. */
export async function previewSend(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  input: SendPreviewInput,
): Promise<SendPreview> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    // people, channels and balance as they are at one instant
    await tx.query('set transaction isolation level repeatable read, read only');
    const recipients = await chooseRecipients(tx, actor, input);
    const content = await contentOf(tx, actor, input);
    const [found] = await tx.query<{ people: number }>(
      `select count(*)::int as people from (${recipients.sql}) r`,
      recipients.values,
    );
    assertNotTooMany(found!.people);
    const scope = { organizationId, now: await tx.now(), dayMs, userId: user?.id ?? null };
    const owner = input.byHand ? await otherOwner(tx, actor, recipients, scope.now) : undefined;
    const chosen = input.chosen ?? input.channels;
    const counts = await countSends(
      tx,
      scope,
      recipients,
      { ...input, chosen: owner === undefined ? chosen : chosen.filter((channel) => channel !== 'whatsapp') },
      content,
    );
    const [account] = await tx.query<{ balance: number }>(
      'select balance from credit_accounts where organization_id = $1',
      [organizationId],
    );
    const answered = !input.channels.includes('sms') || (await smsCanBeAnswered(tx, organizationId));
    const sampled = await sampleOf(tx, recipients, input.sampleOf);
    return {
      recipients: found!.people,
      balance: account?.balance ?? 0,
      channels: counts.map(({ reasons, ...count }) =>
        owner !== undefined && count.channel === 'whatsapp'
          ? ownedBy(owner)
          : {
              ...count,
              canBeAnswered: count.channel !== 'sms' || answered,
              reasons: [...reasons]
                .sort((one, other) => other[1] - one[1])
                .map(([code, people]) => ({
                  code,
                  text: otherChannel(count.channel, content) ?? reasonText[code],
                  count: people,
                })),
            },
      ),
      sample: sampled ? await sampleFor(tx, { actor, dayMs }, sampled, content) : null,
    };
  });
}

/** R-ELIG: a saved template of another channel stands in no list of WhatsApp's. */
function otherChannel(channel: SendChannel, { template }: SendContent): string | undefined {
  if (channel !== 'whatsapp' || !template || template.channel === 'whatsapp') return undefined;
  return `This template is for ${channelNames[template.channel]} only. On WhatsApp send a template that it approved, or a composed text.`;
}

/** Some of them by name, for whoever chooses one to see what they will read. */
export async function findRecipients(
  db: Database,
  actor: Actor,
  { q, ...source }: SendRecipientsInput,
): Promise<{ items: { personId: string; name: string }[] }> {
  const { sql, values } = await chooseRecipients(db, actor, source);
  const params = createParams(...values);
  const named = q
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => `${fullNameSql('p')} ilike ${params.add(`%${likeText(word)}%`)}`);
  const items = await db.query<{ personId: string; name: string }>(
    `select p.id as "personId", ${fullNameSql('p')} as name from people p
     join (select person_id, min(place) as place from (${sql}) r group by person_id) r on r.person_id = p.id
     where ${['p.organization_id = $1', ...named].join(' and ')} order by r.place limit 20`,
    params.values,
  );
  return { items };
}

/** The colleague who owns the chat of the one person meant. */
async function otherOwner(
  tx: Tx,
  { user }: Actor,
  { sql, values }: RecipientQuery,
  now: Date,
): Promise<string | undefined> {
  const [row] = await tx.query<{ name: string }>(
    `select ${fullNameSql('u')} as name from (${sql}) r
     join conversations c on c.organization_id = $1 and c.person_id = r.person_id and c.status = 'active'
       and c.deadline_at > $${values.length + 1}
     join users u on u.organization_id = $1 and u.id = c.owner_id and u.id is distinct from $${values.length + 2}::uuid
     where (select count(*) from (${sql}) r) = 1`,
    [...values, now, user?.id ?? null],
  );
  return row?.name;
}

const ownedBy = (owner: string): SendPreview['channels'][number] => ({
  channel: 'whatsapp',
  willSend: 0,
  credits: 0,
  canBeAnswered: true,
  reasons: [{ code: 'chat_owned_by_other', text: ownedText(owner), count: 1 }],
});

/** The one asked for, else the first. */
async function sampleOf(
  tx: Tx,
  { sql, values }: RecipientQuery,
  personId: string | undefined,
): Promise<Recipient | undefined> {
  const [row] = await tx.query<Recipient>(
    `select person_id as "personId", application_id as "applicationId" from (${sql}) r
     order by (person_id = $${values.length + 1}) desc nulls last, place limit 1`,
    [...values, personId ?? null],
  );
  return row;
}

async function contentOf(
  tx: Tx,
  { organizationId, user }: Actor,
  input: SendPreviewInput,
): Promise<SendContent> {
  assertVariables(input);
  const { templateId, title = null, text = null } = input;
  if (templateId === undefined) return { template: null, title, body: text };
  const [row] = await tx.query<{ template: SendContent['template'] }>(
    `select ${templateContentSql('t')} as template from templates t where t.organization_id = $1 and t.id = $2 and t.removed_at is null
       and (t.personal_user_id is null or t.personal_user_id = $3)`,
    [organizationId, templateId, user?.id ?? null],
  );
  if (!row) throw notFound('template');
  return { template: row.template, title, body: null, parameters: input.parameters ?? null };
}

async function sampleFor(
  tx: Tx,
  { actor: { organizationId, user }, dayMs }: { actor: Actor; dayMs: number },
  { personId, applicationId }: Recipient,
  { template, title, body, parameters }: SendContent,
): Promise<SendPreview['sample']> {
  const variables = await loadVariables(tx, {
    organizationId,
    personId,
    applicationId,
    userId: user?.id ?? null,
  });
  const [person] = await tx.query<{ name: string }>(
    `select ${fullNameSql('p')} as name from people p where p.organization_id = $1 and p.id = $2`,
    [organizationId, personId],
  );
  // What has no value yet is shown as it stands.
  const render = (text: string): string => {
    const rendered = renderTemplateText(text, variables);
    return rendered.ok ? rendered.text : text;
  };
  const chosen =
    template?.channel === 'whatsapp'
      ? displayTemplate(template.components, {
          ...expressionsOf(template.parameters),
          ...fillParameters(template.parameters, parameters ?? {}, variables).values,
        })
      : null;
  const text = chosen?.body ?? render(template?.body ?? body ?? '');
  const heading = title ?? template?.title ?? null;
  const facts = await loadSendFacts(tx, {
    organizationId,
    personIds: [personId],
    channel: 'whatsapp',
    now: await tx.now(),
    dayMs,
  });
  const carrier =
    template || facts.get(personId)!.windowOpen ? undefined : await loadCarrier(tx, { organizationId });
  return {
    personId,
    name: person!.name,
    title: heading === null ? null : render(heading),
    text,
    onWhatsApp: carrier
      ? { carried: true, ...carry(carrier, text).display }
      : chosen && { carried: false, ...chosen },
  };
}

/** By key; what whoever sends it types has none. */
const expressionsOf = (parameters: readonly StoredParameter[]): Record<string, string> =>
  Object.fromEntries(
    parameters.flatMap(({ key, expression }) => (expression === '' ? [] : [[key, expression]])),
  );
