import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';

const require = createRequire(import.meta.url);
const schemaFile = path.resolve(import.meta.dirname, '../prisma/schema.prisma');

/** Prisma's schema engine in its WebAssembly edition, on scratch databases of the server at `url`. */
export async function openSchemaEngine(url) {
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
  const folder = path.dirname(require.resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
  const wasm = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();

  const schema = fs.readFileSync(schemaFile, 'utf8');
  const adapter = bindMigrationAwareSqlAdapterFactory(new ScratchPg(url));
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [[schemaFile, schema]] },
    () => undefined,
    adapter,
  );
  const filters = { externalTables: [], externalEnums: [] };
  return {
    async differenceFromMigrations(migrationsFolder) {
      const { stdout } = await engine.diff({
        from: { tag: 'migrations', ...readMigrations(migrationsFolder) },
        to: { tag: 'schemaDatamodel', files: [{ path: schemaFile, content: schema }] },
        script: true,
        exitCode: true,
        shadowDatabaseUrl: null,
        filters,
      });
      return stdout;
    },
    diagnose: (migrationsFolder) =>
      engine.diagnoseMigrationHistory({
        migrationsList: readMigrations(migrationsFolder),
        optInToShadowDatabase: false,
        filters,
      }),
  };
}

function readMigrations(baseDir) {
  const read = (file) => fs.readFileSync(path.join(baseDir, file), 'utf8');
  const names = fs
    .readdirSync(baseDir)
    .filter((name) => fs.existsSync(path.join(baseDir, name, 'migration.sql')));
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: read('migration_lock.toml') },
    shadowDbInitScript: '',
    migrationDirectories: names.sort().map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok', value: read(path.join(name, 'migration.sql')) },
      },
    })),
  };
}

/**
 * Types of the system catalogue that the adapter does not know: name reads as text, name[] as text[], and "char" as
 * "char"[], the only one that leads to the engine's Character (see `withCharacters`).
 */
const catalogueTypes = { 18: 1002, 19: 25, 1003: 1009 };

class CatalogueClient extends pg.Client {
  query(...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      args[args.length - 1] = (error, result) => callback(error, presentTypes(result));
    }
    const promise = super.query(...args);
    return promise?.then ? promise.then(presentTypes) : promise;
  }
}

function presentTypes(result) {
  for (const one of [result].flat()) {
    for (const field of one?.fields ?? [])
      field.dataTypeID = catalogueTypes[field.dataTypeID] ?? field.dataTypeID;
  }
  return result;
}

function withCharacters(queryable) {
  const queryRaw = queryable.queryRaw.bind(queryable);
  queryable.queryRaw = async (query) => {
    const result = await queryRaw(query);
    result.columnTypes = result.columnTypes.map((type, column) => {
      const single = !result.rows.some((row) => Array.isArray(row[column]));
      return type === ColumnTypeEnum.CharacterArray && single ? ColumnTypeEnum.Character : type;
    });
    return result;
  };
  return queryable;
}

class ScratchPg extends PrismaPg {
  constructor(url) {
    const { hostname: host, port, username: user, password, pathname } = new URL(url);
    const database = pathname.slice(1);
    super({
      host,
      port: Number(port || 5432),
      user,
      password: decodeURIComponent(password),
      database,
      Client: CatalogueClient,
    });
    this.url = url;
  }

  async connect() {
    const adapter = withCharacters(await super.connect());
    const startTransaction = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (...args) => withCharacters(await startTransaction(...args));
    // The adapter's own way cuts the script at each semicolon, those in comments and bodies too.
    adapter.executeScript = async (script) => void (await adapter.client.query(script));
    return adapter;
  }

  async connectToShadowDb() {
    const name = `shadow_${randomUUID().replaceAll('-', '')}`;
    const server = await this.connect();
    await server.executeScript(`CREATE DATABASE ${name}`);
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    const shadow = await new ScratchPg(url.href).connect();
    const dispose = shadow.dispose.bind(shadow);
    shadow.dispose = async () => {
      await dispose();
      await server.executeScript(`DROP DATABASE ${name} WITH (FORCE)`);
      await server.dispose();
    };
    return shadow;
  }
}
