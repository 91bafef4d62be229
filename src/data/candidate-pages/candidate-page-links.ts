import type { CandidatePageSummary } from '../../contracts/candidate-pages';
import type { Brand, Language } from '../../contracts/common';
import type { CandidatePageLink } from '../../domain/candidate-page-link';
import { notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import type { Database } from '../database';
import { writeAudit } from '../organization/audit';
import { brandSql } from '../organization/brand';
import { isoSql, type Queryable } from '../sql';
import { pageLivesDays } from './candidate-pages';

/** Pages of a person, and of whoever became part of them; `cp` is the page. */
const pagesOfPersonSql = `candidate_pages cp
  join people p on p.organization_id = cp.organization_id and p.id = cp.person_id and $2 in (p.id, p.merged_into_id)
  left join applications a on a.organization_id = cp.organization_id and a.id = cp.application_id
  left join vacancies v on v.organization_id = a.organization_id and v.id = a.vacancy_id`;

/** The pages in a person's file, those last written on first. */
export async function listCandidatePages(
  db: Queryable,
  { organizationId }: Actor,
  personId: string,
): Promise<CandidatePageSummary[]> {
  return db.query<CandidatePageSummary>(
    `select cp.id, cp.application_id as "applicationId", v.title as "vacancyTitle",
       ${isoSql(`cp.last_message_at + interval '${pageLivesDays} days'`)} as "livesUntil"
     from ${pagesOfPersonSql}
     where cp.organization_id = $1 and (cp.application_id is null or a.id is not null)
     order by cp.last_message_at desc, cp.id`,
    [organizationId, personId],
  );
}

/** All links of the page that were given out are dead from now on, and none works until the next is given out. */
export async function revokeCandidatePage(
  db: Database,
  actor: Actor,
  personId: string,
  pageId: string,
): Promise<void> {
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    const [page] = await tx.query<{ applicationId: string | null; conversationId: string }>(
      `update candidate_pages cp set version = version + 1,
         last_message_at = least(cp.last_message_at, $4::timestamptz - interval '${pageLivesDays} days') from people p, conversations c
       where cp.organization_id = $1 and cp.id = $3 and p.organization_id = cp.organization_id and p.id = cp.person_id
         and $2 in (p.id, p.merged_into_id) and c.organization_id = cp.organization_id and c.person_id = $2
       returning cp.application_id as "applicationId", c.id as "conversationId"`,
      [organizationId, personId, pageId, await tx.now()],
    );
    if (!page) throw notFound('candidate page');
    const { applicationId, conversationId } = page;
    await writeAudit(tx, actor, {
      action: 'candidatePage.revoked',
      target: 'person',
      targetId: personId,
      after: { applicationId },
    });
    // whoever has the page open sees that it is gone
    tx.notice({ type: 'conversation', organizationId, conversationId, personId });
  });
}

export type RenewedLinks = {
  companyName: string;
  brand: Brand;
  language: Language;
  links: (CandidatePageLink & { vacancyTitle: string | null })[];
};

/**
 * Links to the pages of whoever has this address, by a link that works no more: of the matches that go on, and the page that it was for.
 * What had run out lives again, by its new link alone. Undefined where there is nobody, or nothing to read.
 */
export async function renewLinks(
  db: Database,
  link: CandidatePageLink,
  address: string,
): Promise<RenewedLinks | undefined> {
  const { organizationId } = link;
  return db.transact(async (tx) => {
    const [person] = await tx.query<Omit<RenewedLinks, 'links'> & { id: string }>(
      `select p.id, o.name as "companyName", ${brandSql('o')} as brand, o.language from contact_points cp
       join people p on p.organization_id = cp.organization_id and p.id = cp.person_id and p.erased_at is null
       join organizations o on o.id = cp.organization_id
       where cp.organization_id = $1 and cp.kind = 'email' and cp.key = $2`,
      [organizationId, address],
    );
    if (!person) return undefined;
    const links = await tx.query<RenewedLinks['links'][number]>(
      `with chosen as (
         select distinct on (cp.application_id) cp.id, v.title from ${pagesOfPersonSql}
         where cp.organization_id = $1 and (cp.application_id is null or a.rejected_at is null and a.withdrawn_at is null and a.id is not null
           or cp.id = $3 and a.id is not null)
         order by cp.application_id, cp.person_id = $2 desc)
       update candidate_pages cp set
         version = case when cp.last_message_at > $4::timestamptz - interval '${pageLivesDays} days' then cp.version else cp.version + 1 end,
         last_message_at = case when cp.last_message_at > $4::timestamptz - interval '${pageLivesDays} days' then cp.last_message_at else $4 end
       from chosen where cp.organization_id = $1 and cp.id = chosen.id
       returning cp.organization_id as "organizationId", cp.id as "pageId", cp.version, chosen.title as "vacancyTitle"`,
      [organizationId, person.id, link.pageId, await tx.now()],
    );
    const { companyName, brand, language } = person;
    return links.length === 0 ? undefined : { companyName, brand, language, links };
  });
}
