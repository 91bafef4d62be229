import path from 'node:path';
import type { Part } from './keep-running';
import type { Lock } from './lock';
import { LockHeldError, takeLock } from './lock';
import { choosePorts } from './ports';
import { findPostgres } from './postgres';
import type { ProcessBook } from './process-book';
import { openProcessBook } from './process-book';
import { sendSignal } from './processes';
import type { LocalPort, LocalSettings } from './settings';
import { StartError } from './start-error';
import type { StateFolder } from './state-folder';
import { openStateFolder, rotateLogs } from './state-folder';

type Ports = Record<LocalPort, number>;

/** What the steps of a start share. */
export type Platform = {
  settings: LocalSettings;
  state: StateFolder;
  book: ProcessBook;
  ports: Ports;
  /** Those that run, and are kept running. */
  parts: Part[];
  /** Aborted once the platform stops: nothing is started any more. */
  stopping: AbortSignal;
  say(line: string): void;
  /** Stops the parts, from those who take work in to those who keep the data. */
  stop(): Promise<void>;
  /** Ends all parts at once. What is committed is safe; PostgreSQL recovers at the next start. */
  kill(): void;
};

const stopOrder = ['api', 'mail', 'worker', 'sandbox', 'Temporal', 'PostgreSQL'];

/** Takes the state folder for this process, clears away what a killed start left running, and chooses the ports. */
export async function openPlatform(settings: LocalSettings, say: (line: string) => void): Promise<Platform> {
  const state = openStateFolder(settings.dataFolder);
  const lock = takeStartLock(state);
  const book = openProcessBook(state);

  const left = await book.endAll();
  if (left.length > 0) say(`stopped what a killed start had left behind: ${left.join(', ')}`);
  await findPostgres(postgresFolder(state))?.stop();
  rotateLogs(state, ['api', 'worker', 'mail', 'sandbox', 'temporal', 'postgres']);
  const ports = await choosePorts(settings.ports, state.read<Partial<Ports>>('ports') ?? {}, say);
  state.write('ports', ports);

  const parts: Part[] = [];
  const stopping = new AbortController();
  return {
    settings,
    state,
    book,
    ports,
    parts,
    stopping: stopping.signal,
    say,
    async stop() {
      stopping.abort();
      for (const name of stopOrder) {
        const part = parts.find((candidate) => candidate.name === name);
        await part?.stop();
        if (part) say(`${name} stopped`);
      }
      // What was still coming up.
      await book.endAll();
      await findPostgres(postgresFolder(state))?.stop();
      lock.release();
    },
    kill() {
      book.killAll();
      const postgres = findPostgres(postgresFolder(state));
      if (postgres) sendSignal(postgres.pid, 'SIGQUIT');
      lock.release();
    },
  };
}

export function postgresFolder(state: StateFolder): string {
  return path.join(state.path, 'postgres');
}

function takeStartLock(state: StateFolder): Lock {
  try {
    return takeLock(path.join(state.path, 'lock'));
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new StartError(
      `Parley already runs on ${state.path} (process ${error.holder.pid}). Use that one, or stop it with Ctrl-C in ` +
        `its terminal or \`kill ${error.holder.pid}\`. To run another beside it, set PARLEY_DATA_DIR to another folder.`,
    );
  }
}
