import type { Language } from '../../contracts/common';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import { settle } from '../../domain/chat';
import { reasonsAgainst, type SendChannel } from '../../domain/eligibility';
import { pairLimit } from '../../domain/send-limits';
import { saysTheSame, type StoredComponent } from '../../domain/whatsapp-template';
import type { SealedAccount, SealedSmsAccount } from '../../channels/open-account';
import type { FailureEffects } from '../../channels/whatsapp/classify-error';
import type { ChatSnapshot } from '../../domain/snapshot';
import { takeBackAnswer } from '../conversations/answers';
import {
  hasQueued,
  lockConversation,
  lockSend,
  noticeConversation,
  saveChat,
  snapshotOf,
  type ConversationIds,
  type LockedConversation,
} from '../conversations/conversation-store';
import { giveBackCredits } from '../credits/credits';
import { newId, type Database, type Tx } from '../database';
import {
  passLimits,
  settleHand,
  type Hold,
  type InHand,
  type Limits,
  type Passed,
} from '../limits/dispatch-limits';
import { cancelFallbacks, fallBackNow } from '../scheduled/fallbacks';
import { loadQuietHours } from '../scheduled/quiet-hours';
import type { MessageContent } from './message-content';
import { forgetReached, noteReached, type Portfolio } from '../limits/messaging-limit';
import { administratorIds } from '../organization/administrators';
import { notify } from '../notify';
import { declineMarketing, noteOptOutOf } from '../people/opt-outs';
import { applyParkedReceipts, type ReceiptContext } from '../inbound/receipts';
import { loadSendFacts, type LoadedSendFacts } from './send-facts';
import type { Slot } from '../limits/send-limits';
import { extendChat, markAbsent, markBounced, markPresent, markTaken, storeWaId } from './taken';
import { writeTimeline } from '../conversations/timeline';
import { sealedAccountSql, sealedSmsAccountSql } from '../channels/sealed-account';

/** What is needed to carry out one send; `attemptToken` proves whose attempt it is. */
export type ClaimedMessage = {
  messageId: string;
  attemptToken: string;
  channel: SendChannel;
  /** manual: written by hand to this one person. */
  origin: string;
  to: string;
  kind: string;
  title: string | null;
  body: string | null;
  content: MessageContent;
  components: unknown;
  replyToProviderId: string | null;
  /** The credentials of its channel; an e-mail needs none. */
  account: SealedAccount & SealedSmsAccount;
  /** Of an e-mail: the company it is from, its language, and where an answer goes. */
  company: string;
  language: Language;
  replyTo: string | null;
  /** Of a WhatsApp message outside the service window: whose messaging limit it counts against. */
  outside: Portfolio | null;
};

export type Claim =
  /** `slot`: the call's place in the row of the account's sends. */
  | { kind: 'send'; message: ClaimedMessage; slot: Slot }
  | { kind: 'suppressed' }
  /** An attempt is in flight, or the sender is to slow down; or one of the limits. */
  | Hold
  | { kind: 'blocked'; by: string }
  | { kind: 'idle' };

export type Claimed = Claim & { snapshot: ChatSnapshot; more: boolean };

export type DispatchTimes = { dayMs: number; callTimeoutMs: number };

export type DispatchContext = DispatchTimes & { limits: Limits };

/** A call's deadline in the database is later than the call's own, so that nobody judges it while it may still answer. */
export const graceMs = 2_000;
const uploadMs = 60_000;

type QueuedMessage = {
  id: string;
  channel: SendChannel;
  state: 'queued' | 'dispatching';
  kind: string;
  title: string | null;
  body: string | null;
  content: MessageContent | null;
  origin: string;
  /** Automatic, one of many, or sent later, where quiet hours are kept. */
  unattended: boolean;
  applicationId: string | null;
  credits: number;
  contactPointId: string | null;
  attempts: number;
  dispatchDeadlineAt: Date | null;
  templateStatus: string | null;
  templateCategory: string | null;
  components: StoredComponent[] | null;
  /** Of the version that was accepted, where the template has another by now. */
  acceptedComponents: StoredComponent[] | null;
  replyToProviderId: string | null;
  /** Of an automatic message: why its application is not to get it any more; of a fallback: it is not needed any more. */
  overtakenBy: 'rejected' | 'withdrawn' | 'left_stage' | 'already_delivered' | null;
  /** When the message went that stands a burst of messages before this one (`pairLimit`). */
  earlierSentAt: Date | null;
};

