import { z } from 'zod';
import type { AuditEntry, AuditTarget } from '../contracts/audit';
import type { Actor } from '../domain/permissions';
import type { Database } from './database';
import { decodeCursor, toPage, type Page } from './page';
import { fullNameSql, isoSql } from './sql';

const position = z.tuple([z.uuid()]);

/** R-LOG-6: the audit log, newest first. */
export async function listAudit(
  db: Database,
  actor: Actor,
  query: {
    cursor?: string | undefined;
    limit: number;
    userId?: string | undefined;
    target?: AuditTarget | undefined;
  },
): Promise<Page<AuditEntry>> {
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, position)[0];
  const rows = await db.query<AuditEntry>(
    `with e as materialized (
       select * from audit_entries
       where organization_id = $1 and ($2::uuid is null or id < $2) and ($3::uuid is null or actor_user_id = $3)
         and ($4::text is null or target = $4)
       order by id desc limit $5)
     select e.id, e.action, coalesce(e.actor, 'Parley') as actor, e.actor_user_id as "actorUserId", e.target, e.target_id as "targetId",
       coalesce(${fullNameSql('u')}, ${fullNameSql('p')}, k.name, v.title, s.name, t.name, c.name, w.name) as "targetName",
       e.before, e.after, ${isoSql('e.occurred_at')} as "occurredAt"
     from e
     left join users u on e.target = 'user' and u.organization_id = e.organization_id and u.id::text = e.target_id
     left join people p on e.target = 'person' and p.organization_id = e.organization_id and p.id::text = e.target_id
     left join api_keys k on e.target = 'apiKey' and k.organization_id = e.organization_id and k.id::text = e.target_id
     left join vacancies v on e.target = 'vacancy' and v.organization_id = e.organization_id and v.id::text = e.target_id
     left join stages s on e.target = 'stage' and s.organization_id = e.organization_id and s.id::text = e.target_id
     left join templates t on e.target = 'template' and t.organization_id = e.organization_id and t.id::text = e.target_id
     left join channel_accounts c on e.target = 'channel' and c.organization_id = e.organization_id and c.id::text = e.target_id
     left join webhook_endpoints w on e.target = 'webhookEndpoint' and w.organization_id = e.organization_id and w.id::text = e.target_id
     order by e.id desc`,
    [actor.organizationId, before, query.userId ?? null, query.target ?? null, query.limit + 1],
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.id],
  );
}
