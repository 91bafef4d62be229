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

/** A message that was just accepted, and may want a fallback. */
export type AcceptedMessage = {
  message: NewMessage;
  personId: string;
  messageId: string;
  state: 'queued' | 'suppressed';
};

/**
 * R-SEND-9: plans what goes instead where WhatsApp does not deliver the messages just accepted: after its time, or at once where one was
 * suppressed. The workflow of a batch is told of the first alone: it goes on while one waits, and the sweep finds what it missed.
 */
export async function planFallbacks(
  tx: Tx,
  { organizationId, at }: { organizationId: string; at: Date },
  accepted: readonly AcceptedMessage[],
): Promise<void> {
  const wanting = accepted.filter(
    ({ message: { fallback, channel, content } }) =>
      fallback && channel === 'whatsapp' && content.type !== 'media',
  );
  if (wanting.length === 0) return;
  const afterQuiet = await loadQuietHours(
    tx,
    organizationId,
    wanting.map(({ personId }) => personId),
  );
  const rows = wanting.map((one) => {
    const { fallback } = one.message;
    const wanted = one.state === 'suppressed' ? at : new Date(at.getTime() + fallback!.afterSeconds * 1000);
    return rowOf(one, { wanted, dueAt: afterQuiet(one.personId, wanted) });
  });
  const told = await tx.prepared<{ batchId: string }>(planSql, [organizationId, JSON.stringify(rows), at]);
  for (const { batchId } of told) await pokeScheduled(tx, organizationId, batchId);
}

function rowOf(
  { message, personId, messageId, state }: AcceptedMessage,
  { wanted, dueAt }: { wanted: Date; dueAt: Date },
) {
  const { content, actor, fallback } = message;
  const template = content.type === 'template' ? content : null;
  return {
    id: newId(),
    batch_id: fallback!.batchId ?? messageId,
    person_id: personId,
    application_id: message.applicationId,
    channel: fallback!.channel,
    title: content.type === 'media' ? null : (content.title ?? null),
    body: content.type === 'text' ? content.text : null,
    template_id: template?.templateId ?? null,
    parameters: template?.parameters ?? null,
    origin: message.origin,
    user_id: actor.user?.id ?? null,
    api_key_id: actor.apiKeyId,
    stage_entry_id: message.stageEntryId,
    message_id: messageId,
    after_seconds: fallback!.afterSeconds,
    at_once: state === 'suppressed',
    due_at: dueAt,
    wanted_at: dueAt > wanted ? wanted : null,
  };
}

const planSql = `
  with input as materialized (
    select * from jsonb_to_recordset($2::jsonb) as i(id uuid, batch_id uuid, person_id uuid, application_id uuid, channel text, title text,
      body text, template_id uuid, parameters jsonb, origin text, user_id uuid, api_key_id uuid, stage_entry_id uuid, message_id uuid, after_seconds int,
      at_once boolean, due_at timestamptz, wanted_at timestamptz)),
  planned as (
    insert into scheduled_messages (organization_id, id, batch_id, person_id, application_id, channels, title, body, template_id, parameters,
      origin, user_id, api_key_id, stage_entry_id, after_message_id, after_seconds, state, due_at, quiet, created_at, wanted_at)
    select $1, id, batch_id, person_id, application_id, array[channel::channel], title, body, template_id, parameters,
      origin::message_origin, user_id, api_key_id, stage_entry_id, message_id, after_seconds, 'planned', due_at, wanted_at is not null, $3, wanted_at
    from input)
  select distinct batch_id as "batchId" from input i
  where at_once or not exists (
    select 1 from scheduled_messages s where s.organization_id = $1 and s.batch_id = i.batch_id and s.state = 'planned')`;

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