/**
 * Tx A of a dispatch: takes the conversation's next message in the order of acceptance, checks again what may have changed since
 * (consent, opt-out, number, window, template, channel) and the limits, and marks it as dispatching just before the call. `slot`: its turn
 * has come.
 */
export async function claimNextMessage(
  db: Database,
  ids: ConversationIds,
  context: DispatchContext,
  slot?: Slot,
): Promise<Claimed> {
  const hand: InHand = { slot, reached: [] };
  let used = false;
  try {
    const claimed = await db.transact(async (tx) =>
      claimNext(tx, await lockConversation(tx, ids), context, hand),
    );
    used = claimed.kind === 'send' && claimed.message.outside !== null;
    return claimed;
  } finally {
    settleHand(context.limits, hand, used);
  }
}

async function claimNext(
  tx: Tx,
  locked: LockedConversation,
  context: DispatchContext,
  hand: InHand,
): Promise<Claimed> {
  const now = await tx.now();
  const conversation = await saveChat(tx, locked, settle(locked.chat, now, context.dayMs), null);
  const claim = await decide(tx, conversation, now, context, hand);
  if (claim.kind === 'held') await writeBlocked(tx, conversation, claim.by, claim.until);
  else if (claim.kind !== 'turn' && claim.kind !== 'share')
    await writeBlocked(tx, conversation, claim.kind === 'blocked' ? claim.by : null);
  const more =
    claim.kind === 'suppressed' &&
    (await hasQueued(tx, { ...conversation, conversationId: conversation.id }));
  const pending = claim.kind !== 'idle' && (claim.kind !== 'suppressed' || more);
  return { ...claim, more, snapshot: snapshotOf(conversation, pending) };
}

/** What is to be done next comes before what is to be waited for. */
const precedence: Record<Exclude<Claim['kind'], 'send' | 'suppressed'>, number> = {
  turn: 5,
  share: 4,
  wait: 3,
  held: 2,
  blocked: 1,
  idle: 0,
};

/** What holds up one channel holds up no other: the first message of all channels that may go, goes. Quiet hours hold up nobody's own. */
async function decide(
  tx: Tx,
  conversation: LockedConversation,
  now: Date,
  context: DispatchContext,
  hand: InHand,
): Promise<Claim> {
  let held: Exclude<Claim, { kind: 'send' | 'suppressed' }> = { kind: 'idle' };
  const closed = new Set<SendChannel>();
  for (const message of await nextMessages(tx, conversation)) {
    if (closed.has(message.channel)) continue;
    const claim = await decideOn(tx, conversation, message, now, context, hand);
    if (claim.kind === 'send' || claim.kind === 'suppressed') return claim;
    if (precedence[claim.kind] > precedence[held.kind] || endsSooner(claim, held)) held = claim;
    if (claim.kind !== 'held' || claim.by !== 'quiet_hours') closed.add(message.channel);
  }
  return held;
}

const endsSooner = (claim: Claim, held: Claim): boolean =>
  claim.kind === held.kind && 'until' in claim && 'until' in held && claim.until < held.until;

