import type { MoveProgress, UpcomingSend } from '../../contracts/actions';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError, notFound } from '../../domain/errors';
import { mayManageVacancy, type Actor } from '../../domain/permissions';
import { cancelRuns } from './cancel-runs';
import type { Database } from '../database';
import { foretell, templateContentSql, type SendContent } from './foretell';
import { isoSql } from '../sql';
import { listUpcomingScheduled } from '../scheduled/upcoming-scheduled';
import { visibleApplication, visibleVacancy } from '../visibility';

type Row = Omit<
  UpcomingSend,
  | 'applicationId'
  | 'channel'
  | 'willSend'
  | 'reason'
  | 'reasonText'
  | 'waitsText'
  | 'mayCancel'
  | 'kind'
  | 'by'
  | 'title'
  | 'files'
  | 'copies'
> & {
  applicationId: string;
  channel: SendChannel;
  personId: string;
  content: SendContent;
  assigned: boolean;
  ended: ReasonCode | null;
};

const shown = 200;

/** What a person, or one application, will be sent next, the soonest first; whether it will is judged by what is known now. */
export async function listUpcoming(
  db: Database,
  context: { actor: Actor; dayMs: number },
  of: { personId: string } | { applicationId: string },
): Promise<UpcomingSend[]> {
  const [automatic, scheduled] = await Promise.all([
    listPlanned(db, context, of),
    listUpcomingScheduled(db, context, of, shown),
  ]);
  return [...automatic, ...scheduled]
    .sort((one, other) => (one.dueAt < other.dueAt ? -1 : one.dueAt > other.dueAt ? 1 : 0))
    .slice(0, shown);
}

async function listPlanned(
  db: Database,
  { actor, dayMs }: { actor: Actor; dayMs: number },
  of: { personId: string } | { applicationId: string },
): Promise<UpcomingSend[]> {
  const { organizationId } = actor;
  const byPerson = 'personId' in of;
  const rows = await db.query<Row>(
    `select r.id, r.application_id as "applicationId", a.person_id as "personId", v.id as "vacancyId", v.title as "vacancyTitle",
       s.name as "stageName", r.channel, t.name as "templateName", sa.body as text,
       ${isoSql('r.due_at')} as "dueAt", r.quiet,
       jsonb_build_object('template', ${templateContentSql('t')}, 'title', sa.title, 'body', sa.body) as content,
       case when r.stage_action_id is null then null when a.rejected_at is not null then 'rejected'
         when a.withdrawn_at is not null then 'withdrawn' end as ended,
       exists (select 1 from vacancy_users vu where vu.organization_id = v.organization_id and vu.vacancy_id = v.id
         and vu.user_id = $3) as assigned
     from applications a
     join action_runs r on r.organization_id = a.organization_id and r.application_id = a.id and r.state = 'planned'
     join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     left join stage_actions sa on sa.organization_id = r.organization_id and sa.id = r.stage_action_id
     left join templates t on t.organization_id = r.organization_id and t.id = coalesce(r.template_id, sa.template_id) and t.removed_at is null
     where a.organization_id = $1 and ${byPerson ? 'a.person_id' : 'a.id'} = $2 and ${visibleApplication(actor, 'a')}
     order by r.due_at, r.id limit ${shown}`,
    [organizationId, byPerson ? of.personId : of.applicationId, actor.user?.id ?? null],
  );
  const now = await db.now();
  const foretold = await foretell(
    db,
    { organizationId, now, dayMs, spending: true },
    rows,
    ({ content }) => content,
  );
  return rows.map(({ personId: _, content, assigned, ended, ...row }, index) => {
    const reason = ended ?? foretold[index]!.reason;
    return {
      ...row,
      kind: 'automatic',
      title: content.title ?? content.template?.title ?? null,
      files: [],
      copies: null,
      by: null,
      willSend: reason === null,
      reason,
      reasonText: reason === null ? null : reasonText[reason],
      waitsText: waitsText(row, now),
      mayCancel: mayManageVacancy(actor, { assigned }),
    };
  });
}

function waitsText({ quiet, dueAt }: Pick<Row, 'quiet' | 'dueAt'>, now: Date): string {
  if (new Date(dueAt) <= now) return 'It is due and about to be sent.';
  return quiet ? 'It waits until the quiet hours end.' : 'It waits for its delay.';
}

/** Cancels one of them; the timeline says by whom. */
export async function cancelUpcoming(db: Database, actor: Actor, runId: string): Promise<void> {
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    const [run] = await tx.query<{ vacancyId: string; assigned: boolean }>(
      `select a.vacancy_id as "vacancyId", exists (select 1 from vacancy_users vu where vu.organization_id = a.organization_id
         and vu.vacancy_id = a.vacancy_id and vu.user_id = $3) as assigned
       from action_runs r join applications a on a.organization_id = r.organization_id and a.id = r.application_id
       where r.organization_id = $1 and r.id = $2 and ${visibleApplication(actor, 'a')}`,
      [organizationId, runId, actor.user?.id ?? null],
    );
    if (!run) throw notFound('planned message');
    if (!mayManageVacancy(actor, run)) {
      throw new DomainError(
        'not_permitted',
        'Only Administrators, and Supervisors and Recruiters assigned to the vacancy, may cancel its automatic messages.',
      );
    }
    const cancelled = await cancelRuns(
      tx,
      organizationId,
      { of: 'runs', runIds: [runId] },
      { reason: 'cancelled', actor },
    );
    if (cancelled === 0)
      throw new DomainError(
        'conflict',
        'This message is no longer waiting: it was sent or cancelled before.',
      );
    tx.notice({ type: 'board', organizationId, vacancyId: run.vacancyId });
  });
}

/** How far the messages of a move are. */
export async function readProgress(db: Database, actor: Actor, moveId: string): Promise<MoveProgress> {
  const [row] = await db.query<MoveProgress>(
    `select sm.id as "moveId", sm.count as applications, counts.* from stage_moves sm
     join vacancies v on v.organization_id = sm.organization_id and v.id = sm.vacancy_id
     cross join lateral (
       select count(*)::int as total,
         count(*) filter (where r.state = 'planned' and r.due_at > $3)::int as waiting,
         count(*) filter (where (r.state = 'planned' and r.due_at <= $3)
           or (r.state = 'done' and m.state in ('scheduled', 'queued', 'dispatching', 'unknown')))::int as sending,
         count(*) filter (where r.state = 'done' and m.state in ('sent', 'delivered', 'read'))::int as sent,
         count(*) filter (where r.state = 'suppressed'
           or (r.state = 'done' and m.state in ('failed', 'suppressed', 'unconfirmed')))::int as "notSent",
         count(*) filter (where r.state = 'cancelled' or (r.state = 'done' and m.state = 'cancelled'))::int as cancelled,
         ${isoSql("min(r.due_at) filter (where r.state = 'planned')")} as "nextDueAt"
       from action_runs r left join messages m on m.organization_id = r.organization_id and m.id = r.message_id
       where r.organization_id = sm.organization_id and r.move_id = sm.id) counts
     where sm.organization_id = $1 and sm.id = $2 and ${visibleVacancy(actor, 'v')}`,
    [actor.organizationId, moveId, await db.now()],
  );
  if (!row) throw notFound('move');
  return row;
}
