import type { Actor } from '../../domain/permissions';
import type { Tx } from '../database';
import { writeTimeline } from '../conversations/timeline';

type Doubled = {
  keptId: string;
  goneId: string;
  goneExternalId: string | null;
  stage: string;
  vacancyId: string;
};

/**
 * The matches of a merged person. Where both are on a vacancy, the one that entered its stage later stays; what was said, noted and
 * done about the other becomes the history of it, and what the other still had to send is cancelled.
 */
export async function moveApplicationsOf(
  tx: Tx,
  actor: Actor,
  { fromId, intoId }: { fromId: string; intoId: string },
  now: Date,
): Promise<void> {
  const { organizationId } = actor;
  const rows = await tx.query<{ vacancyId: string }>(
    `select vacancy_id as "vacancyId" from applications where organization_id = $1 and person_id = any($2::uuid[]) order by id for update`,
    [organizationId, [fromId, intoId]],
  );
  const doubled = await tx.query<Doubled>(
    `select kept.id as "keptId", gone.id as "goneId", gone.external_id as "goneExternalId", s.name as stage, kept.vacancy_id as "vacancyId"
     from applications one
     join applications two on two.organization_id = one.organization_id and two.vacancy_id = one.vacancy_id and two.person_id = $3
     join stage_entries e1 on e1.organization_id = one.organization_id and e1.id = one.stage_entry_id
     join stage_entries e2 on e2.organization_id = two.organization_id and e2.id = two.stage_entry_id
     join applications kept on kept.organization_id = $1 and kept.id = case when e1.entered_at > e2.entered_at then one.id else two.id end
     join applications gone on gone.organization_id = $1 and gone.id = case when e1.entered_at > e2.entered_at then two.id else one.id end
     join stages s on s.organization_id = gone.organization_id and s.id = gone.stage_id
     where one.organization_id = $1 and one.person_id = $2`,
    [organizationId, fromId, intoId],
  );
  if (doubled.length > 0) await foldDoubled(tx, actor, doubled, { intoId, now });
  await tx.query(
    'update applications set person_id = $3, updated_at = $4 where organization_id = $1 and person_id = $2',
    [organizationId, fromId, intoId, now],
  );
  for (const vacancyId of new Set(rows.map((row) => row.vacancyId)))
    tx.notice({ type: 'board', organizationId, vacancyId });
}

async function foldDoubled(
  tx: Tx,
  actor: Actor,
  doubled: Doubled[],
  { intoId, now }: { intoId: string; now: Date },
): Promise<void> {
  const { organizationId } = actor;
  const pairs = JSON.stringify(doubled.map(({ keptId, goneId }) => ({ kept: keptId, gone: goneId })));
  const pairsSql = '(select * from jsonb_to_recordset($2::jsonb) as r(kept uuid, gone uuid)) r';
  await tx.query(
    `update action_runs a set state = 'cancelled', reason = 'left_stage', settled_at = $3
     from ${pairsSql} where a.organization_id = $1 and a.application_id = r.gone and a.state = 'planned'`,
    [organizationId, pairs, now],
  );
  await tx.query(
    `update stage_entries e set left_at = coalesce(e.left_at, $3), application_id = r.kept
     from ${pairsSql} where e.organization_id = $1 and e.application_id = r.gone`,
    [organizationId, pairs, now],
  );
  for (const table of [
    'action_runs',
    'messages',
    'notes',
    'timeline_entries',
    'bulk_recipients',
    'scheduled_messages',
    'reply_addresses',
    'candidate_pages',
  ]) {
    await tx.query(
      `update ${table} t set application_id = r.kept from ${pairsSql} where t.organization_id = $1 and t.application_id = r.gone`,
      [organizationId, pairs],
    );
  }
  await tx.query('delete from applications where organization_id = $1 and id = any($2::uuid[])', [
    organizationId,
    doubled.map(({ goneId }) => goneId),
  ]);
  const named = doubled.filter(({ goneExternalId }) => goneExternalId !== null);
  await tx.query(
    `update applications a set external_id = coalesce(a.external_id, r.external_id)
     from jsonb_to_recordset($2::jsonb) as r(kept uuid, external_id text) where a.organization_id = $1 and a.id = r.kept`,
    [
      organizationId,
      JSON.stringify(
        named.map(({ keptId, goneExternalId }) => ({ kept: keptId, external_id: goneExternalId })),
      ),
    ],
  );
  await writeTimeline(
    tx,
    organizationId,
    doubled.map(({ keptId, goneId, goneExternalId, stage }) => ({
      personId: intoId,
      applicationId: keptId,
      kind: 'merged',
      actorUserId: actor.user?.id ?? null,
      actorApiKeyId: actor.apiKeyId,
      data: { stage, applicationId: goneId, externalId: goneExternalId },
      occurredAt: now,
    })),
  );
}
