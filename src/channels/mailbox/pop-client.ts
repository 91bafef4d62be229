import net, { isIP } from 'node:net';
import tls from 'node:tls';
import { trusting } from '../mail-trust';
import { connectionFault } from './connection-faults';
import { MailboxError, type MailLogin, type MailServer } from './types';

/** A line of an answer. */
const lineBytesAtMost = 8 * 1024;
/** All lines of a list: some hundred thousand mails. */
const listBytesAtMost = 32 * 1024 * 1024;
/** However steadily it trickles in. */
const mailMsAtMost = 10 * 60_000;
/** Of what the server said and nobody has read yet. */
const waitingBytesAtMost = 256 * 1024;

const CR = 13;
const LF = 10;
const DOT = 46;

/** POP3 (RFC 1939) with STLS (RFC 2595): one command after the other. Every call rejects with a `MailboxError` and nothing else. */
export interface PopClient {
  login(username: string, login: MailLogin): Promise<void>;
  /** The mails' numbers in this session with their unique ids; undefined: the server gives none. */
  uidl(): Promise<[number: number, uidl: string][] | undefined>;
  numbers(): Promise<number[]>;
  /** As it came; `cut`: it is larger, and this its beginning. Undefined: it is gone. */
  retrieve(number: number, maxBytes: number): Promise<Retrieved | undefined>;
  remove(number: number): Promise<void>;
  /** What was removed is gone once this resolves, and not before. */
  quit(): Promise<void>;
  close(): void;
}

/** Connects to `address`, which stands for the server's host, encrypted as wanted. */
export async function connectPop(
  { host, port, security }: Pick<MailServer, 'host' | 'port' | 'security'>,
  address: string,
  { timeoutMs, trust }: { timeoutMs: number; trust?: tls.SecureContext | undefined },
): Promise<PopClient> {
  const tlsOptions = {
    ...(isIP(host) ? { host } : { servername: host }),
    ...trusting(trust),
  };
  const atOnce = security === 'ssl' || (security === 'tls' && port === 995);
  let stream = new Stream(
    atOnce ? tls.connect({ ...tlsOptions, host: address, port }) : net.connect(port, address),
    timeoutMs,
  );
  try {
    await stream.opened(atOnce ? 'secureConnect' : 'connect');
    await greeting();
    if (security === 'tls' && !atOnce) {
      const { ok, text } = await command('STLS');
      if (!ok) throw new MailboxError('tls_failed', text);
      stream = stream.secured(tlsOptions);
      await stream.opened('secureConnect');
    }
  } catch (error) {
    stream.close();
    throw error;
  }

  async function greeting(): Promise<void> {
    const { ok, text } = await answer();
    if (!ok) throw new MailboxError('protocol', text);
  }

  async function command(line: string): Promise<Answer> {
    stream.send(`${line}\r\n`);
    return answer();
  }

  async function answer(): Promise<Answer> {
    return answerIn((await stream.line(Date.now() + timeoutMs)).toString('utf8').trimEnd());
  }

  function answerIn(line: string): Answer {
    const [, status, text] = /^(\+OK|-ERR)(?: (.*))?$/i.exec(line) ?? [];
    if (status === undefined) throw new MailboxError('protocol', printable(line));
    return { ok: status.toUpperCase() === '+OK', text: printable(text ?? '') };
  }

  /** A token is longer than a line may be: it goes after the server's `+` (RFC 5034), and what is wrong with it comes behind another. */
  async function tokenTaken(username: string, accessToken: string): Promise<Answer> {
    const token = `user=${username}\x01auth=Bearer ${accessToken}\x01\x01`;
    stream.send('AUTH XOAUTH2\r\n');
    for (const reply of [Buffer.from(token).toString('base64'), '']) {
      const line = (await stream.line(Date.now() + timeoutMs)).toString('utf8').trimEnd();
      if (!line.startsWith('+') || line.startsWith('+OK')) return answerIn(line);
      stream.send(`${reply}\r\n`);
    }
    return answer();
  }

  async function list(of: 'UIDL' | 'LIST'): Promise<[number, string][] | undefined> {
    const { ok } = await command(of);
    if (!ok) return undefined;
    const found: [number, string][] = [];
    let size = 0;
    for (;;) {
      const line = (await stream.line(Date.now() + timeoutMs)).toString('latin1').trimEnd();
      if (line === '.') return found;
      size += line.length;
      const [, number, rest] = /^(\d{1,9})\s+(\S+)/.exec(line) ?? [];
      if (rest === undefined || size > listBytesAtMost) throw new MailboxError('protocol', printable(line));
      found.push([Number(number), rest]);
    }
  }

  return {
    async login(username, login) {
      if ('accessToken' in login) return assertLetIn(await tokenTaken(username, login.accessToken));
      // a line break within would begin another command
      if (/[\r\n\0]/.test(username + login.password)) throw new MailboxError('wrong_credentials');
      for (const line of [`USER ${username}`, `PASS ${login.password}`]) assertLetIn(await command(line));
    },
    uidl: () => list('UIDL'),
    async numbers() {
      const listed = await list('LIST');
      if (!listed) throw new MailboxError('protocol');
      return listed.map(([number]) => number);
    },
    async retrieve(number, maxBytes) {
      const { ok } = await command(`RETR ${number}`);
      return ok ? readMail(stream, timeoutMs, maxBytes) : undefined;
    },
    async remove(number) {
      // refused: it is removed already
      await command(`DELE ${number}`);
    },
    async quit() {
      const { ok, text } = await command('QUIT');
      stream.close();
      if (!ok) throw new MailboxError('protocol', text);
    },
    close: () => stream.close(),
  };
}

