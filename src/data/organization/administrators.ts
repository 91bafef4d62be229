import type { Queryable } from '../sql';

/** Who is told of what concerns the whole organization, the oldest first. */
export async function administratorIds(db: Queryable, organizationId: string): Promise<string[]> {
  const administrators = await db.query<{ id: string }>(
    `select id from users where organization_id = $1 and role = 'administrator' and deactivated_at is null order by created_at, id`,
    [organizationId],
  );
  return administrators.map(({ id }) => id);
}
