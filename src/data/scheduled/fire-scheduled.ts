import type { ReasonCode } from '../../contracts/reasons';
import type { Copies, Fallback, MessageState } from '../../contracts/messages';
import { captionedFile } from '../../domain/captioned-file';
import type { SendChannel } from '../../domain/eligibility';
import { mediaTypeOf, type MediaType } from '../../domain/media-rules';
import type { Actor } from '../../domain/permissions';
import { acceptOrRefuse, type AcceptedOrRefused } from '../messages/accept-message';
import {
  lockConversation,
  noticeConversation,
  type LockedConversation,
} from '../conversations/conversation-store';
import type { Database, Tx } from '../database';
import { endUnsent } from '../messages/dispatch';
import { fallbackSql, pokeScheduled } from './fallbacks';
import { earlierWaitsSql } from './in-order';
import type { NewMessage } from '../messages/prepare-content';
import { loadQuietHours } from './quiet-hours';
import { authorOf } from './scheduled-author';
import type { Queryable } from '../sql';
import { writeTimeline } from '../conversations/timeline';

export type BatchIds = { organizationId: string; batchId: string };

type DueMessage = {
  id: string;
  conversationId: string;
  applicationId: string | null;
  channels: SendChannel[];
  title: string | null;
  body: string | null;
  templateId: string | null;
  templateName: string | null;
  parameters: Record<string, string> | null;
  mediaIds: string[];
  copies: Copies | null;
  replyToId: string | null;
  origin: NewMessage['origin'];
  userId: string | null;
  apiKeyId: string | null;
  stageEntryId: string | null;
  fallback: Fallback | null;
  afterMessageId: string | null;
  /** Of a fallback: its delay. */
  afterSeconds: number | null;
  /** A night has put it off. */
  quiet: boolean;
};

/** Whether it may go by one channel, and if not, why; `more`: of its further files, which go with the first. */
type Attempt = { channel: SendChannel; accepted: AcceptedOrRefused; more: AcceptedOrRefused[] };

const retryMs = 2_000;
/** A fallback that is due so much too early goes all the same: its message left a moment after it was accepted. */
const toleranceMs = 5_000;

/**
 * Fires one message of a batch that is due (R-SEND-7, R-SEND-9). All is decided as of now: whether a fallback is still needed, quiet hours,
 * whether its author may still write to the person, and by which channel it may go. Returns the conversation whose queue has grown (null:
 * none, or its workflow was told), or undefined when nothing is due any more.
 */
export async function fireNextScheduled(
  db: Database,
  ids: BatchIds,
  dayMs: number,
): Promise<{ conversationId: string | null } | undefined> {
  const { organizationId } = ids;
  const dueBy = await db.now();
  return db.transact(async (tx) => {
    const due = await claimDue(tx, ids, dueBy);
    if (!due) return undefined;
    const conversation = await lockConversation(tx, { organizationId, conversationId: due.conversationId });
    const now = await tx.now();
    const original =
      due.afterMessageId === null ? null : await readOriginal(tx, organizationId, due.afterMessageId);
    const overtaken = original && overtakenBy(original.state);
    const until = overtaken ? null : await heldUntil(tx, conversation, due, original, now);
    if (overtaken)
      await settle(tx, organizationId, due.id, {
        state: 'cancelled',
        reason: overtaken,
        messageId: null,
        at: now,
      });
    else if (until) await putOff(tx, organizationId, due.id, until);
    noticeConversation(tx, conversation);
    if (overtaken || until) return { conversationId: null };

    const attempts = await attemptAll(tx, dayMs, conversation, due, ids.batchId);
    const { channel, accepted, more } = attempts.at(-1)!;
    await settle(tx, organizationId, due.id, {
      state: accepted.state === 'queued' ? 'done' : 'suppressed',
      reason: accepted.state === 'queued' ? null : mainReason(attempts),
      messageId: accepted.messageId,
      at: now,
    });
    if (accepted.messageId === null) await writeSuppressed(tx, conversation, due, attempts, now);
    if (accepted.state !== 'queued' && attempts.some((one) => reasonOf(one) === 'confidential_mail'))
      await forgetText(tx, organizationId, due.id);
    if (accepted.state !== 'queued') return { conversationId: null };
    await tx.query(
      `update messages set content = coalesce(content, '{}') || '{"scheduled": true}' where organization_id = $1 and id = any($2::uuid[])`,
      [organizationId, [accepted, ...more].flatMap(({ messageId }) => messageId ?? [])],
    );
    for (const one of more)
      if (one.messageId === null)
        await writeSuppressed(tx, conversation, due, [{ channel, accepted: one, more: [] }], now);
    if (original?.state === 'queued')
      await endUnsent(tx, conversation, original, 'cancelled', { reason: 'replaced_by_fallback' }, now);
    return { conversationId: byItsWorkflow(due) ? null : conversation.id };
  });
}

