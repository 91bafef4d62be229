import { spawn } from 'node:child_process';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { portsFor } from '../support/ports';
import { startTimeoutMs } from '../support/start';
import { waitFor } from '../support/wait';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('the process works while Temporal is down, and ends in order when told to', async () => {
  const { PORT: port } = await portsFor(['PORT']);
  const child = spawn(process.execPath, [path.resolve(__dirname, '../../dist/src/api.js')], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: database.url,
      PORT: String(port),
      PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      LOG_LEVEL: 'warn',
    },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const url = `http://127.0.0.1:${port}`;
  await waitFor(async () => (await fetch(`${url}/readyz`)).status === 200, {
    what: 'readyz',
    timeoutMs: startTimeoutMs,
  });
  const wrong = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.com', password: 'wrong' }),
  });
  expect(wrong.status).toBe(401);
  const asked = await fetch(`${url}/api/v1/password-resets`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'nobody@example.com' }),
  });
  // without SMTP_URL it is said, not swallowed
  expect(await asked.json()).toMatchObject({ status: 409, code: 'channel_not_configured' });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});
