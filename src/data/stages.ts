import type { z } from 'zod';
import type { Stage, StageAction, stageAction } from '../contracts/vacancies';
import { DomainError, notFound } from '../domain/errors';
import type { Actor } from '../domain/permissions';
import { writeAudit } from './audit';
import { newId, type Database, type Tx } from './database';
import type { Queryable } from './sql';
import { assertManages } from './manage-vacancy';
import { visibleVacancy } from './visibility';

const stageObject = `jsonb_build_object('id', st.id, 'externalId', st.external_id, 'name', st.name,
  'position', st.position, 'actionCount', (select count(*)::int from stage_actions sa
    where sa.organization_id = st.organization_id and sa.stage_id = st.id and sa.removed_at is null))`;

/** The stages of a row of `vacancies`, in order. */
export const stagesSql = (alias: string): string => `coalesce((
  select jsonb_agg(${stageObject} order by st.position, st.id) from stages st
  where st.organization_id = ${alias}.organization_id and st.vacancy_id = ${alias}.id), '[]')`;

/** The vacancy of a stage that the actor may see. */
async function vacancyOfStage(db: Queryable, actor: Actor, stageId: string): Promise<string> {
  const [row] = await db.query<{ vacancyId: string }>(
    `select v.id as "vacancyId" from stages st
     join vacancies v on v.organization_id = st.organization_id and v.id = st.vacancy_id
     where st.organization_id = $1 and st.id = $2 and ${visibleVacancy(actor, 'v')}`,
    [actor.organizationId, stageId],
  );
  if (!row) throw notFound('stage');
  return row.vacancyId;
}

export async function getStage(db: Queryable, actor: Actor, stageId: string): Promise<Stage> {
  const [row] = await db.query<{ stage: Stage }>(
    `select ${stageObject} as stage from stages st where st.organization_id = $1 and st.id = $2`,
    [actor.organizationId, stageId],
  );
  if (!row) throw notFound('stage');
  return row.stage;
}

/** Adds a stage at the end. */
export async function addStage(
  db: Database,
  actor: Actor,
  vacancyId: string,
  input: { name: string; externalId?: string | null },
): Promise<{ id: string }> {
  return db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    const id = newId();
    await tx.query(
      `insert into stages (organization_id, id, vacancy_id, external_id, name, position, created_at)
       select $1, $2, $3, $4, $5, coalesce(max(position) + 1, 0), $6
       from stages where organization_id = $1 and vacancy_id = $3`,
      [actor.organizationId, id, vacancyId, input.externalId ?? null, input.name, await tx.now()],
    );
    tx.notice({ type: 'board', organizationId: actor.organizationId, vacancyId });
    return { id };
  });
}

/** Renames a stage, or moves it to a position; the others make room. */
export async function changeStage(
  db: Database,
  actor: Actor,
  stageId: string,
  patch: { name?: string; position?: number },
): Promise<void> {
  const { organizationId } = actor;
  const vacancyId = await vacancyOfStage(db, actor, stageId);
  await db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    if (patch.name !== undefined) {
      await tx.query('update stages set name = $3 where organization_id = $1 and id = $2', [
        organizationId,
        stageId,
        patch.name,
      ]);
    }
    if (patch.position !== undefined) await reorder(tx, organizationId, vacancyId, stageId, patch.position);
    tx.notice({ type: 'board', organizationId, vacancyId });
  });
}

async function reorder(
  tx: Tx,
  organizationId: string,
  vacancyId: string,
  stageId: string,
  position: number,
): Promise<void> {
  const stages = await tx.query<{ id: string }>(
    'select id from stages where organization_id = $1 and vacancy_id = $2 order by position, id',
    [organizationId, vacancyId],
  );
  const others = stages.map(({ id }) => id).filter((id) => id !== stageId);
  const order = [...others.slice(0, position), stageId, ...others.slice(position)];
  await tx.query(
    `update stages set position = o.position - 1 from unnest($3::uuid[]) with ordinality as o(id, position)
     where organization_id = $1 and vacancy_id = $2 and stages.id = o.id`,
    [organizationId, vacancyId, order],
  );
}

