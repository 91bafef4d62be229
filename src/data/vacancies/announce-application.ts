import type { Actor } from '../../domain/permissions';
import type { Database, Tx } from '../database';
import { notify } from '../notify';
import { fullNameSql } from '../sql';

/** Further applications for a vacancy within this time are counted in the notification that was not seen yet. */
const quietMs = 3_600_000;

/**
 * A new application (R-MAIL-2): in the app for the vacancy's users and the Administrators, and by mail to its notification addresses. Many
 * at once, as an ATS brings them along, are one notification, and one mail every ten minutes.
 */
export async function announceApplication(
  tx: Tx,
  actor: Actor,
  application: { id: string; personId: string; vacancyId: string },
): Promise<void> {
  const { organizationId } = actor;
  const [vacancy] = await tx.query<{ title: string; conversationId: string | null; byMail: boolean }>(
    `select v.title, coalesce(v.notification_emails, '{}') <> '{}' as "byMail",
       (select c.id from conversations c where c.organization_id = v.organization_id and c.person_id = $3) as "conversationId"
     from vacancies v where v.organization_id = $1 and v.id = $2`,
    [organizationId, application.vacancyId, application.personId],
  );
  if (!vacancy) return;
  const now = await tx.now();
  if (vacancy.byMail) {
    await tx.query(
      `insert into application_notices (organization_id, application_id, vacancy_id, created_at) values ($1, $2, $3, $4)
       on conflict do nothing`,
      [organizationId, application.id, application.vacancyId, now],
    );
  }
  const users = await tx.query<{ id: string }>(
    `select u.id from users u where u.organization_id = $1 and u.deactivated_at is null and u.id is distinct from $3
       and (u.role = 'administrator' or exists (select 1 from vacancy_users vu
         where vu.organization_id = u.organization_id and vu.vacancy_id = $2 and vu.user_id = u.id))`,
    [organizationId, application.vacancyId, actor.user?.id ?? null],
  );
  const { personId } = application;
  const conversationId = vacancy.conversationId;
  const data = { applicationId: application.id, vacancyId: application.vacancyId, name: vacancy.title };
  const counted = await tx.query<{ userId: string }>(
    `update notifications n set person_id = $3, conversation_id = $4,
       data = $5::jsonb || jsonb_build_object('count', coalesce((n.data ->> 'count')::int, 1) + 1)
     from (select id from notifications where organization_id = $1 and id in (
         select distinct on (user_id) id from notifications where organization_id = $1 and user_id = any($2::uuid[]) and seen_at is null
           and kind = 'application' and data ->> 'vacancyId' = $6 and occurred_at > $7 order by user_id, id desc)
         order by id for update) unseen
     where n.organization_id = $1 and n.id = unseen.id returning n.user_id as "userId"`,
    [
      organizationId,
      users.map(({ id }) => id),
      personId,
      conversationId,
      JSON.stringify(data),
      application.vacancyId,
      new Date(now.getTime() - quietMs),
    ],
  );
  const told = new Set(counted.map(({ userId }) => userId));
  await notify(tx, organizationId, {
    userIds: users.flatMap(({ id }) => (told.has(id) ? [] : [id])),
    kind: 'application',
    personId,
    conversationId,
    data,
    at: now,
  });
}

export type ApplicationsToMail = {
  organizationId: string;
  vacancyId: string;
  vacancyTitle: string;
  /** Of nobody who has left. */
  addresses: string[];
  /** All that the mail is about, also those that are gone. */
  noticeIds: string[];
  /** How many are there still. */
  count: number;
  /** The first of them. */
  applications: { id: string; name: string }[];
};

/** A vacancy's mail waits until the one before is so old. */
const mailEveryMs = 10 * 60_000;
const namedAtMost = 20;

export async function applicationsToMail(db: Database): Promise<ApplicationsToMail[]> {
  const now = await db.now();
  return db.query<ApplicationsToMail>(
    `with due as (
       select n.organization_id, n.vacancy_id, n.application_id, a.id, ${fullNameSql('p')} as name,
         row_number() over (partition by n.organization_id, n.vacancy_id, a.id is null order by n.created_at, n.application_id) as number
       from application_notices n
       left join applications a on a.organization_id = n.organization_id and a.id = n.application_id
       left join people p on p.organization_id = a.organization_id and p.id = a.person_id
       where n.mailed_at is null and not exists (select 1 from application_notices mailed
         where mailed.organization_id = n.organization_id and mailed.vacancy_id = n.vacancy_id and mailed.mailed_at > $1))
     select d.organization_id as "organizationId", v.id as "vacancyId", v.title as "vacancyTitle",
       array(select address from unnest(v.notification_emails) address where not exists (
         select 1 from users u where u.organization_id = d.organization_id and lower(u.email) = lower(trim(address))
           and u.deactivated_at is not null)) as addresses,
       array_agg(d.application_id) as "noticeIds", count(d.id)::int as count,
       coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name) order by d.number)
         filter (where d.id is not null and d.number <= ${namedAtMost}), '[]') as applications
     from due d join vacancies v on v.organization_id = d.organization_id and v.id = d.vacancy_id
     group by d.organization_id, v.id, v.title, v.notification_emails limit 100`,
    [new Date(now.getTime() - mailEveryMs)],
  );
}

export async function noteApplicationsMailed(db: Database, about: ApplicationsToMail): Promise<void> {
  await db.query(
    'update application_notices set mailed_at = $3 where organization_id = $1 and application_id = any($2::uuid[])',
    [about.organizationId, about.noticeIds, await db.now()],
  );
}
