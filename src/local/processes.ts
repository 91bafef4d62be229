import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as written to disk. Its start time tells it from a later process that was given the same id. */
export type ProcessMark = { pid: number; startedAt: string };

export function markOf(pid: number): ProcessMark {
  return { pid, startedAt: startTimeOf(pid) };
}

export function isAlive({ pid, startedAt }: ProcessMark): boolean {
  return exists(pid) && startTimeOf(pid) === startedAt;
}

/** The command line of a process, or '' when there is none or it may not be read. */
export function commandOf(pid: number): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return ps(pid, 'command=');
  }
}

/**
 * Asks a process to end by each signal in turn and gives it its time; the last resort is SIGKILL.
 *
 * @returns false when even that did not end it
 */
export async function endProcess(
  pid: number,
  steps: { signal: NodeJS.Signals; withinMs: number }[],
): Promise<boolean> {
  for (const { signal, withinMs } of [...steps, { signal: 'SIGKILL' as const, withinMs: 5000 }]) {
    if (!sendSignal(pid, signal)) return true;
    const deadline = performance.now() + withinMs;
    while (performance.now() < deadline) {
      if (!exists(pid)) return true;
      await sleep(20);
    }
  }
  return !exists(pid);
}

/** @returns false when there is no such process any more */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** Ended, and waiting only for a parent that does not ask: it holds nothing any more. */
function isZombie(pid: number): boolean {
  return statOf(pid)?.[0] === 'Z';
}

function startTimeOf(pid: number): string {
  return statOf(pid)?.[19] ?? ps(pid, 'lstart=');
}

/** The fields of /proc/<pid>/stat from the state on; what stands before is the name, which may hold spaces. */
function statOf(pid: number): string[] | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string {
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', column], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return '';
  }
}
