import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { waitFor } from './wait';

export type TestDatabase = { url: string; drop(): Promise<void> };

/** A database of its own for a test file: empty tables as the migrations leave them. Drop it in `afterAll`. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const template = new URL(templateUrl());
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const url = new URL(template);
  url.pathname = `/${name}`;
  await execute(`create database ${name} template ${template.pathname.slice(1)}`);
  return {
    url: url.href,
    drop: () => execute(`drop database if exists ${name} with (force)`),
  };
}

async function execute(sql: string): Promise<void> {
  const server = new URL(templateUrl());
  server.pathname = '/postgres';
  const client = new Client({ connectionString: server.href });
  await client.connect();
  try {
    await waitFor(async () => (await client.query(sql).catch(unlessInUse)) !== undefined, { what: sql });
  } finally {
    await client.end();
  }
}

/** PostgreSQL waits five seconds for others to leave the database: for its own cleaning of the template, or for those it has sent away. */
function unlessInUse(error: Error & { code?: string }): undefined {
  if (error.code !== '55006') throw error;
}

function templateUrl(): string {
  const url = process.env.PARLEY_TEST_TEMPLATE_URL;
  if (!url) throw new Error('tests run under jest, whose global set-up starts PostgreSQL');
  return url;
}
