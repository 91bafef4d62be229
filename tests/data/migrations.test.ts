import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { migrate, readMigrations } from '../../src/data/migrate';
import type { TestDatabase } from '../support/database';
import { createTestDatabase } from '../support/database';

const run = promisify(execFile);
const root = path.resolve(__dirname, '../..');

describe('the migrations of the product', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('say all that the schema says', async () => {
    await runNode('migration.mjs', 'check');
  });

  it('leave the book that `prisma migrate deploy` reads: nothing edited, missing or failed', async () => {
    const { stdout } = await runNode('migration.mjs', 'diagnose');
    expect(JSON.parse(stdout)).toMatchObject({
      history: null,
      failedMigrationNames: [],
      editedMigrationNames: [],
      hasMigrationsTable: true,
    });
  });

  it('are applied once', async () => {
    await expect(migrate(database.url)).resolves.toEqual([]);
  });

  function runNode(script: string, ...args: string[]) {
    const env = { ...process.env, DATABASE_URL: database.url };
    return run(process.execPath, [path.join(root, 'scripts', script), ...args], { cwd: root, env });
  }
});

describe('migrate', () => {
  let database: TestDatabase;
  let folder: string;
  let client: Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('drop schema public cascade; create schema public');
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-migrations-'));
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
    fs.rmSync(folder, { recursive: true });
  });

  it('applies in the order of the names and only what is missing', async () => {
    write('2_second', 'alter table things add column name text');
    write('1_first', 'create table things (id int)');
    await expect(migrate(database.url, folder)).resolves.toEqual(['1_first', '2_second']);
    write('3_third', 'create table others (id int)');
    await expect(migrate(database.url, folder)).resolves.toEqual(['3_third']);
  });

  it('lets several processes start at once', async () => {
    write('1_first', 'create table things (id int); select pg_sleep(0.1)');
    const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, folder)));
    expect(applied.flat()).toEqual(['1_first']);
  });

  it('refuses a migration that was changed after it had been applied', async () => {
    write('1_first', 'create table things (id int)');
    await migrate(database.url, folder);
    write('1_first', 'create table things (id bigint)');
    await expect(migrate(database.url, folder)).rejects.toThrow('The migration 1_first was changed after');
  });

  it('undoes a migration that fails, and goes on once it is mended', async () => {
    write('1_first', 'create table things (id int); select 1 / 0');
    await expect(migrate(database.url, folder)).rejects.toThrow(
      '1_first failed and was undone: division by zero',
    );
    write('1_first', 'create table things (id int)');
    await expect(migrate(database.url, folder)).resolves.toEqual(['1_first']);
  });

  it('refuses to go on over a migration that another tool left half-way', async () => {
    write('1_first', 'create table things (id int)');
    await migrate(database.url, folder);
    await client.query('update _prisma_migrations set finished_at = null');
    await expect(migrate(database.url, folder)).rejects.toThrow('1_first failed half-way');
  });

  function write(name: string, sql: string): void {
    fs.mkdirSync(path.join(folder, name), { recursive: true });
    fs.writeFileSync(path.join(folder, name, 'migration.sql'), sql);
  }
});

it('readMigrations finds them oldest first', () => {
  const names = readMigrations().map((migration) => migration.name);
  expect(names.length).toBeGreaterThan(0);
  expect(names).toEqual([...names].sort());
});
