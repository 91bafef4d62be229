import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { migrate } from '../src/data/migrate';
import { isFreePort } from '../src/local/ports';
import { createDatabase, startPostgres } from '../src/local/postgres';
import { openProcessBook } from '../src/local/process-book';
import { answersHttp, startProcess } from '../src/local/start-process';
import { openStateFolder } from '../src/local/state-folder';
import { median, quantile } from './figures';
import { fillOrganizations, type Filled } from './million';

type Say = (line: string) => void;
type Verdict = (what: string, figure: number, goal: string, met: boolean) => void;
type Page = { items: { id: string }[]; nextCursor: string | null };

const host = '127.0.0.1';
const rounds = 30;
const deepPages = 1000;

/** The lists at a million conversations (a tenth of that unless `full`), through the real API, against raw SQL of the same rows. */
export async function measurePages({ full }: { full: boolean }, say: Say, verdict: Verdict): Promise<void> {
  const share = full ? 1 : 0.1;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-bench-pages-'));
  // so that root's PostgreSQL can enter, and all goes with the folder in the end
  fs.chmodSync(folder, 0o755);
  const state = openStateFolder(folder);
  const [postgresPort, port] = [await freePort(22_000), await freePort(22_100)];
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    port: postgresPort,
    logFile: state.logFile('postgres'),
    settings: { shared_buffers: '1GB', fsync: 'off', max_wal_size: '8GB' },
    say,
  });
  try {
    await createDatabase(postgres, 'parley');
    const url = postgres.url('parley');
    await migrate(url);
    say(`\nlists at ${(1_000_000 * share).toLocaleString('en')} conversations, ten messages each`);
    const small = { people: 5000, vacancies: 40, users: 14, inBigStage: 50 };
    const big = {
      people: 1_000_000 * share,
      vacancies: 2000 * share,
      users: 200,
      inBigStage: 50_000 * share,
    };
    const [company] = await fillOrganizations(url, [big, small], say);
    const api = await startProcess({
      name: 'api',
      command: process.execPath,
      args: [path.resolve(__dirname, '../src/api.js')],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        PORT: String(port),
        PARLEY_PUBLIC_URL: `http://${host}:${port}`,
        PARLEY_SECRET_KEY: Buffer.alloc(32, 1).toString('base64'),
        DATABASE_URL: url,
        // nothing here waits for Temporal
        TEMPORAL_ADDRESS: `${host}:1`,
      },
      logFile: state.logFile('api'),
      book: openProcessBook(state),
      isReady: () => answersHttp(`http://${host}:${port}/readyz`),
      readyWithinMs: 60_000,
      onExit: () => undefined,
    });
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      const caller = { base: `http://${host}:${port}`, apiKey: company!.apiKey };
      await compareLists(caller, client, company!, say, verdict);
      await measureReports(caller, client, { company: company!, pid: api.pid, say }, verdict);
    } finally {
      await client.end();
      await api.stop();
    }
  } finally {
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

type Caller = { base: string; apiKey: string };

async function compareLists(
  caller: Caller,
  client: Client,
  { organizationId }: Filled,
  say: Say,
  verdict: Verdict,
): Promise<void> {
  const lists = [
    ['inbox, All Chats', '/api/v1/conversations?view=all&unanswered=false', 'conversations'],
    ['inbox, by name', '/api/v1/conversations?view=all&q=bakker', 'conversations'],
    ['inbox, by channel', '/api/v1/conversations?view=all&channel=sms', 'conversations'],
    ['candidate base', '/api/v1/people?kind=candidate', 'people'],
    ['candidate base, by tag', '/api/v1/people?tag=forklift', 'people'],
    ['candidate base, by name', '/api/v1/people?q=bakker', 'people'],
  ] as const;
  for (const [name, page, table] of lists) {
    const { items } = await getJson<Page>(caller, page);
    // the bare baseline: the same rows by their ids, over the same protocol
    const bare = `select * from ${table} where organization_id = $1 and id = any($2::uuid[])`;
    const [ours, raw]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(await timed(() => getJson(caller, page)));
      raw.push(await timed(() => client.query(bare, [organizationId, items.map(({ id }) => id)])));
    }
    const p95 = quantile(ours, 0.95);
    verdict(`${name}: p95 ms`, p95, '≤ 50', p95 <= 50);
    say(`  ${name}: ${(median(ours) / median(raw)).toFixed(1)} times as long as its bare rows by their ids`);
  }
  for (const [name, page] of [lists[0], lists[3]]) {
    const times: number[] = [];
    let cursor: string | null = '';
    for (let number = 0; number < deepPages && cursor !== null; number++) {
      const at = cursor === '' ? page : `${page}&cursor=${cursor}`;
      times.push(await timed(async () => (cursor = (await getJson<Page>(caller, at)).nextCursor)));
    }
    const ratio = median(times.slice(-20)) / median(times.slice(0, 20));
    verdict(`${name}: page ${times.length} against page 1`, ratio, '≤ 1.20×', ratio <= 1.2);
  }
}

async function measureReports(
  caller: Caller,
  client: Client,
  { company, pid, say }: { company: Filled; pid: number; say: Say },
  verdict: Verdict,
): Promise<void> {
  const from = new Date(Date.now() - 1090 * 86_400_000).toISOString().slice(0, 10);
  for (const period of ['', `?from=${from}`]) {
    const ms = await timed(() => getJson(caller, `/api/v1/reports/messages/summary${period}`));
    say(`  report ${period === '' ? 'of 30 days' : 'of three years'}: ${ms.toFixed(0)} ms`);
  }
  const idle = residentMb(pid);
  let most = idle;
  const watch = setInterval(() => (most = Math.max(most, residentMb(pid))), 50);
  let rows = 0;
  const seconds =
    (await timed(async () => {
      rows = await download(caller, `/api/v1/reports/messages/csv?from=${from}`, 1_000_000);
    })) / 1000;
  clearInterval(watch);
  const bare =
    (await timed(() =>
      client.query(
        `copy (select * from messages where organization_id = '${company.organizationId}' order by occurred_at desc, id desc limit ${rows}) to '/dev/null' csv`,
      ),
    )) / 1000;
  say(
    `  CSV: ${rows} rows, ${(rows / seconds).toFixed(0)}/s; bare COPY of the messages alone ${(rows / bare).toFixed(0)}/s`,
  );
  verdict('CSV: memory above idle, MB', most - idle, '≤ 100', most - idle <= 100);
}

/** Reads a file to `most` lines and hangs up; how many there were. */
function download({ base, apiKey }: Caller, page: string, most: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let lines = 0;
    const call = http.get(
      new URL(page, base),
      { headers: { authorization: `Bearer ${apiKey}` } },
      (answer) => {
        answer.on('data', (chunk: Buffer) => {
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
          if (lines < most) return;
          resolve(lines);
          call.destroy();
        });
        answer.on('end', () => resolve(lines));
        answer.on('error', () => resolve(lines));
      },
    );
    call.on('error', reject);
  });
}

async function getJson<T>({ base, apiKey }: Caller, page: string): Promise<T> {
  const answer = await fetch(new URL(page, base), { headers: { authorization: `Bearer ${apiKey}` } });
  if (!answer.ok) throw new Error(`GET ${page} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function freePort(from: number): Promise<number> {
  for (let port = from; ; port++) if (await isFreePort(port)) return port;
}

function residentMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