/** What a person sent makes a chat, whose workflow has to know of it; what goes in numbers is sent by this one. */
const byItsWorkflow = ({ origin }: DueMessage): boolean => origin === 'manual';

async function claimDue(
  tx: Tx,
  { organizationId, batchId }: BatchIds,
  dueBy: Date,
): Promise<DueMessage | undefined> {
  const [row] = await tx.prepared<DueMessage>(
    `select s.id, c.id as "conversationId", s.application_id as "applicationId", s.channels::text[] as channels, s.title, s.body,
       s.template_id as "templateId", t.name as "templateName", s.parameters, s.media_ids::text[] as "mediaIds", s.copies, s.reply_to_id as "replyToId", s.origin, s.user_id as "userId",
       s.api_key_id as "apiKeyId", s.stage_entry_id as "stageEntryId", ${fallbackSql('s')} as fallback, s.after_message_id as "afterMessageId",
       s.after_seconds as "afterSeconds", s.quiet
     from scheduled_messages s
     join conversations c on c.organization_id = s.organization_id and c.person_id = s.person_id
     left join templates t on t.organization_id = s.organization_id and t.id = s.template_id
     where s.organization_id = $1 and s.batch_id = $2 and s.state = 'planned' and s.due_at <= $3
       and (s.wanted_at is null or not ${earlierWaitsSql({ organizationId: '$1', personId: 's.person_id', wanted: 's.wanted_at', id: 's.id', now: '$3::timestamptz' })})
     order by s.due_at, s.id limit 1 for update of s skip locked`,
    [organizationId, batchId, dueBy],
  );
  return row;
}

type Original = {
  id: string;
  state: MessageState;
  applicationId: string | null;
  deadlineAt: Date | null;
  sentAt: Date | null;
};

async function readOriginal(tx: Tx, organizationId: string, messageId: string): Promise<Original | null> {
  const [row] = await tx.prepared<Original>(
    `select id, state, application_id as "applicationId", dispatch_deadline_at as "deadlineAt", sent_at as "sentAt" from messages
     where organization_id = $1 and id = $2 for update`,
    [organizationId, messageId],
  );
  return row ?? null;
}

function overtakenBy(state: MessageState): ReasonCode | null {
  if (state === 'delivered' || state === 'read') return 'already_delivered';
  return state === 'cancelled' ? 'cancelled' : null;
}

/** `wanted`: anew, in place of the instant that it was to go at. */
type Hold = { at: Date; quiet: boolean; wanted: Date | null };

/** The attempt on WhatsApp is under way, its delay has not passed since that message left, or the person has quiet hours (R-SEND-10). */
async function heldUntil(
  tx: Tx,
  conversation: LockedConversation,
  due: DueMessage,
  original: Original | null,
  now: Date,
): Promise<Hold | null> {
  const { organizationId, personId } = conversation;
  if (original?.state === 'dispatching') {
    const deadline = original.deadlineAt ?? now;
    return {
      at: new Date(Math.max(deadline.getTime(), now.getTime() + retryMs)),
      quiet: false,
      wanted: null,
    };
  }
  const earliest = original && notBefore(conversation, due, original, now);
  const wanted = earliest && earliest.getTime() > now.getTime() + toleranceMs ? earliest : null;
  const at = (await loadQuietHours(tx, organizationId, [personId]))(personId, wanted ?? now);
  return at > now ? { at, quiet: at > (wanted ?? now), wanted } : null;
}

/**
 * R-SEND-9: when a fallback may go, which counts from when its message left. One that only the night held up leaves about now: it is not taken
 * back for the sake of its fallback, as one is that something else holds up.
 */
