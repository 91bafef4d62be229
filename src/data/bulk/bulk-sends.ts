import { z } from 'zod';
import type { BulkSend, BulkSendInput } from '../../contracts/sends';
import type { Fallback } from '../../contracts/messages';
import { reasonText, type ReasonCode } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError, notFound } from '../../domain/errors';
import { mayManageSend, type Actor } from '../../domain/permissions';
import { unknownVariables } from '../../domain/template-render';
import { bulkSendWorkflowId } from '../../domain/workflow-ids';
import { writeAudit } from '../organization/audit';
import { countedTables, countsSql } from './bulk-outcome';
import { assertOpenMail } from '../messages/accept-message';
import { cancelQueued } from '../messages/cancel-messages';
import { newId, type Database, type Tx } from '../database';
import { cancelFallbacks, fallbackSql } from '../scheduled/fallbacks';
import { decodeCursor, toPage, type Page } from '../page';
import { assertNotTooMany, chooseRecipients, type RecipientQuery } from './recipients';
import { assertLater } from '../scheduled/scheduled-messages';
import { isoSql, userSummarySql, type Queryable } from '../sql';
import { accountOfChannelSql, outgoingConfidentialSql } from '../messages/send-facts';

export type BulkSendIds = { organizationId: string; bulkSendId: string };

const columns = `b.id, b.name, b.state, b.reason, b.channels::text[] as channels, b.title, b.body as text, t.name as "templateName",
  ${userSummarySql('u')} as "createdBy", ${isoSql('b.created_at')} as "createdAt", ${isoSql('b.finished_at')} as "finishedAt",
  ${isoSql('b.scheduled_at')} as "sendAt", ${fallbackSql('b')} as fallback,
  ${countsSql} as counts, k.credits,
  'email' = any(b.channels) and ${outgoingConfidentialSql('b.organization_id', 'b.created_by_id')} as confidential`;

const tables = `from bulk_sends b
  left join templates t on t.organization_id = b.organization_id and t.id = b.template_id
  left join users u on u.organization_id = b.organization_id and u.id = b.created_by_id
  ${countedTables}`;

type Row = Omit<BulkSend, 'reasonText'> & { confidential: boolean };

const toBulkSend =
  (actor: Actor) =>
  ({ confidential, ...row }: Row): BulkSend => {
    const { sent, unknown, failed } = row.counts;
    // R-CONF-3: nobody has got it, and nobody will
    const hidden = confidential && sent + unknown + failed === 0 && row.createdBy?.id !== actor.user?.id;
    return {
      ...row,
      ...(hidden && { name: '', title: null, text: null }),
      reasonText: row.reason === null ? null : reasonText[row.reason],
    };
  };

/** Plans a message to many and tells its workflow; 403 for who may not write to them, 404 for one who is not seen. */
export async function createBulkSend(
  db: Database,
  actor: Actor,
  input: BulkSendInput,
): Promise<{ id: string }> {
  const { organizationId, user } = actor;
  return db.transact(async (tx) => {
    const recipients = await chooseRecipients(tx, actor, input);
    assertVariables(input);
    await assertTemplate(tx, actor, input);
    await assertOpenMail(tx, actor, [...input.channels, input.fallback?.channel]);
    const bulkSendId = newId();
    const now = await tx.now();
    const sendAt = input.sendAt === undefined ? null : assertLater(input.sendAt, now);
    await tx.query(
      `insert into bulk_sends (organization_id, id, name, state, channels, template_id, title, body, created_by_id, api_key_id, planned,
         created_at, started_at, scheduled_at, fallback_channel, fallback_after_seconds, parameters)
       values ($1, $2, $3, 'running', $4, $5, $6, $7, $8, $9, 0, $10, $10, $11, $12, $13, $14)`,
      [
        organizationId,
        bulkSendId,
        input.name ?? '',
        input.channels,
        input.templateId ?? null,
        input.title ?? null,
        input.text ?? null,
        user?.id ?? null,
        actor.apiKeyId,
        now,
        sendAt,
        input.fallback?.channel ?? null,
        input.fallback?.afterSeconds ?? null,
        input.parameters ?? null,
      ],
    );
    const ids = { organizationId, bulkSendId };
    const planned = await plan(tx, ids, recipients, { channels: input.channels, sendAt });
    await writeAudit(tx, actor, {
      action: 'bulkSend.created',
      target: 'bulkSend',
      targetId: bulkSendId,
      after: { planned, channels: input.channels, ...(sendAt ? { sendAt: sendAt.toISOString() } : {}) },
    });
    await wake(tx, { organizationId, bulkSendId });
    return { id: bulkSendId };
  });
}

