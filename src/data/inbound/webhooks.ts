import { classifySmsCode } from '../../channels/sms/classify-error';
import { projectSms } from '../../channels/sms/project';
import type { SmsEvent } from '../../channels/sms/types';
import { classifyCode } from '../../channels/whatsapp/classify-error';
import { projectWebhook } from '../../channels/whatsapp/project';
import type { WhatsAppEvent } from '../../channels/whatsapp/types';
import { groupBy } from '../../domain/group-by';
import type { Logger } from '../../logger';
import type { Database, Tx } from '../database';
import { noteMessagingLimit } from '../limits/channel-limits';
import { pauseChannel } from '../messages/dispatch';
import { receiveMessage, type InboundEvent } from './inbound';
import { addOptOut, noteOptOutOf, phoneChannels, undoOptOut } from '../people/opt-outs';
import { recordReceipts } from './receipt-batch';
import type { ReceiptEvent } from './receipts';
import { findOrMakePhone } from './inbound-person';
import { storeTemplateStatus } from '../templates/template-status';

export type WebhookDeps = {
  db: Database;
  logger: Logger;
  dayMs: number;
  hashKey: (key: string) => string;
  /** An inbound file waits to be fetched. */
  onMedia: (media: { organizationId: string; mediaId: string }) => void;
};

/** A stored webhook. */
export type Delivery = {
  id: string;
  organizationId: string;
  channelAccountId: string;
  channel: 'whatsapp' | 'sms';
  /** Of an SMS status: our message's id, from the address it was posted to. */
  messageId: string | null;
  body: Buffer;
  attempts: number;
  /** Left out by the process that has just stored it. */
  receivedAt?: Date;
};

const maxAttempts = 5;

/** Groups of events worked off at once; those of one person go one after another. */
const lanes = 4;

type SmsWork = Extract<SmsEvent, { type: 'smsMessage' | 'smsStatus' }>;
type Work = { delivery: Delivery; event: WhatsAppEvent | SmsWork };

/** Those that still wait to be worked off, in the order of their arrival (as their ids sort). */
export async function readDeliveries(db: Database, ids: string[]): Promise<Delivery[]> {
  return db.prepared<Delivery>(
    `select w.id, w.organization_id as "organizationId", w.channel_account_id as "channelAccountId", a.channel,
       w.message_id as "messageId", w.body, w.attempts, w.received_at as "receivedAt"
     from webhook_deliveries w
     join channel_accounts a on a.organization_id = w.organization_id and a.id = w.channel_account_id
     where w.id = any($1::uuid[]) and w.state = 'pending' order by w.id`,
    [ids],
  );
}

/**
 * Works off stored webhooks in their order. Receipts go together; everything else in a transaction
 * of its own, so that a bad one never costs the others, and what one person says stays in order. What cannot be understood is parked as
 * poison; what failed for a passing reason is tried again by the sweep.
 */
export async function processWebhooks(deps: WebhookDeps, deliveries: Delivery[]): Promise<void> {
  const failed = new Set<Delivery>();
  const faults = new Map<Delivery, string[]>();
  const works: Work[] = [];
  for (const delivery of deliveries) {
    const { events, faults: shapes } = project(delivery);
    for (const event of events) works.push({ delivery, event });
    if (shapes.length > 0)
      faults.set(
        delivery,
        shapes.map((fault) => `${fault.path}: ${fault.message}`),
      );
  }
  const fail = ({ delivery, event }: Work, error: unknown) => {
    failed.add(delivery);
    deps.logger.error(
      { deliveryId: delivery.id, eventType: event.type, fault: faultName(error) },
      'webhook element failed',
    );
  };
  const accounts = await accountsOf(deps, works);
  const now = works.some(({ delivery }) => delivery.channel === 'sms') ? await deps.db.now() : new Date(0);
  const groups = [
    ...groupBy(
      works.filter(({ event }) => event.type !== 'status' && event.type !== 'smsStatus'),
      groupOf,
    ).values(),
  ];
  await Promise.all([
    takeReceipts(deps, accounts, works, now, fail),
    ...Array.from({ length: lanes }, async () => {
      for (let group = groups.shift(); group; group = groups.shift())
        for (const work of group)
          await processEvent(deps, accounts, work, now).catch((error: unknown) => fail(work, error));
    }),
  ]);
  await finish(deps, deliveries, failed, faults);
}

function project(delivery: Delivery): {
  events: Work['event'][];
  faults: { path: string; message: string }[];
} {
  if (delivery.channel === 'whatsapp') return projectWebhook(parseJson(delivery.body));
  const event = projectSms(delivery.messageId === null ? 'inbound' : 'status', delivery.body);
  switch (event.type) {
    case 'fault':
      return { events: [], faults: [event] };
    case 'passing':
      return { events: [], faults: [] };
    default:
      return { events: [event], faults: [] };
  }
}

