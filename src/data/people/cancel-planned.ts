import { stageMoveWorkflowId } from '../../domain/workflow-ids';
import type { Tx } from '../database';
import { pokeScheduled } from '../scheduled/fallbacks';

type Of = { organizationId: string; personIds: string[] };

/** Whoever sends these locks them before the conversation. */
export async function lockPlanned(tx: Tx, organizationId: string, personIds: string[]): Promise<void> {
  const whose = [organizationId, personIds];
  await tx.query(
    `select 1 from action_runs r join applications a on a.organization_id = r.organization_id and a.id = r.application_id
     where a.organization_id = $1 and a.person_id = any($2::uuid[]) and r.state = 'planned' order by r.id for update of r`,
    whose,
  );
  await tx.query(
    `select 1 from scheduled_messages where organization_id = $1 and person_id = any($2::uuid[]) and state = 'planned' order by id for update`,
    whose,
  );
  await tx.query(
    `select 1 from bulk_recipients where organization_id = $1 and person_id = any($2::uuid[]) and state = 'waiting'
     order by bulk_send_id, position for update`,
    whose,
  );
}

/** R-AUTO, R-SEND-6, R-SEND-7, R-SEND-9: nothing that is planned for an erased person goes. Workflows that wait for it hear of it. */
export async function cancelPlanned(tx: Tx, { organizationId, personIds }: Of, now: Date): Promise<void> {
  const whose = [organizationId, personIds];
  const runs = await tx.query<{ moveId: string }>(
    `update action_runs r set state = 'cancelled', reason = 'erased', settled_at = $3 from applications a
     where a.organization_id = $1 and a.person_id = any($2::uuid[]) and r.organization_id = a.organization_id and r.application_id = a.id
       and r.state = 'planned' returning r.move_id as "moveId"`,
    [...whose, now],
  );
  const scheduled = await tx.query<{ batchId: string }>(
    `update scheduled_messages set state = 'cancelled', reason = 'erased', settled_at = $3
     where organization_id = $1 and person_id = any($2::uuid[]) and state = 'planned' returning batch_id as "batchId"`,
    [...whose, now],
  );
  await tx.query(
    `update bulk_recipients set state = 'cancelled', reason = 'erased', not_before = null
     where organization_id = $1 and person_id = any($2::uuid[]) and state = 'waiting'`,
    whose,
  );
  for (const moveId of new Set(runs.map((run) => run.moveId)))
    await tx.poke({
      organizationId,
      workflowType: 'stageMove',
      workflowId: stageMoveWorkflowId(moveId),
      payload: { organizationId, moveId },
    });
  for (const batchId of new Set(scheduled.map((one) => one.batchId)))
    await pokeScheduled(tx, organizationId, batchId);
}
