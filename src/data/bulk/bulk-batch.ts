import type { Language } from '../../contracts/common';
import type { Fallback } from '../../contracts/messages';
import type { ReasonCode } from '../../contracts/reasons';
import type { SealedAccount, SealedSmsAccount } from '../../channels/open-account';
import { settle } from '../../domain/chat';
import { reasonsAgainst, type SendChannel } from '../../domain/eligibility';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { contentOf } from '../messages/accept-message';
import type { BulkSendIds } from './bulk-sends';
import {
  lockConversations,
  noticeConversation,
  queuedAmong,
  type LockedConversation,
} from '../conversations/conversation-store';
import { ConcurrentChange, newId, type Database, type Tx } from '../database';
import { graceMs, type ClaimedMessage, type DispatchContext } from '../messages/dispatch';
import { fallbackSql, planFallbacks } from '../scheduled/fallbacks';
import { earlierWaitsSql } from '../scheduled/in-order';
import { noteReached, reachedAlready, type Portfolio } from '../limits/messaging-limit';
import {
  loadCarrier,
  loadTemplate,
  prepareContent,
  type ContentSources,
  type NewMessage,
  type Prepared,
  type TemplateRow,
} from '../messages/prepare-content';
import { loadQuietHours } from '../scheduled/quiet-hours';
import { authorOfMany } from '../scheduled/scheduled-author';
import { loadSendFacts, outsideOf, type LoadedSendFacts } from '../messages/send-facts';
import { findActingUser } from '../organization/session';
import { timelineRows, withTimeline, type NewTimelineEntry } from '../conversations/timeline';
import { loadVariablesToSend } from '../messages/variables';
import { rowsByKeySql } from '../sql';
import { visibleApplication } from '../visibility';
import { sealedAccountSql, sealedSmsAccountSql } from '../channels/sealed-account';

/** A message whose call is to be made now. */
export type BatchMessage = ClaimedMessage & { conversationId: string };

export type BulkBatch = {
  /** The last position that was looked at. */
  position: number;
  messages: BatchMessage[];
  /** Recipients in whose conversation something else is going on: they go alone, through its gate. */
  alone: number[];
  /** The credits that are left, where they do not do for the next of them. */
  tooFewCredits: number | null;
  /** The next of them cannot be reached with what this process holds of the messaging limit. */
  outOfReach: Portfolio | null;
};

/** A call may begin so long after its message was claimed. */
export const beginWithinMs = 2_000;

type Bulk = {
  templateId: string | null;
  title: string | null;
  body: string | null;
  parameters: Record<string, string> | null;
  userId: string | null;
  apiKeyId: string | null;
  scheduled: boolean;
  fallback: Fallback | null;
};

type Waiting = {
  position: number;
  personId: string;
  applicationId: string | null;
  conversationId: string;
  /** Has waited for its hour, or for the end of a night. */
  wasPutOff: boolean;
};

type Decided = Waiting & {
  conversation: LockedConversation;
  facts: LoadedSendFacts;
  message: NewMessage;
  prepared: Prepared;
  messageId: string;
  attemptToken: string;
  reason: ReasonCode | null;
};

/**
 * Tx A for many: accepts and claims the messages of the next who wait, by the rules and functions of a single one, just before their calls.
 * Undefined: nobody waits who is due, it does not run, or its channel is paused.
 */
export async function claimBatch(
  db: Database,
  ids: BulkSendIds,
  context: DispatchContext,
  ask: { channel: SendChannel; after: number; limit: number },
): Promise<BulkBatch | undefined> {
  const reach = createReach(context);
  let batch: BulkBatch | undefined;
  try {
    batch = await db.transact((tx) => claim(tx, ids, context, ask, reach));
    return batch;
  } finally {
    reach.settle(batch !== undefined);
  }
}