async function finish(
  { db, logger }: WebhookDeps,
  deliveries: Delivery[],
  failed: Set<Delivery>,
  faults: Map<Delivery, string[]>,
): Promise<void> {
  const again = deliveries.filter((one) => failed.has(one) && one.attempts + 1 < maxAttempts);
  const poison = deliveries.filter((one) => !again.includes(one) && (failed.has(one) || faults.has(one)));
  const done = deliveries.filter((one) => !again.includes(one) && !poison.includes(one));
  const ids = (some: Delivery[]) => some.map(({ id }) => id);
  if (done.length > 0)
    await db.prepared('delete from webhook_deliveries where id = any($1::uuid[])', [ids(done)]);
  if (again.length > 0)
    await db.query('update webhook_deliveries set attempts = attempts + 1 where id = any($1::uuid[])', [
      ids(again),
    ]);
  for (const delivery of poison) {
    const said = faults.get(delivery) ?? [];
    logger.error({ deliveryId: delivery.id, faults: said.length }, 'webhook parked as poison');
    await db.query(
      `update webhook_deliveries set state = 'poison', attempts = attempts + 1, fault = $2 where id = $1`,
      [delivery.id, said.join('\n').slice(0, 2000) || 'processing failed'],
    );
  }
}

/** Whose events keep their order among each other. */
function groupOf({ delivery, event }: Work): string {
  const sender =
    event.type === 'message'
      ? (event.from ?? event.fromUserId)
      : event.type === 'userPreference' || event.type === 'smsMessage'
        ? event.from
        : undefined;
  return `${delivery.channelAccountId} ${sender ?? ''}`;
}

async function takeReceipts(
  deps: WebhookDeps,
  accounts: Accounts,
  works: Work[],
  now: Date,
  fail: (work: Work, error: unknown) => void,
): Promise<void> {
  const found = works.flatMap((work) => {
    const { event, delivery } = work;
    if (event.type === 'smsStatus') {
      const { organizationId, channelAccountId } = delivery;
      return [
        { work, item: { organizationId, channelAccountId, event: smsReceiptOf(delivery, event, now) } },
      ];
    }
    if (event.type !== 'status') return [];
    const account = accountOf(deps, accounts, work, event.phoneNumberId);
    return account ? [{ work, item: { ...account, event: receiptOf(event) } }] : [];
  });
  if (found.length === 0) return;
  const outcomes = await recordReceipts(
    deps.db,
    deps,
    found.map(({ item }) => item),
  );
  for (const [index, { work, item }] of found.entries()) {
    const outcome = outcomes[index]!;
    if (outcome instanceof Error) {
      fail(work, outcome);
      continue;
    }
    const { error } = item.event;
    // Heard again it is old news: the channel may have been mended since.
    if (!error || outcome !== 'applied') continue;
    await deps.db
      .transact((tx) => takeConsequences(tx, deps, work.delivery, error.code))
      .catch((fault: unknown) => fail(work, fault));
  }
}

/** What a failure says beyond its message. */
async function takeConsequences(
  tx: Tx,
  deps: WebhookDeps,
  { organizationId, channelAccountId, channel, messageId }: Delivery,
  code: number,
): Promise<void> {
  const { breaksChannel: reason } = channel === 'sms' ? classifySmsCode(code) : classifyCode(code);
  if (reason !== undefined) await pauseChannel(tx, { organizationId, channelAccountId, reason });
  if (channel === 'sms' && classifySmsCode(code).marksOptedOut && messageId !== null)
    await noteOptOutOf(tx, deps.hashKey, { organizationId, messageId });
}

function smsReceiptOf(
  delivery: Delivery,
  { providerId, status, error }: Extract<SmsWork, { type: 'smsStatus' }>,
  now: Date,
): ReceiptEvent {
  return {
    providerId,
    status,
    at: delivery.receivedAt ?? now,
    clientReference: delivery.messageId ?? undefined,
    error: error && { ...error, marksNotOnWhatsApp: false, declinesMarketing: false },
  };
}

function receiptOf(event: Extract<WhatsAppEvent, { type: 'status' }>): ReceiptEvent {
  const { error } = event;
  const effects = error ? classifyCode(error.code) : undefined;
  return {
    ...event,
    error: error && {
      ...error,
      marksNotOnWhatsApp: effects?.marksNotOnWhatsApp ?? false,
      declinesMarketing: effects?.declinesMarketing ?? false,
    },
  };
}