/** Writes down all who are meant, over each channel, in one statement: whoever comes under a filter later is not among them. */
async function plan(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  recipients: RecipientQuery,
  { channels, sendAt }: { channels: SendChannel[]; sendAt: Date | null },
): Promise<number> {
  const values = [...recipients.values];
  const add = (value: unknown) => `$${values.push(value)}`;
  const [written] = await tx.query<{ planned: number }>(
    `with written as (
       insert into bulk_recipients (organization_id, bulk_send_id, position, person_id, application_id, channel, state,
         not_before)
       select $1, ${add(bulkSendId)}, row_number() over (order by c.place, r.place) - 1, r.person_id, r.application_id, c.channel, 'waiting',
         ${add(sendAt)}
       from (${recipients.sql}) r cross join unnest(${add(channels)}::channel[]) with ordinality as c(channel, place)
       returning 1)
     select count(*)::int as planned from written`,
    values,
  );
  const { planned } = written!;
  if (planned === 0) throw invalid('filter', 'means nobody');
  assertNotTooMany(planned / channels.length);
  await tx.query('update bulk_sends set planned = $3 where organization_id = $1 and id = $2', [
    organizationId,
    bulkSendId,
    planned,
  ]);
  return planned;
}

/** R-SEND-5: a variable that does not exist would stop every one of them. */
export function assertVariables({ text, title }: Pick<BulkSendInput, 'text' | 'title'>): void {
  const unknown = (written: string | undefined) => unknownVariables(written ?? '');
  if (unknown(text).length > 0) throw invalid('text', `holds unknown variables: ${unknown(text).join(', ')}`);
  if (unknown(title).length > 0)
    throw invalid('title', `holds unknown variables: ${unknown(title).join(', ')}`);
}

const invalid = (path: string, message: string): DomainError =>
  new DomainError('invalid', 'Some fields are missing or wrong.', { errors: [{ path, message }] });

async function assertTemplate(
  tx: Tx,
  { organizationId, user }: Actor,
  { templateId, parameters = {} }: Pick<BulkSendInput, 'templateId' | 'parameters'>,
): Promise<void> {
  const [typed] = Object.keys(parameters);
  if (templateId === undefined) {
    if (typed !== undefined) throw invalid(`parameters.${typed}`, 'goes with a template only');
    return;
  }
  const [template] = await tx.query<{ keys: string[] }>(
    `select array(select p ->> 'key' from jsonb_array_elements(coalesce(parameters, '[]')) p) as keys from templates where organization_id = $1 and id = $2 and removed_at is null
       and (personal_user_id is null or personal_user_id = $3)`,
    [organizationId, templateId, user?.id ?? null],
  );
  if (!template) throw notFound('template');
  const unknown = Object.keys(parameters).find((key) => !template.keys.includes(key));
  if (unknown !== undefined) throw invalid(`parameters.${unknown}`, 'is no parameter of this template');
}

async function wake(tx: Tx, ids: BulkSendIds): Promise<void> {
  await tx.poke({
    organizationId: ids.organizationId,
    workflowType: 'bulkSend',
    workflowId: bulkSendWorkflowId(ids.bulkSendId),
    payload: ids,
  });
}

const position = z.tuple([z.uuid()]);

/** Newest first. Office roles and programs see all of the organization's, others their own. */
export async function listBulkSends(
  db: Queryable,
  actor: Actor,
  query: {
    cursor?: string | undefined;
    limit: number;
    state?: BulkSend['state'] | undefined;
    mine?: boolean | undefined;
  },
): Promise<Page<BulkSend>> {
  const after = query.cursor === undefined ? null : decodeCursor(query.cursor, position);
  const by = query.mine ? (actor.user?.id ?? null) : ownOnly(actor);
  const rows = await db.query<Row>(
    `select ${columns} ${tables}
     where b.organization_id = $1 and ($2::uuid is null or b.id < $2) and ($3::uuid is null or b.created_by_id = $3)
       and ($5::text is null or b.state::text = $5)
     order by b.id desc limit $4`,
    [actor.organizationId, after?.[0] ?? null, by, query.limit + 1, query.state ?? null],
  );
  return toPage(rows, query.limit, toBulkSend(actor), (row) => [row.id]);
}

