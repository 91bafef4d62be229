import type { z } from 'zod';
import type { NewAction } from '../../contracts/actions';
import type { Fallback } from '../../contracts/messages';
import type { StageAction, stageAction } from '../../contracts/vacancies';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError, notFound, type FieldError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { unknownVariables } from '../../domain/template-render';
import { writeAudit } from '../organization/audit';
import { cancelRuns } from './cancel-runs';
import { newId, type Database, type Tx } from '../database';
import { fallbackSql } from '../scheduled/fallbacks';
import type { Queryable } from '../sql';
import { lockVacancy, vacancyOfStage } from '../vacancies/stages';

const actionSql = `select sa.id, sa.channels::text[] as channels, sa.title, sa.body, sa.delay_seconds as "delaySeconds", sa.enabled,
    ${fallbackSql('sa')} as fallback,
    case when t.id is null then null
      else jsonb_build_object('id', t.id, 'name', t.name, 'channel', t.channel, 'status', t.status) end as template
  from stage_actions sa
  left join templates t on t.organization_id = sa.organization_id and t.id = sa.template_id`;

export async function listStageActions(db: Queryable, actor: Actor, stageId: string): Promise<StageAction[]> {
  await vacancyOfStage(db, actor, stageId);
  return db.query<StageAction>(
    `${actionSql} where sa.organization_id = $1 and sa.stage_id = $2 and sa.removed_at is null order by sa.position, sa.id`,
    [actor.organizationId, stageId],
  );
}

export async function getStageAction(
  db: Queryable,
  actor: Actor,
  actionId: string,
): Promise<z.infer<typeof stageAction>> {
  const [row] = await db.query<StageAction>(`${actionSql} where sa.organization_id = $1 and sa.id = $2`, [
    actor.organizationId,
    actionId,
  ]);
  if (!row) throw notFound('automatic action');
  return row;
}

/** R-AUTO-1: *Include automatic action*. */
export async function addStageAction(
  db: Database,
  actor: Actor,
  stageId: string,
  input: NewAction,
): Promise<{ id: string }> {
  const { organizationId } = actor;
  const vacancyId = await vacancyOfStage(db, actor, stageId);
  return db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    const action = toFields(input);
    await assertSendable(tx, organizationId, action);
    const id = newId();
    await tx.query(
      `insert into stage_actions (organization_id, id, stage_id, position, template_id, title, body, channels, delay_seconds, created_by_id, created_at,
         fallback_channel, fallback_after_seconds)
       select $1, $2, $3, coalesce(max(position) + 1, 0), $4, $5, $6, $7::channel[], $8, $9, $10, $11::channel, $12::int
       from stage_actions where organization_id = $1 and stage_id = $3`,
      [
        organizationId,
        id,
        stageId,
        action.templateId,
        action.title,
        action.body,
        action.channels,
        action.delaySeconds,
        actor.user?.id ?? null,
        await tx.now(),
        action.fallback?.channel ?? null,
        action.fallback?.afterSeconds ?? null,
      ],
    );
    await writeAudit(tx, actor, {
      action: 'stageAction.added',
      target: 'stage',
      targetId: stageId,
      after: audited(id, action, true),
    });
    tx.notice({ type: 'board', organizationId, vacancyId });
    return { id };
  });
}

export type ActionChange = Partial<NewAction> & { enabled?: boolean; position?: number };

