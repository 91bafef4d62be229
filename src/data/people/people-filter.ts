import type { PeopleFilter } from '../../contracts/people';
import type { Actor } from '../../domain/permissions';
import { canonicalPhoneKey, normalisePhone } from '../../domain/phone';
import { fewAtMost } from '../page';
import { askedOneByOne, createParams, likeText, type Queryable } from '../sql';
import { applicationInSight, personInSight } from '../visibility';

type Found = { byPoint?: string[] | undefined; byContact?: string[] | undefined };

export type PeopleContext = {
  actor: Actor;
  /** Of numbers without a prefix. */
  defaultCountry: string;
  /** Whom a number or an address, and whom the last contact means, where they are few. */
  found?: Found | undefined;
  /** Takes a value and gives its placeholder; `$1` is the organization. */
  add: (value: unknown) => string;
};

/**
 * The candidate base: conditions on `p`, a row of `people`, that keep whom the filter means and the actor may see. Each can be
 * answered from an index of its own, so that the planner may begin with the rarest; `oneByOne`, each is asked of the rows of a list
 * gone through in its order.
 */
export function peopleConditions(
  filter: PeopleFilter,
  { actor, defaultCountry, found, add }: PeopleContext,
  oneByOne = false,
): string[] {
  const among = (table: string, alias: string, conditions: string[]) =>
    oneByOne
      ? askedOneByOne(
          `exists (select 1 from ${table} ${alias} where ${alias}.organization_id = $1 and ${alias}.person_id = p.id and ${conditions.join(' and ')})`,
        )
      : `p.id in (select ${alias}.person_id from ${table} ${alias} where ${alias}.organization_id = $1 and ${conditions.join(' and ')})`;
  const visible = personInSight(actor, 'p');
  const conditions = [
    'p.organization_id = $1',
    'p.merged_into_id is null',
    'p.erased_at is null',
    oneByOne ? askedOneByOne(visible) : visible,
  ];
  if (filter.kind) conditions.push(`p.kind = ${add(filter.kind)}`);
  if (filter.toReview !== undefined) conditions.push(filter.toReview ? 'p.to_review' : 'not p.to_review');
  if (filter.employerId) conditions.push(`p.employer_id = ${add(filter.employerId)}`);
  if (filter.tag) conditions.push(`p.tags @> array[${add(filter.tag)}::text]`);
  if (filter.whatsappConsent !== undefined)
    conditions.push(`p.whatsapp_consent = ${add(filter.whatsappConsent)}`);
  if (filter.responsibleUserId === 'none') conditions.push('p.responsible_user_id is null');
  else if (filter.responsibleUserId)
    conditions.push(`p.responsible_user_id = ${add(filter.responsibleUserId)}`);
  if (filter.vacancyId ?? filter.stageId) {
    const of = [
      ...(filter.vacancyId ? [`a.vacancy_id = ${add(filter.vacancyId)}`] : []),
      ...(filter.stageId ? [`a.stage_id = ${add(filter.stageId)}`] : []),
      applicationInSight(actor, 'a'),
    ];
    conditions.push(among('applications', 'a', of));
  }
  if (found?.byContact) conditions.push(`p.id = any(${add(found.byContact)}::uuid[])`);
  else {
    const contacted = contactCondition(filter, add);
    if (contacted !== undefined) conditions.push(among('conversations', 'c', [contacted]));
  }
  if (filter.q) conditions.push(matchesText(filter.q, { defaultCountry, found, add }));
  return conditions;
}

/** What has to be known before: the country for numbers, and whom a number, an address or the last contact means, where they are few. */
export async function prepareSearch(
  db: Queryable,
  organizationId: string,
  filter: PeopleFilter,
): Promise<Pick<PeopleContext, 'defaultCountry' | 'found'>> {
  const { q } = filter;
  const defaultCountry = q !== undefined && looksLikeNumber(q) ? await countryOf(db, organizationId) : '';
  const byContact = await findByContact(db, organizationId, filter);
  const byPoint =
    q !== undefined && (looksLikeNumber(q) || looksLikeAddress(q))
      ? await findByPoint(db, organizationId, q, defaultCountry)
      : undefined;
  return { defaultCountry, found: { byContact, byPoint } };
}

async function findByPoint(
  db: Queryable,
  organizationId: string,
  q: string,
  defaultCountry: string,
): Promise<string[] | undefined> {
  const { values, add } = createParams(organizationId);
  const parts = [
    `select cp.person_id as id from contact_points cp where cp.organization_id = $1 and ${pointCondition(q, defaultCountry, add)}`,
  ];
  if (!looksLikeNumber(q)) {
    parts.push(
      `select p.id from people p where p.organization_id = $1 and ${matchesName([q.toLowerCase()], 'p', add)}`,
    );
  }
  return idsOfFew(db, parts, values, add);
}

