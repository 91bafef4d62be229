import { createBulkSend } from '../src/data/bulk/bulk-sends';
import { createDatabase, newId, type Database } from '../src/data/database';
import type { Company } from './company';
import { inLanes } from './figures';
import { requestJson } from './http';
import type { Part, Platform } from './platform';
import { until } from './sends';

export type BulkCompany = {
  db: Database;
  company: Company;
  templateId: string;
  templateName: string;
  /** Another number of the same provider, of which nobody hears back. */
  bare: { phoneNumberId: string; token: string };
};

export type BulkFigures = {
  perSecond: number;
  /** Processor time a recipient, in ms, until all receipts were in. */
  cpu: Record<Part, number>;
  /** Transactions a recipient, of the worker and of the api, receipts included. */
  transactions: number;
};

const callers = 64;

/** A template that WhatsApp approved, for the company and for the bare baseline. */
export async function prepareBulk(
  platform: Platform,
  company: Company,
  name = 'bench_bulk',
): Promise<BulkCompany> {
  const db = createDatabase({ url: platform.databaseUrl, poolSize: callers });
  const { organizationId } = company;
  const [account] = await db.query<{ id: string; wabaId: string }>(
    `select id, waba_id as "wabaId" from channel_accounts where organization_id = $1 and channel = 'whatsapp'`,
    [organizationId],
  );
  const template = {
    name,
    language: 'en',
    category: 'UTILITY',
    status: 'APPROVED',
    components: [{ type: 'BODY', text: 'Hello {{1}}, there is news for you.' }],
  };
  const bare = await requestJson<{ phoneNumberId: string; token: string; wabaId: string }>(
    platform.sandboxUrl,
    'POST',
    '/sandbox/accounts',
    { body: { throughput: 0, pairBurst: 0, messagingLimit: 0 } },
  );
  for (const wabaId of [account!.wabaId, bare.wabaId])
    await requestJson(platform.sandboxUrl, 'POST', '/sandbox/templates', { body: { ...template, wabaId } });
  const templateId = newId();
  await db.query(
    `insert into templates (organization_id, id, channel, name, language, status, body, channel_account_id, meta_name, meta_id, category,
       components, parameters, created_at, updated_at)
     values ($1, $2, 'whatsapp', $3, 'en', 'approved', $4, $5, $3, $3, 'UTILITY', $6, $7, $8, $8)`,
    [
      organizationId,
      templateId,
      template.name,
      template.components[0]!.text,
      account!.id,
      JSON.stringify(template.components),
      JSON.stringify([{ key: 'body.1', place: 'body', expression: '{{candidate.firstName}}' }]),
      await db.now(),
    ],
  );
  // far above what two cores can do: the limiter is measured elsewhere
  await db.query(
    'update channel_accounts set messages_per_second = 10000 where organization_id = $1 and id = $2',
    [organizationId, account!.id],
  );
  await db.query('create unlogged table if not exists bench_bare (id uuid primary key, provider_id text)');
  return { db, company, templateId, templateName: template.name, bare };
}

/** People who have consented, straight into the tables: there are too many for requests. */
export async function addPeople({ db, company }: BulkCompany, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({
    id: newId(),
    conversation_id: newId(),
    point_id: newId(),
    consent_id: newId(),
    key: `+346${String(serial++).padStart(8, '0')}`,
  }));
  const made = `jsonb_to_recordset($2::jsonb) as r(id uuid, conversation_id uuid, point_id uuid, consent_id uuid, key text)`;
  const now = await db.now();
  for (let from = 0; from < count; from += 5000) {
    const values = [company.organizationId, JSON.stringify(rows.slice(from, from + 5000)), now];
    for (const sql of [
      `insert into people (organization_id, id, kind, first_name, last_name, created_at, updated_at, tags)
       select $1, id, 'candidate', 'Candidate', key, $3, $3, '{}' from ${made}`,
      `insert into conversations (organization_id, id, person_id, created_at, updated_at) select $1, conversation_id, id, $3, $3 from ${made}`,
      `insert into contact_points (organization_id, id, person_id, kind, key, value, phone_type, created_at)
       select $1, point_id, id, 'phone', key, key, 'mobile', $3 from ${made}`,
      `insert into consents (organization_id, id, contact_point_id, channel, granted, source, occurred_at, created_at)
       select $1, consent_id, point_id, 'whatsapp', true, 'import', $3, $3 from ${made}`,
    ])
      await db.query(sql, values);
  }
  await db.query('analyze people, conversations, contact_points, consents');
  return rows.map(({ id }) => id);
}