const ownOnly = (actor: Actor): string | null => (mayManageSend(actor) ? null : (actor.user?.id ?? null));

/** 404 for one that is not there, or not this actor's to see. */
export async function assertBulkSend(db: Queryable, actor: Actor, bulkSendId: string): Promise<void> {
  const [row] = await db.query(
    'select 1 from bulk_sends b where b.organization_id = $1 and b.id = $2 and ($3::uuid is null or b.created_by_id = $3)',
    [actor.organizationId, bulkSendId, ownOnly(actor)],
  );
  if (!row) throw notFound('send');
}

export async function readBulkSend(db: Queryable, actor: Actor, bulkSendId: string): Promise<BulkSend> {
  const [row] = await db.query<Row>(
    `select ${columns} ${tables} where b.organization_id = $1 and b.id = $2 and ($3::uuid is null or b.created_by_id = $3)`,
    [actor.organizationId, bulkSendId, ownOnly(actor)],
  );
  if (!row) throw notFound('send');
  return toBulkSend(actor)(row);
}

/** Pauses, resumes or cancels; what is already so stays so, what has ended cannot be changed. */
export async function changeBulkSend(
  db: Database,
  actor: Actor,
  bulkSendId: string,
  to: 'paused' | 'running' | 'cancelled',
): Promise<BulkSend> {
  await assertBulkSend(db, actor, bulkSendId);
  const ids = { organizationId: actor.organizationId, bulkSendId };
  await db.transact(async (tx) => {
    const [bulk] = await tx.query<{ state: BulkSend['state'] }>(
      'select state from bulk_sends where organization_id = $1 and id = $2 for update',
      [ids.organizationId, bulkSendId],
    );
    if (!bulk) throw notFound('send');
    if (bulk.state === to) return;
    if (bulk.state === 'finished' || bulk.state === 'cancelled')
      throw new DomainError('conflict', `This send is ${bulk.state} already.`);
    const now = await tx.now();
    await tx.query(
      `update bulk_sends set state = $3::bulk_send_state, reason = null,
         finished_at = case when $3::text = 'cancelled' then $4::timestamptz end
       where organization_id = $1 and id = $2`,
      [ids.organizationId, bulkSendId, to, now],
    );
    if (to === 'cancelled') {
      await tx.query(
        `update bulk_recipients set state = 'cancelled', reason = 'cancelled' where organization_id = $1 and bulk_send_id = $2 and state = 'waiting'`,
        [ids.organizationId, bulkSendId],
      );
      await cancelFallbacks(
        tx,
        ids.organizationId,
        { batchId: bulkSendId },
        { reason: 'cancelled', at: now },
      );
    }
    await writeAudit(tx, actor, {
      action: 'bulkSend.changed',
      target: 'bulkSend',
      targetId: bulkSendId,
      before: { state: bulk.state },
      after: { state: to },
    });
    if (to === 'running') await wake(tx, ids);
  });
  if (to === 'cancelled') await cancelQueuedOf(db, ids);
  return readBulkSend(db, actor, bulkSendId);
}

/** What was accepted and has not left (a paused channel, a rate limit) is not sent any more either. */
async function cancelQueuedOf(db: Database, { organizationId, bulkSendId }: BulkSendIds): Promise<void> {
  const queued = await db.query<{ conversationId: string; messageId: string }>(
    `select m.conversation_id as "conversationId", m.id as "messageId" from bulk_recipients r
     join messages m on m.organization_id = r.organization_id and m.id = r.message_id and m.state = 'queued'
     where r.organization_id = $1 and r.bulk_send_id = $2`,
    [organizationId, bulkSendId],
  );
  for (const message of queued) await cancelQueued(db, { organizationId, ...message });
}

export type ClaimedRecipient = {
  position: number;
  personId: string;
  mergedIntoId: string | null;
  applicationId: string | null;
  conversationId: string;
  channel: SendChannel;
  templateId: string | null;
  title: string | null;
  body: string | null;
  parameters: Record<string, string> | null;
  userId: string | null;
  apiKeyId: string | null;
  scheduled: boolean;
  fallback: Fallback | null;
};

