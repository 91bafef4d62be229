import { createHash, randomBytes } from 'node:crypto';
import { createDatabase, newId } from '../src/data/database';
import { requestJson } from './http';
import type { Platform } from './platform';

export type BenchPerson = { conversationId: string; waId: string };

export type Company = {
  organizationId: string;
  userId: string;
  apiKey: string;
  account: { phoneNumberId: string; appSecret: string; webhookUrl: string };
  people: BenchPerson[];
};

type SandboxAccount = { phoneNumberId: string; wabaId: string; token: string; appSecret: string };
type SandboxAccounts = { data: SandboxAccount[] };

/** One organization with an Administrator, an API key, a connected number without limits, and people who have consented. */
export async function makeCompany(platform: Platform, peopleCount: number): Promise<Company> {
  const db = createDatabase({ url: platform.databaseUrl, poolSize: 2 });
  const [organizationId, userId] = [newId(), newId()];
  const apiKey = `pk_${randomBytes(24).toString('base64url')}`;
  const now = await db.now();
  await db.query(
    `insert into organizations (id, name, slug, plan, whatsapp_in_plan, default_country, time_zone, language, quiet_from, quiet_until, created_at)
     values ($1, 'Bench', $2, 'business', true, 'ES', 'Europe/Madrid', 'en', null, null, $3)`,
    [organizationId, `bench-${organizationId}`, now],
  );
  await db.query(
    `insert into users (organization_id, id, email, first_name, last_name, role, password_hash, created_at)
     values ($1, $2, $3, 'Bench', 'User', 'administrator', 'none', $4)`,
    [organizationId, userId, `${userId}@bench.example`, now],
  );
  await db.query(
    `insert into api_keys (organization_id, id, name, prefix, secret_hash, scopes, created_at)
     values ($1, $2, 'bench', 'pk_bench', $3, '{people:write,people:read,messages:send,conversations:read,settings:write}', $4)`,
    [organizationId, newId(), createHash('sha256').update(apiKey).digest('hex'), now],
  );
  await db.query('insert into credit_accounts (organization_id, balance) values ($1, 1000000)', [
    organizationId,
  ]);
  await db.query(
    `insert into credit_entries (organization_id, id, kind, amount, occurred_at) values ($1, $2, 'grant', 1000000, $3)`,
    [organizationId, newId(), now],
  );
  const account = await connect(platform, apiKey);
  const people = await importPeople(platform, db, { organizationId, apiKey }, peopleCount);
  await db.close();
  return { organizationId, userId, apiKey, account, people };
}

async function connect(platform: Platform, apiKey: string): Promise<Company['account']> {
  const { data } = await requestJson<SandboxAccounts>(platform.sandboxUrl, 'GET', '/sandbox/accounts');
  const account = data[0]!;
  await requestJson(platform.sandboxUrl, 'PATCH', `/sandbox/accounts/${account.phoneNumberId}`, {
    body: { throughput: 0, pairBurst: 0, messagingLimit: 0 },
  });
  const { phoneNumberId, wabaId, token, appSecret } = account;
  const connected = await requestJson<{ webhookUrl: string }>(
    platform.apiUrl,
    'POST',
    '/api/v1/channels/whatsapp',
    {
      apiKey,
      body: { name: 'Bench', phoneNumberId, wabaId, accessToken: token, appSecret },
    },
  );
  return { phoneNumberId, appSecret, webhookUrl: connected.webhookUrl };
}

async function importPeople(
  platform: Platform,
  db: ReturnType<typeof createDatabase>,
  { organizationId, apiKey }: { organizationId: string; apiKey: string },
  count: number,
): Promise<BenchPerson[]> {
  const people = Array.from({ length: count }, (_, index) => ({
    externalId: `bench-${index}`,
    firstName: 'Candidate',
    lastName: String(index),
    contactPoints: [{ kind: 'phone', value: `+346${String(10_000_000 + index)}`, phoneType: 'mobile' }],
    consents: [{ channel: 'whatsapp', source: 'api', wording: 'bench' }],
  }));
  await requestJson(platform.apiUrl, 'POST', '/api/v1/people/import', { apiKey, body: { people } });
  return db.query<BenchPerson>(
    `select c.id as "conversationId", ltrim(cp.key, '+') as "waId" from conversations c
     join contact_points cp on cp.organization_id = c.organization_id and cp.person_id = c.person_id
     where c.organization_id = $1 order by cp.key`,
    [organizationId],
  );
}
