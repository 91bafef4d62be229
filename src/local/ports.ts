import { createSocket } from 'node:dgram';
import net from 'node:net';
import { StartError } from './start-error';

export type PortWish = {
  /** What listens there, for people. */
  what: string;
  preferred: number;
  /** The environment variable that fixes it, and its value if it is set. */
  variable: string;
  fixed: string | undefined;
};

/**
 * A port for each wish: the one the environment fixes, else the one of the last start, else the preferred one, else
 * the next free one after it (which is said). Which it was belongs into `remembered` of the next start.
 */
export async function choosePorts<Name extends string>(
  wishes: Record<Name, PortWish>,
  remembered: Partial<Record<Name, number>>,
  say: (line: string) => void,
): Promise<Record<Name, number>> {
  const chosen: Partial<Record<Name, number>> = {};
  const taken = new Set<number>();
  for (const name of Object.keys(wishes) as Name[]) {
    const port = await choosePort(wishes[name], remembered[name], taken, say);
    taken.add(port);
    chosen[name] = port;
  }
  return chosen as Record<Name, number>;
}

async function choosePort(
  wish: PortWish,
  remembered: number | undefined,
  taken: Set<number>,
  say: (line: string) => void,
): Promise<number> {
  if (wish.fixed !== undefined) return checkFixed(wish, taken);
  const first = remembered ?? wish.preferred;
  for (let port = first; port < first + 200; port++) {
    if (taken.has(port) || !(await isFreePort(port))) continue;
    if (port !== first)
      say(`port ${first} is busy, ${wish.what} uses ${port} (${wish.variable} sets another)`);
    return port;
  }
  throw new StartError(`No free port for ${wish.what} from ${first} on. Set ${wish.variable} to a free one.`);
}

async function checkFixed({ what, variable, fixed }: PortWish, taken: Set<number>): Promise<number> {
  const port = Number(fixed);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new StartError(`${variable} must be a port number between 1 and 65535, not "${fixed}".`);
  }
  if (!taken.has(port) && (await isFreePort(port))) return port;
  throw new StartError(
    `Port ${port}, set by ${variable} for ${what}, is in use. Stop what listens there, set ${variable} to a free ` +
      'port, or unset it to let one be found.',
  );
}

/** Nobody listens there, neither on the loopback address nor on all addresses, nor over UDP (DNS). */
export async function isFreePort(port: number): Promise<boolean> {
  return (
    (await canListen({ port, host: '127.0.0.1' })) && (await canListen({ port })) && (await canBind(port))
  );
}

function canListen(options: net.ListenOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(options, () => server.close(() => resolve(true)));
  });
}

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
