import { z } from 'zod';
import type { Actor } from '../../domain/permissions';
import { seesEverything } from '../../domain/permissions';
import { fewAtMost } from '../page';
import { askedOneByOne, createParams, isoSql, likeText, type Queryable } from '../sql';
import { visibleApplication, visiblePerson } from '../visibility';

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
  const people = filter.q === undefined ? undefined : await findByText(db, actor, filter.q);
  if (people?.length === 0) return [];
  const { vacancyId, channel, ownerId, status } = filter;
  const narrow =
    people ??
    vacancyId ??
    channel ??
    ownerId ??
    (status === undefined || status === 'closed' ? undefined : status);
  if (narrow !== undefined || !seesEverything(actor)) {
    const few = await findAmongFew(db, actor, filter, people, page);
    if (few) return few;
  }
  const { after, limit } = page;
  const places: Place[] = [];
  if (after?.[0] !== 'r') places.push(...(await findInOrder(db, actor, filter, people, 'w', page)));
  if (places.length < limit) {
    const rest = { after: after?.[0] === 'r' ? after : undefined, limit: limit - places.length };
    places.push(...(await findInOrder(db, actor, filter, people, 'r', rest)));
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
): Promise<Place[]> {
  const waits = part === 'w';
  if (filter.unanswered === !waits) return [];
  const params = createParams(actor.organizationId);
  const { add } = params;
  const [sort, direction, beyond] = waits
    ? ['c.unanswered_since', 'asc', '>']
    : ['c.last_message_at', 'desc', '<'];
  const where = waits
    ? ['c.unanswered_since is not null']
    : ['c.unanswered_since is null', 'c.last_message_at is not null'];
  const source = sourceSql(actor, filter, people, params, askedOneByOne);
  if (after) where.push(`(${sort}, c.id) ${beyond} (${add(after[1])}::timestamptz, ${add(after[2])}::uuid)`);
  const rows = await db.query<{ id: string; sortAt: string }>(
    `select c.id, ${isoSql(sort)} as "sortAt" from ${source} and ${where.join(' and ')}
     order by ${sort} ${direction}, c.id ${direction} limit ${add(limit)}`,
    params.values,
  );
  return rows.map((row) => ({ ...row, part }));
}

/** `c`, the rows of `conversations` that the filter means and the actor may see; `$1` is the organization. */
function sourceSql(
  actor: Actor,
  filter: InboxFilter,
  people: string[] | undefined,
  { add }: Params,
  asked = (exists: string) => exists,
): string {
  const where = [
    'c.organization_id = $1',
    'c.merged_into_id is null',
    asked(visiblePerson(actor, 'c', 'person_id')),
  ];
  if (filter.view === 'my') where.push(`c.inbox_user_id = ${add(actor.user?.id ?? null)}`);
  // nobody's: neither an owner's while Active nor a responsible user's (R-CHAT-9)
  if (filter.view === 'unassigned') where.push('c.inbox_user_id is null');
  if (filter.status) where.push(`c.status = ${add(filter.status)}::chat_status`);
  // the same in the words of the index of those few that have a deadline
  if (filter.status === 'active' || filter.status === 'open') where.push('c.deadline_at is not null');
  if (filter.channel) where.push(`c.channels @> array[${add(filter.channel)}::channel]`);
  if (filter.ownerId) where.push(`c.owner_id = ${add(filter.ownerId)}`);
  if (filter.vacancyId) {
    where.push(
      asked(`exists (select 1 from applications a where a.organization_id = c.organization_id and a.person_id = c.person_id
        and a.vacancy_id = ${add(filter.vacancyId)} and ${visibleApplication(actor, 'a')})`),
    );
  }
  if (people) where.push(`c.person_id = any(${add(people)}::uuid[])`);
  if (people ?? filter.q === undefined) return `conversations c where ${where.join(' and ')}`;
  const { name, key } = textPatterns(filter.q, add);
  return `conversations c join people p on p.organization_id = c.organization_id and p.id = c.person_id
    where ${where.join(' and ')} and (${name('p')} or ${asked(`exists (select 1 from contact_points cp
      where cp.organization_id = c.organization_id and cp.person_id = c.person_id and ${key('cp')})`)})`;
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
