import type { z } from 'zod';
import type { moveResult, plannedSend } from '../../contracts/vacancies';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError, notFound } from '../../domain/errors';
import { mayManageVacancy, type Actor } from '../../domain/permissions';
import { cancelRuns } from './cancel-runs';
import { newId, type Database, type Tx } from '../database';
import { planSends } from '../bulk/plan-sends';
import { isoSql } from '../sql';
import { foretell, templateContentSql, type SendContent } from './foretell';
import { writeTimeline } from '../conversations/timeline';
import { visibleApplication } from '../visibility';

type MoveResult = z.infer<typeof moveResult>;
export type PlannedSend = z.infer<typeof plannedSend>;

export type Entering = { applicationId: string; personId: string; fromStageId: string | null };

/**
 * Moves applications of one vacancy to a stage, all or none: stage history, timeline, pending automatic actions of the stage they
 * leave cancelled (R-AUTO-3), those of the new stage planned once per entry (R-AUTO-2). Answers with what will be sent.
 */
export async function moveApplications(
  db: Database,
  context: { actor: Actor; dayMs: number },
  move: { applicationIds: string[]; stageId: string; runActions: boolean },
): Promise<MoveResult> {
  const { actor } = context;
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const [stage] = await tx.query<{ vacancyId: string }>(
      'select vacancy_id as "vacancyId" from stages where organization_id = $1 and id = $2',
      [organizationId, move.stageId],
    );
    const applicationIds = [...new Set(move.applicationIds)];
    const found = await tx.query<Entering & { vacancyId: string }>(
      `select a.id as "applicationId", a.person_id as "personId", a.stage_id as "fromStageId", a.vacancy_id as "vacancyId"
       from applications a where a.organization_id = $1 and a.id = any($2::uuid[]) and ${visibleApplication(actor, 'a')}
       order by a.id for update of a`,
      [organizationId, applicationIds],
    );
    if (found.length < applicationIds.length) throw notFound('application');
    if (!stage) throw notFound('stage');
    if (found.some((application) => application.vacancyId !== stage.vacancyId)) {
      throw new DomainError('invalid', 'The stage belongs to another vacancy than the application.', {
        errors: [{ path: 'stageId', message: 'is a stage of another vacancy' }],
      });
    }
    await assertMayMove(tx, actor, stage.vacancyId);
    const entering = found.filter((application) => application.fromStageId !== move.stageId);
    const { moveId, planned } = await enterStage(tx, context, {
      ...move,
      vacancyId: stage.vacancyId,
      entering,
    });
    return { moveId, moved: entering.length, unchanged: found.length - entering.length, planned };
  });
}

export async function assertMayMove(tx: Tx, actor: Actor, vacancyId: string): Promise<void> {
  const assigned = await tx.query(
    'select 1 from vacancy_users where organization_id = $1 and vacancy_id = $2 and user_id = $3',
    [actor.organizationId, vacancyId, actor.user?.id ?? null],
  );
  if (!mayManageVacancy(actor, { assigned: assigned.length > 0 })) {
    throw new DomainError(
      'not_permitted',
      'Only Administrators, and Supervisors and Recruiters assigned to the vacancy, may move its candidates.',
    );
  }
}

/**
 * Within a transaction that holds the applications: their entry into a stage. Also for applications just created in it, and for those
 * that come back into theirs (`kind: 'reopened'`).
 */
