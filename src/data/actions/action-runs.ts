import type { Fallback } from '../../contracts/messages';
import type { ReasonCode } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { acceptUnattended } from '../messages/accept-message';
import type { Database, Tx } from '../database';
import { fallbackSql } from '../scheduled/fallbacks';
import { earlierWaitsSql } from '../scheduled/in-order';
import { loadQuietHours } from '../scheduled/quiet-hours';
import { writeTimeline } from '../conversations/timeline';

type DueRun = {
  id: string;
  applicationId: string;
  stageEntryId: string;
  /** null: the message of a rejection */
  stageActionId: string | null;
  templateId: string | null;
  templateName: string | null;
  title: string | null;
  body: string | null;
  personId: string;
  conversationId: string;
  vacancyId: string;
  currentEntryId: string;
  rejectedAt: Date | null;
  withdrawnAt: Date | null;
  channel: SendChannel;
  fallback: Fallback | null;
};

export type MoveIds = { organizationId: string; moveId: string };

/**
 * Fires one planned action of a move: checks again that the application is still in the stage and not rejected (R-AUTO-3) and that its
 * person has no quiet hours (R-SEND-10), which put it off; then accepts its message. Returns the conversation whose queue has grown (null: none), or undefined when nothing is due any more.
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
    if (!cancelled && (await putOff(tx, ids.organizationId, run, dueBy))) return { conversationId: null };
    const accepted = cancelled
      ? { messageId: null, state: 'cancelled' as const, reason: cancelled }
      : await acceptUnattended(tx, dayMs, { ...ids, conversationId: run.conversationId }, run, {
          ...run,
          // to a rejected person: no automatic action of a stage, which a rejection would stop
          origin: run.stageActionId === null ? 'bulk' : 'automatic',
          actor: { organizationId: ids.organizationId, user: null, apiKeyId: null },
          fallback: run.fallback && { ...run.fallback, batchId: ids.moveId },
        });
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
          data: {
            automatic: true,
            reason: accepted.reason,
            channel: run.channel,
            ...(run.templateName ? { template: run.templateName } : {}),
          },
          occurredAt: at,
        },
      ]);
    }
    tx.notice({ type: 'board', organizationId: ids.organizationId, vacancyId: run.vacancyId });
    return { conversationId: accepted.state === 'queued' ? run.conversationId : null };
  });
}

/** What became due in quiet hours, e.g. while the workers were away, waits until they end. */
async function putOff(tx: Tx, organizationId: string, run: DueRun, now: Date): Promise<boolean> {
  const until = (await loadQuietHours(tx, organizationId, [run.personId]))(run.personId, now);
  if (until <= now) return false;
  await tx.query(
    'update action_runs set due_at = $3, quiet = true, wanted_at = coalesce(wanted_at, due_at) where organization_id = $1 and id = $2 and state = $4',
    [organizationId, run.id, until, 'planned'],
  );
  return true;
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
    `select r.id, r.application_id as "applicationId", r.stage_entry_id as "stageEntryId", r.stage_action_id as "stageActionId",
       coalesce(r.template_id, sa.template_id) as "templateId", t.name as "templateName", sa.title, sa.body,
       a.person_id as "personId", c.id as "conversationId", a.vacancy_id as "vacancyId", a.stage_entry_id as "currentEntryId",
       a.rejected_at as "rejectedAt", a.withdrawn_at as "withdrawnAt", r.channel, ${fallbackSql('sa')} as fallback
     from action_runs r
     left join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
     left join templates t on t.organization_id = r.organization_id and t.id = coalesce(r.template_id, sa.template_id)
     join applications a on a.organization_id = r.organization_id and a.id = r.application_id
     join conversations c on c.organization_id = a.organization_id and c.person_id = a.person_id
     where r.organization_id = $1 and r.move_id = $2 and r.state = 'planned' and r.due_at <= $3
       and not exists (select 1 from action_runs earlier where earlier.organization_id = r.organization_id
         and earlier.stage_entry_id = r.stage_entry_id and earlier.state = 'planned' and earlier.due_at <= $3 and earlier.id < r.id)
       and (r.wanted_at is null or not ${earlierWaitsSql({ organizationId: '$1', personId: 'a.person_id', wanted: 'r.wanted_at', id: 'r.id', now: '$3::timestamptz' })})
     order by r.id limit 1 for update of r skip locked`,
    [ids.organizationId, ids.moveId, dueBy],
  );
  return run;
}

function reasonToCancel(run: DueRun): ReasonCode | undefined {
  if (run.stageActionId === null) return run.rejectedAt ? undefined : 'cancelled';
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