/** In the order of the index, for the planner would go through all conversations where it takes them for many. */
async function findByContact(
  db: Queryable,
  organizationId: string,
  filter: PeopleFilter,
): Promise<string[] | undefined> {
  const { values, add } = createParams(organizationId);
  const condition = contactCondition(filter, add);
  if (condition === undefined) return undefined;
  const ofAll = 'select c.person_id as id from conversations c where c.organization_id = $1';
  const direction = filter.contactedSince ? 'desc' : 'asc';
  const parts = [
    `${ofAll} and ${condition} and c.last_message_at is not null order by c.last_message_at ${direction}`,
    ...(filter.contactedSince ? [] : [`${ofAll} and c.last_message_at is null`]),
  ];
  return idsOfFew(db, parts, values, add);
}

async function idsOfFew(
  db: Queryable,
  parts: string[],
  values: unknown[],
  add: PeopleContext['add'],
): Promise<string[] | undefined> {
  const limit = add(fewAtMost + 1);
  const rows = await db.query<{ id: string }>(
    parts.map((part) => `(${part} limit ${limit})`).join(' union all '),
    values,
  );
  return rows.length > fewAtMost ? undefined : rows.map(({ id }) => id);
}

/** On `c`, the conversation of a person. */
function contactCondition(
  { contactedSince, notContactedSince }: PeopleFilter,
  add: PeopleContext['add'],
): string | undefined {
  const conditions = [
    ...(contactedSince ? [`c.last_message_at >= ${add(contactedSince)}`] : []),
    ...(notContactedSince
      ? [`(c.last_message_at < ${add(notContactedSince)} or c.last_message_at is null)`]
      : []),
  ];
  return conditions.length === 0 ? undefined : conditions.join(' and ');
}

async function countryOf(db: Queryable, organizationId: string): Promise<string> {
  const [row] = await db.query<{ country: string }>(
    'select default_country as country from organizations where id = $1',
    [organizationId],
  );
  return row?.country ?? '';
}

/** A number in any spelling, an address, or words that all stand in the name. */
function matchesText(q: string, { defaultCountry, found, add }: Omit<PeopleContext, 'actor'>): string {
  if (found?.byPoint) return `p.id = any(${add(found.byPoint)}::uuid[])`;
  const words = q.toLowerCase().split(/\s+/).slice(0, 10);
  if (!looksLikeNumber(q) && !looksLikeAddress(q)) return matchesName(words, 'p', add);
  const point =
    askedOneByOne(`exists (select 1 from contact_points cp where cp.organization_id = $1 and cp.person_id = p.id
    and ${pointCondition(q, defaultCountry, add)})`);
  return looksLikeNumber(q) ? point : `(${matchesName(words, 'p', add)} or ${point})`;
}

/** Every word somewhere in the name; one or two letters at the beginning of a word, which the index can find. */
export function matchesName(words: string[], alias: string, add: PeopleContext['add']): string {
  const name = `lower(${alias}.first_name || ' ' || ${alias}.last_name)`;
  const conditions = words.map((word) =>
    word.length < 3
      ? `(${name} like ${add(`${likeText(word)}%`)} or ${name} like ${add(`% ${likeText(word)}%`)})`
      : `${name} like ${add(`%${likeText(word)}%`)}`,
  );
  return conditions.join(' and ');
}

/** On `cp`: a part of an address; a whole number by its key (R-CHAT-13: any variant of it), else its digits anywhere, without a national zero. */
function pointCondition(q: string, defaultCountry: string, add: PeopleContext['add']): string {
  if (!looksLikeNumber(q))
    return `cp.kind = 'email' and cp.key like ${add(`%${likeText(q.toLowerCase())}%`)}`;
  const phone = normalisePhone(q, defaultCountry);
  const digits = q.replace(/\D/g, '').replace(/^0+/, '');
  return `cp.kind = 'phone' and ${phone.ok ? `cp.key = ${add(canonicalPhoneKey(phone.e164))}` : `cp.key like ${add(`%${digits}%`)}`}`;
}

/** What may be part of an address is looked for there too. */
const looksLikeAddress = (q: string): boolean => !/\s/.test(q) && /[@._\d]/.test(q);

const looksLikeNumber = (q: string): boolean =>
  /^[\d\s()+./-]+$/.test(q) && q.replace(/\D/g, '').replace(/^0+/, '').length >= 4;