/** Changes an action. What waits over a channel that it no longer has is cancelled; all of it when it is switched off. */
export async function changeStageAction(
  db: Database,
  actor: Actor,
  ids: { stageId: string; actionId: string },
  change: ActionChange,
): Promise<void> {
  const { organizationId } = actor;
  const vacancyId = await vacancyOfStage(db, actor, ids.stageId);
  await db.transact(async (tx) => {
    await lockVacancy(tx, actor, vacancyId);
    const before = await readFields(tx, organizationId, ids);
    const { enabled, position, ...content } = change;
    const after = toFields({ ...before, ...content });
    // a template that WhatsApp has taken away meanwhile is no reason against switching its action off
    if (Object.keys(content).length > 0) await assertSendable(tx, organizationId, after);
    const on = enabled ?? before.enabled;
    await tx.query(
      `update stage_actions set template_id = $3, title = $4, body = $5, channels = $6::channel[], delay_seconds = $7, enabled = $8,
         fallback_channel = $9, fallback_after_seconds = $10
       where organization_id = $1 and id = $2`,
      [
        organizationId,
        ids.actionId,
        after.templateId,
        after.title,
        after.body,
        after.channels,
        after.delaySeconds,
        on,
        after.fallback?.channel ?? null,
        after.fallback?.afterSeconds ?? null,
      ],
    );
    if (position !== undefined) await reorder(tx, organizationId, ids, position);
    await cancelRuns(
      tx,
      organizationId,
      { of: 'action', actionId: ids.actionId, exceptChannels: on ? after.channels : [] },
      { reason: 'cancelled', actor },
    );
    await writeAudit(tx, actor, {
      action: 'stageAction.changed',
      target: 'stage',
      targetId: ids.stageId,
      before: audited(ids.actionId, before, before.enabled),
      after: { ...audited(ids.actionId, after, on), ...(position === undefined ? {} : { position }) },
    });
    tx.notice({ type: 'board', organizationId, vacancyId });
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
    const removed = await tx.query(
      `update stage_actions set removed_at = $4, enabled = false
       where organization_id = $1 and id = $2 and stage_id = $3 and removed_at is null returning 1`,
      [organizationId, ids.actionId, ids.stageId, await tx.now()],
    );
    if (removed.length === 0) throw notFound('automatic action');
    await cancelRuns(
      tx,
      organizationId,
      { of: 'action', actionId: ids.actionId, exceptChannels: [] },
      { reason: 'cancelled', actor },
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

export type ActionFields = {
  templateId: string | null;
  title: string | null;
  body: string | null;
  channels: SendChannel[];
  delaySeconds: number;
  fallback: Fallback | null;
};

export function toFields(input: NewAction): ActionFields {
  const templateId = input.templateId ?? null;
  return {
    templateId,
    title: input.title || null,
    // a template has its own text
    body: templateId === null ? input.body || null : null,
    channels: [...new Set(input.channels)],
    delaySeconds: input.delaySeconds,
    fallback: input.fallback ?? null,
  };
}

/** R-SEND-3, R-SEND-5: refused when it is saved is what could never be sent. */
export async function assertSendable(
  tx: Queryable,
  organizationId: string,
  { templateId, title, body, channels, fallback }: Omit<ActionFields, 'delaySeconds'>,
): Promise<void> {
  const errors: FieldError[] = [];
  let emailTitle = title;
  if (templateId !== null) {
    const [template] = await tx.query<{ channel: string; title: string | null }>(
      `select channel, title from templates
       where organization_id = $1 and id = $2 and removed_at is null and personal_user_id is null`,
      [organizationId, templateId],
    );
    if (!template) errors.push({ path: 'templateId', message: 'is none of your templates' });
    else if (template.channel !== 'whatsapp' && channels.includes('whatsapp'))
      errors.push({ path: 'templateId', message: 'is no WhatsApp template, and WhatsApp is checked' });
    emailTitle ??= template?.title ?? null;
  } else if (body === null) errors.push({ path: 'templateId', message: 'choose a template or write a text' });
  for (const [path, text] of [
    ['title', title],
    ['body', body],
  ] as const) {
    const unknown = unknownVariables(text ?? '');
    if (unknown.length > 0) errors.push({ path, message: `holds unknown variables: ${unknown.join(', ')}` });
  }
  if (fallback && !channels.includes('whatsapp'))
    errors.push({ path: 'fallback', message: 'goes with WhatsApp only' });
  if ((channels.includes('email') || fallback?.channel === 'email') && emailTitle === null)
    errors.push({ path: 'title', message: 'an e-mail needs a title' });
  if (errors.length > 0) throw new DomainError('invalid', 'Some fields are missing or wrong.', { errors });
}

async function readFields(
  tx: Tx,
  organizationId: string,
  { stageId, actionId }: { stageId: string; actionId: string },
): Promise<ActionFields & { enabled: boolean }> {
  const [row] = await tx.query<ActionFields & { enabled: boolean }>(
    `select template_id as "templateId", title, body, channels::text[] as channels, delay_seconds as "delaySeconds", enabled,
       ${fallbackSql('sa')} as fallback
     from stage_actions sa where organization_id = $1 and id = $2 and stage_id = $3 and removed_at is null for update`,
    [organizationId, actionId, stageId],
  );
  if (!row) throw notFound('automatic action');
  return row;
}

async function reorder(
  tx: Tx,
  organizationId: string,
  { stageId, actionId }: { stageId: string; actionId: string },
  position: number,
): Promise<void> {
  const rows = await tx.query<{ id: string }>(
    'select id from stage_actions where organization_id = $1 and stage_id = $2 and removed_at is null order by position, id',
    [organizationId, stageId],
  );
  const others = rows.map(({ id }) => id).filter((id) => id !== actionId);
  const order = [...others.slice(0, position), actionId, ...others.slice(position)];
  await tx.query(
    `update stage_actions set position = o.position - 1 from unnest($2::uuid[]) with ordinality as o(id, position)
     where organization_id = $1 and stage_actions.id = o.id`,
    [organizationId, order],
  );
}

/** Never a message text (R-LOG-6). */
const audited = (actionId: string, action: ActionFields, enabled: boolean): object => ({
  actionId,
  templateId: action.templateId,
  channels: action.channels,
  delaySeconds: action.delaySeconds,
  fallback: action.fallback,
  enabled,
});
