import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../src/clock';
import type { AccountView } from '../../src/sandbox/control';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';

export type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

type Received = { headers: http.IncomingHttpHeaders; raw: Buffer; body: Json };

/** What a company listens with: keeps every webhook, answers as told. */
export async function startEndpoint(verifyToken = 'verify me') {
  const received: Received[] = [];
  const handshakes: URL[] = [];
  let answer: (response: http.ServerResponse, body: Json) => void = (response) => response.end();
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') {
      const url = new URL(request.url ?? '', 'http://localhost');
      handshakes.push(url);
      const known = url.searchParams.get('hub.verify_token') === verifyToken;
      response.writeHead(known ? 200 : 403).end(known ? url.searchParams.get('hub.challenge') : 'no');
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks);
      const body = JSON.parse(raw.toString('utf8')) as Json;
      received.push({ headers: request.headers, raw, body });
      answer(response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    handshakes,
    answerWith(next: typeof answer) {
      answer = next;
    },
    /** All elements of all bodies, in order of arrival. */
    messages: () => changesOf(received).flatMap((change) => (change.value.messages ?? []) as Json[]),
    statuses: () => changesOf(received).flatMap((change) => (change.value.statuses ?? []) as Json[]),
    fields: (field: string) => changesOf(received).filter((change) => change.field === field),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function changesOf(received: Received[]): Json[] {
  return received.flatMap(({ body }) => (body.entry as Json[]).flatMap((entry) => entry.changes as Json[]));
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

export const ana = '34600111222';
export const dayMs = 86_400_000;

/** Moves when it is told to and not by itself: what has to happen within a second does on a slow machine too. */
export function createStandingClock(): Clock & { advance(ms: number): void } {
  let at = Date.now();
  return { now: () => new Date(at), offsetMs: 0, advance: (ms) => void (at += ms) };
}

/** A sandbox that listens, an account that is connected to an endpoint, and calls to it as the company makes them. */
export async function startHarness(options: Partial<Parameters<typeof createSandbox>[0]> = {}) {
  const clock = createStandingClock();
  const sandbox = createSandbox({ clock, dayMs, retryBaseMs: 5, webhookTimeoutMs: 20_000, ...options });
  const { url } = await sandbox.listen();
  const endpoint = await startEndpoint();
  const account = sandbox.control.accounts()[0]!;
  const company = companyOf(url, account);
  await company.subscribe(endpoint.url, 'verify me');
  sandbox.control.createPhone({ waId: ana, name: 'Ana Ruiz' });
  return {
    clock,
    sandbox,
    control: sandbox.control,
    url,
    endpoint,
    account,
    ...company,
    async stop() {
      await sandbox.close();
      await endpoint.stop();
    },
  };
}

type Answer = { status: number; body: Json };

/** The Cloud API as a company calls it. */
function companyOf(url: string, account: AccountView) {
  async function graph(
    method: string,
    path: string,
    body?: object | FormData,
    token = account.token,
  ): Promise<Answer> {
    const isForm = body instanceof FormData;
    const response = await fetch(`${url}/v23.0/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(!isForm && body && { 'content-type': 'application/json' }),
      },
      body: body === undefined || isForm ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json().catch(() => ({}))) as Json };
  }
  const send = (message: Json, to = ana) =>
    graph('POST', `${account.id}/messages`, { messaging_product: 'whatsapp', to, ...message });
  return {
    graph,
    send,
    text: (body: string, more: Json = {}) => send({ type: 'text', text: { body }, ...more }),
    template: (name: string, components: Json[] = [], language = 'en') =>
      send({ type: 'template', template: { name, language: { code: language }, components } }),
    async subscribe(callbackUrl: string, verifyToken: string): Promise<Answer> {
      await graph('POST', `${account.wabaId}/subscribed_apps`);
      return graph('POST', `${account.wabaId}/subscribed_apps`, {
        override_callback_uri: callbackUrl,
        verify_token: verifyToken,
      });
    },
    async upload(bytes: Buffer | string, mimeType: string, filename = 'file'): Promise<Answer> {
      const form = new FormData();
      form.append('messaging_product', 'whatsapp');
      form.append('type', mimeType);
      form.append('file', new Blob([new Uint8Array(Buffer.from(bytes))], { type: mimeType }), filename);
      return graph('POST', `${account.id}/media`, form);
    },
  };
}

export async function openWindow(harness: { control: Sandbox['control'] }, number = ana): Promise<void> {
  await harness.control.write(number, { type: 'text', text: 'Hello' });
  await harness.control.settled();
}