async function claim(
  tx: Tx,
  ids: BulkSendIds,
  context: DispatchContext,
  ask: { channel: SendChannel; after: number; limit: number },
  reach: Reach,
): Promise<BulkBatch | undefined> {
  const { organizationId } = ids;
  const bulk = await readRunning(tx, ids);
  if (!bulk) return undefined;
  const waiting = await takeWaiting(tx, ids, ask);
  if (waiting.length === 0) return undefined;
  const now = await tx.now();
  const awake = await putOffQuiet(tx, ids, onePerConversation(waiting), now);
  const due = await letEarlierGo(tx, ids, awake, now);

  const conversationIds = due.map(({ conversationId }) => conversationId);
  const conversations = await lockConversations(tx, { organizationId, conversationIds });
  const busy = await queuedAmong(tx, { organizationId, conversationIds });
  const known = await loadSendFacts(tx, {
    organizationId,
    personIds: due.map(({ personId }) => personId),
    channel: ask.channel,
    now,
    dayMs: context.dayMs,
    authorId: bulk.userId,
  });
  await reach.take(tx, [...known.values()], now);
  const user =
    bulk.userId === null ? null : await findActingUser(tx, { organizationId, userId: bulk.userId });
  const actor = { organizationId, user, apiKeyId: bulk.apiKeyId };
  const sources = await loadSources(tx, actor, due);
  const content = contentOf(bulk);
  const author = { ...bulk, organizationId, origin: 'bulk', batchId: ids.bulkSendId } as const;
  // what was scheduled is decided again for each person, as it fires (R-SEND-7)
  const still = bulk.scheduled ? await authorOfMany(tx, author, due) : null;

  const decided: Decided[] = [];
  const alone: number[] = [];
  let spent = 0;
  let tooFewCredits: number | null = null;
  let outOfReach: Portfolio | null = null;
  let position = waiting.at(-1)!.position;
  for (const recipient of due) {
    const conversation = conversations.get(recipient.conversationId);
    const facts = known.get(recipient.personId);
    if (facts?.account?.state === 'paused') return undefined;
    const plain =
      content &&
      conversation &&
      facts &&
      !busy.has(conversation.id) &&
      !facts.confidential &&
      isQuiet(conversation, now, context.dayMs) &&
      sources.mayName(recipient) &&
      (!still || still.may.has(recipient.personId));
    if (!plain) {
      alone.push(recipient.position);
      continue;
    }
    const message: NewMessage = {
      channel: ask.channel,
      content,
      origin: 'bulk',
      actor,
      applicationId: recipient.applicationId,
      replyToId: null,
      retryOfId: null,
      stageEntryId: null,
      fallback: bulk.fallback && { ...bulk.fallback, batchId: ids.bulkSendId },
    };
    const prepared = await prepareContent(
      tx,
      conversation,
      message,
      facts.windowOpen,
      sources.of(recipient),
    ).catch((error: unknown) => {
      if (error instanceof DomainError) return undefined;
      throw error;
    });
    if (!prepared) {
      alone.push(recipient.position);
      continue;
    }
    const [reason = null] = reasonsAgainst({ ...facts, balance: facts.balance - spent }, prepared.intent);
    tooFewCredits = reason === 'no_credits' ? facts.balance - spent : null;
    outOfReach = reason === null && !reach.covers(facts) ? facts.portfolio : null;
    if (tooFewCredits !== null || outOfReach) {
      position = recipient.position - 1;
      break;
    }
    if (reason === null) spent += prepared.credits;
    decided.push({
      ...recipient,
      conversation,
      facts,
      message,
      prepared,
      reason,
      messageId: newId(),
      attemptToken: newId(),
    });
  }
  if (decided.length === 0) return { position, messages: [], alone, tooFewCredits, outOfReach };
  await store(tx, ids, { actor, channel: ask.channel, at: now, context }, decided);
  await reach.note(tx, decided, now);
  await planFallbacks(
    tx,
    { organizationId, at: now },
    decided.map((one) => ({ ...one, state: one.reason ? 'suppressed' : 'queued' })),
  );
  await reserve(tx, organizationId, now, decided);
  const messages = await messagesOf(tx, actor, ask.channel, sources, decided);
  return { position, messages, alone, tooFewCredits, outOfReach };
}

type Reach = ReturnType<typeof createReach>;

/** What a batch takes of the messaging limit: asked for once for all of it, and settled when its transaction is over. */
function createReach({ limits: { reach }, dayMs }: DispatchContext) {
  let portfolio: Portfolio | null = null;
  let taken = 0;
  let used = 0;
  let reached = new Set<string>();
  return {
    async take(tx: Tx, all: LoadedSendFacts[], now: Date): Promise<void> {
      this.settle(false);
      const outside = all.filter((facts) => outsideOf(facts) && facts.contactPointId !== null);
      portfolio = outside[0]?.portfolio ?? null;
      if (!portfolio) return;
      const points = outside.map((facts) => facts.contactPointId!);
      reached = await reachedAlready(tx, { ...portfolio, now, dayMs }, points);
      if (!reach.heldUntil(portfolio)) taken = reach.take(portfolio, points.length - reached.size);
    },
    covers(facts: LoadedSendFacts): boolean {
      if (!outsideOf(facts) || reached.has(facts.contactPointId!)) return true;
      if (used === taken) return false;
      used++;
      return true;
    },
    async note(tx: Tx, decided: Decided[], now: Date): Promise<void> {
      const outside = decided.filter(({ reason, facts }) => reason === null && outsideOf(facts));
      if (!portfolio || outside.length === 0) return;
      await noteReached(
        tx,
        { ...portfolio, now },
        outside.map(({ facts, messageId }) => ({ contactPointId: facts.contactPointId!, messageId })),
      );
    },
    settle(committed: boolean): void {
      if (portfolio && taken > 0) reach.settle(portfolio, taken, committed ? taken - used : taken);
      [taken, used] = [0, 0];
    },
  };
}

