import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createHmac, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Company } from './company';
import type { Platform } from './platform';

const clients = 8;

/** More than can be answered in one round. */
const prepared = 30_000;

/**
 * Webhooks answered per second with 8 callers: signed status updates of messages that nobody knows. The callers are others' machines in
 * real life: what they send is made and signed before the clock starts, and they do no more than write it and read the answer.
 */
export async function ingestRate(company: Company, seconds: number): Promise<number> {
  const url = new URL(company.account.webhookUrl);
  const requests = Array.from({ length: prepared }, () => signedRequest(url, company));
  const callers = await Promise.all(Array.from({ length: clients }, () => openCaller(url)));
  const started = performance.now();
  const until = started + seconds * 1000;
  let answered = 0;
  await Promise.all(
    callers.map(async (caller) => {
      while (performance.now() < until) {
        const request = requests.pop();
        if (!request) return;
        const answer = await caller.send(request);
        if (!answer.startsWith('HTTP/1.1 200 '))
          throw new Error(`a webhook was answered ${answer.split('\r\n')[0]}`);
        answered++;
      }
    }),
  );
  const rate = (answered * 1000) / (performance.now() - started);
  callers.forEach((caller) => caller.close());
  return rate;
}

function signedRequest(url: URL, company: Company): Buffer {
  const body = webhookBody(company);
  const signature = createHmac('sha256', company.account.appSecret).update(body).digest('hex');
  const head = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `X-Hub-Signature-256: sha256=${signature}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
}

/** A connection that is kept; the answers have no body. */
async function openCaller(url: URL) {
  const socket = net.connect(Number(url.port), url.hostname);
  await once(socket, 'connect');
  return {
    send: (request: Buffer) =>
      new Promise<string>((resolve, reject) => {
        let answer = '';
        const onData = (chunk: Buffer) => {
          answer += chunk.toString('latin1');
          if (!answer.endsWith('\r\n\r\n')) return;
          socket.off('data', onData);
          resolve(answer);
        };
        socket.on('data', onData);
        socket.once('error', reject);
        socket.write(request, () => socket.off('error', reject));
      }),
    close: () => socket.destroy(),
  };
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
