import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { migrate } from '../src/data/migrate';
import { userCacheFolder } from '../src/local/cache-folder';
import { isFreePort } from '../src/local/ports';
import { createDatabase, findPostgres, startPostgres } from '../src/local/postgres';
import { openProcessBook } from '../src/local/process-book';
import { answersHttp, startProcess, type RunningProcess } from '../src/local/start-process';
import { openStateFolder } from '../src/local/state-folder';
import { findTemporal } from '../src/local/temporal-binary';
import { startTemporalServer } from '../src/local/temporal-server';

const host = '127.0.0.1';
const programs = path.resolve(__dirname, '../src');

export type Part = 'api' | 'worker' | 'sandbox' | 'postgres';

export type Platform = {
  apiUrl: string;
  sandboxUrl: string;
  databaseUrl: string;
  temporalAddress: string;
  secretKey: Buffer;
  /** Of the sandbox: any mailbox, any password. */
  imapPort: number;
  /** Starts api, worker and sandbox, with this length of the day. */
  startParts(day: string): Promise<void>;
  stopParts(): Promise<void>;
  /** The sandbox, which is all mail servers, is gone meanwhile. */
  withoutSandbox(work: () => Promise<void>): Promise<void>;
  /** Resident memory of a part, in MB (Linux); `peak`: the most it ever was. */
  memoryMb(part: 'api' | 'worker', peak?: boolean): number;
  /** Processor time that a part has taken so far, in ms (Linux). */
  cpuMs(part: Part): number;
  stop(): Promise<void>;
};

/** All of Parley in processes of its own, as `npm start` runs it, on fresh data in a temporary folder. */
export async function startPlatform(say: (line: string) => void): Promise<Platform> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-bench-'));
  const state = openStateFolder(folder);
  const book = openProcessBook(state);
  const [api, worker, sandbox, mail, imap, postgresPort, temporalPort, uiPort] = await freePorts(8);
  const postgres = await startPostgres({
    folder: path.join(folder, 'postgres'),
    port: postgresPort!,
    logFile: state.logFile('postgres'),
    say,
  });
  await createDatabase(postgres, 'parley');
  const databaseUrl = postgres.url('parley');
  await migrate(databaseUrl);
  const program = await findTemporal({
    searchPath: (process.env.PATH ?? '').split(path.delimiter),
    cacheFolder: userCacheFolder(),
    say,
  });
  const temporal = await startTemporalServer({
    program,
    folder: path.join(folder, 'temporal'),
    port: temporalPort!,
    uiPort: uiPort!,
    logFile: state.logFile('temporal'),
    book,
    onExit: () => undefined,
  });

  const secretKey = randomBytes(32);
  const apiUrl = `http://${host}:${api}`;
  const sandboxUrl = `http://${host}:${sandbox}`;
  let parts: Record<string, RunningProcess> = {};
  let env: NodeJS.ProcessEnv = {};
  const run = async (name: string, file: string, env: NodeJS.ProcessEnv, readyUrl: string) => {
    parts[name] = await startProcess({
      name,
      command: process.execPath,
      args: [path.join(programs, file)],
      env,
      logFile: state.logFile(name),
      book,
      isReady: () => answersHttp(readyUrl),
      readyWithinMs: 30_000,
      onExit: () => undefined,
    });
  };
  const stopParts = async () => {
    for (const part of [parts.api, parts.worker, parts.sandbox]) await part?.stop();
    parts = {};
  };
  return {
    apiUrl,
    sandboxUrl,
    databaseUrl,
    temporalAddress: `${host}:${temporalPort}`,
    secretKey,
    imapPort: imap!,
    async startParts(day) {
      env = {
        ...process.env,
        NODE_ENV: 'production',
        LOG_LEVEL: 'warn',
        PORT: String(api),
        PARLEY_WORKER_PORT: String(worker),
        PARLEY_PUBLIC_URL: apiUrl,
        PARLEY_DAY: day,
        PARLEY_SECRET_KEY: secretKey.toString('base64'),
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: `${host}:${temporalPort}`,
        WHATSAPP_API_URL: sandboxUrl,
        SMS_API_URL: sandboxUrl,
        SANDBOX_PORT: String(sandbox),
        SANDBOX_SMTP_PORT: String(mail),
        SANDBOX_IMAP_PORT: String(imap),
        // any that are free: nothing asks there
        ...{
          SANDBOX_SMTPS_PORT: '0',
          SANDBOX_IMAPS_PORT: '0',
          SANDBOX_POP_PORT: '0',
          SANDBOX_POPS_PORT: '0',
          SANDBOX_DNS_PORT: '0',
        },
      };
      await run('sandbox', 'sandbox/main.js', env, `${sandboxUrl}/healthz`);
      await run('api', 'api.js', env, `${apiUrl}/readyz`);
      await run('worker', 'worker.js', env, `http://${host}:${worker}/readyz`);
    },
    stopParts,
    async withoutSandbox(work) {
      await parts.sandbox!.stop();
      await work();
      await run('sandbox', 'sandbox/main.js', env, `${sandboxUrl}/healthz`);
    },
    memoryMb: (part, peak = false) => residentMb(parts[part]!.pid, peak ? 'VmHWM' : 'VmRSS'),
    cpuMs: (part) =>
      part === 'postgres'
        ? cpuMsOfAll(findPostgres(path.join(folder, 'postgres'))!.pid)
        : cpuTicks(parts[part]!.pid).own * tickMs,
    async stop() {
      await stopParts();
      await temporal.stop();
      await postgres.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Below the range from which outgoing connections take theirs. */
async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = 21_000; ports.length < count; port++) if (await isFreePort(port)) ports.push(port);
  return ports;
}

function residentMb(pid: number, what: 'VmRSS' | 'VmHWM'): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
}

/** Linux counts processor time in hundredths of a second. */
const tickMs = 10;

/** `ended`: that of its children which are gone. */
function cpuTicks(pid: number): { parent: number; own: number; ended: number } {
  // the name, which may hold anything, ends with the last bracket
  const fields = fs
    .readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .map(Number);
  return { parent: fields[1]!, own: fields[11]! + fields[12]!, ended: fields[13]! + fields[14]! };
}

/** PostgreSQL is one process for each connection. */
function cpuMsOfAll(pid: number): number {
  const main = cpuTicks(pid);
  let ticks = main.own + main.ended;
  for (const name of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const { parent, own } = cpuTicks(Number(name));
      if (parent === pid) ticks += own;
    } catch {
      // gone meanwhile
    }
  }
  return ticks * tickMs;
}
