import type { Fallback } from '../../contracts/messages';
import type { ReasonCode } from '../../contracts/reasons';
import { scheduledSendWorkflowId } from '../../domain/workflow-ids';
import { newId, type Tx } from '../database';
import { loadQuietHours } from './quiet-hours';
import type { NewMessage } from '../messages/prepare-content';

/** Of a row of `bulk_sends`, `stage_actions` or `scheduled_messages`. */
export const fallbackSql = (alias: string): string =>
  `case when ${alias}.fallback_channel is not null
     then jsonb_build_object('channel', ${alias}.fallback_channel, 'afterSeconds', ${alias}.fallback_after_seconds) end`;

/** A fallback as it is asked of a message; those of one `batchId` share a workflow. */
export type WantedFallback = Fallback & { batchId?: string };

/** Tells the workflow of a batch that something is planned, or due. */
export async function pokeScheduled(tx: Tx, organizationId: string, batchId: string): Promise<void> {
  await tx.poke({
    organizationId,
    workflowType: 'scheduledSend',
    workflowId: scheduledSendWorkflowId(batchId),
    payload: { organizationId, batchId },
  });
}

/**
 * R-SEND-9: plans what goes instead where WhatsApp does not deliver the message just accepted: after its time, or at once where it was
 * suppressed. The workflow of a batch is told of the first alone: it goes on while one waits, and the sweep finds what it missed.
 */
export async function planFallback(
  tx: Tx,
  message: NewMessage,
  accepted: {
    organizationId: string;
    personId: string;
    messageId: string;
    state: 'queued' | 'suppressed';
    at: Date;
  },
): Promise<void> {
  const { content, actor } = message;
  if (!message.fallback || message.channel !== 'whatsapp' || content.type === 'media') return;
  const { organizationId, personId, messageId, at } = accepted;
  const { channel, afterSeconds, batchId = messageId } = message.fallback;
  const template = content.type === 'template' ? content : null;
  const wanted = accepted.state === 'suppressed' ? at : new Date(at.getTime() + afterSeconds * 1000);
  const dueAt = (await loadQuietHours(tx, organizationId, [personId]))(personId, wanted);
  const [row] = await tx.prepared<{ first: boolean }>(
    `with planned as (
       insert into scheduled_messages (organization_id, id, batch_id, person_id, application_id, channels, title, body, template_id, parameters,
         origin, user_id, api_key_id, stage_entry_id, after_message_id, state, due_at, quiet, created_at, wanted_at)
       values ($1, $2, $3, $4, $5, array[$6::channel], $7, $8, $9, $10, $11, $12, $13, $14, $15, 'planned', $16, $17, $18, $19))
     select not exists (select 1 from scheduled_messages where organization_id = $1 and batch_id = $3 and state = 'planned') as first`,
    [
      organizationId,
      newId(),
      batchId,
      personId,
      message.applicationId,
      channel,
      content.title ?? null,
      content.type === 'text' ? content.text : null,
      template?.templateId ?? null,
      template?.parameters ?? null,
      message.origin,
      actor.user?.id ?? null,
      actor.apiKeyId,
      message.stageEntryId,
      messageId,
      dueAt,
      dueAt > wanted,
      at,
      dueAt > wanted ? wanted : null,
    ],
  );
  if (row!.first || accepted.state === 'suppressed') await pokeScheduled(tx, organizationId, batchId);
}

/** A message ended without being sent, or undelivered: its fallback goes at once. One that is being decided right now sees that itself. */
export async function fallBackNow(
  tx: Tx,
  { organizationId, messageId, at }: { organizationId: string; messageId: string; at: Date },
): Promise<void> {
  const hurried = await tx.prepared<{ batchId: string }>(
    `update scheduled_messages set due_at = least(due_at, $3) where organization_id = $1 and id = (
       select id from scheduled_messages where organization_id = $1 and after_message_id = $2 and state = 'planned' for update skip locked)
     returning batch_id as "batchId"`,
    [organizationId, messageId, at],
  );
  for (const { batchId } of hurried) await pokeScheduled(tx, organizationId, batchId);
}

/** What was to stand in for a message that was cancelled, or for those of a send to many, is not sent either. */
export async function cancelFallbacks(
  tx: Tx,
  organizationId: string,
  of: { messageId: string } | { batchId: string },
  why: { reason: ReasonCode; at: Date },
): Promise<void> {
  const [column, id] =
    'messageId' in of ? (['after_message_id', of.messageId] as const) : (['batch_id', of.batchId] as const);
  await tx.query(
    `update scheduled_messages set state = 'cancelled', reason = $3, settled_at = $4
     where organization_id = $1 and ${column} = $2 and state = 'planned'`,
    [organizationId, id, why.reason, why.at],
  );
}