async function decideOn(
  tx: Tx,
  conversation: LockedConversation,
  message: QueuedMessage,
  now: Date,
  context: DispatchContext,
  hand: InHand,
): Promise<Claim> {
  const { organizationId } = conversation;
  if (message.state === 'dispatching') {
    if (message.dispatchDeadlineAt! > now) return { kind: 'wait', until: message.dispatchDeadlineAt! };
    await markUnknown(tx, conversation, message.id);
    return { kind: 'suppressed' };
  }
  if (conversation.erased) {
    await endUnsent(tx, conversation, message, 'cancelled', { reason: 'erased' }, now);
    return { kind: 'suppressed' };
  }
  // Only who was tried has asked for it. What the messaging limit holds up goes as soon as the person has written.
  if (
    message.attempts > 0 &&
    conversation.notBefore &&
    conversation.notBefore > now &&
    conversation.blockedBy !== 'messaging_limit' &&
    conversation.blockedBy !== 'quiet_hours'
  )
    return { kind: 'wait', until: conversation.notBefore };

  const all = await loadSendFacts(tx, {
    organizationId,
    personIds: [conversation.personId],
    channel: message.channel,
    now,
    dayMs: context.dayMs,
    contactPointId: message.contactPointId,
  });
  const facts = all.get(conversation.personId)!;
  if (facts.account?.state === 'paused') return { kind: 'blocked', by: 'channel_paused' };
  const [against] = reasonsAgainst(
    { ...facts, balance: message.credits },
    {
      credits: message.credits,
      content:
        message.kind === 'template'
          ? {
              type: 'template',
              approved: message.templateStatus === 'approved',
              category: message.templateCategory,
              complete: true,
            }
          : { type: 'free' },
    },
  );
  const reason = message.overtakenBy ?? against ?? changedSince(message);
  if (reason) {
    await endUnsent(tx, conversation, message, 'suppressed', { reason }, now);
    return { kind: 'suppressed' };
  }
  const until = message.unattended ? await quietUntil(tx, conversation, now) : now;
  if (until > now) return { kind: 'held', by: 'quiet_hours', until };
  const passed = await passLimits(tx, message, facts, { ...context, now, hand }, organizationId);
  if (passed.kind !== 'pass') return passed;
  const deadlineAt = new Date(now.getTime() + timeFor(message, context));
  return claimMessage(tx, conversation, message, { facts, passed, now, deadlineAt });
}

/** R-SEND-10: what had to wait (a paused channel, a limit) may come free in the night. */
const quietUntil = async (
  tx: Tx,
  { organizationId, personId }: LockedConversation,
  now: Date,
): Promise<Date> => (await loadQuietHours(tx, organizationId, [personId]))(personId, now);

/** WhatsApp sends the text that a template has now: where it is not the one that was accepted, and shown, nothing is sent. */
const changedSince = ({ kind, components, acceptedComponents }: QueuedMessage): ReasonCode | null =>
  kind === 'template' && acceptedComponents && !saysTheSame(components ?? [], acceptedComponents)
    ? 'template_mismatch'
    : null;

const timeFor = (message: QueuedMessage, times: DispatchTimes): number =>
  // copies are handed over after the e-mail itself
  (times.callTimeoutMs + (message.content?.mediaId || message.content?.mediaIds ? uploadMs : 0)) *
    (message.content?.copies ? 2 : 1) +
  graceMs;

async function claimMessage(
  tx: Tx,
  conversation: LockedConversation,
  message: QueuedMessage,
  {
    facts,
    passed: { slot, outside },
    now,
    deadlineAt,
  }: { facts: LoadedSendFacts; passed: Passed; now: Date; deadlineAt: Date },
): Promise<Claim> {
  const attemptToken = newId();
  const [row] = await tx.prepared<
    ClaimedMessage['account'] & { company: string; language: Language; senderEmail: string | null }
  >(
    `with claimed as (
       update messages set state = 'dispatching', attempt_token = $3, attempts = attempts + 1, dispatch_deadline_at = $4,
         channel_account_id = $5, contact_point_id = $6
       where organization_id = $1 and id = $2 and state = 'queued' returning sender_user_id)
     select ${sealedAccountSql('a')}, ${sealedSmsAccountSql('a')}, o.name as company, o.language, u.email as "senderEmail"
     from claimed join channel_accounts a on a.organization_id = $1 and a.id = $5
     join organizations o on o.id = a.organization_id
     left join users u on u.organization_id = $1 and u.id = claimed.sender_user_id`,
    [
      conversation.organizationId,
      message.id,
      attemptToken,
      deadlineAt,
      facts.channelAccountId,
      facts.contactPointId,
    ],
  );
  if (outside)
    await noteReached(tx, { ...outside, now }, [
      { contactPointId: facts.contactPointId!, messageId: message.id },
    ]);
  noticeConversation(tx, conversation);
  const { company, language, senderEmail, ...account } = row!;
  return {
    kind: 'send',
    slot,
    message: {
      messageId: message.id,
      attemptToken,
      channel: message.channel,
      origin: message.origin,
      to: facts.to!,
      kind: message.kind,
      title: message.title,
      body: message.body,
      content: message.content ?? {},
      components: message.components,
      replyToProviderId: message.replyToProviderId,
      account,
      company,
      language,
      replyTo: senderEmail,
      outside,
    },
  };
}

