import { z } from 'zod';
import type { Actor } from '../../domain/permissions';
import { seesEverything } from '../../domain/permissions';
import { fewAtMost, seemsMany, stretch } from '../page';
import { matchesName } from '../people/people-filter';
import { askedOneByOne, createParams, isoSql, likeText, type Queryable } from '../sql';
import { applicationInSight, personInSight } from '../visibility';

export type InboxFilter = {
  view: 'my' | 'all' | 'unassigned';
  q?: string | undefined;
  status?: 'active' | 'open' | 'closed' | undefined;
  unanswered?: boolean | undefined;
  channel?: string | undefined;
  vacancyId?: string | undefined;
  ownerId?: string | undefined;
};

/** The unanswered come first, the longest waiting on top; then the rest by last message. `w` and `r` name the two parts. */
export const inboxPosition = z.tuple([z.enum(['w', 'r']), z.iso.datetime(), z.uuid()]);
export type InboxPosition = z.infer<typeof inboxPosition>;

type Place = { id: string; part: 'w' | 'r'; sortAt: string };
type Page = { after: InboxPosition | undefined; limit: number };
type Params = ReturnType<typeof createParams>;

/** Which conversations a page of the inbox shows, in order. */
export async function findConversations(
  db: Queryable,
  actor: Actor,
  filter: InboxFilter,
  page: Page,
): Promise<Place[]> {
  const { vacancyId, channel, ownerId, status } = filter;
  const besides = vacancyId ?? channel ?? ownerId ?? (status === 'closed' ? undefined : status);
  if (await seemMany(db, actor, filter, besides !== undefined)) {
    const soon = await findOnTheWay(db, actor, filter, undefined, page, stretch);
    if (soon) return soon;
  }
  const people = filter.q === undefined ? undefined : await findByText(db, actor, filter.q);
  if (people?.length === 0) return [];
  if ((people ?? besides) !== undefined || !seesEverything(actor)) {
    const few = await findAmongFew(db, actor, filter, people, page);
    if (few) return few;
  }
  return (await findOnTheWay(db, actor, filter, people, page))!;
}

/** Whoever sees only some has few; a text and something besides mostly leave few. */
async function seemMany(
  db: Queryable,
  actor: Actor,
  filter: InboxFilter,
  besides: boolean,
): Promise<boolean> {
  if (!seesEverything(actor) || besides === (filter.q !== undefined)) return false;
  const params = createParams(actor.organizationId);
  const source =
    filter.q === undefined
      ? sourceSql(actor, filter, undefined, params)
      : `people p where p.organization_id = $1 and ${matchesName([filter.q.toLowerCase()], 'p', params.add)}`;
  return seemsMany(db, `select 1 from ${source}`, params.values);
}

/** In the order of the list: those who wait, then the rest. Undefined where `atMost` of a part were gone through without filling the page. */
async function findOnTheWay(
  db: Queryable,
  actor: Actor,
  filter: InboxFilter,
  people: string[] | undefined,
  { after, limit }: Page,
  atMost?: number,
): Promise<Place[] | undefined> {
  const places: Place[] = [];
  for (const part of after?.[0] === 'r' ? (['r'] as const) : (['w', 'r'] as const)) {
    const page = { after: after?.[0] === part ? after : undefined, limit: limit - places.length };
    const found = await findInOrder(db, actor, filter, people, part, page, atMost);
    if (!found) return undefined;
    places.push(...found);
    if (places.length === limit) break;
  }
  return places;
}

/** All that the filter means, sorted, where they are few; undefined where they are not. */
async function findAmongFew(
  db: Queryable,
  actor: Actor,
  filter: InboxFilter,
  people: string[] | undefined,
  { after, limit }: Page,
): Promise<Place[] | undefined> {
  const params = createParams(actor.organizationId);
  const { add } = params;
  const source = sourceSql(actor, filter, people, params);
  const where = ['sort_at is not null'];
  if (filter.unanswered !== undefined) where.push(filter.unanswered ? 'waits' : 'not waits');
  if (after) {
    const place = `(${add(after[1])}::timestamptz, ${add(after[2])}::uuid)`;
    where.push(
      after[0] === 'w' ? `(not waits or (sort_at, id) > ${place})` : `not waits and (sort_at, id) < ${place}`,
    );
  }
  const order = `order by waits desc, case when waits then sort_at end, case when waits then id end, sort_at desc, id desc`;
  const rows = await db.query<{ id: string | null; waits: boolean; sortAt: string; found: number }>(
    `with found as materialized (
       select c.id, c.unanswered_since is not null as waits, coalesce(c.unanswered_since, c.last_message_at) as sort_at
       from ${source} limit ${add(fewAtMost + 1)})
     select page.id, page.waits, ${isoSql('page.sort_at')} as "sortAt", total.found
     from (select count(*)::int as found from found) total
     left join lateral (select * from found where ${where.join(' and ')} ${order} limit ${add(limit)}) page on true ${order}`,
    params.values,
  );
  if (rows[0]!.found > fewAtMost) return undefined;
  return rows.flatMap(({ id, waits, sortAt }) =>
    id === null ? [] : [{ id, part: waits ? ('w' as const) : ('r' as const), sortAt }],
  );
}

