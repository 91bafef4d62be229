import type { z } from 'zod';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { plannedSend } from '../../contracts/vacancies';
import type { SendChannel } from '../../domain/eligibility';
import { stageMoveWorkflowId } from '../../domain/workflow-ids';
import { newId, type Tx } from '../database';
import { foretell, type SendContent } from '../actions/foretell';
import { loadQuietHours } from '../scheduled/quiet-hours';

/** One message to plan: of an action of a stage, or with `templateId` that of a rejection. */
export type SendToPlan = {
  personId: string;
  applicationId: string;
  channel: SendChannel;
  stageEntryId: string;
  stageActionId: string | null;
  templateId: string | null;
  due: Date;
  content: SendContent;
};

/**
 * Plans messages under one move, each put off to the end of its person's quiet hours (R-SEND-10), and tells the move's workflow. Answers
 * with what will be sent, judged by what is known now, as it will be judged again when they fire.
 */
export async function planSends(
  tx: Tx,
  move: { organizationId: string; dayMs: number; moveId: string; now: Date },
  sends: SendToPlan[],
): Promise<z.infer<typeof plannedSend>[]> {
  const { organizationId, moveId, now, dayMs } = move;
  if (sends.length === 0) return [];
  const afterQuiet = await loadQuietHours(
    tx,
    organizationId,
    sends.map(({ personId }) => personId),
  );
  const runs = sends.map((send) => {
    const dueAt = afterQuiet(send.personId, send.due);
    return {
      id: newId(),
      stage_entry_id: send.stageEntryId,
      stage_action_id: send.stageActionId,
      template_id: send.templateId,
      application_id: send.applicationId,
      channel: send.channel,
      due_at: dueAt.toISOString(),
      quiet: dueAt > send.due,
      wanted_at: dueAt > send.due ? send.due : null,
    };
  });
  await tx.query(
    `insert into action_runs (organization_id, id, stage_entry_id, stage_action_id, template_id, move_id, application_id, channel, state,
       due_at, quiet, wanted_at, created_at)
     select $1, id, stage_entry_id, stage_action_id, template_id, $3, application_id, channel, 'planned', due_at, quiet, wanted_at, $4
     from jsonb_to_recordset($2::jsonb) as r(id uuid, stage_entry_id uuid, stage_action_id uuid, template_id uuid, application_id uuid,
       channel channel, due_at timestamptz, quiet boolean, wanted_at timestamptz)`,
    [organizationId, JSON.stringify(runs), moveId, now],
  );
  await tx.poke({
    organizationId,
    workflowType: 'stageMove',
    workflowId: stageMoveWorkflowId(moveId),
    payload: { organizationId, moveId },
  });
  const ended = await endedApplications(tx, organizationId, sends);
  const foretold = await foretell(
    tx,
    { organizationId, now, dayMs, spending: true },
    sends,
    ({ content }) => content,
  );
  return sends.map(({ applicationId, channel, stageActionId, content }, index) => {
    const reason = (stageActionId === null ? undefined : ended.get(applicationId)) ?? foretold[index]!.reason;
    return {
      applicationId,
      channel,
      templateName: content.template?.name ?? null,
      dueAt: runs[index]!.due_at,
      quiet: runs[index]!.quiet,
      willSend: reason === null,
      reason,
      reasonText: reason === null ? null : reasonText[reason],
    };
  });
}

async function endedApplications(
  tx: Tx,
  organizationId: string,
  sends: SendToPlan[],
): Promise<Map<string, ReasonCode>> {
  const rows = await tx.query<{ id: string; reason: ReasonCode }>(
    `select id, case when rejected_at is not null then 'rejected' else 'withdrawn' end as reason from applications
     where organization_id = $1 and id = any($2::uuid[]) and (rejected_at is not null or withdrawn_at is not null)`,
    [organizationId, sends.map(({ applicationId }) => applicationId)],
  );
  return new Map(rows.map(({ id, reason }) => [id, reason]));
}