/** The first that waits of each channel, and the first that somebody sends by hand, in the order of acceptance; what is under way before all. */
function nextMessages(tx: Tx, conversation: LockedConversation): Promise<QueuedMessage[]> {
  return tx.prepared<QueuedMessage>(
    `with first as (
       select distinct on (channel, unattended) * from (
         select *, (select quiet_from is not null from organizations where id = $1) and (
           origin = 'bulk' or origin = 'automatic' and stage_entry_id is not null or coalesce(content ->> 'scheduled' = 'true', false)) as unattended
         from messages where organization_id = $1 and conversation_id = $2 and state in ('queued', 'dispatching')) waiting
       order by channel, unattended, state = 'dispatching' desc, position)
     select m.id, m.channel, m.state, m.kind, m.title, m.body, m.content, m.origin, m.unattended, m.application_id as "applicationId", m.credits,
       m.contact_point_id as "contactPointId", m.attempts, m.dispatch_deadline_at as "dispatchDeadlineAt", t.status as "templateStatus",
       t.category as "templateCategory", t.components, tv.components as "acceptedComponents", r.provider_id as "replyToProviderId",
       case when f.state in ('delivered', 'read') then 'already_delivered'
         when m.origin <> 'automatic' or a.id is null then null when a.rejected_at is not null then 'rejected'
         when a.withdrawn_at is not null then 'withdrawn'
         when m.stage_entry_id <> a.stage_entry_id then 'left_stage' end as "overtakenBy",
       (select b.sent_at from messages b where m.channel = 'whatsapp' and b.organization_id = m.organization_id
          and b.conversation_id = m.conversation_id and b.position = m.position - ${pairLimit.burst}) as "earlierSentAt"
     from first m
     left join applications a on a.organization_id = m.organization_id and a.id = m.application_id
     left join templates t on t.organization_id = m.organization_id and t.id = m.template_id
     left join template_versions tv on tv.organization_id = m.organization_id and tv.template_id = m.template_id
       and tv.version = m.template_version and tv.version <> t.version
     left join messages r on r.organization_id = m.organization_id and r.id = m.reply_to_id and r.channel = m.channel
     left join messages f on f.organization_id = m.organization_id and f.id = m.fallback_of_id
     order by m.state = 'dispatching' desc, m.position`,
    [conversation.organizationId, conversation.id],
  );
}

type SentMessage = {
  messageId: string;
  attemptToken: string;
  channelAccountId: string;
  providerId: string;
  waId: string | undefined;
  goesOn: boolean;
  /** Of an e-mail: the addresses that were not given their copy. */
  copiesRefused?: string[] | undefined;
};

type Recorded = { snapshot: ChatSnapshot; more: boolean; next: Claimed | undefined };

/**
 * Tx B after the provider took the message. A late one settles also what was already taken for unknown. `goesOn`: in the same transaction
 * the next message is claimed (`next`), where there is one.
 */
export async function recordSent(
  db: Database,
  ids: ConversationIds,
  context: ReceiptContext & DispatchContext,
  sent: SentMessage,
): Promise<Recorded> {
  const hand: InHand = { slot: undefined, reached: [] };
  let used = false;
  try {
    const recorded = await db.transact((tx) => recordTaken(tx, ids, context, { ...sent, hand }));
    used = recorded.next?.kind === 'send' && recorded.next.message.outside !== null;
    return recorded;
  } finally {
    settleHand(context.limits, hand, used);
  }
}