async function readRunning(tx: Tx, { organizationId, bulkSendId }: BulkSendIds): Promise<Bulk | undefined> {
  const [bulk] = await tx.prepared<Bulk>(
    `select template_id as "templateId", title, body, parameters, created_by_id as "userId", api_key_id as "apiKeyId",
       scheduled_at is not null as scheduled, ${fallbackSql('b')} as fallback from bulk_sends b
     where organization_id = $1 and id = $2 and state = 'running'`,
    [organizationId, bulkSendId],
  );
  return bulk;
}

/** The next who wait and are due, locked for this transaction. */
async function takeWaiting(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  { channel, after, limit }: { channel: SendChannel; after: number; limit: number },
): Promise<Waiting[]> {
  return tx.prepared<Waiting>(
    `select r.position, r.person_id as "personId", r.application_id as "applicationId", c.id as "conversationId", r.not_before is not null as "wasPutOff"
     from bulk_recipients r join conversations c on c.organization_id = r.organization_id and c.person_id = r.person_id
     where r.organization_id = $1 and r.bulk_send_id = $2 and r.state = 'waiting' and r.channel = $3::channel and r.position > $4
       and (r.not_before is null or r.not_before <= $5)
     order by r.position limit $6 for update of r skip locked`,
    [organizationId, bulkSendId, channel, after, await tx.now(), limit],
  );
}

/** Somebody on two applications comes up again in the next batch. */
function onePerConversation(waiting: Waiting[]): Waiting[] {
  const first = new Map<string, Waiting>();
  for (const one of waiting) if (!first.has(one.conversationId)) first.set(one.conversationId, one);
  return [...first.values()];
}

/** R-SEND-10: who has quiet hours waits for their end; the others are due. */
async function putOffQuiet(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  waiting: Waiting[],
  now: Date,
): Promise<Waiting[]> {
  const personIds = waiting.map(({ personId }) => personId);
  const afterQuiet = await loadQuietHours(tx, organizationId, personIds);
  const quiet = waiting.filter(({ personId }) => afterQuiet(personId, now) > now);
  if (quiet.length === 0) return waiting;
  await tx.query(
    `update bulk_recipients r set not_before = q.not_before from jsonb_to_recordset($3::jsonb) as q(position int, not_before timestamptz)
     where r.organization_id = $1 and r.bulk_send_id = $2 and r.position = q.position`,
    [
      organizationId,
      bulkSendId,
      JSON.stringify(
        quiet.map(({ position, personId }) => ({ position, not_before: afterQuiet(personId, now) })),
      ),
    ],
  );
  return waiting.filter((one) => !quiet.includes(one));
}

const earlierMs = 1_000;

/** R-SEND-10: at the end of a night, what was wanted earlier for somebody goes first; they come up again a moment later. */
async function letEarlierGo(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  due: Waiting[],
  now: Date,
): Promise<Waiting[]> {
  const positions = due.flatMap(({ position, wasPutOff }) => (wasPutOff ? [position] : []));
  if (positions.length === 0) return due;
  const behind = await tx.query<{ position: number }>(
    `update bulk_recipients r set not_before = $4::timestamptz + make_interval(secs => ${earlierMs / 1000}) from bulk_sends b
     where r.organization_id = $1 and r.bulk_send_id = $2 and r.position = any($3::int[])
       and b.organization_id = r.organization_id and b.id = r.bulk_send_id
       and exists (select 1 from organizations where id = $1 and quiet_from is not null)
       and ${earlierWaitsSql({ organizationId: '$1', personId: 'r.person_id', wanted: 'coalesce(b.scheduled_at, b.created_at)', id: 'b.id', now: '$4::timestamptz' })}
     returning r.position`,
    [organizationId, bulkSendId, positions, now],
  );
  const waits = new Set(behind.map(({ position }) => position));
  return due.filter(({ position }) => !waits.has(position));
}

