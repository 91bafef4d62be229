import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Account } from './postgres-binaries';
import { locateBinaries, postgresAccount, reachableFolder, runAs } from './postgres-binaries';
import { commandOf, endProcess, exists } from './processes';
import { StartError } from './start-error';

const host = '127.0.0.1';
const user = 'parley';

/** Longer than any recovery after a crash that a local database needs. */
const readyWithinMs = 60_000;

export type PostgresOptions = {
  /** Holds the data directory and the password; kept between starts. */
  folder: string;
  port: number;
  logFile: string;
  settings?: Record<string, string>;
  /** Told of each step that takes time. */
  say(line: string): void;
  /** Called with how it ended, when the server ends without having been asked to. */
  onExit?(how: string): void;
};

export type Postgres = {
  pid: number;
  port: number;
  url(database: string): string;
  stop(): Promise<void>;
};

type Place = { account: Account | undefined; folder: string; data: string; passwordFile: string };

/**
 * Starts the built-in PostgreSQL on `folder`, making the data directory on the first start. The server is a process
 * of its own that outlives this one when this one is killed; the next start stops it (see `findPostgres`).
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const place = placeOf(options.folder);
  const binaries = locateBinaries(place.account);
  if (!fs.existsSync(path.join(place.data, 'PG_VERSION'))) {
    const elsewhere =
      place.folder === options.folder ? '' : ` in ${place.folder}, which root's PostgreSQL can enter`;
    options.say(`making the database${elsewhere} (first start only)`);
    initialize(place, binaries);
  }
  const password = readPassword(place);
  await findPostgres(options.folder)?.stop();
  forgetDeadServer(place);
  const { pid, expectExit } = await spawnUntilReady(options, place, binaries);
  return handle(pid, options.port, password, expectExit);
}

/** The server that runs on `folder` now, whoever started it. */
export function findPostgres(folder: string): Postgres | undefined {
  const place = placeOf(folder);
  const running = readPidFile(place);
  if (!running || !isPostgresOf(place, running.pid)) return undefined;
  return handle(running.pid, running.port, readPassword(place), () => undefined);
}

