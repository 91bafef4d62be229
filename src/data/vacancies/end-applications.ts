import type { EndResult } from '../../contracts/vacancies';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { acceptMessage } from '../messages/accept-message';
import { cancelRuns } from '../actions/cancel-runs';
import { newId, type Database, type Tx } from '../database';
import { templateContentSql, type SendContent } from '../actions/foretell';
import { planSends } from '../bulk/plan-sends';
import { assertMayMove, enterStage, readMove } from '../actions/stage-moves';
import { writeTimeline } from '../conversations/timeline';
import { visibleApplication } from '../visibility';

export type Context = { actor: Actor; dayMs: number };

type Ending = {
  applicationId: string;
  personId: string;
  conversationId: string;
  vacancyId: string;
  stageId: string;
  stageEntryId: string;
  rejectedAt: Date | null;
  withdrawnAt: Date | null;
};

export type Message = { templateId: string; channel: SendChannel };

/**
 * Rejects applications of one vacancy, all or none: what they were about to be sent is cancelled (R-AUTO-3). One is written to as if by
 * hand, whoever may not send is refused; to many the message is planned like a bulk message, each checked on its own (R-CHAT-7).
 */
export async function rejectApplications(
  db: Database,
  context: Context,
  input: { applicationIds: string[]; message: Message | null },
): Promise<EndResult> {
  const { actor, dayMs } = context;
  return db.transact(async (tx) => {
    const { found, vacancyId } = await lockApplications(tx, actor, input.applicationIds);
    const changing = found.filter(({ rejectedAt }) => rejectedAt === null);
    const moveId = await endAll(tx, actor, vacancyId, changing, 'rejected');
    const result = { moveId, changed: changing.length, unchanged: found.length - changing.length };
    const [only] = changing;
    if (!input.message || !only) return { ...result, planned: [] };
    if (found.length > 1) {
      return { ...result, planned: await planRejections(tx, context, moveId, changing, input.message) };
    }
    const { templateId, channel } = input.message;
    await acceptMessage(
      tx,
      dayMs,
      { organizationId: actor.organizationId, conversationId: only.conversationId },
      {
        channel,
        content: { type: 'template', templateId },
        origin: actor.user ? 'manual' : 'api',
        actor,
        applicationId: only.applicationId,
        replyToId: null,
        retryOfId: null,
        stageEntryId: null,
      },
    );
    return { ...result, planned: [] };
  });
}

/** Records that candidates withdrew. */
export async function withdrawApplications(
  db: Database,
  { actor }: Context,
  input: { applicationIds: string[] },
): Promise<EndResult> {
  return db.transact(async (tx) => {
    const { found, vacancyId } = await lockApplications(tx, actor, input.applicationIds);
    const changing = found.filter(({ withdrawnAt }) => withdrawnAt === null);
    const moveId = await endAll(tx, actor, vacancyId, changing, 'withdrawn');
    return { moveId, changed: changing.length, unchanged: found.length - changing.length, planned: [] };
  });
}

/** Takes rejections and withdrawals back. Coming back is entering the stage again: its actions fire anew (R-AUTO-2). */
export async function reopenApplications(
  db: Database,
  context: Context,
  input: { applicationIds: string[]; runActions: boolean },
): Promise<EndResult> {
  const { actor } = context;
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const { found, vacancyId } = await lockApplications(tx, actor, input.applicationIds);
    const changing = found.filter(
      ({ rejectedAt, withdrawnAt }) => rejectedAt !== null || withdrawnAt !== null,
    );
    const unchanged = found.length - changing.length;
    const [first] = changing;
    if (!first) return { moveId: newId(), changed: 0, unchanged, planned: [] };
    if (changing.some(({ stageId }) => stageId !== first.stageId)) {
      throw new DomainError('invalid', 'Reopen the applications of one stage at a time.', {
        errors: [{ path: 'applicationIds', message: 'stand in several stages' }],
      });
    }
    const applicationIds = changing.map(({ applicationId }) => applicationId);
    await tx.query(
      `update applications set rejected_at = null, withdrawn_at = null, updated_at = $3
       where organization_id = $1 and id = any($2::uuid[])`,
      [organizationId, applicationIds, await tx.now()],
    );
    await cancelRuns(tx, organizationId, { of: 'rejection', applicationIds }, { reason: 'cancelled', actor });
    const entering = changing.map(({ applicationId, personId, stageId }) => ({
      applicationId,
      personId,
      fromStageId: stageId,
    }));
    const move = { stageId: first.stageId, vacancyId, runActions: input.runActions, entering };
    const { moveId, planned } = await enterStage(tx, context, { ...move, kind: 'reopened' });
    return { moveId, changed: changing.length, unchanged, planned };
  });
}

