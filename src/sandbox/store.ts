import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableName, Tables } from './model';

type TableMaps = { [Name in TableName]: Map<string, Tables[Name]> };

/** Records in memory, and in an append-only journal when there is a folder for it. */
export type Store = {
  tables: TableMaps;
  /** Notes a new or changed record. It is on disk after the next `flush`, which comes by itself at the end of the tick. */
  put<Name extends TableName>(table: Name, record: Tables[Name]): void;
  remove(table: TableName, id: string): void;
  /** One append of everything noted since the last: after this, `kill -9` loses nothing of it. */
  flush(): void;
  writeBlob(id: string, bytes: Buffer): Promise<void>;
  readBlob(id: string): Promise<Buffer | undefined>;
  removeBlob(id: string): Promise<void>;
  close(): void;
};

export function createStore(dataDir: string | undefined): Store {
  const tables = emptyTables();
  const blobs = new Map<string, Buffer>();
  const dirty = new Map<string, [TableName, string]>();
  let journal: number | undefined;
  let scheduled = false;

  if (dataDir !== undefined) {
    mkdirSync(join(dataDir, 'blobs'), { recursive: true });
    replay(join(dataDir, 'journal.ndjson'), tables);
    journal = compact(join(dataDir, 'journal.ndjson'), tables);
  }

  function note(table: TableName, id: string): void {
    if (journal === undefined) return;
    dirty.set(`${table}/${id}`, [table, id]);
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    if (journal === undefined || dirty.size === 0) return;
    let lines = '';
    for (const [table, id] of dirty.values()) lines += line(table, id, tables[table].get(id));
    dirty.clear();
    writeAll(journal, lines);
  }

  return {
    tables,
    put(table, record) {
      (tables[table] as Map<string, typeof record>).set(record.id, record);
      note(table, record.id);
    },
    remove(table, id) {
      if (tables[table].delete(id)) note(table, id);
    },
    flush,
    async writeBlob(id, bytes) {
      if (dataDir === undefined) blobs.set(id, bytes);
      else await writeFile(join(dataDir, 'blobs', id), bytes);
    },
    async readBlob(id) {
      if (dataDir === undefined) return blobs.get(id);
      return await readFile(join(dataDir, 'blobs', id)).catch(() => undefined);
    },
    async removeBlob(id) {
      blobs.delete(id);
      if (dataDir !== undefined) await rm(join(dataDir, 'blobs', id), { force: true });
    },
    close() {
      flush();
      if (journal !== undefined) closeSync(journal);
      journal = undefined;
    },
  };
}

function emptyTables(): TableMaps {
  return {
    account: new Map(),
    subscription: new Map(),
    template: new Map(),
    phone: new Map(),
    message: new Map(),
    media: new Map(),
    element: new Map(),
    misbehaviour: new Map(),
    mail: new Map(),
    mailAccount: new Map(),
    mailEntry: new Map(),
    mailDelivery: new Map(),
    dnsRecords: new Map(),
    smsAccount: new Map(),
    smsMessage: new Map(),
    smsPost: new Map(),
  };
}

/** `["message",{…}]` sets a record, `["message","id"]` removes it. */
function line(table: TableName, id: string, record: unknown): string {
  return `${JSON.stringify([table, record ?? id])}\n`;
}

function replay(file: string, tables: TableMaps): void {
  if (!existsSync(file)) return;
  for (const text of readFileSync(file, 'utf8').split('\n')) {
    const entry = parseLine(text);
    // A process killed while it wrote leaves half a line, of which nobody had been told yet.
    if (!entry) continue;
    const table = tables[entry[0]] as Map<string, { id: string }> | undefined;
    if (!table) continue;
    if (typeof entry[1] === 'string') table.delete(entry[1]);
    else table.set(entry[1].id, entry[1]);
  }
}

function parseLine(text: string): [TableName, { id: string } | string] | undefined {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as [TableName, { id: string } | string];
  } catch {
    return undefined;
  }
}

/** Writes the records as they are now into a fresh journal, swaps it in at once, and leaves it open for appending. */
function compact(file: string, tables: TableMaps): number {
  const fresh = openSync(`${file}.new`, 'w');
  for (const [table, records] of Object.entries(tables) as [TableName, Map<string, unknown>][]) {
    let lines = '';
    for (const [id, record] of records) {
      lines += line(table, id, record);
      if (lines.length < 1_000_000) continue;
      writeAll(fresh, lines);
      lines = '';
    }
    writeAll(fresh, lines);
  }
  fsyncSync(fresh);
  closeSync(fresh);
  renameSync(`${file}.new`, file);
  return openSync(file, 'a');
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}