async function recordTaken(
  tx: Tx,
  ids: ConversationIds,
  context: ReceiptContext & DispatchContext,
  sent: SentMessage & { hand: InHand },
): Promise<Recorded> {
  const { conversation: locked, point } = await lockSend(tx, { ...ids, ...sent, provider: sent });
  const at = await tx.now();
  const { taken, parked, more } = await markTaken(tx, { ...ids, ...sent, at });
  const conversation = taken ? await extendChat(tx, locked, taken, at, context.dayMs) : locked;
  await storeWaId(tx, ids.organizationId, point, sent.waId);
  if (taken) {
    if (taken.channel === 'whatsapp') await markPresent(tx, ids.organizationId, point);
    await applyParkedReceipts(tx, conversation, { ...sent, ...context, point }, parked);
    if (sent.copiesRefused?.length) await noteCopiesRefused(tx, { ...ids, ...sent }, sent.copiesRefused);
  }
  if (locked.notBefore) {
    await tx.query('update conversations set not_before = null where organization_id = $1 and id = $2', [
      ids.organizationId,
      ids.conversationId,
    ]);
  }
  noticeConversation(tx, conversation);
  const next =
    more && sent.goesOn
      ? await claimNext(tx, { ...conversation, notBefore: null }, context, sent.hand)
      : undefined;
  return { snapshot: snapshotOf(conversation, more), more, next };
}

/** The person has the e-mail; it says who of the others has not. */
export async function noteCopiesRefused(
  tx: Tx,
  { organizationId, messageId }: { organizationId: string; messageId: string },
  addresses: string[],
): Promise<void> {
  await tx.query(
    `update messages set reason = 'copies_refused',
       reason_detail = concat_ws(', ', case when reason = 'copies_refused' then reason_detail end, nullif($3::text, ''))
     where organization_id = $1 and id = $2 and state in ('sent', 'delivered', 'read')
       and (reason is distinct from 'copies_refused' or position($3::text in coalesce(reason_detail, '')) = 0)`,
    [organizationId, messageId, addresses.join(', ')],
  );
}

export type Refusal = {
  reason: ReasonCode;
  detail?: string | undefined;
  providerCode?: number | undefined;
};

/** Tx B after a proven refusal that will not change: the message ends, its credit comes back. */
export async function recordFailed(
  db: Database,
  ids: ConversationIds,
  { hashKey }: Pick<ReceiptContext, 'hashKey'>,
  failed: Refusal &
    FailureEffects & { marksOptedOut?: true } & Pick<
      ClaimedMessage,
      'messageId' | 'attemptToken' | 'outside'
    >,
): Promise<{ snapshot: ChatSnapshot; more: boolean }> {
  return db.transact(async (tx) => {
    const { conversation, point } = await lockSend(tx, { ...ids, ...failed });
    const at = await tx.now();
    const [message] = await tx.query<{ id: string; applicationId: string | null; templateId: string | null }>(
      `select id, application_id as "applicationId", template_id as "templateId" from messages
       where organization_id = $1 and id = $2 and attempt_token = $3 and state in ('dispatching', 'unknown') for update`,
      [ids.organizationId, failed.messageId, failed.attemptToken],
    );
    if (message) {
      await endUnsent(tx, conversation, message, 'failed', failed, at);
      if (failed.outside) await forgetReached(tx, failed.outside, failed.messageId);
      if (failed.marksNotOnWhatsApp) await markAbsent(tx, ids.organizationId, point);
      if (failed.reason === 'email_bounced') await markBounced(tx, ids.organizationId, point, at);
      if (failed.declinesMarketing)
        await declineMarketing(tx, hashKey, { ...conversation, contactPointId: point?.id ?? null, at });
      if (failed.marksOptedOut) await noteOptOutOf(tx, hashKey, { ...ids, ...failed });
      if (failed.flagsTemplate)
        await flagTemplate(tx, { ...message, ...ids, flag: failed.flagsTemplate, at });
    }
    const more = await hasQueued(tx, ids);
    return { snapshot: snapshotOf(conversation, more), more };
  });
}

