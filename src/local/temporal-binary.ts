import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { StartError } from './start-error';
import type { TemporalSource } from './temporal-sources';
import { executableName, temporalSources } from './temporal-sources';

export type FindTemporalOptions = {
  /** The folders in which a `temporal` of the user's own is looked for (PATH). */
  searchPath: string[];
  cacheFolder: string;
  say(line: string): void;
  sources?: TemporalSource[];
};

/** Nothing newer than this server is needed; the search attributes and updates of older ones are not relied upon. */
const oldestServer = [1, 29];

/**
 * The `temporal` program to run the development server with: one on the search path, the one fetched by an earlier start,
 * or one fetched now from the first source that has it, and kept.
 */
export async function findTemporal(options: FindTemporalOptions): Promise<string> {
  const { searchPath, cacheFolder, say, sources = temporalSources } = options;
  const installed = searchPath.map((folder) => path.join(folder, executableName)).find(isFile);
  if (installed && isNewEnough(installed, say)) return installed;

  const home = path.join(cacheFolder, 'temporal');
  const cached = path.join(home, executableName);
  if (isFile(cached)) return cached;

  const faults: string[] = [];
  for (const source of sources) {
    say(`getting the Temporal development server: ${source.name}`);
    const draft = path.join(cacheFolder, `temporal.${process.pid}`);
    try {
      fs.mkdirSync(draft, { recursive: true });
      await source.fetchInto(draft);
      serverVersion(path.join(draft, executableName));
      moveIntoPlace(path.join(draft, executableName), cached);
      return cached;
    } catch (error) {
      faults.push(`${source.name}: ${firstLine(error)}`);
    } finally {
      fs.rmSync(draft, { recursive: true, force: true });
    }
  }
  throw new StartError(
    `No Temporal server could be had.\n${faults.map((fault) => `  ${fault}`).join('\n')}\nInstall the Temporal CLI ` +
      '(https://docs.temporal.io/cli#install) so that `temporal` is on your PATH, or set TEMPORAL_ADDRESS to a ' +
      'server that runs, and start again.',
  );
}

function isNewEnough(program: string, say: (line: string) => void): boolean {
  try {
    const [major = 0, minor = 0] = serverVersion(program);
    const [oldestMajor = 0, oldestMinor = 0] = oldestServer;
    if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return true;
    say(`${program} brings server ${major}.${minor}, older than ${oldestServer.join('.')}: not used`);
  } catch (error) {
    say(`${program} does not run (${firstLine(error)}): not used`);
  }
  return false;
}

/** From `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`; throws when the program does not run. */
function serverVersion(program: string): number[] {
  const said = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
  const version = /Server (\d+)\.(\d+)/.exec(said);
  if (!version) throw new Error(`it says "${said.trim()}" for its version`);
  return version.slice(1).map(Number);
}

function moveIntoPlace(from: string, to: string): void {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.renameSync(from, to);
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer | string; message: string };
  const lines = String(stderr?.length ? stderr : message)
    .trim()
    .split('\n');
  return (lines.find((line) => /error/i.test(line)) ?? lines[0] ?? '').trim();
}
