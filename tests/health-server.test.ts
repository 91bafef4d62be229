import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHealthServer, type Readiness } from '../src/health-server';

it('lives whatever is down, and says on its other page what it cannot do its work for', async () => {
  let readiness: Promise<Readiness> = new Promise(() => undefined);
  const server = createHealthServer(() => readiness).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = async (path: string) => {
    const answer = await fetch(`${url}${path}`, { headers: { connection: 'close' } });
    return [answer.status, await answer.json()];
  };
  expect(await get('/healthz')).toEqual([200, { status: 'ok' }]);
  readiness = Promise.resolve({ ready: false, facts: { database: 'does not answer' } });
  expect(await get('/readyz')).toEqual([503, { database: 'does not answer' }]);
  readiness = Promise.resolve({ ready: true, facts: { database: 'up' } });
  expect(await get('/readyz?now')).toEqual([200, { database: 'up' }]);
  expect((await get('//'))[0]).toBe(404);
  await new Promise((resolve) => server.close(resolve));
});
