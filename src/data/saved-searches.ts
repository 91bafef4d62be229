import type { SavedSearch, SavedSearchPage } from '../contracts/saved-searches';
import { DomainError, notFound } from '../domain/errors';
import type { ActingUser, Actor } from '../domain/permissions';
import { newId, type Database } from './database';
import { isoSql } from './sql';

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

export async function removeSavedSearch(db: Database, actor: UserActor, id: string): Promise<void> {
  const removed = await db.query(
    'delete from saved_searches where organization_id = $1 and user_id = $2 and id = $3 returning 1',
    [actor.organizationId, actor.user.id, id],
  );
  if (removed.length === 0) throw notFound('saved search');
}
