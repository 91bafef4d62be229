import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client } from 'pg';
import { createDatabase as openDatabase, type Database } from '../src/data/database';
import { migrate } from '../src/data/migrate';
import { countReportDays } from '../src/data/report-days';
import { isFreePort } from '../src/local/ports';
import { createDatabase, startPostgres } from '../src/local/postgres';
import { openProcessBook } from '../src/local/process-book';
import { answersHttp, startProcess } from '../src/local/start-process';
import { openStateFolder } from '../src/local/state-folder';
import { median, quantile } from './figures';
import { fillOrganizations, type Filled } from './million';
import { rawPages } from './raw-pages';

type Say = (line: string) => void;
type Verdict = (what: string, figure: number, goal: string, met: boolean) => void;
type Page = { items: { id: string }[]; nextCursor: string | null };

const host = '127.0.0.1';
const rounds = 30;
const deepPages = 1000;

/** The lists at a million conversations (a tenth of that unless `full`), the page's function and the request against one statement written by hand for the same rows. */
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
    const db = openDatabase({ url });
    try {
      const caller = { base: `http://${host}:${port}`, apiKey: company!.apiKey };
      await compareLists(caller, { client, db }, company!, say, verdict);
      await measureReports(caller, { client, db }, { company: company!, pid: api.pid, say }, verdict);
    } finally {
      await client.end();
      await db.close();
      await api.stop();
    }
  } finally {
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

type Caller = { base: string; apiKey: string };
type Databases = { client: Client; db: Database };

async function compareLists(
  caller: Caller,
  { client, db }: Databases,
  { organizationId }: Filled,
  say: Say,
  verdict: Verdict,
): Promise<void> {
  const actor = { organizationId, user: null, apiKeyId: null };
  for (const { name, path: page, read, sql } of rawPages) {
    const statement = () => client.query<{ id: string }>(sql, [organizationId]);
    const shown = (await read(db, actor)).items.map(({ id }) => id);
    const written = (await statement()).rows.slice(0, shown.length).map(({ id }) => id);
    if (!isDeepStrictEqual(shown, written))
      throw new Error(`${name}: the statement by hand finds other rows`);
    const [raw, ours, whole]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < rounds; round++) {
      raw.push(await timed(statement));
      ours.push(await timed(() => read(db, actor)));
      whole.push(await timed(() => getJson(caller, page)));
    }
    const p95 = quantile(whole, 0.95);
    verdict(`${name}: p95 ms of the request`, p95, '≤ 50', p95 <= 50);
    const ratio = median(ours) / median(raw);
    verdict(`${name}: the page's function against one statement`, ratio, '≤ 2.00×', ratio <= 2);
    const [one, two, three] = [raw, ours, whole].map((times) => median(times).toFixed(1));
    say(`  ${one} ms by one statement, ${two} ms by the function, ${three} ms by HTTP`);
  }
  for (const { name, path: page } of [rawPages[0]!, rawPages[3]!]) {
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
  { client, db }: Databases,
  { company, pid, say }: { company: Filled; pid: number; say: Say },
  verdict: Verdict,
): Promise<void> {
  const from = new Date(Date.now() - 1090 * 86_400_000).toISOString().slice(0, 10);
  const tell = async (name: string, filter: string) => {
    const ms = await timed(() => getJson(caller, `/api/v1/reports/messages/summary${filter}`));
    say(`  report of ${name}: ${ms.toFixed(0)} ms`);
  };
  await tell('three years, no day added up yet', `?from=${from}`);
  let days = 0;
  const sweeps = await timed(async () => {
    for (let more = -1; more !== 0; days += more) more = await countReportDays(db);
  });
  say(`  ${days} days added up: ${(sweeps / days).toFixed(1)} ms a day`);
  await tell('30 days', '');
  await tell('three years', `?from=${from}`);
  await tell('three years, what was sent by hand', `?from=${from}&origin=hand`);
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