/** Nothing in this conversation has to be written down or waited for first. */
function isQuiet(conversation: LockedConversation, now: Date, dayMs: number): boolean {
  const { mergedIntoId, erased, notBefore, chat } = conversation;
  return (
    mergedIntoId === null &&
    !erased &&
    (notBefore === null || notBefore <= now) &&
    settle(chat, now, dayMs).chat === chat
  );
}

type Sources = {
  of(recipient: Waiting): ContentSources;
  /** Whether their application may be named in the message. */
  mayName(recipient: Waiting): boolean;
  templates: Map<string, TemplateRow>;
};

/** What the messages are made of: templates once, values for all in one query, each only where it is asked for. */
async function loadSources(tx: Tx, actor: Actor, recipients: Waiting[]): Promise<Sources> {
  const { organizationId, user } = actor;
  const templates = new Map<string, TemplateRow>();
  const note = (template: TemplateRow) => {
    templates.set(template.id, template);
    return template;
  };
  let carrier: Promise<TemplateRow | undefined> | undefined;
  let variables: Promise<Map<number, ContentVariables>> | undefined;
  const loadVariables = async (names: string[]) => {
    const scope = { organizationId, userId: user?.id ?? null };
    const values = await loadVariablesToSend(tx, scope, recipients, names);
    return new Map(recipients.map(({ position }, index) => [position, values[index]!]));
  };
  const named = await namedApplications(tx, actor, recipients);
  return {
    templates,
    mayName: ({ applicationId, personId }) =>
      applicationId === null || named.has(`${applicationId} ${personId}`),
    of: ({ position }) => ({
      template: async (id) => templates.get(id) ?? note(await loadTemplate(tx, actor, id)),
      carrier: () =>
        (carrier ??= loadCarrier(tx, actor).then((template) => (template ? note(template) : undefined))),
      // all get the same text, and so speak of the same
      variables: async (names) => (await (variables ??= loadVariables(names))).get(position)!,
    }),
  };
}

type ContentVariables = Awaited<ReturnType<ContentSources['variables']>>;

async function namedApplications(tx: Tx, actor: Actor, recipients: Waiting[]): Promise<Set<string>> {
  const applicationIds = recipients.flatMap(({ applicationId }) => applicationId ?? []);
  if (applicationIds.length === 0) return new Set();
  const rows = await tx.query<{ id: string; personId: string }>(
    `select a.id, a.person_id as "personId" from applications a
     where a.organization_id = $1 and a.id = any($2::uuid[]) and ${visibleApplication(actor, 'a')}`,
    [actor.organizationId, applicationIds],
  );
  return new Set(rows.map(({ id, personId }) => `${id} ${personId}`));
}

type Batch = { actor: Actor; channel: SendChannel; at: Date; context: DispatchContext };

/** The messages, those that go as dispatching already; what they say of their conversations and recipients; the timeline. */
async function store(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  { actor, channel, at, context }: Batch,
  decided: Decided[],
): Promise<void> {
  const told = decided.map(({ personId, applicationId, messageId, reason }) => ({
    personId,
    applicationId,
    kind: reason ? ('messageSuppressed' as const) : ('messageSent' as const),
    actorUserId: actor.user?.id ?? null,
    actorApiKeyId: actor.apiKeyId,
    messageId,
    data: { automatic: true, ...(reason ? { reason } : {}) },
    occurredAt: at,
  })) satisfies NewTimelineEntry[];
  const rows = decided.map(({ prepared, conversation, facts, reason, ...one }) => ({
    id: one.messageId,
    recipient: one.position,
    conversation_id: conversation.id,
    place: conversation.messageCount + 1,
    application_id: one.applicationId,
    reason,
    kind: prepared.kind,
    title: prepared.title,
    body: prepared.body,
    content: prepared.content,
    template_id: prepared.templateId,
    template_version: prepared.templateVersion,
    account_id: facts.channelAccountId,
    point_id: facts.contactPointId,
    credits: reason ? 0 : prepared.credits,
    token: reason ? null : one.attemptToken,
  }));
  const deadline = new Date(at.getTime() + beginWithinMs + context.callTimeoutMs + graceMs);
  await tx.prepared(storeSql, [
    organizationId,
    timelineRows(told),
    JSON.stringify(rows),
    at,
    channel,
    actor.user?.id ?? null,
    actor.apiKeyId,
    deadline,
    bulkSendId,
    rows.length,
  ]);
  for (const { reason, conversation } of decided) if (reason) noticeConversation(tx, conversation);
}