function assertLetIn({ ok, text }: Answer): void {
  if (ok) return;
  // RFC 2449, RFC 3206: for these the password may be right
  if (/^\[(IN-USE|LOGIN-DELAY)/i.test(text)) throw new MailboxError('busy', text);
  if (/^\[SYS\//i.test(text)) throw new MailboxError('protocol', text);
  throw new MailboxError('wrong_credentials', text);
}

type Retrieved = { raw: Buffer; cut: boolean };
type Answer = { ok: boolean; text: string };

/** A server's words go into the user's settings. */
const printable = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f\ufffd]/g, ' ')
    .trim()
    .slice(0, 300);

/** Lines up to a dot alone; of a line that begins with a dot that one was put there by the server. Lines end with CR LF and nothing else. */
async function readMail(stream: Stream, timeoutMs: number, maxBytes: number): Promise<Retrieved> {
  const endsAt = Date.now() + mailMsAtMost;
  let raw: Buffer = Buffer.allocUnsafe(64 * 1024);
  let kept = 0;
  let cut = false;
  let last = LF;
  let atStart = true;
  for (;;) {
    let piece = await stream.piece(Math.min(endsAt, Date.now() + timeoutMs));
    const ended = piece.at(-1) === LF && (piece.length > 1 ? piece.at(-2) : last) === CR;
    last = piece.at(-1)!;
    if (atStart && piece[0] === DOT) {
      if (ended && piece.length === 3) return { raw: raw.subarray(0, kept), cut };
      piece = piece.subarray(1);
    }
    atStart = ended;
    const wanted = Math.min(kept + piece.length, maxBytes);
    if (wanted > raw.length) raw = Buffer.concat([raw], Math.max(wanted, 2 * raw.length));
    cut ||= wanted < kept + piece.length;
    kept += piece.copy(raw, kept, 0, wanted - kept);
  }
}

/** What a socket says, in lines, with a time by which it has to be said. */
class Stream {
  private buffer: Buffer = Buffer.alloc(0);
  private ended: MailboxError | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly socket: net.Socket,
    private readonly timeoutMs: number,
  ) {
    socket.on('data', (chunk: Buffer) => {
      this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
      if (this.buffer.length > waitingBytesAtMost) socket.pause();
      this.wake?.();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      this.end(new MailboxError(connectionFault(code) ?? 'protocol'));
    });
    socket.on('close', () => this.end(new MailboxError('disconnected')));
  }

  private end(error: MailboxError): void {
    this.ended ??= error;
    this.wake?.();
  }

  async opened(event: 'connect' | 'secureConnect'): Promise<void> {
    let open = false;
    this.socket.once(event, () => {
      open = true;
      this.wake?.();
    });
    const endsAt = Date.now() + this.timeoutMs;
    while (!open) {
      if (this.ended)
        // a server that speaks no TLS hangs up, or answers in clear
        throw event === 'secureConnect' && !['refused', 'timeout'].includes(this.ended.fault)
          ? new MailboxError('tls_failed')
          : this.ended;
      await this.more(endsAt);
    }
  }

  /** The same connection, encrypted from here on. What was said in clear after the answer to STLS is not the server's word. */
  secured(options: tls.ConnectionOptions): Stream {
    if (this.buffer.length > 0) throw new MailboxError('tls_failed');
    this.socket.removeAllListeners().on('error', () => undefined);
    return new Stream(tls.connect({ ...options, socket: this.socket }), this.timeoutMs);
  }

  send(text: string): void {
    if (!this.ended) this.socket.write(text);
  }

  async line(endsAt: number): Promise<Buffer> {
    for (;;) {
      const end = this.buffer.indexOf(LF);
      if (end >= 0 && end < lineBytesAtMost) return this.take(end + 1);
      if (this.buffer.length >= lineBytesAtMost) throw new MailboxError('protocol');
      if (this.ended) throw this.ended;
      await this.more(endsAt);
    }
  }

  /** A line with its end, or a part of one that is long. */
  async piece(endsAt: number): Promise<Buffer> {
    for (;;) {
      const end = this.buffer.indexOf(LF);
      if (end >= 0) return this.take(end + 1);
      // a dot and its line end stay together
      if (this.buffer.length > lineBytesAtMost) return this.take(this.buffer.length);
      if (this.ended) throw this.ended;
      await this.more(endsAt);
    }
  }

  private take(count: number): Buffer {
    const taken = this.buffer.subarray(0, count);
    this.buffer = this.buffer.subarray(count);
    if (this.buffer.length <= waitingBytesAtMost) this.socket.resume();
    return taken;
  }

  private async more(endsAt: number): Promise<void> {
    const timedOut = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), Math.max(0, endsAt - Date.now()));
      this.wake = () => {
        clearTimeout(timer);
        resolve(false);
      };
    });
    this.wake = undefined;
    if (!timedOut) return;
    this.end(new MailboxError('timeout'));
    this.close();
    throw this.ended!;
  }

  close(): void {
    this.socket.destroy();
  }
}
