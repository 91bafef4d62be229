import type { ProcessMark } from './processes';
import { endProcess, isAlive, markOf, sendSignal } from './processes';
import type { StateFolder } from './state-folder';

export type ProcessBook = {
  /** Writes down a process that was started, so that the next start finds it if this one is killed. */
  add(name: string, pid: number): void;
  remove(name: string): void;
  /** Ends what is in the book and still runs; returns the names. */
  endAll(): Promise<string[]>;
  /** SIGKILL for all of them, without waiting. */
  killAll(): void;
};

/** Time for what a process has in its hands. */
export const drainMs = 15_000;

export function openProcessBook(state: StateFolder): ProcessBook {
  const marks = state.read<Record<string, ProcessMark>>('processes') ?? {};
  const save = () => state.write('processes', marks);
  const living = () => Object.entries(marks).filter(([, mark]) => isAlive(mark));
  return {
    add(name, pid) {
      marks[name] = markOf(pid);
      save();
    },
    remove(name) {
      delete marks[name];
      save();
    },
    async endAll() {
      const left = living();
      await Promise.all(
        left.map(([, { pid }]) => endProcess(pid, [{ signal: 'SIGTERM', withinMs: drainMs }])),
      );
      for (const name of Object.keys(marks)) delete marks[name];
      save();
      return left.map(([name]) => name);
    },
    killAll() {
      for (const [, { pid }] of living()) sendSignal(pid, 'SIGKILL');
    },
  };
}
