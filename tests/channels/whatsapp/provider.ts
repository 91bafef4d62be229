import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WhatsAppAccount } from '../../../src/channels/whatsapp/types';
import { waitFor } from '../../support/wait';

export type SeenRequest = {
  method: string;
  path: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
};

export type Answer = (request: SeenRequest, response: http.ServerResponse, socket: Socket) => void;

export const account: WhatsAppAccount = {
  phoneNumberId: '1000',
  wabaId: '2000',
  accessToken: 'token',
  appSecret: 'secret',
};

/** A provider that can break in every way a network can: real sockets, no mock of the client. */
export async function startProvider() {
  const seen: SeenRequest[] = [];
  let answer: Answer = (_request, response) => response.end();
  const server = http.createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks),
      };
      seen.push(request);
      answer(request, response, incoming.socket);
    });
    incoming.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    answerWith(next: Answer) {
      answer = next;
      seen.length = 0;
    },
    /** A request has come, and what was answered at once is read: the client is in this process too. */
    async heard() {
      await waitFor(() => seen.length > 0, { what: 'a request' });
      for (let turn = 0; turn < 20; turn++) await nextTurn();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}
