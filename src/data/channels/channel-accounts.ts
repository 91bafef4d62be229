import { randomBytes } from 'node:crypto';
import type { ChannelAccount } from '../../contracts/channels';
import type { ChannelError } from '../../channels/channel-error';
import { ChannelError as ChannelErrorClass } from '../../channels/channel-error';
import { createOpenAccount, sealContext, type SealedAccount } from '../../channels/open-account';
import type { PhoneNumberInfo, WhatsAppAccount, WhatsAppClient } from '../../channels/whatsapp/types';
import { troubleOf } from '../../domain/channel-trouble';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { open, seal } from '../../seal';
import { writeAudit } from '../organization/audit';
import { newId, type Database, type Tx } from '../database';
import {
  changeLimits,
  limitColumns,
  limitsOf,
  storeProviderLimits,
  type LimitColumns,
  type LimitPatch,
} from '../limits/channel-limits';
import { isoSql, type Queryable } from '../sql';
import { storeRemoteTemplates } from '../templates/templates';
import { wakeConversation, wokenAtOnce } from '../conversations/wake';
import { sealedAccountSql } from './sealed-account';

/** What connecting a number needs besides the database. */
export type ChannelContext = {
  actor: Actor;
  whatsApp: WhatsAppClient;
  secretKey: Buffer;
  publicUrl: string;
  dayMs: number;
};

type Row = Omit<ChannelAccount, 'stateText' | 'webhookUrl' | 'verifyToken' | 'limits'> & {
  stateReason: string | null;
  verifyTokenSealed: Buffer | null;
  limits: LimitColumns;
};

const columns = `id, channel, name, state, state_reason as "stateReason", phone_number_id as "phoneNumberId",
  waba_id as "wabaId", display_phone as "displayPhone", verified_name as "verifiedName",
  verify_token_sealed as "verifyTokenSealed", ${isoSql('templates_synced_at')} as "templatesSyncedAt", ${limitColumns} as limits`;

export async function listChannelAccounts(db: Database, context: ChannelContext): Promise<ChannelAccount[]> {
  const rows = await db.query<Row>(
    `select ${columns} from channel_accounts where organization_id = $1 and channel = 'whatsapp' order by created_at, id`,
    [context.actor.organizationId],
  );
  return Promise.all(rows.map((row) => toAccount(db, row, context)));
}

async function getChannelAccount(
  db: Database,
  context: ChannelContext,
  accountId: string,
): Promise<ChannelAccount> {
  const [row] = await db.query<Row>(
    `select ${columns} from channel_accounts where organization_id = $1 and id = $2 and channel = 'whatsapp'`,
    [context.actor.organizationId, accountId],
  );
  if (!row) throw notFound('channel');
  return toAccount(db, row, context);
}

export type WhatsAppCredentials = {
  name: string;
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
};

/**
 * Connects a WhatsApp number: its credentials are checked and sealed, its webhooks subscribed, its templates fetched. A number
 * that was disconnected is connected again, with its history.
 */
export async function connectWhatsApp(
  db: Database,
  context: ChannelContext,
  credentials: WhatsAppCredentials,
): Promise<ChannelAccount> {
  const number = await checkCredentials(context.whatsApp, credentials);
  const verifyToken = randomBytes(24).toString('base64url');
  const accountId = await db.transact((tx) => keepAccount(tx, context, credentials, number, verifyToken));
  await subscribe(db, context, accountId, credentials, verifyToken);
  await syncTemplates(db, context, accountId);
  return getChannelAccount(db, context, accountId);
}