const storeSql = `
  with input as materialized ${rowsByKeySql(
    '$3',
    `id uuid, recipient int, conversation_id uuid, place int, application_id uuid, reason text,
      kind text, title text, body text, content jsonb, template_id uuid, template_version int, account_id uuid, point_id uuid, credits int,
      token uuid`,
    '$10',
  )},
  stored as (
    insert into messages (organization_id, id, conversation_id, position, application_id, channel, direction, origin, state, kind, title, body,
      content, template_id, template_version, sender_user_id, sender_api_key_id, channel_account_id, contact_point_id, credits, reason,
      attempts, attempt_token, dispatch_deadline_at, occurred_at, created_at)
    select $1, id, conversation_id, place, application_id, $5::channel, 'out', 'bulk',
      (case when token is null then 'suppressed' else 'dispatching' end)::message_state, kind, title, body, content, template_id, template_version,
      $6, $7, account_id, point_id, credits, reason, case when token is null then 0 else 1 end, token,
      case when token is not null then $8::timestamptz end, $4, $4 from input),
  moved as (
    update conversations c set message_count = i.place, updated_at = $4,
      last_message_at = case when i.token is null then c.last_message_at else $4 end,
      last_message_id = case when i.token is null then c.last_message_id else i.id end,
      last_direction = case when i.token is null then c.last_direction else 'out' end,
      last_sender_id = case when i.token is null then c.last_sender_id else coalesce($6, c.last_sender_id) end,
      channels = case when i.token is null or $5::channel = any(c.channels) then c.channels else c.channels || $5::channel end
    from input i where c.organization_id = $1 and c.id = i.conversation_id),
  settled as (
    update bulk_recipients r set state = (case when i.token is null then 'suppressed' else 'accepted' end)::bulk_recipient_state,
      message_id = i.id, reason = i.reason, not_before = null
    from input i where r.organization_id = $1 and r.bulk_send_id = $9 and r.position = i.recipient),
  ${withTimeline('$1', '$2')}
  select 1`;

/** One reservation a message (R-CRED-2). All of an organization's messages wait for its account, so it comes last. */
async function reserve(tx: Tx, organizationId: string, at: Date, decided: Decided[]): Promise<void> {
  const paid = decided.filter(({ reason, prepared }) => reason === null && prepared.credits > 0);
  if (paid.length === 0) return;
  const entries = paid.map(({ messageId, prepared }) => ({
    id: newId(),
    message_id: messageId,
    credits: prepared.credits,
  }));
  const rows = await tx.prepared(
    `with input as materialized (
       select * from jsonb_to_recordset($2::jsonb) as i(id uuid, message_id uuid, credits int)),
     total as (select sum(credits) as credits from input),
     paid as (
       update credit_accounts a set balance = a.balance - t.credits from total t
       where a.organization_id = $1 and a.balance >= t.credits returning 1)
     insert into credit_entries (organization_id, id, kind, amount, message_id, occurred_at)
     select $1, i.id, 'reserve', -i.credits, i.message_id, $3 from input i, paid returning 1`,
    [organizationId, JSON.stringify(entries), at],
  );
  // Somebody else has spent the last ones since the facts were read.
  if (rows.length < paid.length) throw new ConcurrentChange('no credits are left');
}

async function messagesOf(
  tx: Tx,
  { organizationId, user }: Actor,
  channel: SendChannel,
  { templates }: Sources,
  decided: Decided[],
): Promise<BatchMessage[]> {
  const going = decided.filter(({ reason }) => reason === null);
  if (going.length === 0) return [];
  type Row = SealedAccount &
    SealedSmsAccount & { company: string; language: Language; senderEmail: string | null };
  const [row] = await tx.prepared<Row>(
    `select ${sealedAccountSql('a')}, ${sealedSmsAccountSql('a')}, o.name as company, o.language, u.email as "senderEmail"
     from channel_accounts a join organizations o on o.id = a.organization_id
     left join users u on u.organization_id = a.organization_id and u.id = $3
     where a.organization_id = $1 and a.id = $2`,
    [organizationId, going[0]!.facts.channelAccountId, user?.id ?? null],
  );
  const { company, language, senderEmail, ...account } = row!;
  return going.map(({ messageId, attemptToken, facts, prepared, conversation }) => ({
    messageId,
    attemptToken,
    conversationId: conversation.id,
    channel,
    to: facts.to!,
    kind: prepared.kind,
    title: prepared.title,
    body: prepared.body,
    content: prepared.content,
    components:
      prepared.templateId === null ? null : (templates.get(prepared.templateId)?.components ?? null),
    replyToProviderId: null,
    account,
    company,
    language,
    replyTo: senderEmail,
    outside: outsideOf(facts),
    origin: 'bulk',
  }));
}
