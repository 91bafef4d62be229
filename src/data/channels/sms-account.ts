import { ChannelError } from '../../channels/channel-error';
import { createOpenSmsAccount, sealContext, type SmsSettings } from '../../channels/open-account';
import type { SmsAccount, SmsClient, SmsSender } from '../../channels/sms/types';
import { smsWebhookPath } from '../../channels/sms/webhook-path';
import type { SmsChannel, SmsSettingsInput } from '../../contracts/channels';
import { troubleOf } from '../../domain/channel-trouble';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { normalisePhone } from '../../domain/phone';
import { canBeAnswered, senderFromName } from '../../domain/sms-sender';
import { open, seal } from '../../seal';
import { writeAudit } from '../organization/audit';
import { rateOf } from '../limits/channel-limits';
import { disconnectAccount, resumeAccount } from './channel-accounts';
import { newId, type Database, type Tx } from '../database';
import type { Queryable } from '../sql';

/** What connecting SMS needs besides the database. */
export type SmsContext = { actor: Actor; sms: SmsClient; secretKey: Buffer; publicUrl: string };

type Row = {
  id: string;
  state: 'connected' | 'paused' | 'disconnected';
  stateReason: string | null;
  accountName: string | null;
  settings: SmsSettings;
  secretSealed: Buffer;
  messagesPerSecond: number | null;
  providerRate: number | null;
};

export async function getSmsChannel(db: Queryable, context: SmsContext): Promise<SmsChannel> {
  const [organization] = await db.query<{ name: string }>('select name from organizations where id = $1', [
    context.actor.organizationId,
  ]);
  const defaultSender = senderFromName(organization?.name ?? '') ?? null;
  const row = await readRow(db, context.actor);
  if (!row) {
    return {
      state: 'notConnected',
      stateText: null,
      accountSid: null,
      accountName: null,
      sender: null,
      canBeAnswered: false,
      defaultSender,
      inboundUrl: null,
      limits: null,
    };
  }
  const { accountSid, sender } = row.settings;
  const answered = canBeAnswered('from' in sender ? sender.from : undefined);
  return {
    state: row.state,
    stateText: stateText(row),
    accountSid,
    accountName: row.accountName,
    sender: shown(sender),
    canBeAnswered: answered,
    defaultSender,
    inboundUrl: answered ? inboundUrl(context, row.id) : null,
    limits: rateOf('sms', row),
  };
}

/**
 * Connects the organization's SMS account, or changes it: checked with the provider, the token sealed, incoming messages of a number
 * pointed at Parley. What was disconnected is connected again, with its history; what was paused resumes (R-AUTO-6).
 */
export async function connectSms(
  db: Database,
  context: SmsContext,
  input: SmsSettingsInput,
): Promise<SmsChannel> {
  const before = await readRow(db, context.actor);
  const account: SmsAccount = {
    accountSid: input.accountSid,
    authToken: input.authToken ?? keptToken(context, before, input.accountSid),
    sender: await senderOf(db, context.actor, input.sender),
  };
  const { name } = await context.sms.checkAccount(account).catch(refuse);
  const id = before?.id ?? newId();
  const subscribed = await subscribe(context, account, id);
  await db.transact((tx) => keepAccount(tx, context, { id, before, account, name, subscribed }));
  if (before?.state === 'paused') await resume(db, context.actor, id);
  return getSmsChannel(db, context);
}

/** A paused account that works again: its queued messages go out, with every check made again. */
export async function resumeSms(db: Database, context: SmsContext): Promise<SmsChannel> {
  const row = await neededRow(db, context.actor);
  await context.sms.checkAccount(openRow(context, row)).catch(refuse);
  await resume(db, context.actor, row.id);
  return getSmsChannel(db, context);
}

const resume = (db: Database, actor: Actor, accountId: string): Promise<void> =>
  resumeAccount(db, { organizationId: actor.organizationId, accountId, actor });

/** Its history stays; nothing more is sent over it. */
export async function disconnectSms(db: Database, context: SmsContext): Promise<SmsChannel> {
  const row = await neededRow(db, context.actor);
  await db.transact((tx) => disconnectAccount(tx, context.actor, row.id));
  return getSmsChannel(db, context);
}

/** Whether people can answer what they get by SMS; true as well while there is no account. */
export async function smsCanBeAnswered(db: Queryable, organizationId: string): Promise<boolean> {
  const [row] = await db.query<{ sender: SmsSender }>(
    `select settings->'sender' as sender from channel_accounts where organization_id = $1 and channel = 'sms'`,
    [organizationId],
  );
  return !row || canBeAnswered('from' in row.sender ? row.sender.from : undefined);
}

/** The account with its token opened, for one call. */
export async function openSmsChannel(
  db: Queryable,
  context: Pick<SmsContext, 'actor' | 'secretKey'>,
): Promise<{ id: string; account: SmsAccount }> {
  const row = await neededRow(db, context.actor);
  return { id: row.id, account: openRow(context, row) };
}

async function readRow(db: Queryable, { organizationId }: Actor): Promise<Row | undefined> {
  const [row] = await db.query<Row>(
    `select id, state, state_reason as "stateReason", verified_name as "accountName", settings, secret_sealed as "secretSealed",
       messages_per_second as "messagesPerSecond", provider_rate as "providerRate"
     from channel_accounts where organization_id = $1 and channel = 'sms'`,
    [organizationId],
  );
  return row;
}

async function neededRow(db: Queryable, actor: Actor): Promise<Row> {
  const row = await readRow(db, actor);
  if (!row) throw new DomainError('channel_not_configured', 'SMS is not connected yet. Connect it first.');
  return row;
}

