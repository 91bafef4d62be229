import type { Channel } from '../../contracts/common';
import type { SendInput } from '../../contracts/messages';
import { reasonCodeSchema, reasonText, type ReasonCode } from '../../contracts/reasons';
import { reduceChat, settle, type ChatFact } from '../../domain/chat';
import { reasonsAgainst } from '../../domain/eligibility';
import { DomainError, notFound } from '../../domain/errors';
import { maySend, seesEverything, type Actor } from '../../domain/permissions';
import {
  lockConversation,
  noticeConversation,
  pokeConversation,
  saveChat,
  type ConversationIds,
  type LockedConversation,
} from '../conversations/conversation-store';
import { withReservedCredits } from '../credits/credits';
import { ConcurrentChange, newId, type Tx, type Database } from '../database';
import { assertCopies, copiesOf } from './copies';
import { applicationSpokenOf } from './application-spoken-of';
import { prepareContent, type NewMessage, type Prepared } from './prepare-content';
import { loadSendFacts, outgoingConfidentialSql, type LoadedSendFacts } from './send-facts';
import type { Queryable } from '../sql';
import { planFallbacks } from '../scheduled/fallbacks';
import { timelineRows, withTimeline, writeTimeline, type NewTimelineEntry } from '../conversations/timeline';
import { visibleApplication, visiblePerson } from '../visibility';

export type Accepted =
  { messageId: string; state: 'queued' } | { messageId: string; state: 'suppressed'; reason: ReasonCode };

/**
 * Accepts a message of a user or program for sending, in one transaction: permission, chat ownership (R-CHAT-2, R-CHAT-3),
 * eligibility (R-ELIG), credits reserved, the message queued, its workflow told. Refusals throw a `DomainError` and leave nothing.
 */
export async function sendMessage(
  db: Database,
  context: { actor: Actor; dayMs: number },
  ids: ConversationIds,
  input: SendInput,
): Promise<string> {
  return db.transact(async (tx) => {
    const { actor } = context;
    await assertFallback(tx, actor, input);
    // Whoever sees everything is told by the lock that there is no such conversation.
    if (!seesEverything(actor)) await assertVisible(tx, actor, ids);
    const accepted = await acceptMessage(tx, context.dayMs, ids, {
      channel: input.channel,
      content: input,
      origin: actor.user ? 'manual' : 'api',
      actor,
      applicationId: input.applicationId ?? null,
      goesOn: true,
      replyToId: input.replyToId ?? null,
      retryOfId: null,
      stageEntryId: null,
      fallback: input.type === 'media' ? null : input.fallback,
      copies: input.type === 'media' ? null : copiesOf(input),
    });
    return accepted.messageId;
  });
}

/**
 * R-CONF-3: what this user writes by e-mail is confidential by default, and what is sent or planned here is seen by colleagues: refused before
 * its text is kept. `over`: the channels that it may take.
 */
export async function assertOpenMail(
  tx: Tx,
  { organizationId, user }: Actor,
  over: (Channel | undefined)[],
): Promise<void> {
  if (!user || !over.includes('email')) return;
  const [row] = await tx.query<{ confidential: boolean }>(
    `select ${outgoingConfidentialSql('$1', '$2')} as confidential`,
    [organizationId, user.id],
  );
  if (!row!.confidential) return;
  throw new DomainError('confidential_mail', reasonText.confidential_mail);
}

/** R-SEND-9: a fallback that could never go is refused while its author can mend it. */
async function assertFallback(tx: Tx, actor: Actor, input: SendInput): Promise<void> {
  const { organizationId } = actor;
  if (input.type === 'media' || !input.fallback) return;
  if (input.channel !== 'whatsapp') throw invalid('fallback', 'goes with WhatsApp only');
  await assertOpenMail(tx, actor, [input.fallback.channel]);
  if (input.fallback.channel !== 'email' || input.title !== undefined) return;
  const [template] =
    input.type === 'template'
      ? await tx.query<{ title: string | null }>(
          'select title from templates where organization_id = $1 and id = $2',
          [organizationId, input.templateId],
        )
      : [];
  if (!template?.title) throw invalid('title', 'an e-mail needs a title');
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });

/** Whose conversation it is; 404 for one that the actor may not see (R-ROLE-1). */
export async function assertVisible(tx: Queryable, actor: Actor, ids: ConversationIds): Promise<string> {
  const sql = `select c.person_id as "personId" from conversations c join people p on p.organization_id = c.organization_id and p.id = c.person_id
     where c.organization_id = $1 and c.id = $2 and ${visiblePerson(actor, 'p')}`;
  const values = [ids.organizationId, ids.conversationId];
  const [row] = await (seesEverything(actor)
    ? tx.prepared<{ personId: string }>(sql, values)
    : tx.query<{ personId: string }>(sql, values));
  if (!row) throw notFound('conversation');
  return row.personId;
}

/**
 * The one gate that every message passes. By hand: a reason against it is thrown, and on WhatsApp the sender becomes owner. Automatic and
 * API messages, and the other channels, leave status and owner as they are (R-CHAT-3, R-CHAT-7); an automatic one (or one of many) that may not
 * go is kept as suppressed, with its reason.
 */
export async function acceptMessage(
  tx: Tx,
  dayMs: number,
  ids: ConversationIds,
  written: NewMessage,
): Promise<Accepted> {
  const locked = await lockConversation(tx, ids);
  assertNotMerged(locked, written);
  const now = await tx.now();
  const settled = settle(locked.chat, now, dayMs);
  const byHand = written.origin === 'manual' ? written.actor.user : null;
  if (byHand) await assertMaySend(tx, locked, settled.chat.ownerId, written);
  const message = written.goesOn ? await goingOn(tx, locked, written) : written;

  const [facts, prepared] = await prepare(tx, locked, message, now, dayMs);
  const messageId = newId();
  const { organizationId, personId } = locked;
  const accepted = { message, personId, messageId };
  const [reason] = reasonsAgainst(facts, prepared.intent);
  if (reason) {
    const keptSuppressed = message.origin === 'automatic' || message.origin === 'bulk';
    // R-CONF-3: not even as suppressed does its text stand where colleagues see it
    if (!keptSuppressed || reason === 'confidential_mail') throw refusal(reason, prepared.missing);
    await insertMessage(tx, locked, message, facts, prepared, {
      messageId,
      now,
      state: 'suppressed',
      reason,
    });
    await planFallbacks(tx, { organizationId, at: now }, [{ ...accepted, state: 'suppressed' }]);
    return { messageId, state: 'suppressed', reason };
  }

  const starter = message.channel === 'whatsapp' ? byHand : null;
  const fact: ChatFact | null = starter ? { type: 'started', at: now, userId: starter.id } : null;
  const step = fact ? reduceChat(locked.chat, fact, dayMs) : settled;
  const conversation = await saveChat(tx, locked, step, starter?.id ?? null);
  const { underWay } = await insertMessage(tx, conversation, message, facts, prepared, {
    messageId,
    now,
    state: 'queued',
    reason: null,
  });
  await planFallbacks(tx, { organizationId, at: now }, [{ ...accepted, state: 'queued' }]);
  if (message.poke !== false && !underWay) await pokeConversation(tx, conversation, true);
  return { messageId, state: 'queued' };
}

/** R-CHAT-13: nothing is written into a conversation that has become part of another. */
export function assertNotMerged(
  { mergedIntoId, erased }: LockedConversation,
  { origin }: Pick<NewMessage, 'origin'>,
): void {
  const asked = origin === 'manual' || origin === 'api';
  if (erased) throw asked ? notFound('conversation') : new DomainError('erased', reasonText.erased);
  if (mergedIntoId === null) return;
  if (!asked) throw new ConcurrentChange();
  throw new DomainError('conflict', 'This person was merged into another. Open the conversation again.');
}