function notBefore(
  { blockedBy, notBefore: triedAgainAt }: LockedConversation,
  { afterSeconds, quiet }: DueMessage,
  { state, sentAt, deadlineAt }: Original,
  now: Date,
): Date | null {
  const delayMs = (afterSeconds ?? 0) * 1000;
  if (state === 'queued') {
    const byNight = blockedBy === 'quiet_hours' || blockedBy === 'resuming';
    const backsOff = triedAgainAt !== null && triedAgainAt > now;
    return quiet && (byNight || (blockedBy === null && !backsOff)) ? new Date(now.getTime() + delayMs) : null;
  }
  const left = sentAt ?? deadlineAt;
  return left && (state === 'sent' || state === 'unknown' || state === 'unconfirmed')
    ? new Date(left.getTime() + delayMs)
    : null;
}

async function putOff(
  tx: Tx,
  organizationId: string,
  id: string,
  { at, quiet, wanted }: Hold,
): Promise<void> {
  await tx.query(
    `update scheduled_messages set due_at = $3, quiet = $4, wanted_at = case when $4 then coalesce($5, wanted_at, due_at) end
     where organization_id = $1 and id = $2`,
    [organizationId, id, at, quiet, wanted],
  );
}

/** One after another, up to the one that may go. Never empty. */
async function attemptAll(
  tx: Tx,
  dayMs: number,
  conversation: LockedConversation,
  due: DueMessage,
  batchId: string,
): Promise<Attempt[]> {
  const { organizationId, id: conversationId } = conversation;
  const ids = { organizationId, conversationId };
  const attempts: Attempt[] = [];
  const actor = await authorOf(tx, { ...due, ...ids, personId: conversation.personId, batchId });
  for (const { contents, ...step } of stepsOf(due, await mediaTypes(tx, organizationId, due.mediaIds))) {
    const accept = (content: NewMessage['content']) =>
      actor
        ? acceptOrRefuse(tx, dayMs, ids, { ...messageOf(due, actor), ...step, content })
        : Promise.resolve({ messageId: null, state: 'suppressed', reason: 'not_permitted' } as const);
    const [first, ...further] = contents;
    const attempt: Attempt = { channel: step.channel, accepted: await accept(first!), more: [] };
    attempts.push(attempt);
    if (attempt.accepted.state === 'queued')
      for (const content of further) attempt.more.push(await accept(content));
    if (attempt.accepted.state === 'queued' || !actor) break;
  }
  return attempts;
}

async function mediaTypes(
  tx: Tx,
  organizationId: string,
  mediaIds: string[],
): Promise<Map<string, MediaType | undefined>> {
  if (mediaIds.length === 0) return new Map();
  const rows = await tx.query<{ id: string; mimeType: string }>(
    'select id, mime_type as "mimeType" from media where organization_id = $1 and id = any($2::uuid[])',
    [organizationId, mediaIds],
  );
  return new Map(rows.map(({ id, mimeType }) => [id, mediaTypeOf(mimeType)]));
}

const messageOf = (due: DueMessage, actor: Actor): Omit<NewMessage, 'channel' | 'content'> => ({
  origin: due.origin,
  actor,
  applicationId: due.applicationId,
  replyToId: due.replyToId,
  retryOfId: null,
  stageEntryId: due.stageEntryId,
  fallback: due.fallback,
  copies: due.copies,
  fallbackOfId: due.afterMessageId,
  poke: byItsWorkflow(due),
});

/** `contents`: go together, in their order. */
type Step = Pick<NewMessage, 'channel' | 'carry'> & { contents: NewMessage['content'][] };

/** Its channels in their order, the fallback's last; on WhatsApp first the free text or the files, then the template. */
function stepsOf(due: DueMessage, media: Map<string, MediaType | undefined>): Step[] {
  const { channels, fallback, title, body, templateId, parameters, mediaIds } = due;
  const titled = title === null ? {} : { title };
  const files = mediaIds.length > 0 ? { mediaIds } : {};
  const text: Step['contents'] = body === null ? [] : [{ type: 'text', text: body, ...titled, ...files }];
  const free = mediaIds.length > 0 ? filesOf(due, media) : text;
  const template: Step['contents'] =
    templateId === null ? [] : [{ type: 'template', templateId, parameters: parameters ?? {}, ...titled }];
  const all = [...new Set([...channels, ...(fallback ? [fallback.channel] : [])])];
  return all.flatMap((channel): Step[] => {
    const ways = channel === 'whatsapp' ? [free, template] : [[...text, ...template].slice(0, 1)];
    const carry = channel === 'whatsapp' ? { carry: template.length === 0 } : {};
    return ways.flatMap((contents) => (contents.length > 0 ? [{ channel, contents, ...carry }] : []));
  });
}

