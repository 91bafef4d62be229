import { newId, type Tx } from '../database';

/** Links of a page live so long after its last message. */
export const pageLivesDays = 90;

/** The candidate page of a person for an application (null: for messages without a vacancy); made with its first message, and kept alive by each. */
export async function touchCandidatePage(
  tx: Tx,
  page: { organizationId: string; personId: string; applicationId: string | null; at: Date },
): Promise<{ pageId: string; version: number }> {
  const [row] = await tx.query<{ pageId: string; version: number }>(
    `insert into candidate_pages (organization_id, id, person_id, application_id, last_message_at, created_at) values ($1, $2, $3, $4, $5, $5)
     on conflict (organization_id, person_id, application_id)
       do update set last_message_at = greatest(candidate_pages.last_message_at, excluded.last_message_at)
     returning id as "pageId", version`,
    [page.organizationId, newId(), page.personId, page.applicationId, page.at],
  );
  return row!;
}
