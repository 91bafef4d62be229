import { seesEverything, type Actor } from '../../domain/permissions';
import type { Queryable } from '../sql';
import { visibleApplication } from '../visibility';

/**
 * R-MAIL-5: what a message is about that names no application: that of the message it answers; what answers none goes on with what was said last, so that
 * it stands on the page on which the person wrote, and on the timeline of that match (R-LOG-1). Where nothing was said of any, it is about the only one
 * that is open. Null: of none, or of one that the actor does not see.
 */
export async function applicationSpokenOf(
  db: Queryable,
  actor: Actor,
  of: { organizationId: string; conversationId: string; personId: string; replyToId: string | null },
): Promise<string | null> {
  const text = `with said as materialized (
       select application_id from messages
       where organization_id = $1 and conversation_id = $2
         and case when $3::uuid is null then state <> 'suppressed' and (application_id is not null or channel in ('email', 'page')) else id = $3 end
       order by occurred_at desc, position desc limit 1)
     select a.id from applications a
     where a.organization_id = $1 and a.person_id = $4 and ${visibleApplication(actor, 'a')} and a.id = case
       when exists (select 1 from said) then (select application_id from said)
       else (select case when count(*) = 1 then min(o.id::text)::uuid end from applications o
         where o.organization_id = $1 and o.person_id = $4 and o.rejected_at is null and o.withdrawn_at is null and o.erased_at is null) end`;
  const values = [of.organizationId, of.conversationId, of.replyToId, of.personId];
  // with a user's id in it, it is not worth keeping
  const [about] = seesEverything(actor)
    ? await db.prepared<{ id: string }>(text, values)
    : await db.query<{ id: string }>(text, values);
  return about?.id ?? null;
}
