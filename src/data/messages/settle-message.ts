import { reasonText } from '../../contracts/reasons';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { takeBackAnswer } from '../conversations/answers';
import { writeAudit } from '../organization/audit';
import { lockConversation, noticeConversation } from '../conversations/conversation-store';
import { giveBackCredits, withCommittedCredits } from '../credits/credits';
import { fallBackNow } from '../scheduled/fallbacks';
import { newId, type Database } from '../database';
import { writeTimeline } from '../conversations/timeline';

/**
 * R-CRED-2: an Administrator knows what became of a message of which nobody could tell whether it was sent. Its reservation is spent, or
 * comes back; a receipt that arrives later still has the last word.
 *
 * @throws DomainError `conflict` when the message is not unknown (any more)
 */
export async function settleMessage(
  db: Database,
  actor: Actor,
  messageId: string,
  outcome: 'sent' | 'notSent',
): Promise<void> {
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    const [found] = await tx.query<{ conversationId: string }>(
      'select conversation_id as "conversationId" from messages where organization_id = $1 and id = $2',
      [organizationId, messageId],
    );
    if (!found) throw notFound('message');
    const conversation = await lockConversation(tx, { organizationId, ...found });
    const at = await tx.now();
    const [message] = await tx.query<{ applicationId: string | null; credits: number }>(
      `with settled as (
         update messages set state = (case when $3 then 'sent' else 'failed' end)::message_state,
           sent_at = case when $3 then coalesce(sent_at, $4) end, failed_at = case when $3 then null else $4::timestamptz end,
           reason = case when $3 then null else 'not_sent' end, reason_detail = null
         where organization_id = $1 and id = $2 and state = 'unknown'
         returning organization_id, id, application_id, credits),
       spent as (select organization_id, id from settled where $3),
       ${withCommittedCredits('spent', { entryId: '$5', at: '$4' })}
       select application_id as "applicationId", credits from settled`,
      [organizationId, messageId, outcome === 'sent', at, newId()],
    );
    if (!message) {
      throw new DomainError('conflict', 'It is known already what became of this message.');
    }
    if (outcome === 'notSent') {
      await giveBackCredits(tx, { organizationId, messageId, at });
      await writeTimeline(tx, organizationId, [
        {
          personId: conversation.personId,
          applicationId: message.applicationId,
          kind: 'messageFailed',
          messageId,
          actorUserId: actor.user?.id ?? null,
          data: { reason: 'not_sent', text: reasonText.not_sent },
          occurredAt: at,
        },
      ]);
      await takeBackAnswer(tx, { organizationId, conversationId: conversation.id });
      await fallBackNow(tx, { organizationId, messageId, at });
    }
    await writeAudit(tx, actor, {
      action: 'message.settled',
      target: 'message',
      targetId: messageId,
      before: { state: 'unknown' },
      after: { outcome, credits: message.credits },
    });
    noticeConversation(tx, conversation);
  });
}
