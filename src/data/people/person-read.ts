import { z } from 'zod';
import type { ContactPoint, PeopleFilter, Person, PersonRow } from '../../contracts/people';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { seesEverything } from '../../domain/permissions';
import { decodeCursor, fewAtMost, seemsMany, stretch, toPage, type Page } from '../page';
import type { Database } from '../database';
import { peopleConditions, prepareSearch, type PeopleContext } from './people-filter';
import { createParams, fullNameSql, isoSql, userSummarySql, type Queryable } from '../sql';
import { visibleApplication, visiblePerson } from '../visibility';

export type PeopleQuery = PeopleFilter & { cursor?: string; limit: number };

const position = z.tuple([z.string(), z.string(), z.uuid()]);

/** By name. */
export async function listPeople(db: Database, actor: Actor, query: PeopleQuery): Promise<Page<PersonRow>> {
  const { cursor, limit, ...filter } = query;
  const after = cursor === undefined ? undefined : decodeCursor(cursor, position);
  const ids = await findPeople(db, actor, filter, { after, limit: limit + 1 });
  const rows = await db.prepared<PersonRow & { lastName: string; firstName: string }>(
    `select p.id, p.kind, ${fullNameSql('p')} as name, p.last_name as "lastName", p.first_name as "firstName",
       e.name as "employerName", p.to_review as "toReview", ${userSummarySql('u')} as "responsibleUser",
       c.id as "conversationId", ${firstPointSql('phone')} as phone, ${firstPointSql('email')} as email,
       coalesce(p.tags, '{}') as tags, p.whatsapp_consent as "whatsappConsent", ${isoSql('c.last_message_at')} as "lastContactAt"
     from people p
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
     left join employers e on e.organization_id = p.organization_id and e.id = p.employer_id
     left join users u on u.organization_id = p.organization_id and u.id = p.responsible_user_id
     where p.organization_id = $1 and p.id = any($2::uuid[])
     order by p.last_name, p.first_name, p.id`,
    [actor.organizationId, ids],
  );
  return toPage(
    rows,
    limit,
    ({ lastName: _lastName, firstName: _firstName, ...row }) => row,
    (row) => [row.lastName, row.firstName, row.id],
  );
}

type Search = Pick<PeopleContext, 'defaultCountry' | 'found'>;
type PeoplePage = { after: z.infer<typeof position> | undefined; limit: number };

const byName = 'order by last_name, first_name, id';

/** Whom a page shows, in no order. */
async function findPeople(
  db: Database,
  actor: Actor,
  filter: PeopleFilter,
  page: PeoplePage,
): Promise<string[]> {
  const search = await prepareSearch(db, actor.organizationId, filter);
  const narrowed = !isInOrder(filter) || !seesEverything(actor);
  // that the last contact means many is known already
  const { contactedSince: _since, notContactedSince: _notSince, ...besides } = filter;
  const unknown = search.found?.byContact !== undefined || !isInOrder(besides) || !seesEverything(actor);
  if (narrowed && unknown) {
    const soon = (await seemMany(db, actor, filter, search))
      ? await findInOrder(db, actor, filter, page, search, stretch)
      : [];
    if (soon.length === page.limit) return soon;
    const few = await findAmongFew(db, actor, filter, page, search);
    if (few) return few;
  }
  return findInOrder(db, actor, filter, page, search);
}

/** Whom one meets going through the list by name, at most so far. */
async function findInOrder(
  db: Database,
  actor: Actor,
  filter: PeopleFilter,
  page: PeoplePage,
  search: Search,
  atMost?: number,
): Promise<string[]> {
  const narrowed = !isInOrder(filter) || !seesEverything(actor);
  const params = createParams(actor.organizationId);
  const beyond = beyondSql(page, params.add);
  const limit = params.add(page.limit);
  const source = atMost
    ? `(select * from people p where p.organization_id = $1 and ${beyond} ${byName} limit ${params.add(atMost)}) p`
    : 'people p';
  const part = (of: PeopleFilter) => {
    const conditions = peopleConditions(of, { actor, ...search, add: params.add }, true);
    return `(select p.id, p.last_name, p.first_name from ${source} where ${conditions.join(' and ')} and ${beyond} ${byName} limit ${limit})`;
  };
  // Those in an index stand in it by kind: without one, candidates and contacts are read apart and merged.
  const kinds = ['candidate', 'contact'] as const;
  const parts = filter.kind || narrowed ? [part(filter)] : kinds.map((kind) => part({ ...filter, kind }));
  const rows = await db.query<{ id: string }>(
    `select id from (${parts.join(' union all ')}) part ${byName} limit ${limit}`,
    params.values,
  );
  return rows.map(({ id }) => id);
}

/** Whoever sees only some has few. */
async function seemMany(db: Database, actor: Actor, filter: PeopleFilter, search: Search): Promise<boolean> {
  if (!seesEverything(actor)) return false;
  const { values, add } = createParams(actor.organizationId);
  const conditions = peopleConditions(filter, { actor, ...search, add });
  return seemsMany(db, `select 1 from people p where ${conditions.join(' and ')}`, values);
}

/** Whether an index has whom the filter means by name. */
function isInOrder({ kind: _kind, ...filter }: PeopleFilter): boolean {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined);
  return (
    given.length <= 1 &&
    given.every(([name]) => ['responsibleUserId', 'whatsappConsent', 'toReview'].includes(name))
  );
}