export async function enterStage(
  tx: Tx,
  context: { actor: Actor; dayMs: number },
  move: {
    stageId: string;
    vacancyId: string;
    runActions: boolean;
    entering: Entering[];
    kind?: 'stageMoved' | 'reopened';
  },
): Promise<{ moveId: string; planned: PlannedSend[] }> {
  const { actor } = context;
  const { organizationId } = actor;
  const { entering } = move;
  const moveId = newId();
  if (entering.length === 0) return { moveId, planned: [] };
  const now = await tx.now();
  const actorUserId = actor.user?.id ?? null;
  const actorApiKeyId = actor.apiKeyId;
  const applicationIds = entering.map((application) => application.applicationId);

  await tx.query(
    `insert into stage_moves (organization_id, id, stage_id, vacancy_id, count, run_actions, actor_user_id, actor_api_key_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      organizationId,
      moveId,
      move.stageId,
      move.vacancyId,
      entering.length,
      move.runActions,
      actorUserId,
      actorApiKeyId,
      now,
    ],
  );
  await tx.query(
    'update stage_entries set left_at = $3 where organization_id = $1 and application_id = any($2::uuid[]) and left_at is null',
    [organizationId, applicationIds, now],
  );
  await cancelRuns(
    tx,
    organizationId,
    { of: 'stage', applicationIds },
    { reason: 'left_stage', actor: null },
  );
  const entries = entering.map((application) => ({
    id: newId(),
    application_id: application.applicationId,
    from_stage_id: application.fromStageId,
  }));
  await tx.query(
    `with entry as (select * from jsonb_to_recordset($2::jsonb) as e(id uuid, application_id uuid, from_stage_id uuid)),
     inserted as (
       insert into stage_entries (organization_id, id, application_id, move_id, from_stage_id, to_stage_id, actor_user_id, actor_api_key_id, entered_at)
       select $1, id, application_id, $3, from_stage_id, $4, $5, $6, $7 from entry)
     update applications a set stage_id = $4, stage_entry_id = entry.id, updated_at = $7
     from entry where a.organization_id = $1 and a.id = entry.application_id`,
    [organizationId, JSON.stringify(entries), moveId, move.stageId, actorUserId, actorApiKeyId, now],
  );
  await writeTimeline(
    tx,
    organizationId,
    entering.map((application) => ({
      personId: application.personId,
      applicationId: application.applicationId,
      kind: move.kind ?? 'stageMoved',
      actorUserId,
      actorApiKeyId,
      data: { fromStageId: application.fromStageId, toStageId: move.stageId },
      occurredAt: now,
    })),
  );
  const planned = await planActions(tx, context, { ...move, moveId, entries, now });
  tx.notice({ type: 'board', organizationId, vacancyId: move.vacancyId });
  return { moveId, planned };
}

type EnabledAction = {
  id: string;
  channels: SendChannel[];
  delaySeconds: number;
  content: SendContent;
};

async function planActions(
  tx: Tx,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  move: {
    moveId: string;
    stageId: string;
    runActions: boolean;
    entering: Entering[];
    entries: { id: string; application_id: string }[];
    now: Date;
  },
): Promise<PlannedSend[]> {
  const { organizationId } = actor;
  const actions = await tx.query<EnabledAction>(
    `select sa.id, sa.channels::text[] as channels, sa.delay_seconds as "delaySeconds",
       jsonb_build_object('template', ${templateContentSql('t')}, 'title', sa.title, 'body', sa.body) as content
     from stage_actions sa
     left join templates t on t.organization_id = sa.organization_id and t.id = sa.template_id and t.removed_at is null
     where sa.organization_id = $1 and sa.stage_id = $2 and sa.enabled and sa.removed_at is null order by sa.position, sa.id`,
    [organizationId, move.stageId],
  );
  if (actions.length === 0) return [];
  if (!move.runActions) {
    await writeTimeline(
      tx,
      organizationId,
      move.entering.map((application) => ({
        personId: application.personId,
        applicationId: application.applicationId,
        kind: 'actionsSkipped',
        actorUserId: actor.user?.id ?? null,
        actorApiKeyId: actor.apiKeyId,
        data: { stageId: move.stageId },
        occurredAt: move.now,
      })),
    );
    return [];
  }
  const sends = move.entering.flatMap(({ applicationId, personId }, index) =>
    actions.flatMap((action) =>
      action.channels.map((channel) => ({
        personId,
        applicationId,
        channel,
        stageEntryId: move.entries[index]!.id,
        stageActionId: action.id,
        templateId: null,
        due: new Date(move.now.getTime() + action.delaySeconds * 1000),
        content: action.content,
      })),
    ),
  );
  return planSends(tx, { organizationId, dayMs, moveId: move.moveId, now: move.now }, sends);
}

type RunRow = Omit<PlannedSend, 'reasonText' | 'willSend' | 'channel' | 'reason'> & {
  reason: ReasonCode | null;
  channel: SendChannel;
  waits: boolean;
  personId: string;
  content: SendContent;
};

/** What entering a stage at an instant planned: for a request repeated under its `Idempotency-Key`, which stands in that transaction. */
export async function readPlanned(
  db: Database,
  context: { actor: Actor; dayMs: number },
  entry: { applicationId: string; at: Date },
): Promise<PlannedSend[]> {
  const [move] = await db.query<{ moveId: string }>(
    `select move_id as "moveId" from stage_entries where organization_id = $1 and application_id = $2 and entered_at = $3`,
    [context.actor.organizationId, entry.applicationId, entry.at],
  );
  return move ? (await readMove(db, context, move.moveId)).planned : [];
}

/**
 * The answer to a move again: for a request repeated under its `Idempotency-Key`. What has fired says what became of it; what still waits
 * is judged as it was judged then.
 */
export async function readMove(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  moveId: string,
): Promise<MoveResult> {
  const { organizationId } = actor;
  const [move] = await db.query<{ count: number }>(
    'select count from stage_moves where organization_id = $1 and id = $2',
    [organizationId, moveId],
  );
  const runs = await db.query<RunRow>(
    `select r.application_id as "applicationId", r.channel, t.name as "templateName", ${isoSql('r.due_at')} as "dueAt", r.quiet, r.reason,
       r.state = 'planned' as waits, a.person_id as "personId",
       jsonb_build_object('template', ${templateContentSql('t')}, 'title', sa.title, 'body', sa.body) as content
     from action_runs r
     join applications a on a.organization_id = r.organization_id and a.id = r.application_id
     left join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
     left join templates t on t.organization_id = r.organization_id and t.id = coalesce(r.template_id, sa.template_id)
     where r.organization_id = $1 and r.move_id = $2 order by r.id`,
    [organizationId, moveId],
  );
  const waiting = runs.filter(({ waits }) => waits);
  const scope = { organizationId, now: await db.now(), dayMs, spending: true };
  const foretold = await foretell(db, scope, waiting, ({ content }) => content);
  return {
    moveId,
    moved: move?.count ?? 0,
    unchanged: 0,
    planned: runs.map(({ waits, personId: _, content: __, ...run }, index) => {
      const reason = waits ? foretold[waiting.indexOf(runs[index]!)]!.reason : run.reason;
      return {
        ...run,
        willSend: reason === null,
        reason,
        reasonText: reason === null ? null : reasonText[reason],
      };
    }),
  };
}