/**
 * Accepts a message that nobody is waiting for: an automatic one, or one of many. What is refused before anything is written, such as a
 * template that was removed meanwhile, is an end with its reason as well.
 */
export async function acceptUnattended(
  tx: Tx,
  dayMs: number,
  ids: ConversationIds,
  stored: StoredContent,
  message: Pick<NewMessage, 'channel' | 'origin' | 'actor' | 'applicationId' | 'stageEntryId' | 'fallback'>,
): Promise<AcceptedOrRefused> {
  const content = contentOf(stored);
  const { channel, origin, actor, applicationId, stageEntryId, fallback } = message;
  if (!content) return refused('template_not_approved');
  return acceptOrRefuse(tx, dayMs, ids, {
    channel,
    content,
    origin,
    actor,
    applicationId,
    stageEntryId,
    fallback,
    replyToId: null,
    retryOfId: null,
    poke: false,
  });
}

export type AcceptedOrRefused = Accepted | { messageId: null; state: 'suppressed'; reason: ReasonCode };

const refused = (reason: ReasonCode): AcceptedOrRefused => ({ messageId: null, state: 'suppressed', reason });

/** One of many, refused before it became a message: the timeline says why (R-ELIG). */
export async function refuseUnattended(
  tx: Tx,
  refusal: {
    organizationId: string;
    personId: string;
    applicationId: string | null;
    channel: NewMessage['channel'];
    reason: ReasonCode;
  },
): Promise<AcceptedOrRefused> {
  const { organizationId, personId, applicationId, channel, reason } = refusal;
  await writeTimeline(tx, organizationId, [
    {
      personId,
      applicationId,
      kind: 'messageSuppressed',
      data: { automatic: true, reason, channel },
      occurredAt: await tx.now(),
    },
  ]);
  return refused(reason);
}

/** Accepts a message, or says why not: a refusal has written nothing. */
export async function acceptOrRefuse(
  tx: Tx,
  dayMs: number,
  ids: ConversationIds,
  message: NewMessage,
): Promise<AcceptedOrRefused> {
  try {
    return await acceptMessage(tx, dayMs, ids, message);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refused(reasonCodeSchema.safeParse(error.code).data ?? 'template_not_approved');
  }
}

/** As it was written down beforehand: a template, or composed text. */
export type StoredContent = {
  templateId: string | null;
  title: string | null;
  body: string | null;
  parameters?: Record<string, string> | null;
};

export function contentOf({
  templateId,
  title,
  body,
  parameters,
}: StoredContent): NewMessage['content'] | null {
  const titled = title === null ? {} : { title };
  if (templateId !== null)
    return { type: 'template', templateId, ...(parameters ? { parameters } : {}), ...titled };
  return body === null ? null : { type: 'text', text: body, ...titled };
}

/** R-MAIL-5: with its application, where it names none. After the role was looked at: whoever writes from the tray says so. */
export async function goingOn<T extends Pick<NewMessage, 'actor' | 'applicationId' | 'replyToId'>>(
  tx: Tx,
  {
    organizationId,
    id: conversationId,
    personId,
  }: Pick<LockedConversation, 'organizationId' | 'id' | 'personId'>,
  message: T & { channel: Channel },
): Promise<T & { channel: Channel }> {
  if (message.applicationId !== null) return message;
  const { actor, replyToId } = message;
  const about = await applicationSpokenOf(tx, actor, { organizationId, conversationId, personId, replyToId });
  return { ...message, applicationId: about };
}

/** R-ROLE-3: by role, from the tray, or as owner of the chat. */
export async function assertMayWrite(
  tx: Tx,
  conversation: LockedConversation,
  ownerId: string | null,
  { actor, applicationId }: Pick<NewMessage, 'actor' | 'applicationId'>,
): Promise<void> {
  const user = actor.user!;
  const fromTray = applicationId !== null && (await isInTray(tx, conversation, applicationId, user.id));
  if (!maySend(user, { fromTray, ownsChat: ownerId === user.id }))
    throw new DomainError('not_permitted', reasonText.not_permitted);
}

