import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { waitFor } from '../support/wait';
import { createApi, type Api } from './support';

let api: Api;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-web-'));

beforeAll(async () => {
  fs.mkdirSync(path.join(folder, 'assets'));
  fs.writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>Parley</title>');
  fs.writeFileSync(path.join(folder, 'assets/app-1a2b.js'), 'export {};');
  api = await createApi({ webFolder: folder, temporalState: () => Promise.resolve('down') });
});
afterAll(async () => {
  await api.close();
  fs.rmSync(folder, { recursive: true });
});

it('serves the inbox at all of its own addresses, never kept', async () => {
  for (const page of ['/', '/inbox', '/vacancies/1/board', '/set-password/abc']) {
    const answer = await api.anonymous.get(page).expect(200);
    expect([page, answer.text]).toEqual([page, '<!doctype html><title>Parley</title>']);
    expect(answer.headers['cache-control']).toBe('no-cache');
  }
});

it('lets hashed files be kept for ever, and says when one is not there', async () => {
  const answer = await api.anonymous.get('/assets/app-1a2b.js').expect(200);
  expect(answer.headers['cache-control']).toContain('immutable');
  await api.anonymous.get('/assets/app-0000.js').expect(404);
  await api.anonymous.get('/api/v1/unknown').expect(404);
  expect((await api.anonymous.get('/assets/../../../etc/passwd')).text).not.toContain('root:');
});

it('sends the headers that keep a page of ours to itself', async () => {
  const { headers } = await api.anonymous.get('/').expect(200);
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers).not.toHaveProperty('x-powered-by');
});

it('is healthy, and ready without Temporal but not without its tables', async () => {
  await api.anonymous.get('/healthz').expect(200);
  const ready = await waitFor(
    async () => {
      const answer = await api.anonymous.get('/readyz');
      return answer.status === 200 && answer;
    },
    { what: 'readyz' },
  );
  expect(ready.body).toEqual({ database: 'up', temporal: 'down' });
  await api.world.db.query('update _prisma_migrations set finished_at = null');
  await waitFor(
    async () => {
      const { status, body } = await api.anonymous.get('/readyz');
      return status === 503 && (body as { database: string }).database === 'migrations missing';
    },
    { what: 'its tables to be missed' },
  );
});

it('shows its reference without anything from elsewhere', async () => {
  const page = await api.anonymous.get('/docs').expect(200);
  expect(page.text).not.toMatch(/https?:\/\//);
  await api.anonymous.get('/docs/page.js').expect(200);
  const { body } = await api.anonymous.get('/openapi.json').expect(200);
  expect((body as { servers: unknown }).servers).toEqual([{ url: api.url }]);
});