/** Tx B after a refusal that may pass: back into the queue, and nothing more over its channel before `retryAfterMs`. */
export async function recordRetry(
  db: Database,
  ids: ConversationIds,
  retry: {
    messageId: string;
    attemptToken: string;
    retryAfterMs: number;
    /** The messaging limit refused it: who writes to us meanwhile need not wait. */
    held?: { portfolio: Portfolio; until: Date };
  },
): Promise<{ snapshot: ChatSnapshot; more: boolean; until: Date }> {
  return db.transact(async (tx) => {
    const conversation = await lockConversation(tx, ids);
    const now = await tx.now();
    const [message] = await tx.query<{ attempts: number }>(
      `update messages set state = 'queued', attempt_token = null, dispatch_deadline_at = null
       where organization_id = $1 and id = $2 and attempt_token = $3 and state = 'dispatching' returning attempts`,
      [ids.organizationId, retry.messageId, retry.attemptToken],
    );
    const more = await otherChannelsWait(tx, ids, retry.messageId);
    if (retry.held) {
      await forgetReached(tx, retry.held.portfolio, retry.messageId);
      await writeBlocked(tx, conversation, 'messaging_limit', retry.held.until);
      return { snapshot: snapshotOf(conversation, true), more, until: retry.held.until };
    }
    const until = new Date(now.getTime() + backOffMs(retry.retryAfterMs, message?.attempts ?? 1));
    await tx.query('update conversations set not_before = $3 where organization_id = $1 and id = $2', [
      ids.organizationId,
      ids.conversationId,
      until,
    ]);
    noticeConversation(tx, conversation);
    return { snapshot: snapshotOf(conversation, true), more, until };
  });
}

/** Doubles with each attempt, up to five minutes or what the provider asked for. */
function backOffMs(firstMs: number, attempts: number): number {
  return Math.max(firstMs, Math.min(firstMs * 2 ** Math.min(attempts - 1, 10), 300_000));
}

/** WhatsApp's word on a template, heard by a refusal before its webhook came. */
async function flagTemplate(
  tx: Tx,
  facts: {
    organizationId: string;
    templateId: string | null;
    flag: 'mismatch' | 'paused' | 'disabled';
    at: Date;
  },
): Promise<void> {
  const { organizationId, templateId, flag, at } = facts;
  await tx.query(
    `update templates set status = case when $3::text = 'mismatch' then status else $3::text::template_status end, status_reason = upper($3::text),
       updated_at = $4
     where organization_id = $1 and id = $2`,
    [organizationId, templateId, flag, at],
  );
  tx.notice({ type: 'settings', organizationId });
}

/** Nobody can tell whether the provider took it: no machine sends it again; its credit stays reserved. */
export async function recordUnknown(
  db: Database,
  ids: ConversationIds,
  unknown: { messageId: string },
): Promise<{ snapshot: ChatSnapshot; more: boolean }> {
  return db.transact(async (tx) => {
    const conversation = await lockConversation(tx, ids);
    await markUnknown(tx, conversation, unknown.messageId);
    const more = await hasQueued(tx, ids);
    return { snapshot: snapshotOf(conversation, more), more };
  });
}

async function markUnknown(tx: Tx, conversation: LockedConversation, messageId: string): Promise<void> {
  await tx.query(
    `update messages set state = 'unknown' where organization_id = $1 and id = $2 and state = 'dispatching'`,
    [conversation.organizationId, messageId],
  );
  noticeConversation(tx, conversation);
}

/** R-AUTO-6: the channel itself is broken. It pauses, Administrators are told, the message goes back into the queue. */
export async function recordChannelBroken(
  db: Database,
  ids: ConversationIds,
  broken: { messageId: string; attemptToken: string; channelAccountId: string; reason: string },
): Promise<{ snapshot: ChatSnapshot; more: boolean }> {
  return db.transact(async (tx) => {
    const conversation = await lockConversation(tx, ids);
    await tx.query(
      `update messages set state = 'queued', attempt_token = null, dispatch_deadline_at = null
       where organization_id = $1 and id = $2 and attempt_token = $3 and state = 'dispatching'`,
      [ids.organizationId, broken.messageId, broken.attemptToken],
    );
    await writeBlocked(tx, conversation, 'channel_paused');
    await pauseChannel(tx, { organizationId: ids.organizationId, ...broken });
    return {
      snapshot: snapshotOf(conversation, true),
      more: await otherChannelsWait(tx, ids, broken.messageId),
    };
  });
}

