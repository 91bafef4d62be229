import type { Application } from '../../contracts/vacancies';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { announceApplication } from './announce-application';
import { newId, type Database, type Tx } from '../database';
import { fullNameSql, isoSql, type Queryable } from '../sql';
import { enterStage, type PlannedSend } from '../actions/stage-moves';
import { assertManages } from './manage-vacancy';
import { resolveReference, visibleApplication } from '../visibility';

/** An application with its stage history. */
export async function getApplication(
  db: Queryable,
  actor: Actor,
  applicationId: string,
): Promise<Application> {
  const [row] = await db.query<Application>(
    `select a.id, a.external_id as "externalId", a.person_id as "personId", ${fullNameSql('p')} as "personName",
       c.id as "conversationId", a.vacancy_id as "vacancyId", v.title as "vacancyTitle", a.stage_id as "stageId",
       s.name as "stageName", ${isoSql('a.rejected_at')} as "rejectedAt", ${isoSql('a.withdrawn_at')} as "withdrawnAt",
       (select jsonb_agg(jsonb_build_object('stageId', se.to_stage_id, 'stageName', entered.name,
           'enteredAt', ${isoSql('se.entered_at')}, 'leftAt', ${isoSql('se.left_at')},
           'by', coalesce(${fullNameSql('u')}, k.name)) order by se.entered_at, se.id)
         from stage_entries se
         join stages entered on entered.organization_id = se.organization_id and entered.id = se.to_stage_id
         left join users u on u.organization_id = se.organization_id and u.id = se.actor_user_id
         left join api_keys k on k.organization_id = se.organization_id and k.id = se.actor_api_key_id
         where se.organization_id = a.organization_id and se.application_id = a.id) as history
     from applications a
     join people p on p.organization_id = a.organization_id and p.id = a.person_id
     join conversations c on c.organization_id = a.organization_id and c.person_id = a.person_id
     join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id
     join stages s on s.organization_id = a.organization_id and s.id = a.stage_id
     where a.organization_id = $1 and a.id = $2 and ${visibleApplication(actor, 'a')}`,
    [actor.organizationId, applicationId],
  );
  if (!row) throw notFound('application');
  return row;
}

export type ApplicationInput = {
  personId: string;
  vacancyId: string;
  stageId?: string;
  externalId?: string | null;
  runActions: boolean;
  /** False: nobody is told of it, as when many are brought along. */
  announce?: boolean;
};

/**
 * Puts a candidate on a vacancy, or changes the application that has this external id or this candidate and vacancy. Only
 * entering a stage fires its actions (R-AUTO-2): when created, or when the stage given is another one.
 */
export async function upsertApplication(
  db: Database,
  context: { actor: Actor; dayMs: number },
  input: ApplicationInput,
): Promise<{ id: string; created: boolean; planned: PlannedSend[] }> {
  const { actor } = context;
  return db.transact(async (tx) => {
    const personId = await resolveReference(tx, actor, 'person', input.personId);
    const vacancyId = await resolveReference(tx, actor, 'vacancy', input.vacancyId);
    await assertManages(tx, actor, vacancyId);
    return putOnVacancy(tx, context, { ...input, personId, vacancyId });
  });
}

/** The same within a transaction, for a person and a vacancy of the organization. */
export async function putOnVacancy(
  tx: Tx,
  context: { actor: Actor; dayMs: number },
  input: ApplicationInput,
): Promise<{ id: string; created: boolean; planned: PlannedSend[] }> {
  const { organizationId } = context.actor;
  const { personId, vacancyId } = input;
  await assertCandidate(tx, organizationId, personId);
  // held until the end, so that of two requests for one candidate and vacancy the second finds the first's application
  const held = await tx.query(
    'select 1 from people where organization_id = $1 and id = $2 and erased_at is null for no key update',
    [organizationId, personId],
  );
  if (held.length === 0) throw notFound('person');
  const before = await findExisting(tx, organizationId, personId, vacancyId, input.externalId);
  const stageId = input.stageId ?? before?.stageId ?? (await firstStage(tx, organizationId, vacancyId));
  await assertStageOf(tx, organizationId, vacancyId, stageId);
  const id = before?.id ?? newId();
  if (!before) {
    await tx.query(
      // the stage entry follows in this transaction
      `insert into applications (organization_id, id, external_id, person_id, vacancy_id, stage_id, stage_entry_id, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $2, $7, $7)`,
      [organizationId, id, input.externalId ?? null, personId, vacancyId, stageId, await tx.now()],
    );
  } else if (input.externalId !== undefined && input.externalId !== before.externalId) {
    await tx.query(
      'update applications set external_id = $3, updated_at = $4 where organization_id = $1 and id = $2',
      [organizationId, id, input.externalId, await tx.now()],
    );
  }
  const entering =
    before?.stageId === stageId
      ? []
      : [{ applicationId: id, personId, fromStageId: before?.stageId ?? null }];
  const { planned } = await enterStage(tx, context, {
    stageId,
    vacancyId,
    runActions: input.runActions,
    entering,
  });
  // who adds somebody by hand knows
  const byHand = context.actor.user !== null && context.actor.apiKeyId === null;
  if (!before && !byHand && input.announce !== false)
    await announceApplication(tx, context.actor, { id, personId, vacancyId });
  return { id, created: !before, planned };
}

type Existing = {
  id: string;
  personId: string;
  vacancyId: string;
  stageId: string;
  externalId: string | null;
};

async function findExisting(
  tx: Tx,
  organizationId: string,
  personId: string,
  vacancyId: string,
  externalId: string | null | undefined,
): Promise<Existing | undefined> {
  const rows = await tx.query<Existing>(
    `select id, person_id as "personId", vacancy_id as "vacancyId", stage_id as "stageId", external_id as "externalId"
     from applications
     where organization_id = $1 and ((person_id = $2 and vacancy_id = $3) or external_id = $4)
     order by id for update`,
    [organizationId, personId, vacancyId, externalId ?? null],
  );
  const other = rows.find((row) => row.personId !== personId || row.vacancyId !== vacancyId);
  if (other) {
    throw new DomainError('already_exists', 'This external id belongs to another application.', {
      errors: [{ path: 'externalId', message: 'belongs to another candidate or vacancy' }],
    });
  }
  return rows[0];
}

async function assertCandidate(tx: Tx, organizationId: string, personId: string): Promise<void> {
  const rows = await tx.query(
    `select 1 from people where organization_id = $1 and id = $2 and kind = 'candidate'`,
    [organizationId, personId],
  );
  if (rows.length === 0) throw invalid('personId', 'is a contact; only candidates apply');
}

async function firstStage(tx: Tx, organizationId: string, vacancyId: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'select id from stages where organization_id = $1 and vacancy_id = $2 order by position, id limit 1',
    [organizationId, vacancyId],
  );
  if (!row) throw invalid('vacancyId', 'has no stages yet');
  return row.id;
}

async function assertStageOf(
  tx: Tx,
  organizationId: string,
  vacancyId: string,
  stageId: string,
): Promise<void> {
  const rows = await tx.query(
    'select 1 from stages where organization_id = $1 and vacancy_id = $2 and id = $3',
    [organizationId, vacancyId, stageId],
  );
  if (rows.length === 0) throw invalid('stageId', 'is no stage of this vacancy');
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });
