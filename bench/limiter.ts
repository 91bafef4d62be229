import { createBulkSend } from '../src/data/bulk/bulk-sends';
import type { BulkCompany } from './bulk';
import { requestJson } from './http';
import type { Platform } from './platform';
import { sendLatencies, until } from './sends';

export type LimiterFigures = {
  /** Sends a second, as a share of the allowed rate. */
  use: number;
  /** Calls that the provider refused. */
  refusals: number;
  /** Milliseconds from acceptance to the provider of single messages meanwhile. */
  singles: number[];
};

const singlesPerSecond = 2;

/** A bulk against the provider's own limit: how much of it is used, how often it says no, and what single messages notice of it. */
export async function limiterUse(
  platform: Platform,
  { db, company, templateId }: BulkCompany,
  personIds: string[],
  perSecond: number,
): Promise<LimiterFigures> {
  const { organizationId } = company;
  const limit = async (provider: number, ours: number) => {
    const path = `/sandbox/accounts/${company.account.phoneNumberId}`;
    await requestJson(platform.sandboxUrl, 'PATCH', path, { body: { throughput: provider } });
    await db.query(
      `update channel_accounts set messages_per_second = $2 where organization_id = $1 and channel = 'whatsapp'`,
      [organizationId, ours],
    );
  };
  await limit(perSecond, perSecond);
  const actor = {
    organizationId,
    user: { id: company.userId, name: 'Bench', role: 'administrator' as const, accessToOwnBase: true },
    apiKeyId: null,
  };
  const since = await db.now();
  const { id } = await createBulkSend(db, actor, { channels: ['whatsapp'], templateId, personIds });
  const seconds = Math.floor(personIds.length / perSecond) - 2;
  const singles = await sendLatencies(platform, company, singlesPerSecond, seconds);
  type Row = { sent: number; all: number; seconds: number; refusals: number };
  let row: Row | undefined;
  await until(
    'all are sent',
    async () => {
      [row] = await db.query<Row>(
        `select count(*) filter (where m.state in ('sent', 'delivered', 'read') and r.message_id is not null) as sent,
           count(m.sent_at) as all, extract(epoch from max(m.sent_at) filter (where r.message_id is not null)
             - min(m.sent_at) filter (where r.message_id is not null))::float8 as seconds,
           coalesce(sum(m.attempts - 1), 0) as refusals
         from messages m left join bulk_recipients r on r.organization_id = m.organization_id and r.message_id = m.id and r.bulk_send_id = $2
         where m.organization_id = $1 and m.direction = 'out' and m.created_at >= $3`,
        [organizationId, id, since],
      );
      return row!.sent === personIds.length;
    },
    { withinMs: 120_000 + personIds.length * 20 },
  );
  await limit(0, 10_000);
  const { all, seconds: took, refusals } = row!;
  return { use: (all - 1) / took / perSecond, refusals, singles };
}
