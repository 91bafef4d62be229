import path from 'node:path';
import { userCacheFolder } from './cache-folder';
import { keepRunning } from './keep-running';
import type { Platform } from './platform';
import { postgresFolder } from './platform';
import { createDatabase, startPostgres } from './postgres';
import { answersHttp, startProcess } from './start-process';
import { findTemporal } from './temporal-binary';
import { startTemporalServer } from './temporal-server';

/** The built-in PostgreSQL; returns the address of Parley's database. */
export async function runPostgres({ state, ports, parts, say, stopping }: Platform): Promise<string> {
  let url = '';
  parts.push(
    await keepRunning({
      name: 'PostgreSQL',
      say,
      signal: stopping,
      start: async (onExit) => {
        const postgres = await startPostgres({
          folder: postgresFolder(state),
          port: ports.postgres,
          logFile: state.logFile('postgres'),
          say,
          onExit,
        });
        await createDatabase(postgres, 'parley');
        url = postgres.url('parley');
        return postgres;
      },
    }),
  );
  say(`PostgreSQL runs on port ${ports.postgres}`);
  return url;
}

/** Temporal's development server. */
export async function runTemporal({ state, book, ports, parts, say, stopping }: Platform): Promise<void> {
  const program = await findTemporal({
    searchPath: (process.env.PATH ?? '').split(path.delimiter),
    cacheFolder: userCacheFolder(),
    say,
  });
  parts.push(
    await keepRunning({
      name: 'Temporal',
      say,
      signal: stopping,
      start: (onExit) =>
        startTemporalServer({
          program,
          folder: path.join(state.path, 'temporal'),
          port: ports.temporal,
          uiPort: ports.temporalUi,
          logFile: state.logFile('temporal'),
          book,
          onExit,
        }),
    }),
  );
  say(`Temporal runs on port ${ports.temporal}`);
}

/** One of the product's own processes; ready when `readyUrl` answers. */
export async function runProgram(
  { state, book, parts, say, stopping }: Platform,
  { name, script, env, readyUrl }: { name: string; script: string; env: NodeJS.ProcessEnv; readyUrl: string },
): Promise<void> {
  parts.push(
    await keepRunning({
      name,
      say,
      signal: stopping,
      start: (onExit) =>
        startProcess({
          name,
          command: process.execPath,
          args: ['--enable-source-maps', script],
          env,
          logFile: state.logFile(name),
          book,
          isReady: () => answersHttp(readyUrl),
          readyWithinMs: 60_000,
          onExit,
        }),
    }),
  );
  say(`${name} runs`);
}