function filesOf(
  { body, mediaIds }: DueMessage,
  media: Map<string, MediaType | undefined>,
): Step['contents'] {
  const captioned = captionedFile(
    body ?? '',
    mediaIds.map((id) => media.get(id)),
  );
  const files = mediaIds.map((mediaId, index) => ({
    type: 'media' as const,
    mediaId,
    ...(index === captioned ? { caption: body! } : {}),
  }));
  return captioned === -1 && body !== null ? [...files, { type: 'text', text: body }] : files;
}

const reasonOf = ({ accepted }: Attempt): ReasonCode | null =>
  accepted.state === 'suppressed' ? accepted.reason : null;

/** What stood in the way of the channel that was wanted first. */
function mainReason(attempts: Attempt[]): ReasonCode | null {
  const ofFirst = attempts.filter(({ channel }) => channel === attempts[0]!.channel);
  return reasonOf(ofFirst.at(-1)!);
}

async function writeSuppressed(
  tx: Tx,
  { organizationId, personId }: LockedConversation,
  due: DueMessage,
  attempts: Attempt[],
  at: Date,
): Promise<void> {
  await writeTimeline(tx, organizationId, [
    {
      personId,
      applicationId: due.applicationId,
      kind: 'messageSuppressed',
      data: {
        automatic: due.origin !== 'manual',
        scheduled: due.afterMessageId === null,
        fallback: due.afterMessageId !== null,
        channel: attempts[0]!.channel,
        reason: mainReason(attempts),
        ...(due.templateName ? { template: due.templateName } : {}),
        tried: attempts.map((attempt) => ({ channel: attempt.channel, reason: reasonOf(attempt) })),
      },
      occurredAt: at,
    },
  ]);
}

async function settle(
  tx: Tx,
  organizationId: string,
  id: string,
  outcome: {
    state: 'done' | 'suppressed' | 'cancelled';
    reason: ReasonCode | null;
    messageId: string | null;
    at: Date;
  },
): Promise<void> {
  await tx.prepared(
    `update scheduled_messages set state = $3::action_run_state, reason = $4, message_id = $5, settled_at = $6
     where organization_id = $1 and id = $2`,
    [organizationId, id, outcome.state, outcome.reason, outcome.messageId, outcome.at],
  );
}

/** R-CONF-3: what became confidential before it went is kept for nobody: colleagues could read it here. */
async function forgetText(tx: Tx, organizationId: string, id: string): Promise<void> {
  await tx.query(
    `update scheduled_messages set title = null, body = case when body is not null then '' end, parameters = null, copies = null
     where organization_id = $1 and id = $2`,
    [organizationId, id],
  );
}

/** When the next of a batch is due; null when none is left. */
export async function nextScheduledDue(
  db: Queryable,
  { organizationId, batchId }: BatchIds,
): Promise<Date | null> {
  const [next] = await db.prepared<{ dueAt: Date | null }>(
    `select min(due_at) as "dueAt" from scheduled_messages where organization_id = $1 and batch_id = $2 and state = 'planned'`,
    [organizationId, batchId],
  );
  return next?.dueAt ?? null;
}

/** Wakes batches that nobody drives. Called by the sweep. */
export async function wakeScheduled(db: Database, old: Date): Promise<number> {
  const batches = await db.query<BatchIds>(
    `select distinct s.organization_id as "organizationId", s.batch_id as "batchId" from scheduled_messages s
     where s.state = 'planned' and s.due_at < $1
       and not exists (select 1 from outbox o where o.workflow_id = 'scheduled-send:' || s.batch_id) limit 100`,
    [old],
  );
  for (const { organizationId, batchId } of batches)
    await db.transact((tx) => pokeScheduled(tx, organizationId, batchId));
  return batches.length;
}
