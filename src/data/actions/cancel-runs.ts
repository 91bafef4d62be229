import type { ReasonCode } from '../../contracts/reasons';
import type { Actor } from '../../domain/permissions';
import type { Tx } from '../database';
import { writeTimeline } from '../conversations/timeline';

/** Which planned messages: of what the stage does for applications, of rejections, of an action (over some channels), or single ones. */
export type Planned =
  | { of: 'stage' | 'rejection'; applicationIds: string[] }
  | { of: 'action'; actionId: string; exceptChannels: string[] }
  | { of: 'runs'; runIds: string[] };

/** Cancels what is planned and not yet sent, and says so on each timeline. Returns how many there were. */
export async function cancelRuns(
  tx: Tx,
  organizationId: string,
  planned: Planned,
  why: { reason: ReasonCode; actor: Actor | null },
): Promise<number> {
  const at = await tx.now();
  const { condition, values } = conditionOf(planned);
  const cancelled = await tx.query<{
    personId: string;
    applicationId: string;
    channel: string;
    template: string | null;
  }>(
    `with cancelled as (
       update action_runs r set state = 'cancelled', reason = $2, settled_at = $3
       where r.organization_id = $1 and r.state = 'planned' and ${condition} returning r.*)
     select a.person_id as "personId", r.application_id as "applicationId", r.channel, t.name as template
     from cancelled r
     join applications a on a.organization_id = r.organization_id and a.id = r.application_id
     left join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
     left join templates t on t.organization_id = r.organization_id and t.id = coalesce(r.template_id, sa.template_id)`,
    [organizationId, why.reason, at, ...values],
  );
  await writeTimeline(
    tx,
    organizationId,
    cancelled.map(({ personId, applicationId, channel, template }) => ({
      personId,
      applicationId,
      kind: 'messageSuppressed',
      actorUserId: why.actor?.user?.id ?? null,
      actorApiKeyId: why.actor?.apiKeyId ?? null,
      data: { automatic: true, reason: why.reason, channel, ...(template ? { template } : {}) },
      occurredAt: at,
    })),
  );
  return cancelled.length;
}

function conditionOf(planned: Planned): { condition: string; values: unknown[] } {
  switch (planned.of) {
    case 'stage':
      return {
        condition: 'r.application_id = any($4::uuid[]) and r.stage_action_id is not null',
        values: [planned.applicationIds],
      };
    case 'rejection':
      return {
        condition: 'r.application_id = any($4::uuid[]) and r.stage_action_id is null',
        values: [planned.applicationIds],
      };
    case 'action':
      return {
        condition: 'r.stage_action_id = $4 and r.channel <> all($5::channel[])',
        values: [planned.actionId, planned.exceptChannels],
      };
    case 'runs':
      return { condition: 'r.id = any($4::uuid[])', values: [planned.runIds] };
  }
}
