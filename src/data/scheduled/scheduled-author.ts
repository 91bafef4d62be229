import { reasonText } from '../../contracts/reasons';
import { DomainError } from '../../domain/errors';
import { isOffice, maySendFromBase, sendingRight, type Actor } from '../../domain/permissions';
import { assertVisible } from '../messages/accept-message';
import type { Tx } from '../database';
import type { NewMessage } from '../messages/prepare-content';
import { findActingUser } from '../organization/session';
import { visibleApplication } from '../visibility';

type Scheduled = {
  organizationId: string;
  conversationId: string;
  personId: string;
  applicationId: string | null;
  origin: NewMessage['origin'];
  userId: string | null;
  apiKeyId: string | null;
  /** Of one to many: the send. */
  batchId: string;
};

/** R-ROLE-1: who sends what was scheduled, if they still may write to this person now; the rest is asked by the acceptance of the message. */
export async function authorOf(tx: Tx, scheduled: Scheduled): Promise<Actor | null> {
  const { organizationId, userId, apiKeyId, origin } = scheduled;
  const user = userId === null ? null : await findActingUser(tx, { organizationId, userId });
  if (userId !== null && !user) return null;
  const actor: Actor = { organizationId, user, apiKeyId };
  if (apiKeyId !== null && (await isRevoked(tx, actor))) return null;
  // an automatic action is nobody's: who set it up was asked then
  if (!user || origin === 'automatic') return actor;
  try {
    await assertVisible(tx, actor, scheduled);
    if (origin === 'bulk') await assertMayReach(tx, actor, scheduled);
    return actor;
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

async function isRevoked(tx: Tx, { organizationId, apiKeyId }: Actor): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from api_keys where organization_id = $1 and id = $2 and revoked_at is not null',
    [organizationId, apiKeyId],
  );
  return rows.length > 0;
}

/** Of one among many: on vacancies one is assigned to, else from the base; one alone is somebody's file (R-ROLE-3). */
async function assertMayReach(tx: Tx, actor: Actor, scheduled: Scheduled): Promise<void> {
  const { organizationId, user } = actor;
  const { personId, applicationId, batchId } = scheduled;
  if (user === null || user.role === 'administrator') return;
  const reached =
    sendingRight(user.role) !== 'nobody' &&
    (applicationId === null
      ? maySendFromBase(actor) || (isOffice(user.role) && (await isOneFile(tx, organizationId, batchId)))
      : await isAssigned(tx, actor, { applicationId, personId }));
  if (!reached) throw new DomainError('not_permitted', reasonText.not_permitted);
}

async function isAssigned(
  tx: Tx,
  actor: Actor,
  { applicationId, personId }: { applicationId: string; personId: string },
): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from applications a
     join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id and vu.user_id = $4
     where a.organization_id = $1 and a.id = $2 and a.person_id = $3 and ${visibleApplication(actor, 'a')}`,
    [actor.organizationId, applicationId, personId, actor.user?.id],
  );
  return rows.length > 0;
}

async function isOneFile(tx: Tx, organizationId: string, bulkSendId: string): Promise<boolean> {
  const rows = await tx.query(
    'select 1 from bulk_sends where organization_id = $1 and id = $2 and planned = cardinality(channels)',
    [organizationId, bulkSendId],
  );
  return rows.length > 0;
}
