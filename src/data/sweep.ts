import { conversationWorkflowId, stageMoveWorkflowId } from '../domain/workflow-ids';
import { resumeAfterTopUp } from './bulk/bulk-sends';
import { withCommittedCredits } from './credits/credits';
import { settleOverdue, type ConversationIds } from './conversations/conversation-store';
import type { Database } from './database';
import { warnLowBalances } from './credits/low-balance';
import { wakeMailOutboxes } from './mail/dispatch-mail';
import { wakeScheduled } from './scheduled/fire-scheduled';
import { wakeConversation } from './conversations/wake';

export type SweepCounts = {
  settled: number;
  woken: number;
  unconfirmed: number;
  moves: number;
  scheduled: number;
  /** Organizations whose Administrators were warned of a low balance. */
  lowBalances: number;
  /** Stored webhooks that are still to be worked off. */
  webhooks: string[];
  media: { organizationId: string; mediaId: string }[];
};

/** Nothing is swept that may still be under way. */
const ageMs = 30_000;
/** R-CRED-2 and design decision 7: an unknown message ends after 72 h, not scaled by the configured day. */
const unconfirmedAfterMs = 72 * 3_600_000;

/**
 * Once a minute: writes down overdue statuses, wakes conversations and moves that nobody drives, ends what stayed unknown for 72 h, and
 * names the webhooks and files that were left behind.
 */
export async function sweep(
  db: Database,
  options: { dayMs: number; unknownAfterMs?: number },
): Promise<SweepCounts> {
  const now = await db.now();
  const old = new Date(now.getTime() - ageMs);
  const settled = await settleOverdue(db, { dayMs: options.dayMs });
  const woken = await wakeStuck(db, old);
  const unconfirmed = await endUnknown(
    db,
    new Date(now.getTime() - (options.unknownAfterMs ?? unconfirmedAfterMs)),
  );
  const moves = await wakeMoves(db, old);
  const scheduled = await wakeScheduled(db, old);
  await wakeMailOutboxes(db, old);
  await resumeAfterTopUp(db);
  const lowBalances = await warnLowBalances(db);
  const webhooks = await db.query<{ id: string }>(
    `select id from webhook_deliveries where state = 'pending' and received_at < $1 order by received_at limit 500`,
    [old],
  );
  const media = await db.query<{ organizationId: string; mediaId: string }>(
    `select organization_id as "organizationId", id as "mediaId" from media
     where state = 'pending' and created_at < $1 order by created_at limit 100`,
    [old],
  );
  return {
    settled,
    woken,
    unconfirmed,
    moves,
    scheduled,
    lowBalances,
    webhooks: webhooks.map((row) => row.id),
    media,
  };
}

/** Queued for a while, not held back any more, and no poke of theirs under way; or an attempt whose end nobody saw. */
async function wakeStuck(db: Database, old: Date): Promise<number> {
  const stuck = await db.query<ConversationIds>(
    `select distinct m.organization_id as "organizationId", m.conversation_id as "conversationId" from messages m
     join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
     where ((m.state = 'queued' and m.created_at < $1 and (c.not_before is null or c.not_before < $1)
           and (c.blocked_by is null or exists (
             select 1 from channel_accounts a where a.organization_id = c.organization_id and a.channel = m.channel and a.state = 'connected')))
         or (m.state = 'dispatching' and m.dispatch_deadline_at < $1))
       and not exists (select 1 from outbox o where o.workflow_id = $2 || m.conversation_id)
     limit 500`,
    [old, conversationWorkflowId('')],
  );
  for (const ids of stuck) await wakeConversation(db, ids);
  return stuck.length;
}

async function wakeMoves(db: Database, old: Date): Promise<number> {
  const moves = await db.query<{ organizationId: string; moveId: string }>(
    `select distinct r.organization_id as "organizationId", r.move_id as "moveId" from action_runs r
     where r.state = 'planned' and r.due_at < $1
       and not exists (select 1 from outbox o where o.workflow_id = $2 || r.move_id) limit 100`,
    [old, stageMoveWorkflowId('')],
  );
  for (const ids of moves) {
    await db.transact((tx) =>
      tx.poke({
        organizationId: ids.organizationId,
        workflowType: 'stageMove',
        workflowId: stageMoveWorkflowId(ids.moveId),
        payload: ids,
      }),
    );
  }
  return moves.length;
}

async function endUnknown(db: Database, before: Date): Promise<number> {
  return db.transact(async (tx) => {
    const at = await tx.now();
    const ended = await tx.query<{
      organizationId: string;
      messageId: string;
      conversationId: string;
      personId: string;
    }>(
      `with ended as (
         update messages m set state = 'unconfirmed', reason = 'unconfirmed' from conversations c
         where m.state = 'unknown' and m.dispatch_deadline_at < $1 and c.organization_id = m.organization_id and c.id = m.conversation_id
         returning m.organization_id, m.id, m.conversation_id, c.person_id),
       ${withCommittedCredits('ended', { entryId: 'gen_random_uuid()', at: '$2' })}
       select organization_id as "organizationId", id as "messageId", conversation_id as "conversationId", person_id as "personId" from ended`,
      [before, at],
    );
    for (const message of ended) tx.notice({ type: 'conversation', ...message });
    return ended.length;
  });
}
