import { quietUntil } from '../../domain/quiet-hours';
import { bulkSendWorkflowId, scheduledSendWorkflowId, stageMoveWorkflowId } from '../../domain/workflow-ids';
import type { Tx } from '../database';
import { readQuietHours } from './quiet-hours';

/** Whose waiting messages: everybody's, or those of some people. */
type Whose = { organizationId: string; personIds?: string[] };

/**
 * R-SEND-10: quiet hours, or somebody's time zone, are others now. What waits (automatic messages, scheduled ones, recipients of a
 * message to many) gets the instant that is right by them, so that what is shown is what will happen; their workflows are woken.
 */
export async function replanWaiting(tx: Tx, whose: Whose): Promise<void> {
  const { organizationId, personIds = null } = whose;
  const hours = await readQuietHours(tx, organizationId);
  const now = await tx.now();
  const values = [organizationId, personIds, now];
  /** `waiting`: rows with `zone` and `wanted`, by `$1` to `$3`. What they become, as rows of `zone`, `wanted`, `due` and `quiet`. */
  const answersOf = async (waiting: string): Promise<string> => {
    const rows = await tx.query<{ zone: string; wanted: Date }>(
      `select distinct w.zone, w.wanted from (${waiting}) w`,
      values,
    );
    return JSON.stringify(
      rows.map(({ zone, wanted }) => {
        const due = quietUntil(wanted, hours, zone);
        return { zone, wanted, due, quiet: due > wanted };
      }),
    );
  };

  const moved = await tx.query<{ moveId: string; vacancyId: string }>(
    `with w as materialized (${waitingRuns})
     update action_runs r set due_at = a.due, quiet = a.quiet, wanted_at = ${wantedSql('r')}
     from w join ${answers} on a.zone = w.zone and a.wanted = w.wanted
     where r.organization_id = $1 and r.id = w.id and (r.due_at, r.quiet) is distinct from (a.due, a.quiet)
     returning r.move_id as "moveId", w.vacancy_id as "vacancyId"`,
    [...values, await answersOf(waitingRuns)],
  );
  for (const moveId of distinct(moved.map((run) => run.moveId))) {
    await tx.poke({
      organizationId,
      workflowType: 'stageMove',
      workflowId: stageMoveWorkflowId(moveId),
      payload: { organizationId, moveId },
    });
  }
  for (const vacancyId of distinct(moved.map((run) => run.vacancyId)))
    tx.notice({ type: 'board', organizationId, vacancyId });

  const scheduled = await tx.query<{ batchId: string }>(
    `with w as materialized (${waitingScheduled})
     update scheduled_messages s set due_at = a.due, quiet = a.quiet, wanted_at = ${wantedSql('s')}
     from w join ${answers} on a.zone = w.zone and a.wanted = w.wanted
     where s.organization_id = $1 and s.id = w.id and (s.due_at, s.quiet) is distinct from (a.due, a.quiet)
     returning s.batch_id as "batchId"`,
    [...values, await answersOf(waitingScheduled)],
  );
  for (const batchId of distinct(scheduled.map((message) => message.batchId))) {
    await tx.poke({
      organizationId,
      workflowType: 'scheduledSend',
      workflowId: scheduledSendWorkflowId(batchId),
      payload: { organizationId, batchId },
    });
  }

  const recipients = await tx.query<{ bulkSendId: string; running: boolean }>(
    `with w as materialized (${waitingRecipients})
     update bulk_recipients r set not_before = a.due
     from w join ${answers} on a.zone = w.zone and a.wanted = w.wanted
     where r.organization_id = $1 and r.bulk_send_id = w.bulk_send_id and r.position = w.position
       and r.not_before is distinct from a.due
     returning r.bulk_send_id as "bulkSendId", w.running`,
    [...values, await answersOf(waitingRecipients)],
  );
  for (const bulkSendId of distinct(recipients.flatMap((one) => (one.running ? one.bulkSendId : [])))) {
    await tx.poke({
      organizationId,
      workflowType: 'bulkSend',
      workflowId: bulkSendWorkflowId(bulkSendId),
      payload: { organizationId, bulkSendId },
    });
  }

  // What was accepted and is held up by them is decided on anew (`wakeResumed`).
  await tx.query(
    `update conversations set blocked_by = 'resuming', not_before = null
     where organization_id = $1 and blocked_by = 'quiet_hours' and ($2::uuid[] is null or person_id = any($2::uuid[]))`,
    [organizationId, personIds],
  );
}

const answers =
  'jsonb_to_recordset($4::jsonb) as a(zone text, wanted timestamptz, due timestamptz, quiet boolean)';

/** When it was wanted first stays, also where the night has ended by this: it goes in that order (`earlierWaitsSql`). */
const wantedSql = (alias: string): string =>
  `nullif(least(case when ${alias}.quiet then ${alias}.wanted_at end, a.wanted), a.due)`;

/**
 * A look by key for each row, and what waits is found before it is matched with the answers: on a young installation PostgreSQL has
 * counted nothing yet, takes every table for empty, and would otherwise combine all rows with all rows.
 */
const zoneOf = (personId: string): string =>
  `(select coalesce(p.time_zone, o.time_zone) from people p join organizations o on o.id = p.organization_id
    where p.organization_id = $1 and p.id = ${personId}) as zone`;

/** What is due already is left to those who send it: they look at the clock themselves. */
const waitingRuns = `select r.id, ap.vacancy_id, ${zoneOf('ap.person_id')},
    greatest(least(r.due_at, coalesce(r.wanted_at, case when r.quiet then r.created_at + coalesce(sa.delay_seconds, 0) * interval '1 second'
      else r.due_at end)), $3::timestamptz) as wanted
  from action_runs r
  join applications ap on ap.organization_id = r.organization_id and ap.id = r.application_id
    and ($2::uuid[] is null or ap.person_id = any($2::uuid[]))
  left join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
  where r.organization_id = $1 and r.state = 'planned' and r.due_at > $3`;

const waitingScheduled = `select s.id, ${zoneOf('s.person_id')}, greatest(least(s.due_at, coalesce(s.wanted_at, s.due_at)), $3::timestamptz) as wanted
  from scheduled_messages s
  where s.organization_id = $1 and ($2::uuid[] is null or s.person_id = any($2::uuid[])) and s.state = 'planned' and s.due_at > $3`;

/** One that is scheduled waits for its hour, not for the end of a night. */
const waitingRecipients = `select r.bulk_send_id, r.position, b.state = 'running' as running, ${zoneOf('r.person_id')}, $3::timestamptz as wanted
  from bulk_sends b
  join bulk_recipients r on r.organization_id = b.organization_id and r.bulk_send_id = b.id and r.state = 'waiting' and r.not_before > $3
    and ($2::uuid[] is null or r.person_id = any($2::uuid[]))
  where b.organization_id = $1 and b.state in ('running', 'paused') and (b.scheduled_at is null or b.scheduled_at <= $3)`;

const distinct = (ids: string[]): string[] => [...new Set(ids)];
