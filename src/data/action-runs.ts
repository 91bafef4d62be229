import type { ReasonCode } from '../contracts/reasons';
import { DomainError } from '../domain/errors';
import { acceptMessage, type Accepted } from './accept-message';
import type { Database, Tx } from './database';
import { writeTimeline } from './timeline';

type DueRun = {
  id: string;
  applicationId: string;
  stageEntryId: string;
  templateId: string | null;
  personId: string;
  conversationId: string;
  vacancyId: string;
  currentEntryId: string;
  rejectedAt: Date | null;
  withdrawnAt: Date | null;
  channel: string;
};

export type MoveIds = { organizationId: string; moveId: string };

/**
 * Fires one planned action of a move: checks again that the application is still in the stage and not rejected (R-AUTO-3), then
 * accepts its message. Returns the conversation whose queue has grown (null: none), or undefined when nothing is due any more.
 */
export async function fireNextAction(
  db: Database,
  ids: MoveIds,
  dayMs: number,
): Promise<{ conversationId: string | null } | undefined> {
  const dueBy = await db.now();
  return db.transact(async (tx) => {
    const run = await claimRun(tx, ids, dueBy);
    if (!run) return undefined;
    const cancelled = reasonToCancel(run);
    const accepted = cancelled
      ? { messageId: null, state: 'cancelled' as const, reason: cancelled }
      : await acceptOf(tx, dayMs, ids.organizationId, run);
    const at = await tx.now();
    await settleRun(tx, ids.organizationId, run.id, {
      state: accepted.state === 'queued' ? 'done' : accepted.state,
      reason: accepted.state === 'queued' ? null : accepted.reason,
      messageId: accepted.messageId,
      at,
    });
    if (accepted.messageId === null) {
      await writeTimeline(tx, ids.organizationId, [
        {
          personId: run.personId,
          applicationId: run.applicationId,
          kind: 'messageSuppressed',
          data: { automatic: true, reason: accepted.reason },
          occurredAt: at,
        },
      ]);
    }
    tx.notice({ type: 'board', organizationId: ids.organizationId, vacancyId: run.vacancyId });
    return { conversationId: accepted.state === 'queued' ? run.conversationId : null };
  });
}

/** Another channel, or a template that was removed meanwhile, is refused before anything is written: the run ends with that reason. */
async function acceptOf(
  tx: Tx,
  dayMs: number,
  organizationId: string,
  run: DueRun,
): Promise<Accepted | { messageId: null; state: 'suppressed'; reason: ReasonCode }> {
  const refused = (reason: ReasonCode) => ({ messageId: null, state: 'suppressed' as const, reason });
  if (run.channel !== 'whatsapp') return refused('channel_not_configured');
  if (run.templateId === null) return refused('template_not_approved');
  try {
    return await acceptMessage(
      tx,
      dayMs,
      { organizationId, conversationId: run.conversationId },
      {
        content: { type: 'template', templateId: run.templateId },
        origin: 'automatic',
        actor: { organizationId, user: null, apiKeyId: null },
        applicationId: run.applicationId,
        replyToId: null,
        retryOfId: null,
        stageEntryId: run.stageEntryId,
        poke: false,
      },
    );
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refused('template_not_approved');
  }
}

/** Conversations in which messages of this move still wait, e.g. after a worker was killed between accepting and sending. */
export async function conversationsOfMove(db: Database, ids: MoveIds): Promise<string[]> {
  const rows = await db.query<{ conversationId: string }>(
    `select distinct m.conversation_id as "conversationId" from action_runs r
     join messages m on m.organization_id = r.organization_id and m.id = r.message_id and m.state in ('queued', 'dispatching')
     where r.organization_id = $1 and r.move_id = $2`,
    [ids.organizationId, ids.moveId],
  );
  return rows.map((row) => row.conversationId);
}

/** When the next planned action is due; null when none is left, and the move is marked as finished. */
export async function nextDue(db: Database, ids: MoveIds): Promise<Date | null> {
  const [next] = await db.query<{ dueAt: Date | null }>(
    `select min(due_at) as "dueAt" from action_runs where organization_id = $1 and move_id = $2 and state = 'planned'`,
    [ids.organizationId, ids.moveId],
  );
  if (next?.dueAt) return next.dueAt;
  await db.query(
    'update stage_moves set finished_at = coalesce(finished_at, $3) where organization_id = $1 and id = $2',
    [ids.organizationId, ids.moveId, await db.now()],
  );
  return null;
}

/** The actions of one entry keep their order: the next is taken once the one before it has been settled. */
async function claimRun(tx: Tx, ids: MoveIds, dueBy: Date): Promise<DueRun | undefined> {
  const [run] = await tx.query<DueRun>(
    `select r.id, r.application_id as "applicationId", r.stage_entry_id as "stageEntryId", sa.template_id as "templateId",
       a.person_id as "personId", c.id as "conversationId", a.vacancy_id as "vacancyId", a.stage_entry_id as "currentEntryId",
       a.rejected_at as "rejectedAt", a.withdrawn_at as "withdrawnAt", r.channel
     from action_runs r
     join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
     join applications a on a.organization_id = r.organization_id and a.id = r.application_id
     join conversations c on c.organization_id = a.organization_id and c.person_id = a.person_id
     where r.organization_id = $1 and r.move_id = $2 and r.state = 'planned' and r.due_at <= $3
       and not exists (select 1 from action_runs earlier where earlier.organization_id = r.organization_id
         and earlier.stage_entry_id = r.stage_entry_id and earlier.state = 'planned' and earlier.due_at <= $3 and earlier.id < r.id)
     order by r.id limit 1 for update of r skip locked`,
    [ids.organizationId, ids.moveId, dueBy],
  );
  return run;
}

function reasonToCancel(run: DueRun): ReasonCode | undefined {
  if (run.rejectedAt) return 'rejected';
  if (run.withdrawnAt) return 'withdrawn';
  return run.currentEntryId === run.stageEntryId ? undefined : 'left_stage';
}

async function settleRun(
  tx: Tx,
  organizationId: string,
  runId: string,
  outcome: {
    state: 'done' | 'suppressed' | 'cancelled';
    reason: string | null;
    messageId: string | null;
    at: Date;
  },
): Promise<void> {
  await tx.query(
    'update action_runs set state = $3::action_run_state, reason = $4, message_id = $5, settled_at = $6 where organization_id = $1 and id = $2',
    [organizationId, runId, outcome.state, outcome.reason, outcome.messageId, outcome.at],
  );
}
