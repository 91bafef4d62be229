import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { findPostgres } from '../../src/local/postgres';
import { openProcessBook } from '../../src/local/process-book';
import type { ProcessMark } from '../../src/local/processes';
import { openStateFolder } from '../../src/local/state-folder';
import { freePorts, startParley, type Start } from '../support/start';
import { createTemporaryFolder } from '../support/temporary-folder';
import { waitFor } from '../support/wait';

jest.setTimeout(240_000);

const password = 'parley-demo';

/**
 * The whole product in its own processes, its parts killed one after another while messages are sent: every message that was accepted
 * reaches the phone once, or is shown as unknown; none is lost, none is sent twice.
 */
describe('kill -9 of any part during sends', () => {
  const temporary = createTemporaryFolder();
  const dataFolder = path.join(temporary.path, 'data');
  let env: NodeJS.ProcessEnv;
  let parley: Start;
  let session: Session;

  beforeAll(async () => {
    env = { ...process.env, PARLEY_DATA_DIR: dataFolder, ...(await freePorts()) };
    delete env.npm_lifecycle_event;
    parley = startParley(env);
    await parley.says('Sign in to');
    session = await signIn(`http://localhost:${env.PORT}`, 'anna@brightwater.example');
  });

  afterAll(async () => {
    parley.child.kill('SIGKILL');
    await openProcessBook(openStateFolder(dataFolder)).endAll();
    await findPostgres(path.join(dataFolder, 'postgres'))?.stop();
    temporary.remove();
  });

  it.each(['worker', 'api', 'temporal', 'postgres', 'everything'])(
    '%s: nothing lost, nothing sent twice',
    async (part) => {
      const conversations = await writableConversations();
      const accepted = new Set<string>();
      const sending = Promise.all(
        conversations.map(async (conversationId, index) => {
          // Spread over the outage: before it, in it, after it.
          await new Promise((resolve) => setTimeout(resolve, index * 150));
          accepted.add(await send(conversationId, `during the end of ${part}`));
        }),
      );
      await waitFor(() => accepted.size >= 4, {
        what: 'the first messages to be accepted',
        timeoutMs: 60_000,
      });
      await kill(part);
      await sending;
      expect(accepted.size).toBe(conversations.length);

      for (const messageId of accepted) {
        const state = await waitFor(() => finalState(messageId), {
          what: 'a message to settle',
          timeoutMs: 90_000,
        });
        const count = await countAtProvider(messageId);
        if (state === 'unknown') expect(count).toBeLessThanOrEqual(1);
        else
          expect({ state, count }).toEqual({
            state: expect.stringMatching(/^(sent|delivered|read)$/),
            count: 1,
          });
      }
    },
  );

  it('R-SEND-6: worker, in the middle of a message to many: the sum holds at every look, nobody gets it twice', async () => {
    await session.call('PUT', '/api/v1/quiet-hours', { quietHours: null });
    const personIds = await importPeople(240);
    const { body: templates } = await session.call('GET', '/api/v1/templates?q=checking_in&language=en');
    const [template] = (templates as { items: { id: string }[] }).items;
    const input = { channels: ['whatsapp'], templateId: template!.id, personIds };
    const { body } = await session.call('POST', '/api/v1/bulk-sends', input, randomUUID());
    const { id } = body as { id: string };

    const look = async () => {
      const { state, counts } = (await session.call('GET', `/api/v1/bulk-sends/${id}`)).body as BulkSend;
      const { planned, ...rest } = counts;
      expect(Object.values(rest).reduce((sum, count) => sum + count, 0)).toBe(planned);
      expect(planned).toBe(personIds.length);
      return { state, counts };
    };
    const until = (what: string, holds: (send: BulkSend) => boolean) =>
      waitFor(async () => holds(await look()) || undefined, { what, timeoutMs: 120_000, everyMs: 100 });
    await until('a part to be sent', ({ counts }) => counts.sent >= 60);
    await kill('worker');
    await until('all to have ended', ({ state }) => state === 'finished');
    expect((await look()).counts).toMatchObject({ waiting: 0, suppressed: 0, failed: 0, cancelled: 0 });

    const outcomes = await outcomesOf(id);
    expect(outcomes.size).toBe(personIds.length);
    const { data } = await getJson<{ data: { callbackData?: string; count: number }[] }>(
      `${sandbox()}/sandbox/counts`,
    );
    const arrived = new Map(data.map(({ callbackData, count }) => [callbackData, count]));
    for (const [messageId, outcome] of outcomes) {
      const count = arrived.get(messageId) ?? 0;
      if (outcome === 'unknown') expect(count).toBeLessThanOrEqual(1);
      else expect({ outcome, count }).toEqual({ outcome: 'sent', count: 1 });
    }
  });

  type BulkSend = { state: string; counts: Record<string, number> & { planned: number; sent: number } };

  /** What became of each message, by its id. */
  async function outcomesOf(bulkSendId: string): Promise<Map<string, string>> {
    const outcomes = new Map<string, string>();
    for (let cursor = ''; ;) {
      const path = `/api/v1/bulk-sends/${bulkSendId}/recipients?limit=100${cursor}`;
      const { items, nextCursor } = (await session.call('GET', path)).body as {
        items: { messageId: string; outcome: string }[];
        nextCursor: string | null;
      };
      for (const { messageId, outcome } of items) outcomes.set(messageId, outcome);
      if (nextCursor === null) return outcomes;
      cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
    }
  }

  /** People who have consented to WhatsApp. */
  async function importPeople(count: number): Promise<string[]> {
    const people = Array.from({ length: count }, (_, index) => ({
      externalId: `kill-${index}`,
      firstName: 'Kim',
      lastName: String(index),
      contactPoints: [{ kind: 'phone', value: `+34612${String(100_000 + index)}`, phoneType: 'mobile' }],
      consents: [{ channel: 'whatsapp', source: 'import', evidence: 'a form on paper' }],
    }));
    const { body } = await session.call('POST', '/api/v1/people/import', { people }, randomUUID());
    return (body as { rows: { id: string }[] }).rows.map(({ id }) => id);
  }

  /** Waits until a browser would be answered again; a request that broke is repeated under the same key. */
  async function send(conversationId: string, text: string): Promise<string> {
    const key = randomUUID();
    const answer = await waitFor(
      async () => {
        const response = await session.call(
          'POST',
          `/api/v1/conversations/${conversationId}/messages`,
          { type: 'text', text },
          key,
        );
        return response.status === 202 ? (response.body as { id: string }) : undefined;
      },
      { what: 'a send to be accepted', timeoutMs: 90_000, everyMs: 250 },
    );
    return answer.id;
  }

  async function finalState(messageId: string): Promise<string | undefined> {
    const { body } = await session.call('GET', `/api/v1/messages/${messageId}`);
    const { state } = body as { state: string };
    return state === 'queued' || state === 'dispatching' ? undefined : state;
  }

  /** People who have just written: free text is possible, and the Administrator may send in any chat that nobody else owns. */
  async function writableConversations(): Promise<string[]> {
    const { data: phones } = await getJson<{ data: { waId: string }[] }>(
      `${sandbox()}/sandbox/phones?limit=200`,
    );
    for (const { waId } of phones.slice(0, 24)) {
      await fetch(`${sandbox()}/sandbox/phones/${waId}/send`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'Hello' }),
      });
    }
    return waitFor(
      async () => {
        const { body } = await session.call('GET', '/api/v1/conversations?limit=60');
        const rows = (body as { items: { id: string; windowUntil: string | null }[] }).items;
        const writable: string[] = [];
        for (const { id } of rows.filter((row) => row.windowUntil !== null)) {
          const { body: conversation } = await session.call('GET', `/api/v1/conversations/${id}`);
          if ((conversation as { can: { sendText: unknown } }).can.sendText === null) writable.push(id);
        }
        return writable.length >= 10 ? writable.slice(0, 14) : undefined;
      },
      { what: 'chats that may be answered', timeoutMs: 60_000 },
    );
  }

  async function kill(part: string): Promise<void> {
    if (part === 'postgres') process.kill(findPostgres(path.join(dataFolder, 'postgres'))!.pid, 'SIGKILL');
    else if (part === 'everything') await killEverything();
    else process.kill(pidOf(part), 'SIGKILL');
  }

  /** As when the machine goes down: the supervisor first, so that nothing is started again. Then another `npm start`. */
  async function killEverything(): Promise<void> {
    parley.child.kill('SIGKILL');
    for (const name of ['worker', 'api', 'temporal']) process.kill(pidOf(name), 'SIGKILL');
    process.kill(findPostgres(path.join(dataFolder, 'postgres'))!.pid, 'SIGKILL');
    await parley.ends();
    parley = startParley(env);
    await parley.says('Parley runs');
  }

  function pidOf(name: string): number {
    return openStateFolder(dataFolder).read<Record<string, ProcessMark>>('processes')![name]!.pid;
  }

  const sandbox = () => `http://localhost:${env.SANDBOX_PORT}`;

  async function countAtProvider(messageId: string): Promise<number> {
    const { data } = await getJson<{ data: { id: string }[] }>(
      `${sandbox()}/sandbox/messages?callbackData=${messageId}`,
    );
    return data.length;
  }
});

type Session = {
  userId: string;
  /** Rejects when the api is away. */
  call(
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<{ status: number; body: unknown }>;
};

async function signIn(base: string, email: string): Promise<Session> {
  const response = await fetch(`${base}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: base },
    body: JSON.stringify({ email, password }),
  });
  expect(response.status).toBe(200);
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const { csrfToken, user } = (await response.json()) as { csrfToken: string; user: { id: string } };
  return {
    userId: user.id,
    async call(method, path, body, idempotencyKey) {
      const answer = await fetch(base + path, {
        method,
        headers: {
          cookie,
          origin: base,
          'x-csrf-token': csrfToken,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
  };
}

async function getJson<T>(url: string): Promise<T> {
  return (await fetch(url)).json() as Promise<T>;
}
