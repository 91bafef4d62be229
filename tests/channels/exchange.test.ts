import { readFileSync } from 'node:fs';
import type * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createExchange, ExchangeError, type Exchange } from '../../src/channels/exchange';
import { holdTimers } from '../support/hold-timers';
import { waitFor } from '../support/wait';

// For 127.0.0.1 and these tests alone.
const cert = readFileSync(join(__dirname, 'whatsapp/tls', 'cert.pem'), 'utf8');
const key = readFileSync(join(__dirname, 'whatsapp/tls', 'key.pem'), 'utf8');

let url: URL;
let requests = 0;
let answer: (incoming: http.IncomingMessage, response: http.ServerResponse) => void;
const server = https.createServer({ cert, key }, (incoming, response) => {
  requests++;
  incoming.resume().on('end', () => answer(incoming, response));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
beforeEach(() => (requests = 0));
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = (exchange: Exchange, timeoutMs = 20_000) =>
  exchange({ method: 'POST', url, headers: {}, body: Buffer.from('x'), timeoutMs, maxAnswerBytes: 100 });

async function failureOf(call: Promise<unknown>): Promise<ExchangeError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExchangeError);
  return error as ExchangeError;
}

describe('an exchange over TLS', () => {
  it('works, on one connection after another', async () => {
    const exchange = createExchange({ ca: cert });
    for (const connection of ['keep-alive', 'close', 'keep-alive']) {
      answer = (_incoming, response) => void response.writeHead(200, { connection }).end('fine');
      expect(String((await post(exchange)).body)).toBe('fine');
    }
  });

  it('had left when the connection breaks after the handshake: first, resumed and kept connections alike', async () => {
    const exchange = createExchange({ ca: cert });
    for (const connection of ['close', 'keep-alive']) {
      answer = (incoming) => void incoming.socket.destroy();
      expect(await failureOf(post(exchange))).toMatchObject({ left: true });
      answer = (_incoming, response) => void response.writeHead(200, { connection }).end();
      await post(exchange);
    }
    answer = (incoming) => void incoming.socket.destroy();
    expect(await failureOf(post(exchange))).toMatchObject({ left: true });
    expect(requests).toBe(5);
  });

  it('had left when no answer comes in time', async () => {
    answer = () => undefined;
    const deadline = holdTimers(12_345);
    const failure = failureOf(post(createExchange({ ca: cert }), 12_345));
    await waitFor(() => requests === 1, { what: 'the request' });
    deadline.runOut();
    expect(await failure).toMatchObject({ left: true });
  });

  it('never left when the certificate is not to be trusted', async () => {
    answer = (_incoming, response) => void response.end();
    expect(await failureOf(post(createExchange()))).toMatchObject({ left: false });
    expect(requests).toBe(0);
  });
});

it('an answer that came in time counts, also where this process stood still until its deadline had passed', async () => {
  const [asked, answers, answered] = [0, 1, 2];
  const state = new Int32Array(new SharedArrayBuffer(4 * 3));
  const script = `
    const { parentPort, workerData: state } = require('node:worker_threads');
    const server = require('node:http').createServer((incoming, response) => {
      Atomics.store(state, ${asked}, 1);
      Atomics.wait(state, ${answers}, 0);
      response.end('fine', () => { Atomics.store(state, ${answered}, 1); Atomics.notify(state, ${answered}); });
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const provider = new Worker(script, { eval: true, workerData: state });
  try {
    const port = await new Promise<number>((resolve) => provider.once('message', resolve));
    const deadline = holdTimers(12_345);
    const call = createExchange()({
      ...{ method: 'POST', url: new URL(`http://127.0.0.1:${port}/`), headers: {}, body: Buffer.from('x') },
      ...{ timeoutMs: 12_345, maxAnswerBytes: 100 },
    });
    const result = call.catch((error: unknown) => error);
    await waitFor(() => Atomics.load(state, asked) === 1, { what: 'the request' });
    Atomics.store(state, answers, 1);
    Atomics.notify(state, answers);
    Atomics.wait(state, answered, 0);
    deadline.runOut();
    expect(await result).toMatchObject({ status: 200 });
  } finally {
    await provider.terminate();
  }
});
