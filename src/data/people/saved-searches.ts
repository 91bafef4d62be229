import type { PeopleFilter } from '../../contracts/people';
import type { SavedSearch, SavedSearchPage } from '../../contracts/saved-searches';
import { baseFilter } from '../../contracts/sends';
import { DomainError, notFound } from '../../domain/errors';
import { filterOfSearch, type PeopleSearch } from '../../domain/people-search';
import type { ActingUser, Actor } from '../../domain/permissions';
import { newId, type Database } from '../database';
import { isoSql, type Queryable } from '../sql';

type UserActor = Actor & { user: ActingUser };

const columns = `id, page, name, query, ${isoSql('created_at')} as "createdAt"`;
const mostPerPage = 100;

/** The user's own, by name. */
export async function listSavedSearches(
  db: Database,
  actor: UserActor,
  page: SavedSearchPage | undefined,
): Promise<SavedSearch[]> {
  return db.query<SavedSearch>(
    `select ${columns} from saved_searches
     where organization_id = $1 and user_id = $2 and ($3::text is null or page = $3) order by lower(name), id`,
    [actor.organizationId, actor.user.id, page ?? null],
  );
}

/** @throws DomainError `already_exists` when the user has filters of this name, `conflict` when there are too many */
export async function saveSearch(
  db: Database,
  actor: UserActor,
  input: Pick<SavedSearch, 'page' | 'name' | 'query'>,
): Promise<SavedSearch> {
  return db.transact(async (tx) => {
    const owner = [actor.organizationId, actor.user.id, input.page];
    await tx.query(
      'select 1 from users where organization_id = $1 and id = $2 for update',
      owner.slice(0, 2),
    );
    const [kept] = await tx.query<{ count: number }>(
      'select count(*)::int as count from saved_searches where organization_id = $1 and user_id = $2 and page = $3',
      owner,
    );
    if (kept!.count >= mostPerPage) {
      throw new DomainError('conflict', `You have ${mostPerPage} saved searches. Remove one first.`);
    }
    const [row] = await tx.query<SavedSearch>(
      `insert into saved_searches (organization_id, id, user_id, page, name, query, created_at)
       values ($1, $4, $2, $3, $5, $6, $7) on conflict (organization_id, user_id, page, name) do nothing returning ${columns}`,
      [...owner, newId(), input.name, JSON.stringify(input.query), await tx.now()],
    );
    if (row) return row;
    throw new DomainError('already_exists', 'You have a saved search of this name. Choose another name.', {
      errors: [{ path: 'name', message: 'is used by another of your saved searches' }],
    });
  });
}

/** Whom one of the user's own searches of the candidate base means; its days begin at the organization's midnight. */
export async function readPeopleSearch(db: Queryable, actor: Actor, id: string): Promise<PeopleFilter> {
  const [saved] = await db.query<{ query: PeopleSearch; timeZone: string }>(
    `select s.query, o.time_zone as "timeZone" from saved_searches s join organizations o on o.id = s.organization_id
     where s.organization_id = $1 and s.user_id = $2 and s.id = $3 and s.page = 'people'`,
    [actor.organizationId, actor.user?.id ?? null, id],
  );
  if (!saved) throw notFound('saved search');
  const days = [saved.query.contactedSince, saved.query.notContactedSince].filter(isDay);
  const midnights = await db.query<{ day: string; at: string }>(
    `select day, ${isoSql('day::date::timestamp at time zone $2')} as at from unnest($1::text[]) as days(day)`,
    [days, saved.timeZone],
  );
  const filter = filterOfSearch(saved.query, (day) => midnights.find((one) => one.day === day)?.at ?? '');
  const parsed = baseFilter.safeParse(filter);
  const texts = Object.values(saved.query).every((value) => typeof value === 'string');
  if (parsed.success && texts && ['yes', 'no', undefined].includes(saved.query.consent)) return parsed.data;
  // another program than our page saved it: half of it would mean more people
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: [{ path: 'savedSearchId', message: 'is no search of the candidate base that can be read' }],
  });
}

const isDay = (text: unknown): text is string =>
  typeof text === 'string' && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

export async function removeSavedSearch(db: Database, actor: UserActor, id: string): Promise<void> {
  const removed = await db.query(
    'delete from saved_searches where organization_id = $1 and user_id = $2 and id = $3 returning 1',
    [actor.organizationId, actor.user.id, id],
  );
  if (removed.length === 0) throw notFound('saved search');
}