/** One of the two parts, by its index. */
async function findInOrder(
  db: Queryable,
  actor: Actor,
  filter: InboxFilter,
  people: string[] | undefined,
  part: 'w' | 'r',
  { after, limit }: Page,
  atMost?: number,
): Promise<Place[] | undefined> {
  const waits = part === 'w';
  if (filter.unanswered === !waits) return [];
  const [sort, direction, beyond] = waits
    ? ['c.unanswered_since', 'asc', '>']
    : ['c.last_message_at', 'desc', '<'];
  const order = `order by ${sort} ${direction}, c.id ${direction}`;
  const inPart = ({ add }: Params): string[] => [
    ...(waits
      ? ['c.unanswered_since is not null']
      : ['c.unanswered_since is null', 'c.last_message_at is not null']),
    ...(after ? [`(${sort}, c.id) ${beyond} (${add(after[1])}::timestamptz, ${add(after[2])}::uuid)`] : []),
  ];
  const firstOf = (params: Params, count: number): string => {
    const where = ['c.organization_id = $1', ...viewConditions(actor, filter, params), ...inPart(params)];
    return `(select * from conversations c where ${where.join(' and ')} ${order} limit ${params.add(count)}) c`;
  };
  const params = createParams(actor.organizationId);
  const table = atMost === undefined ? 'conversations c' : firstOf(params, atMost);
  const source = sourceSql(actor, filter, people, params, askedOneByOne, table);
  const rows = await db.query<{ id: string; sortAt: string }>(
    `select c.id, ${isoSql(sort)} as "sortAt" from ${source} and ${inPart(params).join(' and ')} ${order} limit ${params.add(limit)}`,
    params.values,
  );
  if (atMost !== undefined && rows.length < limit) {
    const all = createParams(actor.organizationId);
    const counting = `select count(*)::int as passed from ${firstOf(all, atMost)}`;
    const [count] = await db.query<{ passed: number }>(counting, all.values);
    if (count!.passed === atMost) return undefined;
  }
  return rows.map((row) => ({ ...row, part }));
}

/** `c`, the rows of `conversations` that the filter means and the actor may see; `$1` is the organization. */
function sourceSql(
  actor: Actor,
  filter: InboxFilter,
  people: string[] | undefined,
  params: Params,
  asked = (exists: string) => exists,
  table = 'conversations c',
): string {
  const { add } = params;
  const where = [
    'c.organization_id = $1',
    'c.merged_into_id is null',
    'c.erased_at is null',
    asked(personInSight(actor, 'c', 'person_id')),
    ...viewConditions(actor, filter, params),
  ];
  if (filter.status) where.push(`c.status = ${add(filter.status)}::chat_status`);
  // the same in the words of the index of those few that have a deadline
  if (filter.status === 'active' || filter.status === 'open') where.push('c.deadline_at is not null');
  if (filter.channel) where.push(`c.channels @> array[${add(filter.channel)}::channel]`);
  if (filter.ownerId) where.push(`c.owner_id = ${add(filter.ownerId)}`);
  if (filter.vacancyId) {
    where.push(
      asked(`exists (select 1 from applications a where a.organization_id = c.organization_id and a.person_id = c.person_id
        and a.vacancy_id = ${add(filter.vacancyId)} and ${applicationInSight(actor, 'a')})`),
    );
  }
  if (people) where.push(`c.person_id = any(${add(people)}::uuid[])`);
  if (people ?? filter.q === undefined) return `${table} where ${where.join(' and ')}`;
  const { name, key } = textPatterns(filter.q, add);
  return `${table} join people p on p.organization_id = c.organization_id and p.id = c.person_id
    where ${where.join(' and ')} and (${name('p')} or ${asked(`exists (select 1 from contact_points cp
      where cp.organization_id = c.organization_id and cp.person_id = c.person_id and ${key('cp')})`)})`;
}

function viewConditions(actor: Actor, { view }: InboxFilter, { add }: Params): string[] {
  if (view === 'my') return [`c.inbox_user_id = ${add(actor.user?.id ?? null)}`];
  // nobody's: neither an owner's while Active nor a responsible user's (R-CHAT-9)
  return view === 'unassigned' ? ['c.inbox_user_id is null'] : [];
}

/** Whose name, number or address it is part of, where they are few. */
async function findByText(db: Queryable, actor: Actor, text: string): Promise<string[] | undefined> {
  const params = createParams(actor.organizationId);
  const { name, key } = textPatterns(text, params.add);
  const limit = params.add(fewAtMost + 1);
  const rows = await db.query<{ id: string }>(
    `(select p.id from people p where p.organization_id = $1 and ${name('p')} limit ${limit})
     union all
     (select cp.person_id from contact_points cp where cp.organization_id = $1 and ${key('cp')} limit ${limit})
     limit ${limit}`,
    params.values,
  );
  return rows.length > fewAtMost ? undefined : [...new Set(rows.map(({ id }) => id))];
}

/** A part of the name, of a number (typed in any way) or of an address; one or two letters at the beginning of a word, where an index finds them. */
function textPatterns(text: string, add: Params['add']) {
  const lower = likeText(text.toLowerCase());
  const digits = text.replace(/[^\d]/g, '').replace(/^0+/, '');
  const looksLikeNumber = /^[+\d\s()/.-]+$/.test(text) && digits.length >= 3;
  const short = text.length < 3;
  const inName = (short ? [`${lower}%`, `% ${lower}%`] : [`%${lower}%`]).map(add);
  const inKey = add(looksLikeNumber ? `%${digits}%` : short ? `${lower}%` : `%${lower}%`);
  const name = (alias: string) =>
    inName
      .map((pattern) => `lower(${alias}.first_name || ' ' || ${alias}.last_name) like ${pattern}`)
      .join(' or ');
  return {
    name: (alias: string) => `(${name(alias)})`,
    key: (alias: string) => `${alias}.key like ${inKey}`,
  };
}