export async function createDatabase(postgres: Postgres, name: string): Promise<void> {
  const client = new Client({ connectionString: postgres.url('postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (!rowCount) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

function placeOf(wanted: string): Place {
  const account = postgresAccount();
  const folder = reachableFolder(wanted, account);
  return { account, folder, data: path.join(folder, 'data'), passwordFile: path.join(folder, 'password') };
}

/** Made beside and moved into place, so that a start broken off here leaves nothing half-made. */
function initialize({ account, folder, data, passwordFile }: Place, binaries: string): void {
  const unfinished = path.join(folder, 'data.new');
  const passwordCopy = path.join(unfinished, 'password');
  const password = randomBytes(18).toString('base64url');
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, 0o755);
  fs.mkdirSync(unfinished, { mode: 0o700 });
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  fs.writeFileSync(passwordCopy, password, { mode: 0o600 });
  if (account) {
    fs.chownSync(unfinished, account.uid, account.gid);
    fs.chownSync(passwordCopy, account.uid, account.gid);
  }
  const target = path.join(unfinished, 'data');
  // ICU sorts names as people expect, whatever locales the machine has.
  const locale = [
    '--locale-provider=icu',
    '--icu-locale=und',
    `--locale=${systemLocale()}`,
    '--encoding=UTF8',
  ];
  const access = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordCopy}`];
  try {
    runAs(account, path.join(binaries, 'bin/initdb'), [
      `--pgdata=${target}`,
      ...locale,
      ...access,
      '--no-sync',
    ]);
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    throw new StartError(
      `The built-in PostgreSQL could not make its database in ${folder}: ${said}\nFree some space or repair the ` +
        'rights of that folder, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
  fs.renameSync(target, data);
  fs.rmSync(unfinished, { recursive: true, force: true });
}

function systemLocale(): string {
  return process.platform === 'linux' ? 'C.UTF-8' : process.platform === 'darwin' ? 'en_US.UTF-8' : 'C';
}

async function spawnUntilReady(options: PostgresOptions, place: Place, binaries: string) {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    const logStart = fs.statSync(options.logFile, { throwIfNoEntry: false })?.size ?? 0;
    const server = spawnServer(options, place, binaries);
    if (await becomesReady(place, server, deadline)) return server;
    const said = fs.readFileSync(options.logFile, 'utf8').slice(logStart).trim();
    // After a kill -9 its children need a moment to notice.
    if (/pre-existing shared memory block|is still in use/.test(said) && performance.now() < deadline) {
      await sleep(200);
      continue;
    }
    throw new StartError(
      `The built-in PostgreSQL does not start on ${place.data}:\n${lastLines(said)}\nIts log is ${options.logFile}. ` +
        `If the data is beyond repair, delete ${path.dirname(place.data)} to begin anew (the local data is lost), ` +
        'or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
}

function spawnServer(options: PostgresOptions, place: Place, binaries: string) {
  const log = fs.openSync(options.logFile, 'a');
  const settings = {
    listen_addresses: host,
    port: String(options.port),
    unix_socket_directories: '',
    // A first start fills empty tables within seconds: plans made for empty ones are not to last a minute.
    autovacuum_naptime: '20s',
  };
  const args = Object.entries({ ...settings, ...options.settings }).flatMap(([key, value]) => [
    '-c',
    `${key}=${value}`,
  ]);
  const child = spawn(path.join(binaries, 'bin/postgres'), ['-D', place.data, ...args], {
    ...place.account,
    cwd: place.data,
    // Its own process group: Ctrl-C is for the supervisor, which stops the parts in order.
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  child.unref();
  const state = { pid: child.pid ?? 0, ended: child.pid === undefined, ready: false, expected: false };
  child.on('error', () => (state.ended = true));
  child.on('exit', (code, signal) => {
    state.ended = true;
    if (state.ready && !state.expected)
      options.onExit?.(signal ? `was ended by ${signal}` : `ended with code ${code}`);
  });
  return {
    pid: state.pid,
    hasEnded: () => state.ended,
    markReady: () => void (state.ready = true),
    expectExit: () => void (state.expected = true),
  };
}

async function becomesReady(
  place: Place,
  server: ReturnType<typeof spawnServer>,
  deadline: number,
): Promise<boolean> {
  while (!server.hasEnded()) {
    const running = readPidFile(place);
    if (running?.pid === server.pid && running.status === 'ready') {
      server.markReady();
      return true;
    }
    if (performance.now() > deadline) {
      await stopServer(server.pid);
      return false;
    }
    await sleep(20);
  }
  return false;
}

function handle(pid: number, port: number, password: string, expectExit: () => void): Postgres {
  return {
    pid,
    port,
    url: (database) => `postgresql://${user}:${password}@${host}:${port}/${database}`,
    async stop() {
      expectExit();
      await stopServer(pid);
    },
  };
}

/** Fast shutdown first (sessions are ended, all is written), then immediate. */
async function stopServer(pid: number): Promise<void> {
  await endProcess(pid, [
    { signal: 'SIGINT', withinMs: 15_000 },
    { signal: 'SIGQUIT', withinMs: 5000 },
  ]);
}

function readPidFile({ data }: Place): { pid: number; port: number; status: string } | undefined {
  try {
    const lines = fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), port: Number(lines[3]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

/** A killed server leaves its pid file; when the id belongs to something else by now, PostgreSQL would wait for that. */
function forgetDeadServer(place: Place): void {
  const running = readPidFile(place);
  if (running && !isPostgresOf(place, running.pid)) fs.rmSync(path.join(place.data, 'postmaster.pid'));
}

function isPostgresOf({ data }: Place, pid: number): boolean {
  return pid > 0 && exists(pid) && commandOf(pid).includes(data);
}

function readPassword({ passwordFile }: Place): string {
  try {
    return fs.readFileSync(passwordFile, 'utf8');
  } catch {
    throw new StartError(
      `${passwordFile}, the password of the built-in PostgreSQL, cannot be read. Restore it, or delete ` +
        `${path.dirname(passwordFile)} to begin anew (the local data is lost).`,
    );
  }
}

function lastLines(text: string): string {
  return text.split('\n').slice(-6).join('\n');
}