/** Takes one who waits, locked for this transaction; undefined: another has, or it does not run. */
export async function claimRecipient(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  position: number,
): Promise<ClaimedRecipient | undefined> {
  const [row] = await tx.prepared<ClaimedRecipient>(
    `select r.position, r.person_id as "personId", p.merged_into_id as "mergedIntoId", r.application_id as "applicationId",
       c.id as "conversationId", r.channel, b.template_id as "templateId", b.title, b.body, b.parameters, b.created_by_id as "userId", b.api_key_id as "apiKeyId", b.scheduled_at is not null as scheduled,
       ${fallbackSql('b')} as fallback
     from bulk_sends b
     join bulk_recipients r on r.organization_id = b.organization_id and r.bulk_send_id = b.id and r.state = 'waiting'
       and r.position = $3
     join people p on p.organization_id = r.organization_id and p.id = r.person_id
     join conversations c on c.organization_id = r.organization_id and c.person_id = r.person_id
     where b.organization_id = $1 and b.id = $2 and b.state = 'running'
     for update of r skip locked`,
    [organizationId, bulkSendId, position],
  );
  return row;
}

/** R-CHAT-13: who was merged has become another, who is meant from now on; false: they are a recipient already. */
export async function followMerged(
  tx: Tx,
  { organizationId, bulkSendId }: BulkSendIds,
  { position: at, mergedIntoId }: ClaimedRecipient,
): Promise<boolean> {
  const moved = await tx.query(
    `update bulk_recipients r set person_id = $4 where r.organization_id = $1 and r.bulk_send_id = $2 and r.position = $3 and not exists (
       select 1 from bulk_recipients other where other.organization_id = $1 and other.bulk_send_id = $2 and other.person_id = $4
         and other.channel = r.channel and other.application_id is not distinct from r.application_id
         and other.state in ('waiting', 'accepted')) returning 1`,
    [organizationId, bulkSendId, at, mergedIntoId],
  );
  return moved.length > 0;
}

export async function settleRecipient(
  tx: Tx,
  ids: BulkSendIds,
  at: number,
  outcome:
    | { state: 'accepted'; messageId: string }
    | { state: 'suppressed'; messageId: string | null; reason: ReasonCode },
): Promise<void> {
  await tx.prepared(
    `update bulk_recipients set state = $4, message_id = $5, reason = $6, not_before = null
     where organization_id = $1 and bulk_send_id = $2 and position = $3`,
    [
      ids.organizationId,
      ids.bulkSendId,
      at,
      outcome.state,
      outcome.messageId,
      outcome.state === 'suppressed' ? outcome.reason : null,
    ],
  );
}

export async function creditsLeft(tx: Tx, organizationId: string): Promise<number> {
  const [account] = await tx.query<{ balance: number }>(
    'select balance from credit_accounts where organization_id = $1',
    [organizationId],
  );
  return account?.balance ?? 0;
}

/** R-CRED-2: stops by itself because the credits that are left do not do for the next. */
export async function pauseForCredits(db: Database, ids: BulkSendIds, left: number): Promise<void> {
  await db.query(
    `update bulk_sends set state = 'paused', reason = 'no_credits', paused_at_credits = $3
     where organization_id = $1 and id = $2 and state = 'running'`,
    [ids.organizationId, ids.bulkSendId, left],
  );
}

/** Over which channels it goes; none when it does not run. */
export async function runningChannels(db: Database, ids: BulkSendIds): Promise<SendChannel[]> {
  const [bulk] = await db.query<{ channels: SendChannel[] }>(
    `select channels::text[] as channels from bulk_sends where organization_id = $1 and id = $2 and state = 'running'`,
    [ids.organizationId, ids.bulkSendId],
  );
  return bulk?.channels ?? [];
}

/** The account that a channel's messages go over, as `loadSendFacts` takes it. */
export async function accountOfChannel(
  db: Database,
  organizationId: string,
  channel: SendChannel,
): Promise<{ id: string; state: 'connected' | 'paused' | 'disconnected' } | undefined> {
  const [account] = await db.prepared<{ id: string; state: 'connected' | 'paused' | 'disconnected' }>(
    accountOfChannelSql('id, state', { organizationId: '$1', channel: '$2::channel' }),
    [organizationId, channel],
  );
  return account;
}

/** R-SEND-6: its WhatsApp messages wait until then, for nobody new can be reached before. */
export async function holdWhatsApp(db: Database, ids: BulkSendIds, until: Date): Promise<void> {
  await db.query('update bulk_sends set whatsapp_held_until = $3 where organization_id = $1 and id = $2', [
    ids.organizationId,
    ids.bulkSendId,
    until,
  ]);
}

