import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { migrate } from '../src/data/migrate';
import { userCacheFolder } from '../src/local/cache-folder';
import { isFreePort } from '../src/local/ports';
import { createDatabase, startPostgres } from '../src/local/postgres';
import { openProcessBook } from '../src/local/process-book';
import { answersHttp, startProcess, type RunningProcess } from '../src/local/start-process';
import { openStateFolder } from '../src/local/state-folder';
import { findTemporal } from '../src/local/temporal-binary';
import { startTemporalServer } from '../src/local/temporal-server';

const host = '127.0.0.1';
const programs = path.resolve(__dirname, '../src');

export type Platform = {
  apiUrl: string;
  sandboxUrl: string;
  databaseUrl: string;
  temporalAddress: string;
  secretKey: Buffer;
  /** Starts api, worker and sandbox, with this length of the day. */
  startParts(day: string): Promise<void>;
  stopParts(): Promise<void>;
  /** Resident memory of a part, in MB (Linux). */
  memoryMb(part: 'api' | 'worker'): number;
  stop(): Promise<void>;
};

/** All of Parley in processes of its own, as `npm start` runs it, on fresh data in a temporary folder. */
export async function startPlatform(say: (line: string) => void): Promise<Platform> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-bench-'));
  const state = openStateFolder(folder);
  const book = openProcessBook(state);
  const [api, worker, sandbox, mail, postgresPort, temporalPort, uiPort] = await freePorts(7);
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
    async startParts(day) {
      const env = {
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
      };
      await run('sandbox', 'sandbox/main.js', env, `${sandboxUrl}/healthz`);
      await run('api', 'api.js', env, `${apiUrl}/readyz`);
      await run('worker', 'worker.js', env, `http://${host}:${worker}/readyz`);
    },
    stopParts,
    memoryMb: (part) => residentMb(parts[part]!.pid),
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

function residentMb(pid: number): number {
  const status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
