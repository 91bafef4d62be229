import { Agent as Connections, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { createApp, type AppDeps } from '../../src/api/app';
import { createLiveHub } from '../../src/api/live';
import type { Scope } from '../../src/contracts/route';
import { readConfig } from '../../src/config';
import { createApiKey } from '../../src/data/organization/api-keys';
import { hashPassword } from '../../src/data/organization/sign-in';
import type { Mail } from '../../src/mailer';
import { createLogger } from '../../src/logger';
import type { Actor, ActingUser } from '../../src/domain/permissions';
import { createWorld, type Company, type World } from '../support/company';

export const password = 'correct horse battery';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Somebody who calls: a signed-in browser or a program. */
export type Client = {
  call(method: Method, path: string, body?: unknown, headers?: Record<string, string>): request.Test;
  get(path: string): request.Test;
  post(path: string, body?: unknown, headers?: Record<string, string>): request.Test;
  patch(path: string, body?: unknown): request.Test;
  put(path: string, body?: unknown): request.Test;
  delete(path: string): request.Test;
};

export type Api = {
  world: World;
  url: string;
  mails: Mail[];
  deliveries: string[];
  /** Signed in over HTTP. */
  signIn(company: Company, user: ActingUser): Promise<Client>;
  program(company: Company, scopes: Scope[]): Promise<Client>;
  anonymous: Client;
  close(): Promise<void>;
};

/** The api over HTTP on a database of its own, with the sandbox as WhatsApp. Close it in `afterAll`. */
export async function createApi(more: Partial<AppDeps> = {}): Promise<Api> {
  const world = await createWorld();
  const databaseUrl = world.db.pool.options.connectionString!;
  const server = createServer((req, res) => app.handler(req, res));
  server.keepAliveTimeout = 0;
  const connections = new Connections({ keepAlive: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    ...readConfig({
      NODE_ENV: 'test',
      PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      DATABASE_URL: databaseUrl,
      PARLEY_PUBLIC_URL: url,
    }),
    ...more.config,
  };
  const faults: unknown[] = [];
  const live = await createLiveHub({ db: world.db, databaseUrl, onError: (error) => faults.push(error) });
  const mails: Mail[] = [];
  const deliveries: string[] = [];
  const app = createApp({
    db: world.db,
    logger: createLogger('test', process.env.TEST_LOG ?? 'silent'),
    mailer: {
      assertConfigured: () => undefined,
      send: (mail) => Promise.resolve(void mails.push(mail)),
      close: () => undefined,
    },
    whatsApp: world.whatsApp,
    sms: world.deps.sms,
    openAccount: world.deps.openAccount,
    hashKey: world.hashKey,
    live,
    onFault: (error) => faults.push(error),
    onWebhook: ({ id }) => void deliveries.push(id),
    signInsPerIp: 1000,
    ...more,
    config,
  });
  const passwordHash = await hashPassword(password);

  return {
    world,
    url,
    mails,
    deliveries,
    anonymous: clientOf(request(url), connections, {}),
    async signIn(company, user) {
      await world.db.query('update users set password_hash = $2 where id = $1', [user.id, passwordHash]);
      const agent = request.agent(url);
      const { body } = await agent
        .post('/api/v1/session')
        .send({ email: `${user.id}@example.com`, password })
        .expect(200);
      return clientOf(agent, connections, { 'X-CSRF-Token': (body as { csrfToken: string }).csrfToken });
    },
    async program(company, scopes) {
      const actor: Actor = company.as(company.users.administrator);
      const { secret } = await createApiKey(world.db, actor, { name: 'Test key', scopes });
      return clientOf(request(url), connections, { Authorization: `Bearer ${secret}` });
    },
    async close() {
      await live.close();
      app.close();
      connections.destroy();
      await stop(server);
      await world.close();
      if (faults.length > 0) throw new Error(`the api failed: ${faults.map(String).join('\n')}`);
    },
  };
}

type Agent = Pick<ReturnType<typeof request.agent>, Method>;

function clientOf(agent: Agent, connections: Connections, always: Record<string, string>): Client {
  const call: Client['call'] = (method, path, body, headers = {}) => {
    const test = agent[method](path)
      .agent(connections)
      .set({ ...always, ...headers });
    return body === undefined ? test : test.send(body as object);
  };
  return {
    call,
    get: (path) => call('get', path),
    post: (path, body, headers) => call('post', path, body, headers),
    patch: (path, body) => call('patch', path, body),
    put: (path, body) => call('put', path, body),
    delete: (path) => call('delete', path),
  };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