/** The answer again, for a request repeated under its `Idempotency-Key`. */
export async function readEnd(db: Database, context: Context, id: string): Promise<EndResult> {
  const { moveId, moved, planned } = await readMove(db, context, id);
  return { moveId, changed: moved, unchanged: 0, planned };
}

async function lockApplications(
  tx: Tx,
  actor: Actor,
  ids: string[],
): Promise<{ found: Ending[]; vacancyId: string }> {
  const applicationIds = [...new Set(ids)];
  const found = await tx.query<Ending>(
    `select a.id as "applicationId", a.person_id as "personId", c.id as "conversationId", a.vacancy_id as "vacancyId",
       a.stage_id as "stageId", a.stage_entry_id as "stageEntryId", a.rejected_at as "rejectedAt", a.withdrawn_at as "withdrawnAt"
     from applications a
     join conversations c on c.organization_id = a.organization_id and c.person_id = a.person_id
     where a.organization_id = $1 and a.id = any($2::uuid[]) and ${visibleApplication(actor, 'a')}
     order by a.id for update of a`,
    [actor.organizationId, applicationIds],
  );
  const [first] = found;
  if (!first || found.length < applicationIds.length) throw notFound('application');
  if (found.some(({ vacancyId }) => vacancyId !== first.vacancyId)) {
    throw new DomainError('invalid', 'The applications belong to several vacancies.', {
      errors: [{ path: 'applicationIds', message: 'belong to several vacancies' }],
    });
  }
  await assertMayMove(tx, actor, first.vacancyId);
  return { found, vacancyId: first.vacancyId };
}

/** Ends them, and returns the id under which whatever is planned with it goes. */
async function endAll(
  tx: Tx,
  actor: Actor,
  vacancyId: string,
  changing: Ending[],
  kind: 'rejected' | 'withdrawn',
): Promise<string> {
  const moveId = newId();
  if (changing.length === 0) return moveId;
  const { organizationId } = actor;
  const at = await tx.now();
  const applicationIds = changing.map(({ applicationId }) => applicationId);
  const by = { actorUserId: actor.user?.id ?? null, actorApiKeyId: actor.apiKeyId };
  await tx.query(
    `update applications set ${kind}_at = $3, updated_at = $3 where organization_id = $1 and id = any($2::uuid[])`,
    [organizationId, applicationIds, at],
  );
  await tx.query(
    `insert into stage_moves (organization_id, id, vacancy_id, count, run_actions, actor_user_id, actor_api_key_id, created_at)
     values ($1, $2, $3, $4, false, $5, $6, $7)`,
    [organizationId, moveId, vacancyId, changing.length, by.actorUserId, by.actorApiKeyId, at],
  );
  await cancelRuns(tx, organizationId, { of: 'stage', applicationIds }, { reason: kind, actor: null });
  await writeTimeline(
    tx,
    organizationId,
    changing.map(({ applicationId, personId, stageId }) => ({
      personId,
      applicationId,
      kind,
      ...by,
      data: { stageId },
      occurredAt: at,
    })),
  );
  tx.notice({ type: 'board', organizationId, vacancyId });
  return moveId;
}

async function planRejections(
  tx: Tx,
  { actor, dayMs }: Context,
  moveId: string,
  changing: Ending[],
  message: Message,
): Promise<EndResult['planned']> {
  const { organizationId } = actor;
  const [row] = await tx.query<{ template: NonNullable<SendContent['template']> }>(
    `select ${templateContentSql('t')} as template from templates t
     where t.organization_id = $1 and t.id = $2 and t.removed_at is null`,
    [organizationId, message.templateId],
  );
  if (!row) throw notFound('template');
  const { template } = row;
  if (message.channel === 'whatsapp' && template.channel !== 'whatsapp') {
    throw new DomainError('invalid', 'Some fields are missing or wrong.', {
      errors: [{ path: 'templateId', message: `is a template for ${template.channel}` }],
    });
  }
  const now = await tx.now();
  return planSends(
    tx,
    { organizationId, dayMs, moveId, now },
    changing.map(({ personId, applicationId, stageEntryId }) => ({
      personId,
      applicationId,
      channel: message.channel,
      stageEntryId,
      stageActionId: null,
      templateId: message.templateId,
      due: now,
      content: { template, title: null, body: null },
    })),
  );
}