async function keepAccount(
  tx: Tx,
  { actor, secretKey }: ChannelContext,
  credentials: WhatsAppCredentials,
  number: PhoneNumberInfo,
  verifyToken: string,
): Promise<string> {
  const { organizationId } = actor;
  const [known] = await tx.query<{ id: string; organizationId: string; state: string }>(
    `select id, organization_id as "organizationId", state from channel_accounts
     where channel = 'whatsapp' and phone_number_id = $1 for update`,
    [credentials.phoneNumberId],
  );
  if (known && (known.organizationId !== organizationId || known.state !== 'disconnected')) {
    throw new DomainError('already_exists', 'This number is connected already.', {
      errors: [{ path: 'phoneNumberId', message: 'is connected already' }],
    });
  }
  const id = known?.id ?? newId();
  const now = await tx.now();
  await tx.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, phone_number_id, waba_id,
       display_phone, verified_name, access_token_sealed, app_secret_sealed, verify_token_sealed, created_at, updated_at)
     values ($1, $2, 'whatsapp', $3, 'connected', $4, $5, $6, $7, $8, $9, $10, $11, $4, $4)
     on conflict (organization_id, id) do update set name = excluded.name, state = 'connected', state_reason = null,
       state_changed_at = excluded.state_changed_at, waba_id = excluded.waba_id, display_phone = excluded.display_phone,
       verified_name = excluded.verified_name, access_token_sealed = excluded.access_token_sealed,
       app_secret_sealed = excluded.app_secret_sealed, verify_token_sealed = excluded.verify_token_sealed,
       updated_at = excluded.updated_at`,
    [
      organizationId,
      id,
      credentials.name,
      now,
      credentials.phoneNumberId,
      credentials.wabaId,
      number.displayPhone,
      number.verifiedName ?? null,
      seal(secretKey, credentials.accessToken, sealContext.accessToken(id)),
      seal(secretKey, credentials.appSecret, sealContext.appSecret(id)),
      seal(secretKey, verifyToken, sealContext.verifyToken(id)),
    ],
  );
  await storeProviderLimits(tx, { organizationId, accountId: id }, number);
  await writeAudit(tx, actor, {
    action: 'channel.connected',
    target: 'channel',
    targetId: id,
    after: { name: credentials.name, phoneNumberId: credentials.phoneNumberId, wabaId: credentials.wabaId },
  });
  tx.notice({ type: 'settings', organizationId });
  return id;
}

/** Where it is refused, the page shows the address and verify token to be entered by hand. */
async function subscribe(
  db: Database,
  { actor, whatsApp, publicUrl }: ChannelContext,
  accountId: string,
  account: WhatsAppAccount,
  verifyToken: string,
): Promise<void> {
  try {
    await whatsApp.subscribe(account, { callbackUrl: webhookUrl(publicUrl, accountId), verifyToken });
  } catch (error) {
    if (!(error instanceof ChannelErrorClass)) throw error;
    await db.query(
      `update channel_accounts set state_reason = 'not_subscribed' where organization_id = $1 and id = $2 and state = 'connected'`,
      [actor.organizationId, accountId],
    );
  }
}

/** Fetches the templates from WhatsApp. */
export async function syncTemplates(
  db: Database,
  context: ChannelContext,
  accountId: string,
): Promise<ChannelAccount> {
  const { organizationId } = context.actor;
  const account = await openChannelAccount(db, context, accountId);
  const askedAt = await db.now();
  const number = await context.whatsApp.phoneNumber(account).catch(() => undefined);
  const templates = await context.whatsApp.listTemplates(account).catch((error: unknown) => {
    throw refusalOf(error, 'wabaId');
  });
  await db.transact(async (tx) => {
    await tx.query('select 1 from channel_accounts where organization_id = $1 and id = $2 for update', [
      organizationId,
      accountId,
    ]);
    await storeRemoteTemplates(tx, organizationId, accountId, templates, askedAt);
    if (number) await storeProviderLimits(tx, { organizationId, accountId }, number);
    const now = await tx.now();
    await tx.query(
      'update channel_accounts set templates_synced_at = $3, updated_at = $3 where organization_id = $1 and id = $2',
      [organizationId, accountId, now],
    );
    tx.notice({ type: 'settings', organizationId });
  });
  return getChannelAccount(db, context, accountId);
}

export type ChannelPatch = {
  name?: string;
  accessToken?: string;
  appSecret?: string;
} & LimitPatch;

/** Changes name, credentials or limits; a paused channel whose new credentials work resumes (R-AUTO-6). */
export async function changeChannelAccount(
  db: Database,
  context: ChannelContext,
  accountId: string,
  patch: ChannelPatch,
): Promise<ChannelAccount> {
  const { actor, secretKey } = context;
  const before = await getChannelAccount(db, context, accountId);
  const opened = await openChannelAccount(db, context, accountId);
  const account = {
    ...opened,
    accessToken: patch.accessToken ?? opened.accessToken,
    appSecret: patch.appSecret ?? opened.appSecret,
  };
  if (patch.accessToken !== undefined) await checkCredentials(context.whatsApp, account);
  await db.transact(async (tx) => {
    await tx.query(
      `update channel_accounts set name = $3, access_token_sealed = $4, app_secret_sealed = $5, updated_at = $6
       where organization_id = $1 and id = $2`,
      [
        actor.organizationId,
        accountId,
        patch.name ?? before.name,
        seal(secretKey, account.accessToken, sealContext.accessToken(accountId)),
        seal(secretKey, account.appSecret, sealContext.appSecret(accountId)),
        await tx.now(),
      ],
    );
    const limits = await changeLimits(tx, { organizationId: actor.organizationId, accountId }, patch);
    await writeAudit(tx, actor, {
      action: 'channel.changed',
      target: 'channel',
      targetId: accountId,
      before: { name: before.name, ...limits.before },
      after: {
        name: patch.name ?? before.name,
        ...limits.after,
        accessToken: patch.accessToken === undefined ? 'unchanged' : 'changed',
        appSecret: patch.appSecret === undefined ? 'unchanged' : 'changed',
      },
    });
    tx.notice({ type: 'settings', organizationId: actor.organizationId });
  });
  if (before.state === 'paused' && patch.accessToken !== undefined) {
    return resumeChannelAccount(db, context, accountId);
  }
  return getChannelAccount(db, context, accountId);
}

/** A paused channel that works again: its queued messages go out, with every check made again. */
export async function resumeChannelAccount(
  db: Database,
  context: ChannelContext,
  accountId: string,
): Promise<ChannelAccount> {
  const { actor } = context;
  await checkCredentials(context.whatsApp, await openChannelAccount(db, context, accountId));
  await resumeAccount(db, { organizationId: actor.organizationId, accountId, actor });
  return getChannelAccount(db, context, accountId);
}

/** The account of any channel, found to be working, from paused to connected; what waits for it is woken, a few each second. `actor` null: by itself. */
export async function resumeAccount(
  db: Database,
  { organizationId, accountId, actor }: { organizationId: string; accountId: string; actor: Actor | null },
): Promise<void> {
  const queued = await db.transact(async (tx) => {
    const now = await tx.now();
    const resumed = await tx.query(
      `update channel_accounts set state = 'connected', state_reason = null, state_changed_at = $3, updated_at = $3
       where organization_id = $1 and id = $2 and state = 'paused' returning 1`,
      [organizationId, accountId, now],
    );
    if (resumed.length === 0) return [];
    if (actor)
      await writeAudit(tx, actor, { action: 'channel.resumed', target: 'channel', targetId: accountId });
    tx.notice({ type: 'settings', organizationId });
    // what somebody wrote may stand beside what waits on another channel, for a limit or for the end of a night
    return tx.query<{ conversationId: string }>(
      `update conversations c set blocked_by = 'resuming', not_before = case when blocked_by = 'channel_paused' then not_before end, updated_at = $2
       where organization_id = $1 and (blocked_by = 'channel_paused' or blocked_by in ('messaging_limit', 'quiet_hours') and exists (
         select 1 from messages m join channel_accounts a on a.organization_id = $1 and a.id = $3 and a.channel = m.channel
         where m.organization_id = $1 and m.conversation_id = c.id and m.state = 'queued' and m.origin = 'manual'))
       returning id as "conversationId"`,
      [organizationId, now, accountId],
    );
  });
  for (const { conversationId } of queued.slice(0, wokenAtOnce)) {
    await wakeConversation(db, { organizationId, conversationId });
  }
}

/** Its history stays; nothing more is sent over it. */
export async function disconnectChannelAccount(
  db: Database,
  context: ChannelContext,
  accountId: string,
): Promise<ChannelAccount> {
  const account = await getChannelAccount(db, context, accountId);
  await db.transact((tx) => disconnectAccount(tx, context.actor, account.id));
  return getChannelAccount(db, context, accountId);
}

/** The same for the account of any channel. */
export async function disconnectAccount(tx: Tx, actor: Actor, accountId: string): Promise<void> {
  const now = await tx.now();
  const disconnected = await tx.query(
    `update channel_accounts set state = 'disconnected', state_reason = null, state_changed_at = $3, updated_at = $3
       where organization_id = $1 and id = $2 and state <> 'disconnected' returning 1`,
    [actor.organizationId, accountId, now],
  );
  if (disconnected.length === 0) return;
  await writeAudit(tx, actor, { action: 'channel.disconnected', target: 'channel', targetId: accountId });
  tx.notice({ type: 'settings', organizationId: actor.organizationId });
}

/** The account with its credentials opened, for one call. */
export async function openChannelAccount(
  db: Queryable,
  { actor, secretKey }: Pick<ChannelContext, 'actor' | 'secretKey'>,
  accountId: string,
): Promise<WhatsAppAccount> {
  const [row] = await db.query<SealedAccount>(
    `select ${sealedAccountSql('a')} from channel_accounts a where organization_id = $1 and id = $2 and channel = 'whatsapp'`,
    [actor.organizationId, accountId],
  );
  if (!row) throw notFound('channel');
  return createOpenAccount((sealed, context) => open(secretKey, sealed, context))(row);
}

function checkCredentials(whatsApp: WhatsAppClient, account: WhatsAppAccount): Promise<PhoneNumberInfo> {
  return whatsApp.phoneNumber(account).catch((error: unknown) => {
    throw refusalOf(error, 'phoneNumberId');
  });
}

/** What WhatsApp's refusal means for the form: which field is wrong. */
function refusalOf(error: unknown, otherField: 'phoneNumberId' | 'wabaId'): unknown {
  if (!(error instanceof ChannelErrorClass)) return error;
  if (error.errorClass === 'channelBroken')
    return wrong('accessToken', 'WhatsApp does not accept this token', error);
  if (error.errorClass === 'permanent')
    return wrong(otherField, 'WhatsApp does not know this, or the token may not use it', error);
  return new DomainError('provider_unavailable', 'WhatsApp could not be reached. Try again in a moment.');
}

function wrong(path: string, message: string, { detail }: ChannelError): DomainError {
  return new DomainError('invalid', detail ?? 'WhatsApp refused.', { errors: [{ path, message }] });
}

const webhookUrl = (publicUrl: string, accountId: string): string =>
  `${publicUrl}/webhooks/whatsapp/${accountId}`;

async function toAccount(
  db: Database,
  row: Row,
  { actor, publicUrl, secretKey, dayMs }: ChannelContext,
): Promise<ChannelAccount> {
  const { stateReason, verifyTokenSealed, ...account } = row;
  const { organizationId } = actor;
  return {
    ...account,
    limits: await limitsOf(db, { ...row, organizationId }, { now: await db.now(), dayMs }),
    stateText: stateText(account.state, stateReason),
    webhookUrl: webhookUrl(publicUrl, row.id),
    verifyToken: verifyTokenSealed ? open(secretKey, verifyTokenSealed, sealContext.verifyToken(row.id)) : '',
  };
}

function stateText(state: ChannelAccount['state'], reason: string | null): string | null {
  if (state === 'disconnected') return 'Disconnected. Connect the number again to send and receive.';
  if (state === 'connected') {
    return reason === 'not_subscribed'
      ? 'WhatsApp did not take the webhook address by itself. Enter the address and the verify token in Meta’s app dashboard.'
      : null;
  }
  return `Paused. ${troubleOf('whatsapp', reason)} Mend it with Meta, enter a new token if needed, then resume. Messages wait until then.`;
}
