// Writes and checks migrations without Prisma's downloaded schema engine:
//   node scripts/migration.mjs create <name>   a new migration with what prisma/schema.prisma has beyond the migrations
//   node scripts/migration.mjs check           fails when there is something beyond
//   node scripts/migration.mjs diagnose        what Prisma finds between the migrations and DATABASE_URL, as JSON
// Works on scratch databases of DATABASE_URL's server, or of a PostgreSQL of its own.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { openSchemaEngine } from './schema-engine.mjs';
import { unusedPort } from './unused-port.mjs';

const migrationsFolder = path.resolve(import.meta.dirname, '../prisma/migrations');
const [command, name] = process.argv.slice(2);

if (command === 'create' && /^[a-z0-9_]+$/.test(name ?? '')) await create(name);
else if (command === 'check') await check();
else if (command === 'diagnose') await diagnose();
else fail('usage: node scripts/migration.mjs create <name_in_lower_case> | check | diagnose');
// The engine's idle connections would hold the process for ten seconds more.
process.exit();

async function create(name) {
  const sql = await difference();
  if (sql === '') return console.log('the migrations say all that the schema says');
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(migrationsFolder, `${stamp}_${name}`);
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'migration.sql'), sql);
  console.log(`written: ${path.relative(process.cwd(), folder)}/migration.sql`);
}

async function check() {
  const sql = await difference();
  if (sql !== '') fail(`prisma/schema.prisma has what no migration does; run \`create\`:\n\n${sql}`);
}

async function diagnose() {
  const { url, stop } = await server();
  try {
    const engine = await openSchemaEngine(url);
    console.log(JSON.stringify(await engine.diagnose(migrationsFolder)));
  } finally {
    await stop();
  }
}

/** The SQL that leads from the migrations to the schema. What is written by hand beyond the schema may stay. */
async function difference() {
  const { url, stop } = await server();
  try {
    const engine = await openSchemaEngine(url);
    return withoutHandWritten(await engine.differenceFromMigrations(migrationsFolder));
  } finally {
    await stop();
  }
}

async function server() {
  if (process.env.DATABASE_URL) return { url: process.env.DATABASE_URL, stop: async () => undefined };
  const require = createRequire(import.meta.url);
  const { startPostgres } = require('../dist/src/local/postgres.js');
  const folder = path.resolve(import.meta.dirname, '../.cache/migration-postgres');
  fs.mkdirSync(folder, { recursive: true });
  const logFile = path.join(folder, 'log');
  const postgres = await startPostgres({ folder, port: await unusedPort(), logFile, say: () => undefined });
  return { url: postgres.url('postgres'), stop: () => postgres.stop() };
}

/** Indexes that the schema does not speak of: it would have them dropped. */
function withoutHandWritten(sql) {
  const handWritten = handWrittenIndexes();
  return sql
    .replace(/-- DropIndex\nDROP INDEX "(\w+)";\n*/g, (statement, index) =>
      handWritten.has(index) ? '' : statement,
    )
    .replace(/^-- This is an empty migration\.\s*/, '')
    .trim();
}

/** Prisma puts every name in quotes, people do not. */
function handWrittenIndexes() {
  const migrations = fs
    .readdirSync(migrationsFolder)
    .map((folder) => path.join(migrationsFolder, folder, 'migration.sql'))
    .filter((file) => fs.existsSync(file));
  const statements = migrations.flatMap((file) => [
    ...fs.readFileSync(file, 'utf8').matchAll(/CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?(\w+)/gi),
  ]);
  return new Set(statements.map(([, index]) => index));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
