import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { migrate, readMigrations } from '../../src/data/migrate';
import { LockHeldError, takeLock } from '../../src/local/lock';
import type { Postgres } from '../../src/local/postgres';
import { createDatabase, findPostgres, startPostgres } from '../../src/local/postgres';
import { portsFor } from './ports';

const folder = path.resolve(__dirname, '../../.cache/test-postgres');

/** Every test run of this folder holds this lock (shared) in the server while it lasts. */
const inUseLock = 4711;

/** Tests lose nothing by a power cut. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  max_wal_size: '512MB',
  shared_buffers: '128MB',
};

/**
 * One PostgreSQL for all test runs of this folder, with a template database that holds the migrations. Returns the
 * template's address; `leave` stops the server when no other run uses it.
 */
export async function joinTestPostgres(): Promise<{ templateUrl: string; leave(): Promise<void> }> {
  return exclusively(async () => {
    const postgres = findPostgres(folder) ?? (await startTestPostgres());
    const client = new Client({ connectionString: postgres.url('postgres') });
    await client.connect();
    if (await takeAlone(client)) await dropLeftovers(client);
    await client.query('select pg_advisory_unlock_all()');
    await client.query('select pg_advisory_lock_shared($1)', [inUseLock]);
    const template = await ensureTemplate(client, postgres);
    return {
      templateUrl: postgres.url(template),
      leave: () => exclusively(() => leave(client, postgres)),
    };
  });
}

async function startTestPostgres(): Promise<Postgres> {
  fs.mkdirSync(folder, { recursive: true });
  return startPostgres({
    folder,
    port: (await portsFor(['postgres'])).postgres,
    logFile: path.join(folder, 'log'),
    settings,
    say: () => undefined,
  });
}

async function leave(client: Client, postgres: Postgres): Promise<void> {
  await client.query('select pg_advisory_unlock_all()');
  const alone = await takeAlone(client);
  await client.end();
  if (alone) await postgres.stop();
}

async function takeAlone(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
    inUseLock,
  ]);
  return rows[0]?.taken ?? false;
}

/** Databases of runs that were killed, and templates of migrations that have changed. */
async function dropLeftovers(client: Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname ~ '^(test_|draft_|template_)' and datname <> $1`,
    [templateName()],
  );
  for (const { datname } of rows) await client.query(`drop database ${datname} with (force)`);
}

/** Made under another name and renamed when complete. */
async function ensureTemplate(client: Client, postgres: Postgres): Promise<string> {
  const template = templateName();
  const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
  if (rowCount) return template;
  const draft = template.replace('template', 'draft');
  await client.query(`drop database if exists ${draft} with (force)`);
  await createDatabase(postgres, draft);
  await migrate(postgres.url(draft));
  await client.query(`alter database ${draft} rename to ${template}`);
  return template;
}

function templateName(): string {
  const checksums = readMigrations().map(({ name, checksum }) => `${name} ${checksum}`);
  return `template_${createHash('sha256').update(checksums.join('\n')).digest('hex').slice(0, 16)}`;
}

async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock();
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function waitForLock() {
  const deadline = performance.now() + 120_000;
  for (;;) {
    try {
      return takeLock(path.join(folder, 'lock'));
    } catch (error) {
      if (!(error instanceof LockHeldError) || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
