import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastWords } from './log-lines';
import type { ProcessBook } from './process-book';
import { drainMs } from './process-book';
import { endProcess } from './processes';
import { StartError } from './start-error';

export type StartProcessOptions = {
  name: string;
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  logFile: string;
  book: ProcessBook;
  isReady(): Promise<boolean>;
  readyWithinMs: number;
  /** What helps when it does not start, beside reading its log. */
  remedy?: string;
  /** Called with how it ended, when once ready it ends without having been asked to. */
  onExit(how: string): void;
};

export type RunningProcess = { pid: number; stop(): Promise<void> };

/** Runs a program that serves, its output going to a log file, and resolves when it is ready. */
export async function startProcess(options: StartProcessOptions): Promise<RunningProcess> {
  const { name, logFile, readyWithinMs, book } = options;
  const logStart = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const child = spawnIntoLog(options);
  const { pid } = child;
  if (pid === undefined) throw new StartError(`${name} cannot be started: ${options.command} does not run.`);
  book.add(name, pid);

  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  let ended = false;
  child.once('exit', (code, signal) => {
    ended = true;
    book.remove(name);
    if (state === 'ready') options.onExit(signal ? `was ended by ${signal}` : `ended with code ${code}`);
  });
  const stop = async () => {
    state = 'stopping';
    await endProcess(pid, [{ signal: 'SIGTERM', withinMs: drainMs }]);
  };

  const deadline = performance.now() + readyWithinMs;
  // Asked in this order: what answers may be another process that has the port, with ours just ended for that.
  while (!(await options.isReady()) || ended) {
    if (ended || performance.now() > deadline) {
      const what = ended ? 'ended while starting' : `was not ready within ${readyWithinMs / 1000} s`;
      await stop();
      const words = lastWords(logFile, logStart);
      throw new StartError(
        `${name} ${what}:\n${words}\nIts log is ${logFile}. ${options.remedy ?? ''}`.trim(),
      );
    }
    await sleep(50);
  }
  state = 'ready';
  return { pid, stop };
}

/** Whether the address answers 2xx. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(url, { signal: AbortSignal.timeout(2000) });
    return ok;
  } catch {
    return false;
  }
}

function spawnIntoLog({ command, args, env, logFile }: StartProcessOptions) {
  const log = fs.openSync(logFile, 'a');
  const child = spawn(command, args, {
    env,
    // Its own process group: Ctrl-C is for the supervisor, which stops the parts in order.
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  // Without a pid it did not start, which the caller sees.
  child.once('error', () => undefined);
  return child;
}
