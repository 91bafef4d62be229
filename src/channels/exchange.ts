import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';

export type HttpRequest = {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  headers: Record<string, string>;
  body?: Buffer;
  timeoutMs: number;
  maxAnswerBytes: number;
};

export type HttpAnswer = { status: number; headers: http.IncomingHttpHeaders; body: Buffer };

/** Why no whole answer came. `left` tells whether any byte of the request may have reached the provider. */
export class ExchangeError extends Error {
  readonly left: boolean;
  readonly tooLarge: boolean;

  constructor(facts: { left: boolean; tooLarge?: boolean }) {
    super(facts.left ? 'The exchange broke after the request had left' : 'The request never left');
    this.left = facts.left;
    this.tooLarge = facts.tooLarge ?? false;
  }
}

export type Exchange = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * One HTTP exchange over kept-alive connections, with a hard deadline over all of it. Node's own client instead of fetch,
 * because only sockets tell whether a failure came before the request's first byte: a message whose request never left may
 * be sent again, any other may not. `ca` names an authority to trust instead of the usual ones.
 */
export function createExchange(tls: { ca?: string } = {}): Exchange {
  // Idle connections live for less than servers keep them (Node: 5 s), so that hardly a request meets one that is closing:
  // a reset on a reused connection cannot be told from one after delivery.
  const options = { keepAlive: true, timeout: 2_000, maxSockets: 64 };
  const agents = { http: new http.Agent(options), https: new https.Agent({ ...options, ...tls }) };

  return (request) =>
    new Promise((resolve, reject) => {
      let left = false;
      let answered = false;
      const start = request.url.protocol === 'https:' ? https.request : http.request;
      const outgoing = start(request.url, {
        method: request.method,
        headers: {
          ...request.headers,
          ...(request.body && { 'content-length': String(request.body.length) }),
        },
        agent: request.url.protocol === 'https:' ? agents.https : agents.http,
      });
      // settles once; whatever events follow the first end of the exchange change nothing
      const fail = (tooLarge = false) => {
        if (answered) return;
        clearTimeout(deadline);
        reject(new ExchangeError({ left, tooLarge }));
        outgoing.destroy();
      };
      // an answer that has come counts, however late this process gets to read it
      const deadline = setTimeout(() => setImmediate(fail), request.timeoutMs);

      outgoing.once('socket', (socket: Socket) => {
        // what is written before the connection (TLS: the handshake) stands is held back by the socket
        if (outgoing.reusedSocket || !socket.connecting) left = true;
        else
          socket.once(request.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (left = true));
      });
      outgoing.on('error', () => fail());
      outgoing.once('response', (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size <= request.maxAnswerBytes) chunks.push(chunk);
          else fail(true);
        });
        incoming.once('end', () => {
          answered = true;
          clearTimeout(deadline);
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
          });
        });
        // cut off in the middle of the answer
        incoming.once('error', () => fail());
        incoming.once('close', () => !incoming.complete && fail());
      });
      outgoing.end(request.body);
    });
}
