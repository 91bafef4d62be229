import { createHash, randomBytes } from 'node:crypto';
import type { Scope } from '../../contracts/route';
import type { z } from 'zod';
import type { apiKey } from '../../contracts/users';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from './audit';
import { newId, type Database } from '../database';
import { enableEvents } from '../events/events';
import { isoSql } from '../sql';

export type ApiKey = z.infer<typeof apiKey>;

const usedEveryMs = 60_000;

/** The key in force with this hash; its last use is noted once a minute. */
export async function findApiKey(
  db: Database,
  secretHash: string,
): Promise<{ organizationId: string; id: string; scopes: Scope[] } | undefined> {
  const [row] = await db.prepared<{
    organizationId: string;
    id: string;
    scopes: Scope[];
    lastUsedAt: Date | null;
  }>(
    `select organization_id as "organizationId", id, scopes, last_used_at as "lastUsedAt"
     from api_keys where secret_hash = $1 and revoked_at is null`,
    [secretHash],
  );
  if (!row) return undefined;
  await noteUse(db, row);
  return { organizationId: row.organizationId, id: row.id, scopes: row.scopes };
}

async function noteUse(
  db: Database,
  key: { organizationId: string; id: string; lastUsedAt: Date | null },
): Promise<void> {
  const now = db.clock.now();
  if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() < usedEveryMs) return;
  await db.query('update api_keys set last_used_at = $3 where organization_id = $1 and id = $2', [
    key.organizationId,
    key.id,
    now,
  ]);
}

const columns = `id, name, prefix, scopes, ${isoSql('created_at')} as "createdAt", ${isoSql('last_used_at')} as "lastUsedAt"`;

export async function listApiKeys(db: Database, actor: Actor): Promise<ApiKey[]> {
  return db.query<ApiKey>(
    `select ${columns} from api_keys where organization_id = $1 and revoked_at is null order by id`,
    [actor.organizationId],
  );
}

/** The secret is told this once; kept is its hash. */
export async function createApiKey(
  db: Database,
  actor: Actor,
  input: { name: string; scopes: Scope[] },
): Promise<ApiKey & { secret: string }> {
  const secret = `pk_${randomBytes(32).toString('base64url')}`;
  return db.transact(async (tx) => {
    const id = newId();
    const scopes = [...new Set(input.scopes)];
    const [row] = await tx.query<ApiKey>(
      `insert into api_keys (organization_id, id, name, prefix, secret_hash, scopes, created_by_id, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
      [
        actor.organizationId,
        id,
        input.name,
        secret.slice(0, 9),
        createHash('sha256').update(secret).digest('hex'),
        scopes,
        actor.user?.id ?? null,
        await tx.now(),
      ],
    );
    if (scopes.includes('events:read')) await enableEvents(tx, actor.organizationId);
    await writeAudit(tx, actor, {
      action: 'apiKey.created',
      target: 'apiKey',
      targetId: id,
      after: { name: input.name, scopes },
    });
    return { ...row!, secret };
  });
}

export async function revokeApiKey(db: Database, actor: Actor, apiKeyId: string): Promise<void> {
  await db.transact(async (tx) => {
    const rows = await tx.query<{ name: string }>(
      `update api_keys set revoked_at = $3 where organization_id = $1 and id = $2 and revoked_at is null returning name`,
      [actor.organizationId, apiKeyId, await tx.now()],
    );
    if (!rows[0]) throw notFound('API key');
    await writeAudit(tx, actor, {
      action: 'apiKey.revoked',
      target: 'apiKey',
      targetId: apiKeyId,
      before: { name: rows[0].name },
    });
  });
}
