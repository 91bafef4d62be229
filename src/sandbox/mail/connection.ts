import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Certificate } from './certificate';

/** What a client says, line by line, with literals between. Undefined once it is gone. */
export type Input = {
  line(): Promise<string | undefined>;
  bytes(count: number): Promise<Buffer | undefined>;
};

export type Connection = Input & {
  /** Without the line end. */
  say(...pieces: (string | Buffer)[]): void;
  /** Whether the client may ask for encryption now. */
  readonly mayEncrypt: boolean;
  /** Says so in clear, and encrypts all that follows. */
  encrypt(goOn: string): void;
};

/** A server that speaks line by line, on as many ports as it is asked to listen on. */
export type LineServer = {
  /** `tls`: encrypted from the first byte, which takes a certificate. Resolves with the port. */
  listen(port: number, host: string, tls: boolean): Promise<number>;
  close(): Promise<void>;
};

export function createLineServer(
  serve: (connection: Connection) => Promise<void>,
  certificate: Certificate | undefined,
): LineServer {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];

  function accept(socket: Socket, tls: boolean): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const connection = createConnection(socket, certificate, tls);
    void serve(connection).finally(() => connection.end());
  }

  return {
    listen: (port, host, tls) =>
      new Promise((resolve, reject) => {
        const server = createServer((socket) => accept(socket, tls));
        servers.push(server);
        server.once('error', reject);
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
      }),
    async close() {
      const closing = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closing);
    },
  };
}

function createConnection(
  socket: Socket,
  certificate: Certificate | undefined,
  tls: boolean,
): Connection & { end(): void } {
  let stream = socket;
  let encrypted = false;
  let chunks: Buffer[] = [];
  let size = 0;
  let ended = false;
  let wake: () => void = () => undefined;

  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    wake();
  };
  const onClose = () => {
    ended = true;
    wake();
  };

  function read(from: Socket): void {
    from.on('data', onData);
    from.on('close', onClose);
    from.on('error', () => from.destroy());
    stream = from;
  }

  function encryptNow(): void {
    encrypted = true;
    read(new TLSSocket(socket, { isServer: true, ...certificate }));
  }

  if (tls) encryptNow();
  else read(socket);
  socket.on('error', () => socket.destroy());

  function take(count: number): Buffer {
    const all = Buffer.concat(chunks);
    chunks = count < all.length ? [all.subarray(count)] : [];
    size -= count;
    return all.subarray(0, count);
  }

  async function more(): Promise<boolean> {
    if (ended) return false;
    await new Promise<void>((resolve) => (wake = resolve));
    return true;
  }

  return {
    get mayEncrypt() {
      return certificate !== undefined && !encrypted;
    },
    say(...pieces) {
      if (!stream.destroyed)
        stream.write(Buffer.concat([...pieces, '\r\n'].map((piece) => Buffer.from(piece))));
    },
    encrypt(goOn) {
      socket.write(`${goOn}\r\n`);
      socket.off('data', onData).off('close', onClose);
      // what was said in clear behind the command is nobody's word
      chunks = [];
      size = 0;
      encryptNow();
    },
    end: () => void stream.end(),
    async line() {
      for (;;) {
        if (chunks.length > 1) chunks = [Buffer.concat(chunks)];
        const end = chunks[0]?.indexOf('\n') ?? -1;
        if (end >= 0)
          return take(end + 1)
            .toString('utf8')
            .replace(/\r?\n$/, '');
        if (!(await more())) return undefined;
      }
    },
    async bytes(count) {
      while (size < count) if (!(await more())) return undefined;
      return take(count);
    },
  };
}
