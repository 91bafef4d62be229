import { z } from 'zod';
import type { Vacancy, vacancyRow } from '../../contracts/vacancies';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { writeAudit } from '../organization/audit';
import { newId, type Database, type Tx } from '../database';
import { assertManages } from './manage-vacancy';
import { decodeCursor, toPage, type Page } from '../page';
import { createParams, fullNameSql, likeText, userSummarySql, type Queryable } from '../sql';
import { stagesSql } from './stages';
import { assertActiveUsers } from '../organization/users';
import { visibleVacancy } from '../visibility';

export type VacancyRow = z.infer<typeof vacancyRow>;

/** The team of a row of `vacancies`. */
const usersSql = (alias: string): string => `coalesce((
  select jsonb_agg(${userSummarySql('team')} order by ${fullNameSql('team')}, team.id)
  from vacancy_users vu join users team on team.organization_id = vu.organization_id and team.id = vu.user_id
  where vu.organization_id = ${alias}.organization_id and vu.vacancy_id = ${alias}.id), '[]')`;

const position = z.tuple([z.string(), z.string(), z.uuid()]);

/** Those that the actor may see: the open ones first, by title. */
export async function listVacancies(
  db: Database,
  actor: Actor,
  query: { status?: 'open' | 'closed'; q?: string; cursor?: string; limit: number },
): Promise<Page<VacancyRow>> {
  const params = createParams(actor.organizationId);
  const conditions = ['v.organization_id = $1', visibleVacancy(actor, 'v')];
  if (query.status) conditions.push(`v.status = ${params.add(query.status)}`);
  for (const word of (query.q ?? '').split(/\s+/).filter((part) => part !== ''))
    conditions.push(`v.title ilike ${params.add(`%${likeText(word)}%`)}`);
  if (query.cursor !== undefined) {
    const [status, title, id] = decodeCursor(query.cursor, position).map((value) => params.add(value));
    conditions.push(`(v.status, v.title, v.id) > (${status}::vacancy_status, ${title}, ${id}::uuid)`);
  }
  const rows = await db.query<VacancyRow>(
    `select v.id, v.title, v.status, ${usersSql('v')} as users,
       (select count(*)::int from applications a
         where a.organization_id = v.organization_id and a.vacancy_id = v.id
           and a.rejected_at is null and a.withdrawn_at is null and a.erased_at is null) as "applicationCount"
     from vacancies v where ${conditions.join(' and ')}
     order by v.status, v.title, v.id limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(
    rows,
    query.limit,
    (row) => row,
    (row) => [row.status, row.title, row.id],
  );
}

export async function getVacancy(db: Queryable, actor: Actor, vacancyId: string): Promise<Vacancy> {
  const [row] = await db.query<Vacancy>(
    `select v.id, v.external_id as "externalId", v.title, v.status, coalesce(v.notification_emails, '{}') as "notificationEmails",
       ${stagesSql('v')} as stages, ${usersSql('v')} as users
     from vacancies v where v.organization_id = $1 and v.id = $2 and ${visibleVacancy(actor, 'v')}`,
    [actor.organizationId, vacancyId],
  );
  if (!row) throw notFound('vacancy');
  return row;
}

export type VacancyInput = {
  title: string;
  externalId?: string | null;
  notificationEmails?: string[];
  stages?: { name: string; externalId?: string | null }[];
  userIds?: string[];
};

const firstStages = [{ name: 'New' }, { name: 'Interview' }, { name: 'Offer' }, { name: 'Hired' }];

/** Creates a vacancy with its stages, or changes the one with this external id (its stages stay). */
export async function upsertVacancy(
  db: Database,
  actor: Actor,
  input: VacancyInput,
): Promise<{ id: string; created: boolean }> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    const now = await tx.now();
    const newVacancyId = newId();
    const [row] = await tx.query<{ id: string }>(
      `insert into vacancies (organization_id, id, external_id, title, notification_emails, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, $6)
       on conflict (organization_id, external_id) do update set updated_at = excluded.updated_at returning id`,
      [
        organizationId,
        newVacancyId,
        input.externalId ?? null,
        input.title,
        input.notificationEmails ?? [],
        now,
      ],
    );
    const { id } = row!;
    if (id !== newVacancyId) {
      await change(tx, actor, id, input);
      return { id, created: false };
    }
    const stages = (input.stages ?? firstStages).map((stage, index) => ({
      id: newId(),
      name: stage.name,
      external_id: 'externalId' in stage ? (stage.externalId ?? null) : null,
      position: index,
    }));
    await tx.query(
      `insert into stages (organization_id, id, vacancy_id, external_id, name, position, created_at)
       select $1, id, $2, external_id, name, position, $4
       from jsonb_to_recordset($3::jsonb) as s(id uuid, external_id text, name text, position int)`,
      [organizationId, id, JSON.stringify(stages), now],
    );
    // who creates a vacancy works on it, unless a team is named
    const creator = actor.user && actor.user.role !== 'administrator' ? [actor.user.id] : [];
    await replaceTeam(tx, organizationId, id, input.userIds ?? creator);
    tx.notice({ type: 'board', organizationId, vacancyId: id });
    return { id, created: true };
  });
}

export type VacancyPatch = {
  title?: string;
  status?: 'open' | 'closed';
  notificationEmails?: string[];
  userIds?: string[];
};

/** @throws DomainError `not_permitted` for office users who are not of the team */
export async function changeVacancy(
  db: Database,
  actor: Actor,
  vacancyId: string,
  patch: VacancyPatch,
): Promise<void> {
  await db.transact((tx) => change(tx, actor, vacancyId, patch));
}

async function change(tx: Tx, actor: Actor, vacancyId: string, patch: VacancyPatch): Promise<void> {
  const { organizationId } = actor;
  await assertManages(tx, actor, vacancyId);
  const params = createParams(organizationId, vacancyId, await tx.now());
  const sets = Object.entries({
    title: patch.title,
    status: patch.status,
    notification_emails: patch.notificationEmails,
  })
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `, ${column} = ${params.add(value)}`);
  await tx.query(
    `update vacancies set updated_at = $3${sets.join('')} where organization_id = $1 and id = $2`,
    params.values,
  );
  if (patch.userIds) await changeTeam(tx, actor, vacancyId, patch.userIds);
  tx.notice({ type: 'board', organizationId, vacancyId });
}

/** R-LOG-6: who is assigned decides who may see and send. */
async function changeTeam(tx: Tx, actor: Actor, vacancyId: string, userIds: string[]): Promise<void> {
  const team = async () =>
    (
      await tx.query<{ userId: string }>(
        'select user_id as "userId" from vacancy_users where organization_id = $1 and vacancy_id = $2 order by user_id',
        [actor.organizationId, vacancyId],
      )
    ).map(({ userId }) => userId);
  const before = await team();
  await replaceTeam(tx, actor.organizationId, vacancyId, userIds);
  const after = await team();
  if (before.join() === after.join()) return;
  await writeAudit(tx, actor, {
    action: 'vacancy.teamChanged',
    target: 'vacancy',
    targetId: vacancyId,
    before: { userIds: before },
    after: { userIds: after },
  });
}

async function replaceTeam(
  tx: Tx,
  organizationId: string,
  vacancyId: string,
  userIds: string[],
): Promise<void> {
  await assertActiveUsers(tx, organizationId, userIds, 'userIds');
  await tx.query(
    `delete from vacancy_users where organization_id = $1 and vacancy_id = $2 and user_id <> all($3::uuid[])`,
    [organizationId, vacancyId, userIds],
  );
  await tx.query(
    `insert into vacancy_users (organization_id, vacancy_id, user_id)
     select distinct $1::uuid, $2::uuid, u from unnest($3::uuid[]) as u on conflict do nothing`,
    [organizationId, vacancyId, userIds],
  );
}
