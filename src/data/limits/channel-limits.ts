import type { ChannelAccount, MessagingTier, SendRate } from '../../contracts/channels';
import type { PhoneNumberInfo } from '../../channels/whatsapp/types';
import { reasonText } from '../../contracts/reasons';
import type { SendChannel } from '../../domain/eligibility';
import { DomainError } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { peopleOfTier, usualRate } from '../../domain/send-limits';
import type { Database, Tx } from '../database';
import { writeAudit } from '../organization/audit';
import { countReached } from './messaging-limit';
import type { Queryable } from '../sql';

export type LimitColumns = {
  messagesPerSecond: number | null;
  providerRate: number | null;
  messagingTier: string | null;
  tierFromProvider: boolean;
};

export type LimitPatch = { messagesPerSecond?: number | null; messagingTier?: MessagingTier | null };

/** As JSON of `channel_accounts`. */
export const limitColumns = `jsonb_build_object('messagesPerSecond', messages_per_second, 'providerRate', provider_rate,
  'messagingTier', messaging_tier, 'tierFromProvider', tier_from_provider)`;

/** How fast an account sends, and who says so. */
export function rateOf(
  channel: SendChannel,
  { messagesPerSecond, providerRate }: Pick<LimitColumns, 'messagesPerSecond' | 'providerRate'>,
): SendRate {
  return {
    messagesPerSecond: messagesPerSecond ?? providerRate ?? usualRate[channel],
    providerRate: providerRate ?? usualRate[channel],
    messagesPerSecondFrom:
      messagesPerSecond !== null ? 'settings' : providerRate !== null ? 'provider' : 'usual',
  };
}

/** What holds for a WhatsApp number, who says so, and how much of it is used. */
export async function limitsOf(
  db: Queryable,
  row: { organizationId: string; wabaId: string | null; limits: LimitColumns },
  { now, dayMs }: { now: Date; dayMs: number },
): Promise<ChannelAccount['limits']> {
  const { messagingTier, tierFromProvider } = row.limits;
  const { organizationId, wabaId } = row;
  return {
    ...rateOf('whatsapp', row.limits),
    messagingTier,
    messagingTierFrom: messagingTier === null ? null : tierFromProvider ? 'provider' : 'settings',
    peoplePerDay: peopleOfTier(messagingTier),
    reached: wabaId === null ? 0 : await countReached(db, { organizationId, wabaId, now, dayMs }),
  };
}

type AccountIds = { organizationId: string; accountId: string };

/** What Meta has said of the number; a tier that an Administrator had to enter is Meta's to say from then on. */
export async function storeProviderLimits(
  tx: Tx,
  { organizationId, accountId }: AccountIds,
  number: Pick<PhoneNumberInfo, 'messagesPerSecond' | 'messagingTier'>,
): Promise<void> {
  await tx.query(
    `update channel_accounts set provider_rate = coalesce($3, provider_rate), messaging_tier = coalesce($4, messaging_tier),
       tier_from_provider = tier_from_provider or $4::text is not null
     where organization_id = $1 and id = $2`,
    [organizationId, accountId, number.messagesPerSecond ?? null, number.messagingTier ?? null],
  );
}

/** @throws DomainError `conflict` where WhatsApp itself tells the tier */
export async function changeLimits(
  tx: Tx,
  { organizationId, accountId }: AccountIds,
  patch: LimitPatch,
): Promise<{ before: LimitPatch; after: LimitPatch }> {
  const { messagesPerSecond, messagingTier } = patch;
  if (messagesPerSecond === undefined && messagingTier === undefined) return { before: {}, after: {} };
  const [known] = await tx.query<LimitColumns>(
    `select messages_per_second as "messagesPerSecond", messaging_tier as "messagingTier", tier_from_provider as "tierFromProvider"
     from channel_accounts where organization_id = $1 and id = $2 for update`,
    [organizationId, accountId],
  );
  if (messagingTier !== undefined && known!.tierFromProvider && messagingTier !== known!.messagingTier) {
    throw new DomainError('conflict', 'WhatsApp itself says how many people this number may write to.');
  }
  const after = {
    messagesPerSecond: messagesPerSecond === undefined ? known!.messagesPerSecond : messagesPerSecond,
    messagingTier: messagingTier === undefined ? known!.messagingTier : messagingTier,
  };
  await tx.query(
    'update channel_accounts set messages_per_second = $3, messaging_tier = $4 where organization_id = $1 and id = $2',
    [organizationId, accountId, after.messagesPerSecond, after.messagingTier],
  );
  const { messagesPerSecond: rate, messagingTier: tier } = known!;
  return {
    before: { messagesPerSecond: rate, messagingTier: tier as MessagingTier },
    after: after as LimitPatch,
  };
}

/** The rate of SMS or e-mail, of which an organization has one account each. @throws DomainError `channel_not_configured` */
export async function changeRate(
  db: Database,
  actor: Actor,
  channel: 'sms' | 'email',
  messagesPerSecond: number | null,
): Promise<void> {
  const { organizationId } = actor;
  await db.transact(async (tx) => {
    const [account] = await tx.query<{ id: string }>(
      'select id from channel_accounts where organization_id = $1 and channel = $2::channel',
      [organizationId, channel],
    );
    if (!account) throw new DomainError('channel_not_configured', reasonText.channel_not_configured);
    const { before } = await changeLimits(
      tx,
      { organizationId, accountId: account.id },
      { messagesPerSecond },
    );
    if (before.messagesPerSecond === messagesPerSecond) return;
    await writeAudit(tx, actor, {
      action: 'channel.changed',
      target: 'channel',
      targetId: account.id,
      before: { messagesPerSecond: before.messagesPerSecond },
      after: { messagesPerSecond },
    });
    tx.notice({ type: 'settings', organizationId });
  });
}

/** Meta changes the limit of a business, up or down, and tells so by webhook: as a name, or as a number. */
export async function noteMessagingLimit(
  tx: Tx,
  { organizationId, wabaId, limit }: { organizationId: string; wabaId: string; limit: string | undefined },
): Promise<void> {
  const tier = limit === undefined ? undefined : /^\d+$/.test(limit) ? `TIER_${limit}` : limit;
  if (tier === undefined || !/^TIER_(\d+K?|UNLIMITED)$/.test(tier)) return;
  await tx.query(
    `update channel_accounts set messaging_tier = $3, tier_from_provider = true
     where organization_id = $1 and waba_id = $2 and messaging_tier is distinct from $3`,
    [organizationId, wabaId, tier],
  );
  tx.notice({ type: 'settings', organizationId });
}
