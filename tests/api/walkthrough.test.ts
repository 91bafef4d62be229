import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { scopes } from '../../src/contracts/route';
import { createApiKey } from '../../src/data/organization/api-keys';
import { createApi, type Api } from './support';

let api: Api;
beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

/** The blocks of docs/api.md as one script, a mark before the output of each. */
function readScript(): string {
  const page = fs.readFileSync(path.resolve(__dirname, '../../docs/api.md'), 'utf8');
  const blocks = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!);
  return ['set -euo pipefail', ...blocks.map((block, index) => `echo "== ${index}"\n${block}`)].join('\n');
}

function run(
  script: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const shell = spawn('bash', ['-c', script], { env: { ...process.env, ...environment } });
  const chunks: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  shell.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    shell.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

it('docs/api.md does what it says, from the first block to the last', async () => {
  const company = await api.world.company();
  await company.template({ body: 'We would like to meet you.' });
  const actor = company.as(company.users.administrator);
  const { secret } = await createApiKey(api.world.db, actor, { name: 'Walk', scopes: [...scopes] });
  const { code, output } = await run(readScript(), { PARLEY: api.url, KEY: secret });
  expect([code, code === 0 ? '' : output]).toEqual([0, '']);
  const outputs = output.split(/== \d+\n/);
  const of = (part: string) => outputs.find((one) => one.includes(part)) ?? output;
  expect(of('"+34612345678"')).toContain('"Ana Ruiz"');
  expect(of('"faults"')).toMatch(/"created": 1,\s+"updated": 0,\s+"failed": 1/);
  expect(of('willSend')).toMatch(/"willSend": true[\s\S]*\n1\n/);
  expect(of('"receipts"')).toContain('"state": "queued"');
  expect(outputs).toContainEqual(expect.stringContaining('"cancelled"\n'));
  expect(of('"reasons"')).toMatch(/"willSend": 1[\s\S]*"planned": 1/);
  expect(of('"window_closed"')).toContain('"status": 409');
  expect(outputs.at(-1)).toContain('"code": "invalid"');
});
