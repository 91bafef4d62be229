import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { ProcessMark } from './processes';
import { isAlive, markOf } from './processes';

export type Lock = { release(): void };

/** Thrown by `takeLock` when a live process holds the lock. */
export class LockHeldError extends Error {
  override name = 'LockHeldError';

  constructor(readonly holder: ProcessMark) {
    super(`held by process ${holder.pid}`);
  }
}

/**
 * Takes the lock for this process. One left behind by a killed process is taken over; of several that try at once
 * exactly one gets it.
 */
export function takeLock(file: string): Lock {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = JSON.stringify(markOf(process.pid));
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  fs.writeFileSync(draft, own);
  try {
    // A link appears with its content, and not at all where there is a file already.
    while (!link(draft, file)) clearStale(file);
  } finally {
    fs.rmSync(draft);
  }
  return {
    release() {
      if (read(file) === own) fs.rmSync(file, { force: true });
    },
  };
}

function clearStale(file: string): void {
  const found = read(file);
  if (found === undefined) return;
  const holder = parse(found);
  if (holder && isAlive(holder)) throw new LockHeldError(holder);
  const aside = `${file}.stale.${randomBytes(4).toString('hex')}`;
  if (!rename(file, aside)) return;
  // Somebody quicker may have taken it over between the look and the move: then it is theirs.
  if (read(aside) !== found) link(aside, file);
  fs.rmSync(aside, { force: true });
}

function link(from: string, to: string): boolean {
  return done(() => fs.linkSync(from, to), 'EEXIST');
}

function rename(from: string, to: string): boolean {
  return done(() => fs.renameSync(from, to), 'ENOENT');
}

function done(work: () => void, expectedFault: string): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expectedFault) return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): ProcessMark | undefined {
  try {
    return JSON.parse(text) as ProcessMark;
  } catch {
    return undefined;
  }
}
