import type { Actor } from '../../domain/permissions';
import { newId, type Tx } from '../database';

export type NewAuditEntry = {
  /** `thing.verb`, e.g. `user.changed`. */
  action: string;
  target:
    | 'user'
    | 'apiKey'
    | 'person'
    | 'message'
    | 'bulkSend'
    | 'channel'
    | 'template'
    | 'vacancy'
    | 'stage'
    | 'organization'
    | 'webhookEndpoint';
  targetId: string | null;
  before?: unknown;
  after?: unknown;
};

/** Who acted, in words: a user, a program, or a stranger who applied. */
export const actorName = (actor: Actor): string =>
  actor.user?.name ?? (actor.apiKeyId === null ? 'Application form' : 'API key');

/** R-LOG-6: who changed what, in the transaction that changed it. Secrets and message texts never go in. */
export async function writeAudit(tx: Tx, actor: Actor, entry: NewAuditEntry): Promise<void> {
  await tx.query(
    `insert into audit_entries
       (organization_id, id, actor_user_id, actor_api_key_id, actor, action, target, target_id, before, after, occurred_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      actor.organizationId,
      newId(),
      actor.user?.id ?? null,
      actor.apiKeyId,
      actorName(actor),
      entry.action,
      entry.target,
      entry.targetId,
      entry.before === undefined ? null : JSON.stringify(entry.before),
      entry.after === undefined ? null : JSON.stringify(entry.after),
      await tx.now(),
    ],
  );
}
