import { newId, type Tx } from '../database';

/** Links of a page live so long after its last message. */
export const pageLivesDays = 90;

type Page = { organizationId: string; personId: string; applicationId: string | null };

/** The candidate page of a person for an application (null: for messages without a vacancy); made with its first message, and kept alive by each. */
export async function touchCandidatePage(
  tx: Tx,
  { at, ...page }: Page & { at: Date },
): Promise<{ pageId: string; version: number }> {
  const [touched] = await touchCandidatePages(tx, page.organizationId, [page], at);
  return touched!;
}

/** The same for many, in their order. */
export async function touchCandidatePages(
  tx: Pick<Tx, 'query'>,
  organizationId: string,
  pages: Omit<Page, 'organizationId'>[],
  at: Date,
): Promise<{ pageId: string; version: number }[]> {
  const keyOf = (page: Omit<Page, 'organizationId'>) => `${page.personId} ${page.applicationId ?? ''}`;
  // one row each, and in one order for all: who touches several waits for nobody who waits for them
  const wanted = [...new Map(pages.map((page) => [keyOf(page), page])).entries()].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const rows = await tx.query<Omit<Page, 'organizationId'> & { pageId: string; version: number }>(
    `insert into candidate_pages (organization_id, id, person_id, application_id, last_message_at, created_at)
     select $1, w.id, w.person_id, w.application_id, $5, $5 from unnest($2::uuid[], $3::uuid[], $4::uuid[]) w(id, person_id, application_id)
     on conflict (organization_id, person_id, application_id)
       do update set last_message_at = greatest(candidate_pages.last_message_at, excluded.last_message_at)
     returning id as "pageId", version, person_id as "personId", application_id as "applicationId"`,
    [
      organizationId,
      wanted.map(() => newId()),
      wanted.map(([, { personId }]) => personId),
      wanted.map(([, { applicationId }]) => applicationId),
      at,
    ],
  );
  const touched = new Map(rows.map(({ pageId, version, ...page }) => [keyOf(page), { pageId, version }]));
  return pages.map((page) => touched.get(keyOf(page))!);
}