/** Whether the conversation has messages for other channels than this one's. */
async function otherChannelsWait(tx: Tx, ids: ConversationIds, messageId: string): Promise<boolean> {
  const others = await tx.query(
    `select 1 from messages m join messages tried on tried.organization_id = m.organization_id and tried.id = $3
     where m.organization_id = $1 and m.conversation_id = $2 and m.state = 'queued' and m.channel <> tried.channel limit 1`,
    [ids.organizationId, ids.conversationId, messageId],
  );
  return others.length > 0;
}

/** Pauses a connected channel once, and tells its Administrators. */
export async function pauseChannel(
  tx: Tx,
  facts: { organizationId: string; channelAccountId: string; reason: string },
): Promise<void> {
  const at = await tx.now();
  const [paused] = await tx.query<{ channel: SendChannel }>(
    `update channel_accounts set state = 'paused', state_reason = $3, state_changed_at = $4, updated_at = $4, paused_at = $4
     where organization_id = $1 and id = $2 and state = 'connected' returning channel`,
    [facts.organizationId, facts.channelAccountId, facts.reason, at],
  );
  if (!paused) return;
  await notify(tx, facts.organizationId, {
    userIds: await administratorIds(tx, facts.organizationId),
    kind: 'channel',
    data: { state: 'paused', reason: facts.reason, channel: paused.channel },
    at,
  });
  tx.notice({ type: 'settings', organizationId: facts.organizationId });
}

/** Ends a message that was proven not sent, gives its credit back, and says why on the timeline. */
export async function endUnsent(
  tx: Tx,
  conversation: LockedConversation,
  message: { id: string; applicationId: string | null },
  state: 'suppressed' | 'failed' | 'cancelled',
  refusal: Refusal,
  at: Date,
): Promise<void> {
  const { organizationId } = conversation;
  await tx.query(
    `update messages set state = $3, reason = $4, reason_detail = $5, provider_code = $6, failed_at = $7
     where organization_id = $1 and id = $2`,
    [
      organizationId,
      message.id,
      state,
      refusal.reason,
      refusal.detail ?? null,
      refusal.providerCode ?? null,
      at,
    ],
  );
  await giveBackCredits(tx, { organizationId, messageId: message.id, at });
  await writeTimeline(tx, organizationId, [
    {
      personId: conversation.personId,
      applicationId: message.applicationId,
      kind: state === 'failed' ? 'messageFailed' : 'messageSuppressed',
      messageId: message.id,
      data: { reason: refusal.reason, text: reasonText[refusal.reason] },
      occurredAt: at,
    },
  ]);
  await takeBackAnswer(tx, { organizationId, conversationId: conversation.id });
  const ended = { organizationId, messageId: message.id, at };
  if (state === 'cancelled') await cancelFallbacks(tx, organizationId, ended, { ...refusal, at });
  else await fallBackNow(tx, ended);
  noticeConversation(tx, conversation);
}

/** `until`: only the messaging limit and quiet hours know it. */
async function writeBlocked(
  tx: Tx,
  conversation: LockedConversation,
  by: string | null,
  until: Date | null = null,
): Promise<void> {
  const { organizationId, id, blockedBy, notBefore } = conversation;
  if (blockedBy === by && (until === null || until.getTime() === notBefore?.getTime())) return;
  const limitSpeaks = until !== null || blockedBy === 'messaging_limit' || blockedBy === 'quiet_hours';
  await tx.query(
    'update conversations set blocked_by = $3, not_before = case when $4 then $5 else not_before end where organization_id = $1 and id = $2',
    [organizationId, id, by, limitSpeaks, until],
  );
}
