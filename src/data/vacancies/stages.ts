import type { Stage } from '../../contracts/vacancies';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { newId, type Database, type Tx } from '../database';
import type { Queryable } from '../sql';
import { assertManages } from './manage-vacancy';
import { visibleVacancy } from '../visibility';

const stageObject = `jsonb_build_object('id', st.id, 'externalId', st.external_id, 'name', st.name,
  'position', st.position, 'actionCount', (select count(*)::int from stage_actions sa
    where sa.organization_id = st.organization_id and sa.stage_id = st.id and sa.removed_at is null))`;

/** The stages of a row of `vacancies`, in order. */
export const stagesSql = (alias: string): string => `coalesce((
  select jsonb_agg(${stageObject} order by st.position, st.id) from stages st
  where st.organization_id = ${alias}.organization_id and st.vacancy_id = ${alias}.id), '[]')`;

/** The vacancy of a stage that the actor may see. */
export async function vacancyOfStage(db: Queryable, actor: Actor, stageId: string): Promise<string> {
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
    await assertNameFree(tx, actor.organizationId, { vacancyId, stageId: id, name: input.name });
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
      await assertNameFree(tx, organizationId, { vacancyId, stageId, name: patch.name });
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

/** Two stages of one name could not be told apart in menus, messages and history. */
async function assertNameFree(
  tx: Tx,
  organizationId: string,
  { vacancyId, stageId, name }: { vacancyId: string; stageId: string; name: string },
): Promise<void> {
  const [other] = await tx.query(
    'select 1 from stages where organization_id = $1 and vacancy_id = $2 and id <> $3 and lower(name) = lower($4)',
    [organizationId, vacancyId, stageId, name],
  );
  if (other)
    throw new DomainError('already_exists', 'The vacancy has a stage of this name. Choose another name.');
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

/** One change of a vacancy's stages at a time. */
export async function lockVacancy(tx: Tx, actor: Actor, vacancyId: string): Promise<void> {
  await assertManages(tx, actor, vacancyId);
  await tx.query('select 1 from vacancies where organization_id = $1 and id = $2 for update', [
    actor.organizationId,
    vacancyId,
  ]);
}
