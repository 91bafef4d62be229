import type { EmailChannel } from '../../contracts/channels';
import { troubleOf } from '../../domain/channel-trouble';
import type { SendChannel } from '../../domain/eligibility';
import type { Actor } from '../../domain/permissions';
import { rateOf } from '../limits/channel-limits';
import { pauseChannel } from '../messages/dispatch';
import { resumeAccount } from './channel-accounts';
import type { Database } from '../database';
import { isoSql } from '../sql';

export type DeadChannel = {
  organizationId: string;
  accountId: string;
  organization: string;
  channel: SendChannel;
  name: string;
  /** E-mail is told of once it works again: before, no mail leaves. */
  state: 'paused' | 'connected';
  reason: string | null;
  pausedAt: string;
  /** Of a channel that works again: since when. */
  since: string;
  timeZone: string;
  waiting: number;
  administrators: string[];
};

/** R-AUTO-6: outages of which the Administrators have still to hear by mail. One that was mended before the mail could leave needs none. */
export async function deadChannelsToMail(db: Database): Promise<DeadChannel[]> {
  return db.query<DeadChannel>(
    `select o.id as "organizationId", a.id as "accountId", o.name as organization, o.time_zone as "timeZone", a.channel, a.name, a.state,
       a.state_reason as reason, ${isoSql('a.paused_at')} as "pausedAt", ${isoSql('a.state_changed_at')} as since,
       (select count(*)::int from messages m where m.organization_id = o.id and m.channel = a.channel and m.state = 'queued') as waiting,
       (select array_agg(u.email order by u.email) from users u
         where u.organization_id = o.id and u.role = 'administrator' and u.deactivated_at is null) as administrators
     from channel_accounts a join organizations o on o.id = a.organization_id
     where a.paused_at is not null and (a.told_at is null or a.told_at < a.paused_at)
       and a.state = case when a.channel = 'email' then 'connected'::channel_state else 'paused' end
       and exists (select 1 from users u where u.organization_id = o.id and u.role = 'administrator' and u.deactivated_at is null)
     limit 100`,
  );
}

/** About this outage; a later one is another. */
export async function noteDeadChannelMailed(
  db: Database,
  { organizationId, accountId, pausedAt }: DeadChannel,
): Promise<void> {
  await db.query(
    'update channel_accounts set told_at = $3 where organization_id = $1 and id = $2 and paused_at = $3',
    [organizationId, accountId, pausedAt],
  );
}

/**
 * R-AUTO-6: a mail server that cannot be reached. What was tried in vain is tried again by itself; where it still waits and the server
 * does not answer, its organization is told.
 */
export async function pauseEmail(db: Database, works: () => Promise<boolean>): Promise<number> {
  const waiting = await db.query<{ organizationId: string; channelAccountId: string }>(
    `select a.organization_id as "organizationId", a.id as "channelAccountId" from channel_accounts a
     where a.channel = 'email' and a.state = 'connected' and exists (
       select 1 from messages m where m.organization_id = a.organization_id and m.channel = 'email' and m.state = 'queued' and m.attempts > 0)`,
  );
  if (waiting.length === 0 || (await works())) return 0;
  for (const account of waiting) {
    await db.transact(async (tx) => {
      await pauseChannel(tx, { ...account, reason: 'unreachable' });
      // as if it had just been tried: it is woken when the channel goes on
      await tx.query(
        `update conversations c set blocked_by = 'channel_paused', not_before = null where organization_id = $1 and blocked_by is null and exists (
           select 1 from messages m where m.organization_id = $1 and m.conversation_id = c.id and m.channel = 'email' and m.state = 'queued'
             and m.attempts > 0)`,
        [account.organizationId],
      );
    });
  }
  return waiting.length;
}

/**
 * E-mail is the installation's: no organization can mend it, so it goes on by itself. `works` asks the mail server, and only when some
 * account is paused.
 */
export async function resumeEmail(db: Database, works: () => Promise<boolean>): Promise<number> {
  const paused = await db.query<{ organizationId: string; accountId: string }>(
    `select organization_id as "organizationId", id as "accountId" from channel_accounts where channel = 'email' and state = 'paused'`,
  );
  if (paused.length === 0 || !(await works())) return 0;
  for (const { organizationId, accountId } of paused)
    await resumeAccount(db, { organizationId, accountId, actor: null });
  return paused.length;
}

/** Every organization sends e-mail over the server of the installation, or cannot while it has none. */
export async function followMailServer(db: Database, configured: boolean): Promise<void> {
  await db.transact(async (tx) => {
    const changed = await tx.query<{ organizationId: string }>(
      configured
        ? `update channel_accounts set state = 'connected', state_reason = null, state_changed_at = $1, updated_at = $1
           where channel = 'email' and state = 'disconnected' and state_reason = 'not_configured' returning organization_id as "organizationId"`
        : `update channel_accounts set state = 'disconnected', state_reason = 'not_configured', state_changed_at = $1, updated_at = $1
           where channel = 'email' and state <> 'disconnected' returning organization_id as "organizationId"`,
      [await tx.now()],
    );
    for (const { organizationId } of changed) tx.notice({ type: 'settings', organizationId });
  });
}

export async function getEmailChannel(db: Database, { organizationId }: Actor): Promise<EmailChannel> {
  const [row] = await db.query<{
    state: string;
    reason: string | null;
    messagesPerSecond: number | null;
    providerRate: number | null;
  }>(
    `select state, state_reason as reason, messages_per_second as "messagesPerSecond", provider_rate as "providerRate" from channel_accounts
     where organization_id = $1 and channel = 'email'`,
    [organizationId],
  );
  const limits = row ? rateOf('email', row) : null;
  switch (row?.state) {
    case 'connected':
      return { state: 'connected', stateText: null, limits };
    case 'paused':
      return {
        state: 'paused',
        stateText: `Paused. ${troubleOf('email', row.reason)} Whoever runs Parley can mend it; it is tried each minute, and e-mail goes on by itself. Messages wait until then.`,
        limits,
      };
    default:
      return {
        state: 'notConfigured',
        stateText: 'This server has no mail server to send with. Whoever runs Parley sets it (SMTP_URL).',
        limits: null,
      };
  }
}
