import { ChildProcess } from 'node:child_process';
import net from 'node:net';

type Handle = {
  /** Described when it is found open: a server knows its port only then. */
  what(): string;
  isOpen(): boolean;
  close(): void;
};
type Method = (...args: unknown[]) => unknown;

let opened: (Handle & { openedBy: Error })[] = [];
let blocked: string[] = [];

/** Notes from now on what this process opens; connections to anything but this machine are refused. */
export function watchProcess(): void {
  after(net.Server.prototype, 'listen', (server: net.Server) => {
    note({
      what: () => `a server listening on ${JSON.stringify(server.address())}`,
      isOpen: () => server.listening,
      close: () => server.close(),
    });
  });
  after(ChildProcess.prototype, 'spawn', (child: ChildProcess) => {
    note({
      what: () => `the process ${child.spawnargs.join(' ')}`,
      isOpen: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
      close: () => child.kill('SIGKILL'),
    });
  });
  watchConnections();
}

/** Notes the intervals that code under test starts. */
export function trackIntervals(global: { setInterval: typeof setInterval }): void {
  const start = global.setInterval;
  const tracked = (...args: Parameters<typeof setInterval>) => {
    const timer = start(...args) as NodeJS.Timeout & { _destroyed: boolean };
    note({
      what: () => `an interval of ${args[1]} ms`,
      isOpen: () => !timer._destroyed && timer.hasRef(),
      close: () => clearInterval(timer),
    });
    return timer;
  };
  global.setInterval = Object.assign(tracked, start);
}

/** What is open and would keep the process alive, and what was refused, each with the place that did it. */
export function findLeaks(): string[] {
  opened = opened.filter((entry) => entry.isOpen());
  return [...blocked, ...opened.map((entry) => `${entry.what()}\n${callersIn(entry.openedBy)}`)];
}

/** Closes what was left open, so that one file's fault neither hangs the run nor falls on the next file. */
export function closeAll(): void {
  for (const entry of opened) if (entry.isOpen()) entry.close();
  opened = [];
  blocked = [];
}

function watchConnections(): void {
  const prototype = net.Socket.prototype as unknown as { connect: Method };
  const connect = prototype.connect;
  prototype.connect = function (this: net.Socket, ...args) {
    const host = hostOf(args);
    if (host !== undefined && !isLoopback(host)) {
      blocked.push(
        `a connection to ${host} was refused: tests stay on this machine\n${callersIn(new Error())}`,
      );
      process.nextTick(() => this.destroy(new Error(`tests may not connect to ${host}`)));
      return this;
    }
    const handle = this as net.Socket & { _handle: { hasRef?(): boolean } | null };
    note({
      what: () => `a connection to port ${this.remotePort}`,
      isOpen: () => !this.destroyed && (handle._handle?.hasRef?.() ?? false),
      close: () => this.destroy(),
    });
    return connect.apply(this, args);
  };
}

/** `connect(options)`, `connect(port, host)`, `connect(path)`, or the list of those that Node itself passes. */
function hostOf(args: unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path === undefined ? host : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '::ffff:127.0.0.1' || /^127\./.test(host);
}

function note(handle: Handle): void {
  // its stack is put into words only when somebody reads it
  opened.push({ ...handle, openedBy: new Error() });
}

function after<T>(prototype: object, method: string, watch: (self: T) => void): void {
  const methods = prototype as Record<string, Method>;
  const original = methods[method] as Method;
  methods[method] = function (this: unknown, ...args: unknown[]) {
    const result = original.apply(this, args);
    watch(this as T);
    return result;
  };
}

/** The stack of whoever opened it, without this file and Node's own frames. */
function callersIn(error: Error): string {
  const stack = error.stack?.split('\n').slice(1) ?? [];
  const outside = /support\/leaks|node:internal|node_modules\/jest/;
  return stack
    .filter((line) => !outside.test(line))
    .slice(0, 6)
    .join('\n');
}
