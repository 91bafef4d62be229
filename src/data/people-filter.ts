import type { PeopleFilter } from '../contracts/people';
import type { Actor } from '../domain/permissions';
import { canonicalPhoneKey, normalisePhone } from '../domain/phone';
import { likeText, type Queryable } from './sql';
import { visibleApplication, visiblePerson } from './visibility';

type Context = {
  actor: Actor;
  /** Of numbers without a prefix. */
  defaultCountry: string;
  /** Takes a value and gives its placeholder; `$1` is the organization. */
  add: (value: unknown) => string;
};

/**
 * The candidate base: conditions on `p`, a row of `people`, that keep whom the filter means and the actor may see. Each can be
 * answered from an index of its own, so that the planner may begin with the rarest.
 */
export function peopleConditions(filter: PeopleFilter, { actor, defaultCountry, add }: Context): string[] {
  const conditions = [
    'p.organization_id = $1',
    'p.merged_into_id is null',
    'p.erased_at is null',
    visiblePerson(actor, 'p'),
  ];
  if (filter.kind) conditions.push(`p.kind = ${add(filter.kind)}`);
  if (filter.toReview !== undefined) conditions.push(filter.toReview ? 'p.to_review' : 'not p.to_review');
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
      visibleApplication(actor, 'a'),
    ];
    conditions.push(
      `p.id in (select a.person_id from applications a where a.organization_id = $1 and ${of.join(' and ')})`,
    );
  }
  if (filter.contactedSince) {
    conditions.push(`p.id in (select c.person_id from conversations c
      where c.organization_id = $1 and c.last_message_at >= ${add(filter.contactedSince)})`);
  }
  if (filter.notContactedSince) {
    conditions.push(`not exists (select 1 from conversations c where c.organization_id = p.organization_id
      and c.person_id = p.id and c.last_message_at >= ${add(filter.notContactedSince)})`);
  }
  if (filter.q) conditions.push(matchesText(filter.q, defaultCountry, add));
  return conditions;
}

/** Whether numbers have to be read, for which the country is needed. */
export async function searchCountry(
  db: Queryable,
  organizationId: string,
  filter: PeopleFilter,
): Promise<string> {
  if (filter.q === undefined || !looksLikeNumber(filter.q)) return '';
  const [row] = await db.query<{ country: string }>(
    'select default_country as country from organizations where id = $1',
    [organizationId],
  );
  return row?.country ?? '';
}

/** A number in any spelling, an address, or words that all stand in the name. */
function matchesText(q: string, defaultCountry: string, add: Context['add']): string {
  if (looksLikeNumber(q)) return matchesNumber(q, defaultCountry, add);
  const words = q.toLowerCase().split(/\s+/).slice(0, 10);
  // what may be part of an address is looked for there too
  if (words.length > 1 || !/[@._\d]/.test(q)) return matchesName(words, 'p', add);
  return `p.id in (
    select n.id from people n where n.organization_id = $1 and ${matchesName(words, 'n', add)}
    union all
    select cp.person_id from contact_points cp
      where cp.organization_id = $1 and cp.kind = 'email' and cp.key like ${add(`%${likeText(words[0]!)}%`)})`;
}

/** Every word somewhere in the name; one or two letters at the beginning of a word, which the index can find. */
export function matchesName(words: string[], alias: string, add: Context['add']): string {
  const name = `lower(${alias}.first_name || ' ' || ${alias}.last_name)`;
  const conditions = words.map((word) =>
    word.length < 3
      ? `(${name} like ${add(`${likeText(word)}%`)} or ${name} like ${add(`% ${likeText(word)}%`)})`
      : `${name} like ${add(`%${likeText(word)}%`)}`,
  );
  return conditions.join(' and ');
}

/** A whole number by its key (R-CHAT-13: any variant of it), else its digits anywhere, without a national zero. */
function matchesNumber(q: string, defaultCountry: string, add: Context['add']): string {
  const phone = normalisePhone(q, defaultCountry);
  const digits = q.replace(/\D/g, '').replace(/^0+/, '');
  const key = phone.ok
    ? `cp.key = ${add(canonicalPhoneKey(phone.e164))}`
    : `cp.key like ${add(`%${digits}%`)}`;
  return `p.id in (select cp.person_id from contact_points cp
    where cp.organization_id = $1 and cp.kind = 'phone' and ${key})`;
}

const looksLikeNumber = (q: string): boolean =>
  /^[\d\s()+./-]+$/.test(q) && q.replace(/\D/g, '').replace(/^0+/, '').length >= 4;
