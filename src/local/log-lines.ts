import fs from 'node:fs';

const errorLevel = 50;

type LogEntry = { level?: number; msg?: string; err?: { message?: string } };

/** The end of what a process has written to its log since `from`, fit for the terminal. */
export function lastWords(logFile: string, from: number, lines = 8): string {
  const written = fs.readFileSync(logFile).subarray(from).toString('utf8').trim().split('\n');
  // A crash puts its message above the stack.
  const crash = written.findLastIndex((line) => /^\w*Error\b/.test(line));
  const start = crash === -1 ? Math.max(0, written.length - lines) : crash;
  return written
    .slice(start, start + lines)
    .map(readable)
    .join('\n');
}

/** Tells each kind of error that appears in the logs, once a minute at most. Returns the way to end it. */
export function watchForErrors(logFiles: Record<string, string>, say: (line: string) => void): () => void {
  const told = new Map<string, number>();
  const ends = Object.entries(logFiles).map(([name, file]) =>
    followLines(file, (line) => {
      const entry = parse(line);
      if (!entry || (entry.level ?? 0) < errorLevel) return;
      const text = `${name}: ${readable(line)} (see ${file})`;
      if (performance.now() - (told.get(text) ?? -Infinity) < 60_000) return;
      told.set(text, performance.now());
      say(text);
    }),
  );
  return () => ends.forEach((end) => end());
}

function followLines(file: string, onLine: (line: string) => void): () => void {
  let position = 0;
  let rest = '';
  const timer = setInterval(() => {
    const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= position) return;
    const chunk = Buffer.alloc(Math.min(size - position, 1 << 20));
    const handle = fs.openSync(file, 'r');
    position += fs.readSync(handle, chunk, 0, chunk.length, position);
    fs.closeSync(handle);
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  }, 1000);
  return () => clearInterval(timer);
}

function readable(line: string): string {
  const entry = parse(line);
  if (!entry) return line;
  const cause = entry.err?.message;
  return [entry.msg, cause === entry.msg ? undefined : cause].filter(Boolean).join(': ') || line;
}

function parse(line: string): LogEntry | undefined {
  try {
    return JSON.parse(line) as LogEntry;
  } catch {
    return undefined;
  }
}
