import fs from 'node:fs';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { searchAttributes } from '../temporal/search-attributes';
import type { ProcessBook } from './process-book';
import type { RunningProcess } from './start-process';
import { startProcess } from './start-process';

export type TemporalServerOptions = {
  /** The `temporal` program (see `findTemporal`). */
  program: string;
  /** Holds the server's database. */
  folder: string;
  port: number;
  uiPort: number;
  logFile: string;
  book: ProcessBook;
  onExit(how: string): void;
};

const host = '127.0.0.1';

const kindNames = { KEYWORD: 'Keyword', DATETIME: 'Datetime' } as const;

/** Starts Temporal's development server on its database in `folder` and resolves when it answers. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<RunningProcess> {
  const { program, folder, port, logFile, book, onExit } = options;
  fs.mkdirSync(folder, { recursive: true });
  return startProcess({
    name: 'temporal',
    command: program,
    args: serverArguments(options),
    logFile,
    book,
    isReady: () => answers(`${host}:${port}`),
    readyWithinMs: 30_000,
    remedy: `If its data is beyond repair, delete ${folder}: Parley makes its workflows anew from PostgreSQL.`,
    onExit,
  });
}

function serverArguments({ folder, port, uiPort }: TemporalServerOptions): string[] {
  const attributes = Object.values(searchAttributes).flatMap((key) => [
    '--search-attribute',
    `${key.name}=${kindNames[key.type]}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', host, '--ui-ip', host, '--log-level', 'warn'],
    ...['--port', String(port), '--ui-port', String(uiPort)],
    // Without these pragmas a database in a file is five times slower.
    ...['--db-filename', path.join(folder, 'temporal.db')],
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
    ...attributes,
  ];
}

async function answers(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 500 }).catch(() => undefined);
  if (!connection) return false;
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
