import { execFileSync } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { request } from './http';
import type { Company } from './company';
import type { Platform } from './platform';

const clients = 8;

/** Webhooks answered per second with 8 callers: signed status updates of messages that nobody knows. */
export async function ingestRate(company: Company, seconds: number): Promise<number> {
  const url = new URL(company.account.webhookUrl);
  const until = performance.now() + seconds * 1000;
  let answered = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        const raw = webhookBody(company);
        const signature = createHmac('sha256', company.account.appSecret).update(raw).digest('hex');
        const { status } = await request(url.origin, 'POST', url.pathname, {
          raw,
          headers: { 'x-hub-signature-256': `sha256=${signature}` },
        });
        if (status !== 200) throw new Error(`a webhook was answered ${status}`);
        answered++;
      }
    }),
  );
  return answered / seconds;
}

/** The same rows inserted bare, by pgbench with 8 clients. */
export function bareInsertRate(platform: Platform, company: Company, seconds: number): number {
  const script = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'parley-pgbench-')), 'insert.sql');
  const body = webhookBody(company).toString('hex');
  fs.writeFileSync(
    script,
    `insert into webhook_deliveries (id, organization_id, channel_account_id, body, state, received_at)
     select gen_random_uuid(), '${company.organizationId}', gen_random_uuid(), '\\x${body}'::bytea, 'done', clock_timestamp();\n`,
  );
  const output = execFileSync(
    'pgbench',
    [
      '-n',
      '-c',
      String(clients),
      '-j',
      '2',
      '-T',
      String(seconds),
      '-M',
      'prepared',
      '-f',
      script,
      platform.databaseUrl,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  fs.rmSync(path.dirname(script), { recursive: true });
  return Number(/tps = ([\d.]+)/.exec(output)?.[1]);
}

function webhookBody(company: Company): Buffer {
  const { phoneNumberId } = company.account;
  const status = {
    id: `wamid.${randomUUID().replaceAll('-', '').toUpperCase()}`,
    status: 'delivered',
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: '34610000000',
  };
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550100', phone_number_id: phoneNumberId },
    statuses: [status],
  };
  return Buffer.from(
    JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '1', changes: [{ field: 'messages', value }] }],
    }),
  );
}