const actionColumns = `sa.id, sa.channels::text[] as channels, sa.title, sa.body, sa.enabled,
  case when t.id is null then null
    else jsonb_build_object('id', t.id, 'name', t.name, 'status', t.status) end as template`;
const actionTables = `stage_actions sa
  left join templates t on t.organization_id = sa.organization_id and t.id = sa.template_id`;

export async function listStageActions(db: Queryable, actor: Actor, stageId: string): Promise<StageAction[]> {
  await vacancyOfStage(db, actor, stageId);
  return db.query<StageAction>(
    `select ${actionColumns} from ${actionTables}
     where sa.organization_id = $1 and sa.stage_id = $2 and sa.removed_at is null order by sa.position, sa.id`,
    [actor.organizationId, stageId],
  );
}

export async function getStageAction(
  db: Queryable,
  actor: Actor,
  actionId: string,
): Promise<z.infer<typeof stageAction>> {
  const [row] = await db.query<StageAction>(
    `select ${actionColumns} from ${actionTables} where sa.organization_id = $1 and sa.id = $2`,
    [actor.organizationId, actionId],
  );
  if (!row) throw notFound('automatic action');
  return row;
}

/** R-AUTO-1: *Include automatic action*. */
export async function addStageAction(
  db: Database,
  actor: Actor,
  stageId: string,
  input: { templateId: string; channels: 'whatsapp'[] },
): Promise<{ id: string }> {
  const { organizationId } = actor;
  const vacancyId = await vacancyOfStage(db, actor, stageId);
  return db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    await assertTemplate(tx, organizationId, input.templateId);
    const id = newId();
    const channels = [...new Set(input.channels)];
    await tx.query(
      `insert into stage_actions (organization_id, id, stage_id, position, template_id, channels, created_by_id, created_at)
       select $1, $2, $3, coalesce(max(position) + 1, 0), $4, $5::channel[], $6, $7
       from stage_actions where organization_id = $1 and stage_id = $3`,
      [organizationId, id, stageId, input.templateId, channels, actor.user?.id ?? null, await tx.now()],
    );
    await writeAudit(tx, actor, {
      action: 'stageAction.added',
      target: 'stage',
      targetId: stageId,
      after: { actionId: id, templateId: input.templateId, channels },
    });
    tx.notice({ type: 'board', organizationId, vacancyId });
    return { id };
  });
}

/** What it has already planned for candidates in the stage is cancelled with it. */
export async function removeStageAction(
  db: Database,
  actor: Actor,
  ids: { stageId: string; actionId: string },
): Promise<void> {
  const { organizationId } = actor;
  const vacancyId = await vacancyOfStage(db, actor, ids.stageId);
  await db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    const now = await tx.now();
    const removed = await tx.query(
      `update stage_actions set removed_at = $4, enabled = false
       where organization_id = $1 and id = $2 and stage_id = $3 and removed_at is null returning 1`,
      [organizationId, ids.actionId, ids.stageId, now],
    );
    if (removed.length === 0) throw notFound('automatic action');
    await tx.query(
      `update action_runs set state = 'cancelled', reason = 'cancelled', settled_at = $3
       where organization_id = $1 and stage_action_id = $2 and state = 'planned'`,
      [organizationId, ids.actionId, now],
    );
    await writeAudit(tx, actor, {
      action: 'stageAction.removed',
      target: 'stage',
      targetId: ids.stageId,
      before: { actionId: ids.actionId },
    });
    tx.notice({ type: 'board', organizationId, vacancyId });
  });
}

async function assertTemplate(tx: Tx, organizationId: string, templateId: string): Promise<void> {
  const [template] = await tx.query(
    `select 1 from templates where organization_id = $1 and id = $2 and channel = 'whatsapp' and removed_at is null`,
    [organizationId, templateId],
  );
  if (template) return;
  throw new DomainError('invalid', 'Some fields are missing or wrong.', {
    errors: [{ path: 'templateId', message: 'is none of your WhatsApp templates' }],
  });
}

/** One change of a vacancy's stages at a time. */
async function lockVacancy(tx: Tx, actor: Actor, vacancyId: string): Promise<void> {
  await assertManages(tx, actor, vacancyId);
  await tx.query('select 1 from vacancies where organization_id = $1 and id = $2 for update', [
    actor.organizationId,
    vacancyId,
  ]);
}