/** The page out of all whom the filter means, where they are few; undefined where they are not. */
async function findAmongFew(
  db: Database,
  actor: Actor,
  filter: PeopleFilter,
  page: PeoplePage,
  search: Search,
): Promise<string[] | undefined> {
  const params = createParams(actor.organizationId);
  const conditions = peopleConditions(filter, { actor, ...search, add: params.add });
  const rows = await db.query<{ id: string | null; found: number }>(
    `with found as materialized (
       select p.id, p.last_name, p.first_name from people p where ${conditions.join(' and ')} limit ${params.add(fewAtMost + 1)})
     select page.id, total.found from (select count(*)::int as found from found) total
     left join lateral (select p.id from found p where ${beyondSql(page, params.add)} ${byName} limit ${params.add(page.limit)}) page on true`,
    params.values,
  );
  return rows[0]!.found > fewAtMost ? undefined : rows.flatMap(({ id }) => id ?? []);
}

const beyondSql = ({ after }: PeoplePage, add: (value: unknown) => string): string =>
  after ? `(p.last_name, p.first_name, p.id) > (${after.map(add).join(', ')}::uuid)` : 'true';

const firstPointSql = (kind: 'phone' | 'email'): string =>
  `(select cp.value from contact_points cp where cp.organization_id = p.organization_id and cp.person_id = p.id
     and cp.kind = '${kind}' order by cp.position, cp.id limit 1)`;

/** How many the filter means, counted no further than `upTo`. */
export async function countPeople(
  db: Database,
  actor: Actor,
  { upTo, ...filter }: PeopleFilter & { upTo: number },
): Promise<{ count: number; capped: boolean }> {
  const params = createParams(actor.organizationId);
  const search = await prepareSearch(db, actor.organizationId, filter);
  const conditions = peopleConditions(filter, { actor, ...search, add: params.add });
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from (
       select 1 from people p where ${conditions.join(' and ')} limit ${params.add(upTo + 1)}) found`,
    params.values,
  );
  const { count } = row!;
  return { count: Math.min(count, upTo), capped: count > upTo };
}

type PersonFields = Omit<Person, 'contactPoints' | 'applications'>;

/** A person with all that the file shows. What the actor may not see does not exist. */
export async function getPerson(db: Queryable, actor: Actor, personId: string): Promise<Person> {
  const ids = [actor.organizationId, personId];
  const [fields] = await db.query<PersonFields>(
    `select p.id, p.kind, p.external_id as "externalId", p.first_name as "firstName", p.last_name as "lastName",
       ${fullNameSql('p')} as name,
       case when e.id is null then null
         else jsonb_build_object('id', e.id, 'externalId', e.external_id, 'name', e.name) end as employer,
       ${userSummarySql('u')} as "responsibleUser", p.time_zone as "timeZone", p.language, coalesce(p.tags, '{}') as tags, p.custom,
       p.to_review as "toReview", p.confidential, c.id as "conversationId", null as "mergedIntoId", ${isoSql('p.created_at')} as "createdAt"
     from people p
     join conversations c on c.organization_id = p.organization_id and c.person_id = p.id
     left join employers e on e.organization_id = p.organization_id and e.id = p.employer_id
     left join users u on u.organization_id = p.organization_id and u.id = p.responsible_user_id
     where p.organization_id = $1 and p.id = $2 and p.merged_into_id is null and p.erased_at is null
       and ${visiblePerson(actor, 'p')}`,
    ids,
  );
  if (!fields) throw notFound('person');
  const contactPoints = await db.query<ContactPoint>(
    `select cp.id, cp.kind, cp.value, cp.key, cp.valid, cp.phone_type as "phoneType", cp.whatsapp, cp.bounced_at is not null as bounced,
       coalesce((
         select jsonb_agg(to_jsonb(newest) order by newest.channel) from (
           select distinct on (co.channel) co.channel, co.granted, co.source, co.wording, co.evidence,
             ${isoSql('co.occurred_at')} as "occurredAt"
           from consents co where co.organization_id = cp.organization_id and co.contact_point_id = cp.id
           order by co.channel, co.occurred_at desc, co.id desc) newest), '[]') as consents,
       coalesce((
         select jsonb_agg(jsonb_build_object('channels', o.channels, 'marketingOnly', o.marketing_only,
           'occurredAt', ${isoSql('o.occurred_at')}, 'words', o.words, 'source', o.source, 'message', case when m.id is not null then jsonb_build_object('id', m.id, 'channel', m.channel,
             'title', m.title) end) order by o.occurred_at)
         from opt_outs o left join messages m on m.organization_id = o.organization_id and m.id = o.message_id
         where o.organization_id = cp.organization_id and o.contact_point_id = cp.id
           and o.undone_at is null), '[]') as "optedOut"
     from contact_points cp where cp.organization_id = $1 and cp.person_id = $2 order by cp.position, cp.id`,
    ids,
  );
  const applications = await db.query<Person['applications'][number]>(
    `select a.id, a.vacancy_id as "vacancyId", v.title as "vacancyTitle", a.stage_id as "stageId", s.name as "stageName",
       ${isoSql('a.rejected_at')} as "rejectedAt", ${isoSql('a.withdrawn_at')} as "withdrawnAt"
     from applications a
     join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     where a.organization_id = $1 and a.person_id = $2 and ${visibleApplication(actor, 'a')} order by a.id desc`,
    ids,
  );
  return { ...fields, contactPoints, applications };
}