/** Its messages that were accepted and whose end nobody has seen yet; `r` and `m`, with the conversation `c`. */
const unsettledTables = `messages m
  join bulk_recipients r on r.organization_id = m.organization_id and r.message_id = m.id and r.bulk_send_id = $2
  join conversations c on c.organization_id = m.organization_id and c.id = m.conversation_id
  where m.organization_id = $1 and m.state in ('queued', 'dispatching')`;

/** When one may be looked at again: an attempt after its deadline, what is to slow down then, what is held up after a while. */
const unsettledDueSql = `case when m.state = 'dispatching' then m.dispatch_deadline_at
  when c.blocked_by is not null then $3::timestamptz + interval '1 minute' else coalesce(c.not_before, $3) end`;

/** Conversations in which its messages were left behind, by a worker that died or a provider that wanted a rest. */
export async function leftBehind(
  db: Database,
  { organizationId, bulkSendId }: BulkSendIds,
): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select c.id from ${unsettledTables} and ${unsettledDueSql} <= $3 limit 1000`,
    [organizationId, bulkSendId, await db.now()],
  );
  return rows.map(({ id }) => id);
}

/**
 * When there is something to do again; null when there is nothing: all are settled (it is finished then), or it does not run. A paused
 * channel is looked at once a minute.
 */
export async function nextRecipientDue(
  db: Database,
  { organizationId, bulkSendId }: BulkSendIds,
): Promise<Date | null> {
  const now = await db.now();
  const [next] = await db.query<{ dueAt: Date | null; running: boolean }>(
    `select least(
         (select min(case when a.state = 'paused' then $3::timestamptz + interval '1 minute'
            when w.channel = 'whatsapp' then greatest(w.due_at, b.whatsapp_held_until) else w.due_at end)
          from (select channel, min(coalesce(not_before, b.created_at)) as due_at from bulk_recipients
            where organization_id = $1 and bulk_send_id = $2 and state = 'waiting' group by channel) w
          left join lateral (${accountOfChannelSql('state', { organizationId: '$1', channel: 'w.channel' })}) a on true),
         (select min(${unsettledDueSql}) from ${unsettledTables})) as "dueAt", b.state = 'running' as running
     from bulk_sends b where b.organization_id = $1 and b.id = $2`,
    [organizationId, bulkSendId, now],
  );
  await foldCounts(db, { organizationId, bulkSendId });
  if (!next?.running) return null;
  if (next.dueAt) return next.dueAt;
  // R-CONF-3: the text of what became confidential before anybody got it, and its name, are kept for nobody
  await db.query(
    `with kept as (
       select not exists (select 1 from bulk_recipients where organization_id = $1 and bulk_send_id = $2 and reason = 'confidential_mail')
         or exists (select 1 from bulk_recipients where organization_id = $1 and bulk_send_id = $2 and message_id is not null) as text)
     update bulk_sends set state = 'finished', finished_at = $3, name = case when kept.text then name else '' end, title = case when kept.text then title end,
       body = case when kept.text or body is null then body else '' end
     from kept where organization_id = $1 and id = $2 and state = 'running'`,
    [organizationId, bulkSendId, now],
  );
  return null;
}

/** What was counted by differences so far, in one row for each end: a batch has added one, and they are summed up at each look. */
async function foldCounts(db: Database, { organizationId, bulkSendId }: BulkSendIds): Promise<void> {
  await db.query(
    `with folded as (
       delete from bulk_counts where organization_id = $1 and bulk_send_id = $2 returning outcome, reason, people, credits)
     insert into bulk_counts (organization_id, bulk_send_id, outcome, reason, people, credits)
     select $1, $2, outcome, reason, sum(people), sum(credits) from folded
     group by outcome, reason having sum(people) <> 0 or sum(credits) <> 0`,
    [organizationId, bulkSendId],
  );
}

/** R-CRED-2: what stopped for want of credits goes on once there are more than did not do then. Called by the sweep. */
export async function resumeAfterTopUp(db: Database): Promise<number> {
  return db.transact(async (tx) => {
    const resumed = await tx.query<{ organizationId: string; bulkSendId: string }>(
      `update bulk_sends b set state = 'running', reason = null from credit_accounts a
       where b.state = 'paused' and b.reason = 'no_credits' and a.organization_id = b.organization_id and a.balance > coalesce(b.paused_at_credits, 0)
       returning b.organization_id as "organizationId", b.id as "bulkSendId"`,
    );
    for (const ids of resumed) await wake(tx, ids);
    return resumed.length;
  });
}