async function processEvent(deps: WebhookDeps, accounts: Accounts, work: Work, now: Date): Promise<void> {
  const { db, logger } = deps;
  const { delivery, event } = work;
  const { organizationId } = delivery;
  switch (event.type) {
    case 'status':
    case 'smsStatus':
      return;
    case 'smsMessage': {
      const { channelAccountId, receivedAt: at = now } = delivery;
      const context = { organizationId, channelAccountId, dayMs: deps.dayMs, hashKey: deps.hashKey };
      await receiveMessage(db, { ...context, channel: 'sms' }, inboundSms(event, at));
      return;
    }
    case 'message': {
      const account = accountOf(deps, accounts, work, event.phoneNumberId);
      if (!account) return;
      const received = await receiveMessage(
        db,
        { ...account, channel: 'whatsapp', dayMs: deps.dayMs, hashKey: deps.hashKey },
        event,
      );
      if (received.mediaId) deps.onMedia({ organizationId, mediaId: received.mediaId });
      return;
    }
    case 'templateStatus':
      return storeTemplateStatus(db, { organizationId, channelAccountId: delivery.channelAccountId }, event);
    case 'userPreference': {
      if (!accountOf(deps, accounts, work, event.phoneNumberId)) return;
      await db.transact(async (tx) => {
        const sender = {
          channel: 'whatsapp',
          waId: event.from,
          userId: undefined,
          profileName: undefined,
        } as const;
        const phone = await findOrMakePhone(tx, organizationId, sender, deps);
        if (!phone) return;
        const now = await tx.now();
        const optOut = {
          organizationId,
          contactPointId: phone.contactPointId,
          keyHash: deps.hashKey(phone.key),
          personId: phone.personId,
          channels: phoneChannels,
          marketingOnly: true,
          words: null,
          source: 'preference' as const,
          messageId: null,
          at: event.at > now ? now : event.at,
        };
        await (event.marketing === 'stop' ? addOptOut(tx, optOut) : undoOptOut(tx, optOut));
      });
      return;
    }
    case 'accountUpdate':
      if (/DISABLED|RESTRICT|BAN|VIOLATION/i.test(event.event)) {
        const { channelAccountId } = delivery;
        await db.transact((tx) => pauseChannel(tx, { organizationId, channelAccountId, reason: 'account' }));
      }
      logger.info({ organizationId, event: event.event }, 'WhatsApp account update');
      return;
    case 'phoneQuality':
      await db.transact((tx) => noteMessagingLimit(tx, { organizationId, ...event }));
      logger.info({ organizationId, event: event.event }, 'WhatsApp quality or limit');
      return;
    case 'templateQuality':
    case 'unknown':
      logger.info(
        { organizationId, eventType: event.type, field: event.type === 'unknown' ? event.field : undefined },
        'WhatsApp notice',
      );
  }
}

/** Pictures (MMS) are told, not fetched: one without words stands there as what it is. */
function inboundSms(
  { providerId, from, body, mediaCount, answered }: Extract<SmsWork, { type: 'smsMessage' }>,
  at: Date,
): InboundEvent {
  const isNumber = /^\d{5,15}$/.test(from);
  return {
    providerId,
    from: isNumber ? from : undefined,
    fromUserId: isNumber ? undefined : from,
    profileName: undefined,
    at,
    replyToProviderId: undefined,
    answered,
    content:
      body === '' && mediaCount > 0 ? { kind: 'unsupported', providerType: 'mms' } : { kind: 'text', body },
    raw: null,
  };
}

type Account = { organizationId: string; channelAccountId: string };
/** By organization and phone number id. */
type Accounts = Map<string, Account>;

async function accountsOf({ db }: WebhookDeps, works: Work[]): Promise<Accounts> {
  const numbers = works.flatMap(({ delivery, event }) =>
    'phoneNumberId' in event && /^[\w-]+$/.test(event.phoneNumberId)
      ? [{ organization_id: delivery.organizationId, number: event.phoneNumberId }]
      : [],
  );
  if (numbers.length === 0) return new Map();
  const rows = await db.prepared<Account & { number: string }>(
    `select distinct a.organization_id as "organizationId", a.id as "channelAccountId", a.phone_number_id as number
     from jsonb_to_recordset($1::jsonb) as i(organization_id uuid, number text)
     join channel_accounts a on a.organization_id = i.organization_id and a.channel = 'whatsapp' and a.phone_number_id = i.number`,
    [JSON.stringify(numbers)],
  );
  return new Map(rows.map(({ number, ...account }) => [`${account.organizationId} ${number}`, account]));
}

/**
 * Whose number an element is about. A business account's webhooks speak of all its numbers: one that is not connected here may be
 * another organization's, and is nobody's business.
 */
function accountOf(
  deps: WebhookDeps,
  accounts: Accounts,
  { delivery }: Work,
  number: string,
): Account | undefined {
  const { organizationId } = delivery;
  const account = accounts.get(`${organizationId} ${number}`);
  if (!account)
    deps.logger.warn({ organizationId, phoneNumberId: number }, 'webhook of a number that is not connected');
  return account;
}

/** Names of our own errors and SQL states only: a database's message may quote a value. */
function faultName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.name : `${error.name} ${code}`;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