async function assertMaySend(
  tx: Tx,
  conversation: LockedConversation,
  ownerId: string | null,
  message: NewMessage,
): Promise<void> {
  await assertMayWrite(tx, conversation, ownerId, message);
  const user = message.actor.user!;
  if (message.channel === 'whatsapp' && ownerId !== null && ownerId !== user.id) {
    throw new DomainError('chat_owned_by_other', reasonText.chat_owned_by_other, { ownerId });
  }
}

/** Whether the application is this person's, on a vacancy that the user is assigned to. */
export async function isInTray(
  tx: Tx,
  conversation: LockedConversation,
  applicationId: string,
  userId: string,
): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from applications a
     join vacancy_users vu on vu.organization_id = a.organization_id and vu.vacancy_id = a.vacancy_id and vu.user_id = $4
     where a.organization_id = $1 and a.id = $2 and a.person_id = $3`,
    [conversation.organizationId, applicationId, conversation.personId, userId],
  );
  return rows.length > 0;
}

async function prepare(
  tx: Tx,
  conversation: LockedConversation,
  message: NewMessage,
  now: Date,
  dayMs: number,
): Promise<[LoadedSendFacts, Prepared]> {
  const { organizationId, personId } = conversation;
  await assertApplication(tx, conversation, message);
  await assertReplyTarget(tx, conversation, message.replyToId);
  const facts = await loadSendFacts(tx, {
    organizationId,
    personIds: [personId],
    channel: message.channel,
    now,
    dayMs,
    authorId: message.actor.user?.id ?? null,
  });
  const known = facts.get(personId)!;
  const prepared = await prepareContent(tx, conversation, message, known.windowOpen);
  if (!message.copies) return [known, prepared];
  await assertCopies(tx, message, message.copies);
  const copies = copiesOf(message.copies, known.to);
  return [known, copies ? { ...prepared, content: { ...prepared.content, copies } } : prepared];
}

export async function assertApplication(
  tx: Tx,
  conversation: LockedConversation,
  { applicationId, actor }: Pick<NewMessage, 'actor' | 'applicationId'>,
): Promise<void> {
  if (!applicationId) return;
  const rows = await tx.query(
    `select 1 from applications a
     where a.organization_id = $1 and a.id = $2 and a.person_id = $3 and ${visibleApplication(actor, 'a')}`,
    [conversation.organizationId, applicationId, conversation.personId],
  );
  if (rows.length === 0) throw notFound('application');
}

export async function assertReplyTarget(
  tx: Tx,
  conversation: LockedConversation,
  messageId: string | null,
): Promise<void> {
  if (!messageId) return;
  const rows = await tx.query(
    'select 1 from messages where organization_id = $1 and id = $2 and conversation_id = $3',
    [conversation.organizationId, messageId, conversation.id],
  );
  if (rows.length === 0) throw notFound('message to reply to');
}

/** Of the statement that stores a message. A suppressed one was never said: it neither answers nor moves the conversation. */
const countMessage =
  'update conversations set message_count = message_count + 1 where organization_id = $1 and id = $3';

const sayMessage = `update conversations set message_count = message_count + 1, last_message_at = $22, last_message_id = $2,
    last_direction = 'out', last_sender_id = coalesce($15, last_sender_id),
    unanswered_since = case when $6 = 'manual' then null else unanswered_since end,
    answered_since = case when $6 = 'manual' then coalesce(unanswered_since, answered_since) else answered_since end,
    answered_position = case when $6 = 'manual' and unanswered_since is not null then message_count + 1 else answered_position end,
    channels = case when $25::channel = any(channels) then channels else channels || $25::channel end, updated_at = $22
  where organization_id = $1 and id = $3`;

/**
 * Stores the message. `underWay`: others of this conversation and channel wait already, so that its workflow has been told and goes on until none is
 * left, which it finds out under the same lock. What goes unattended is sent by others, and may wait for a night to end. What is under way
 * and breaks off is found by the sweep.
 */
async function insertMessage(
  tx: Tx,
  conversation: LockedConversation,
  message: NewMessage,
  facts: LoadedSendFacts,
  prepared: Prepared,
  outcome: { messageId: string; now: Date; state: 'queued' | 'suppressed'; reason: ReasonCode | null },
): Promise<{ underWay: boolean }> {
  const id = outcome.messageId;
  const { organizationId } = conversation;
  const { now, state, reason } = outcome;
  const { user, apiKeyId } = message.actor;
  const credits = state === 'queued' ? prepared.credits : 0;
  const told = [
    {
      personId: conversation.personId,
      applicationId: message.applicationId,
      kind: state === 'suppressed' ? 'messageSuppressed' : 'messageSent',
      actorUserId: user?.id ?? null,
      actorApiKeyId: apiKeyId,
      messageId: id,
      data: {
        automatic: message.origin !== 'manual',
        ...(reason ? { reason } : {}),
        ...(message.fallbackOfId ? { fallback: true } : {}),
      },
      occurredAt: now,
    },
  ] satisfies NewTimelineEntry[];
  const [row] = await tx.prepared<{ underWay: boolean; paid: number }>(
    `with stored as (
       insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, body,
         content, template_id, template_version, reply_to_id, retry_of_id, sender_user_id, sender_api_key_id, channel_account_id,
         contact_point_id, stage_entry_id, credits, reason, occurred_at, created_at, title, fallback_of_id)
       values ($1, $2, $3, $4, $5, $25::channel, 'out', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $22, $26, $27)),
     moved as (${state === 'suppressed' ? countMessage : sayMessage}),
     ${withTimeline('$1', '$23')},
     ${withReservedCredits({ organizationId: '$1', messageId: '$2', credits: '$20', at: '$22', entryId: '$24' })}
     select (select count(*) from paid) as paid, exists (select 1 from messages where organization_id = $1 and conversation_id = $3 and channel = $25::channel
       and state in ('queued', 'dispatching') and origin not in ('automatic', 'bulk') and content ->> 'scheduled' is null) as "underWay"`,
    [
      organizationId,
      id,
      conversation.id,
      conversation.messageCount + 1,
      message.applicationId,
      message.origin,
      state,
      prepared.kind,
      prepared.body,
      prepared.content,
      prepared.templateId,
      prepared.templateVersion,
      message.replyToId,
      message.retryOfId,
      user?.id ?? null,
      apiKeyId,
      facts.channelAccountId,
      facts.contactPointId,
      message.stageEntryId,
      credits,
      reason,
      now,
      timelineRows(told),
      newId(),
      message.channel,
      prepared.title,
      message.fallbackOfId ?? null,
    ],
  );
  const { mediaId, mediaIds = mediaId ? [mediaId] : [] } = prepared.content;
  if (mediaIds.length > 0) {
    await tx.query(
      'update media set message_id = coalesce(message_id, $3) where organization_id = $1 and id = any($2::uuid[])',
      [organizationId, mediaIds, id],
    );
  }
  // Somebody else has spent the last ones since the facts were read.
  if (row!.paid === 0 && credits > 0) throw new ConcurrentChange('no credits are left');
  noticeConversation(tx, conversation);
  return row!;
}

function refusal(reason: ReasonCode, missing: string[]): DomainError {
  if (missing.length === 0 || reason !== 'variable_missing')
    return new DomainError(reason, reasonText[reason]);
  return new DomainError(reason, reasonText[reason], {
    errors: missing.map((key) => ({ path: `parameters.${key}`, message: 'has no value for this person' })),
  });
}
