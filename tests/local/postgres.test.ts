import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import type { Postgres } from '../../src/local/postgres';
import { createDatabase, findPostgres, startPostgres } from '../../src/local/postgres';
import { exists } from '../../src/local/processes';
import { portsFor } from '../support/ports';
import { createTemporaryFolder } from '../support/temporary-folder';
import { waitFor } from '../support/wait';

describe('the built-in PostgreSQL', () => {
  const temporary = createTemporaryFolder();
  const folder = path.join(temporary.path, 'postgres');
  const logFile = path.join(temporary.path, 'postgres.log');
  const data = path.join(folder, 'data');
  let postgres: Postgres;
  let exits = 0;

  beforeAll(async () => {
    postgres = await start();
    await createDatabase(postgres, 'parley');
    await query('create table notes (text text)');
  });

  afterAll(async () => {
    await findPostgres(folder)?.stop();
    temporary.remove();
  });

  it('keeps what was committed through kill -9, and tells that it ended', async () => {
    await query(`insert into notes values ('kept')`);
    const before = exits;
    process.kill(postgres.pid, 'SIGKILL');
    await waitFor(() => exits > before, { what: 'the end to be told' });
    postgres = await start();
    await expect(query('select text from notes')).resolves.toEqual([{ text: 'kept' }]);
  });

  it('stops a server that a killed start left behind, and starts on the same data', async () => {
    const orphan = postgres.pid;
    postgres = await start();
    expect(exists(orphan)).toBe(false);
    await expect(query('select text from notes')).resolves.toEqual([{ text: 'kept' }]);
  });

  it('finds the server that runs on a folder', async () => {
    expect(findPostgres(folder)).toMatchObject({ pid: postgres.pid, port: postgres.port });
    await postgres.stop();
    expect(findPostgres(folder)).toBeUndefined();
  });

  it('starts over the pid file of a killed server whose id belongs to another process by now', async () => {
    const stranger = spawn('sleep', ['60']);
    await once(stranger, 'spawn');
    fs.writeFileSync(
      path.join(data, 'postmaster.pid'),
      `${stranger.pid}\n${data}\n1\n5432\n\n127.0.0.1\n\nready\n`,
    );
    postgres = await start();
    await expect(query('select text from notes')).resolves.toEqual([{ text: 'kept' }]);
    expect(exists(stranger.pid!)).toBe(true);
    stranger.kill('SIGKILL');
    await once(stranger, 'exit');
  });

  it('does not take a wished stop for an exit', async () => {
    const before = exits;
    await postgres.stop();
    expect(exists(postgres.pid)).toBe(false);
    expect(exits).toBe(before);
  });

  it('says what is wrong with a broken data directory, and the remedy', async () => {
    fs.renameSync(path.join(data, 'global'), path.join(data, 'global.gone'));
    await expect(start()).rejects.toThrow(/does not start on .*delete .* to begin anew.*DATABASE_URL/s);
  });

  async function start(): Promise<Postgres> {
    return startPostgres({
      folder,
      port: (await portsFor(['postgres'])).postgres,
      logFile,
      settings: { fsync: 'off', shared_buffers: '16MB' },
      say: () => undefined,
      onExit: () => exits++,
    });
  }

  async function query(sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: postgres.url('parley') });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