let serial = 20_000_000;

/** One message to many, from the first that is accepted to the last that the provider took. */
export async function bulkRate(
  platform: Platform,
  { db, company, templateId }: BulkCompany,
  personIds: string[],
): Promise<BulkFigures> {
  const parts: Part[] = ['api', 'worker', 'sandbox', 'postgres'];
  const before = parts.map((part) => platform.cpuMs(part));
  const commits = await commitsOf(db);
  const actor = {
    organizationId: company.organizationId,
    user: { id: company.userId, name: 'Bench', role: 'administrator' as const, accessToOwnBase: true },
    apiKeyId: null,
  };
  const { id } = await createBulkSend(db, actor, { channels: ['whatsapp'], templateId, personIds });
  const many = personIds.length;
  const patience = { withinMs: 120_000 + many * 20, everyMs: 250 + many / 20 };
  // looking costs too, and shall not be what is measured
  const finished = async () => {
    const [row] = await db.query<{ state: string }>(
      'select state from bulk_sends where organization_id = $1 and id = $2',
      [company.organizationId, id],
    );
    return row!.state === 'finished';
  };
  const received = async () => {
    const [row] = await db.query<{ count: number }>(
      `select count(*) as count from bulk_recipients r join messages m on m.organization_id = r.organization_id and m.id = r.message_id
       where r.organization_id = $1 and r.bulk_send_id = $2 and m.state in ('delivered', 'read')`,
      [company.organizationId, id],
    );
    return row!.count === many;
  };
  await until('all are sent', finished, { ...patience, everyMs: 250 });
  const [times] = await db.query<{ ms: number }>(
    `select extract(epoch from max(m.sent_at) - min(m.created_at))::float8 * 1000 as ms from bulk_recipients r
     join messages m on m.organization_id = r.organization_id and m.id = r.message_id
     where r.organization_id = $1 and r.bulk_send_id = $2`,
    [company.organizationId, id],
  );
  await until('all receipts are in', received, patience);
  const cpu = Object.fromEntries(
    parts.map((part, index) => [part, (platform.cpuMs(part) - before[index]!) / many]),
  ) as Record<Part, number>;
  return {
    perSecond: (many * 1000) / times!.ms,
    cpu,
    transactions: ((await commitsOf(db)) - commits) / many,
  };
}

async function commitsOf(db: Database): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select xact_commit as count from pg_stat_database where datname = current_database()',
  );
  return row!.count;
}

/** The bare baseline: the same posts to the same provider, as many at once, and one row inserted for each. */
export async function bareBulkRate(
  platform: Platform,
  { db, templateName, bare }: BulkCompany,
  count: number,
): Promise<number> {
  const started = performance.now();
  await inLanes(count, callers, async (index) => {
    const id = newId();
    const answer = await requestJson<{ messages: { id: string }[] }>(
      platform.sandboxUrl,
      'POST',
      `/v23.0/${bare.phoneNumberId}/messages`,
      {
        apiKey: bare.token,
        body: {
          messaging_product: 'whatsapp',
          recipient_type: 'individual',
          to: `346${String(90_000_000 + index)}`,
          biz_opaque_callback_data: id,
          type: 'template',
          template: {
            name: templateName,
            language: { code: 'en' },
            components: [{ type: 'body', parameters: [{ type: 'text', text: 'Candidate' }] }],
          },
        },
      },
    );
    await db.prepared('insert into bench_bare (id, provider_id) values ($1, $2)', [
      id,
      answer.messages[0]!.id,
    ]);
  });
  return (count * 1000) / (performance.now() - started);
}