function openRow({ secretKey }: Pick<SmsContext, 'secretKey'>, row: Row): SmsAccount {
  return createOpenSmsAccount((sealed, context) => open(secretKey, sealed, context))(row);
}

function keptToken(context: SmsContext, before: Row | undefined, accountSid: string): string {
  if (before?.settings.accountSid === accountSid) return openRow(context, before).authToken;
  throw wrong('authToken', 'is needed for this account', 'Enter the auth token of this account.');
}

async function senderOf(db: Database, actor: Actor, input: SmsSettingsInput['sender']): Promise<SmsSender> {
  if (input.kind === 'service') return { messagingServiceSid: input.value };
  const [organization] = await db.query<{ name: string; country: string }>(
    'select name, default_country as country from organizations where id = $1',
    [actor.organizationId],
  );
  if (input.kind === 'number') {
    const number = normalisePhone(input.value, organization?.country);
    if (!number.ok) throw wrong('sender.value', 'is no phone number', 'Enter the number with its prefix.');
    return { from: number.e164 };
  }
  const from = input.value ?? senderFromName(organization?.name ?? '');
  if (from === undefined) {
    throw wrong('sender.value', 'is needed: the company’s name has no plain letters', 'Enter a sender name.');
  }
  return { from };
}

/** Only a number of the account can be pointed at us; others receive nothing, or are set at the provider by hand. */
async function subscribe(context: SmsContext, account: SmsAccount, accountId: string): Promise<boolean> {
  try {
    const outcome = await context.sms.receiveAt(account, inboundUrl(context, accountId));
    if (outcome === 'notOurs') {
      throw wrong(
        'sender.value',
        'is not a number of this account',
        'The provider does not know this number.',
      );
    }
    return true;
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    return false;
  }
}

async function keepAccount(
  tx: Tx,
  context: SmsContext,
  facts: { id: string; before: Row | undefined; account: SmsAccount; name: string; subscribed: boolean },
): Promise<void> {
  const { actor, secretKey } = context;
  const { organizationId } = actor;
  const { id, before, account, name, subscribed } = facts;
  const { accountSid, sender } = account;
  const now = await tx.now();
  const [other] = await tx.query(
    `select 1 from channel_accounts where channel = 'sms' and organization_id <> $1 and state <> 'disconnected'
       and settings->>'accountSid' = $2 and settings->'sender' = $3::jsonb and $4`,
    [organizationId, accountSid, JSON.stringify(sender), shown(sender).kind === 'number'],
  );
  // It would take the answers away from them.
  if (other) {
    throw new DomainError('already_exists', 'This number is connected already.', {
      errors: [{ path: 'sender.value', message: 'is connected already' }],
    });
  }
  await tx.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_reason, state_changed_at, display_phone, verified_name,
       settings, secret_sealed, created_at, updated_at)
     values ($1, $2, 'sms', 'SMS', 'connected', $3, $4, $5, $6, $7, $8, $4, $4)
     on conflict (organization_id, id) do update set
       state = case when channel_accounts.state = 'paused' then 'paused'::channel_state else 'connected' end,
       state_reason = excluded.state_reason, display_phone = excluded.display_phone, verified_name = excluded.verified_name,
       state_changed_at = case when channel_accounts.state = 'disconnected' then excluded.state_changed_at
         else channel_accounts.state_changed_at end,
       settings = excluded.settings, secret_sealed = excluded.secret_sealed, updated_at = excluded.updated_at`,
    [
      organizationId,
      id,
      subscribed ? null : 'not_subscribed',
      now,
      'from' in sender ? sender.from : null,
      name,
      { accountSid, sender },
      seal(secretKey, account.authToken, sealContext.secret(id)),
    ],
  );
  const isNew = !before || before.state === 'disconnected';
  await writeAudit(tx, actor, {
    action: isNew ? 'channel.connected' : 'channel.changed',
    target: 'channel',
    targetId: id,
    ...(before && { before: before.settings }),
    after: { accountSid, sender },
  });
  tx.notice({ type: 'settings', organizationId });
}

const inboundUrl = ({ publicUrl }: SmsContext, accountId: string): string =>
  `${publicUrl}${smsWebhookPath.inbound(accountId)}`;

function shown(sender: SmsSender): NonNullable<SmsChannel['sender']> {
  if ('messagingServiceSid' in sender) return { kind: 'service', value: sender.messagingServiceSid };
  return { kind: sender.from.startsWith('+') ? 'number' : 'name', value: sender.from };
}

function stateText({ state, stateReason }: Row): string | null {
  if (state === 'disconnected') return 'Disconnected. Connect SMS again to send and receive.';
  if (state === 'paused') {
    return `Paused. ${troubleOf('sms', stateReason)} Mend it there, enter a new token if needed, then resume. Messages wait until then.`;
  }
  return stateReason === 'not_subscribed'
    ? 'The provider did not take the address for incoming messages. Enter it there by hand, at the number.'
    : null;
}

/** What the provider's refusal means for the form. */
function refuse(error: unknown): never {
  if (!(error instanceof ChannelError)) throw error;
  if (error.errorClass === 'channelBroken' || error.errorClass === 'permanent') {
    throw wrong(
      'authToken',
      'The provider does not accept this account and token',
      error.detail ?? 'The provider refused.',
    );
  }
  throw new DomainError(
    'provider_unavailable',
    'The SMS provider could not be reached. Try again in a moment.',
  );
}

function wrong(path: string, message: string, detail: string): DomainError {
  return new DomainError('invalid', detail, { errors: [{ path, message }] });
}
