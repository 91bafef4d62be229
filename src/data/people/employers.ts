import { z } from 'zod';
import type { Employer } from '../../contracts/people';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { newId, type Database } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { createParams, likeText, type Queryable } from '../sql';
import { parseReference } from '../visibility';

const columns = 'id, external_id as "externalId", name';
const position = z.tuple([z.string(), z.uuid()]);

export async function listEmployers(
  db: Database,
  actor: Actor,
  query: { q?: string; cursor?: string; limit: number },
): Promise<Page<Employer>> {
  const params = createParams(actor.organizationId);
  const conditions = ['organization_id = $1'];
  if (query.q) conditions.push(`lower(name) like ${params.add(`%${likeText(query.q.toLowerCase())}%`)}`);
  if (query.cursor !== undefined) {
    const [name, id] = decodeCursor(query.cursor, position);
    conditions.push(`(name, id) > (${params.add(name)}, ${params.add(id)}::uuid)`);
  }
  const rows = await db.query<Employer>(
    `select ${columns} from employers where ${conditions.join(' and ')} order by name, id limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.name, row.id],
  );
}

/** By its id or external id. @throws DomainError `not_found` */
export async function readEmployer(db: Queryable, actor: Actor, reference: string): Promise<Employer> {
  const { column, value } = parseReference(reference);
  const [row] = await db.query<Employer>(
    `select ${columns} from employers where organization_id = $1 and ${column} = $2`,
    [actor.organizationId, value],
  );
  if (!row) throw notFound('employer');
  return row;
}

export async function upsertEmployer(
  db: Database,
  actor: Actor,
  input: { name: string; externalId?: string | null },
): Promise<Employer> {
  return db.transact(async (tx) => {
    const [row] = await tx.query<Employer>(
      `insert into employers (organization_id, id, external_id, name, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $5)
       on conflict (organization_id, external_id) do update set name = excluded.name, updated_at = excluded.updated_at
       returning ${columns}`,
      [actor.organizationId, newId(), input.externalId ?? null, input.name, await tx.now()],
    );
    return row!;
  });
}

export async function renameEmployer(
  db: Database,
  actor: Actor,
  reference: string,
  name: string,
): Promise<Employer> {
  const { column, value } = parseReference(reference);
  const [row] = await db.query<Employer>(
    `update employers set name = $3, updated_at = $4 where organization_id = $1 and ${column} = $2 returning ${columns}`,
    [actor.organizationId, value, name, await db.now()],
  );
  if (!row) throw notFound('employer');
  return row;
}
