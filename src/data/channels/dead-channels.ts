import type { EmailChannel } from '../../contracts/channels';
import { troubleOf } from '../../domain/channel-trouble';
import type { SendChannel } from '../../domain/eligibility';
import type { Actor } from '../../domain/permissions';
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
  const [row] = await db.query<{ state: string }>(
    `select state from channel_accounts where organization_id = $1 and channel = 'email' order by (state = 'disconnected') limit 1`,
    [organizationId],
  );
  switch (row?.state) {
    case 'connected':
      return { state: 'connected', stateText: null };
    case 'paused':
      return {
        state: 'paused',
        stateText: `Paused. ${troubleOf('email', null)} Whoever runs Parley can mend it; it is tried each minute, and e-mail goes on by itself. Messages wait until then.`,
      };
    default:
      return {
        state: 'notConfigured',
        stateText: 'This server has no mail server to send with. Whoever runs Parley sets it (SMTP_URL).',
      };
  }
}
