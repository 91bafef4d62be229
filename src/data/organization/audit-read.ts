import { z } from 'zod';
import type { AuditEntry, AuditTarget } from '../../contracts/audit';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { decodeCursor, toPage, type Page } from '../page';
import { fullNameSql, isoSql, personNameSql } from '../sql';

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
     select e.id, e.action, coalesce(case when e.actor_user_id is null then 'API key “' || ak.name || '”' end, e.actor, 'Parley') as actor, e.actor_user_id as "actorUserId", e.target, e.target_id as "targetId",
       coalesce(${fullNameSql('u')}, ${personNameSql('p')}, k.name, v.title, s.name, t.name, c.name, w.name) as "targetName",
       e.before, e.after, ${isoSql('e.occurred_at')} as "occurredAt"
     from e
     left join api_keys ak on ak.organization_id = e.organization_id and ak.id = e.actor_api_key_id
     left join users u on u.organization_id = e.organization_id and u.id = case e.target when 'user' then e.target_id::uuid end
     left join people p on p.organization_id = e.organization_id and p.id = case e.target when 'person' then e.target_id::uuid end
     left join api_keys k on k.organization_id = e.organization_id and k.id = case e.target when 'apiKey' then e.target_id::uuid end
     left join vacancies v on v.organization_id = e.organization_id and v.id = case e.target when 'vacancy' then e.target_id::uuid end
     left join stages s on s.organization_id = e.organization_id and s.id = case e.target when 'stage' then e.target_id::uuid end
     left join templates t on t.organization_id = e.organization_id and t.id = case e.target when 'template' then e.target_id::uuid end
     left join channel_accounts c on c.organization_id = e.organization_id and c.id = case e.target when 'channel' then e.target_id::uuid end
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
