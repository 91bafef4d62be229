import { Resolver } from 'node:dns/promises';
import { createMailDns, type MailDns } from '../../src/channels/email/mail-dns';
import { systemClock } from '../../src/clock';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { createTemporaryFolder } from '../support/temporary-folder';

let folder: ReturnType<typeof createTemporaryFolder>;
let sandbox: Sandbox;
let url: string;
let server: string;
let dns: MailDns;

beforeAll(async () => {
  folder = createTemporaryFolder();
  await start();
});
afterAll(async () => {
  await sandbox.close();
  folder.remove();
});

async function start(): Promise<void> {
  sandbox = createSandbox({ clock: systemClock, dayMs: 86_400_000, dataDir: folder.path });
  ({ url } = await sandbox.listen());
  server = `127.0.0.1:${(await sandbox.listenDns()).port}`;
  dns = createMailDns([server]);
}

const enter = (type: string, name: string, ...values: string[]) =>
  fetch(`${url}/sandbox/dns`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, name, values }),
  });

it('answers with what was entered, over a restart too, and with nothing once it is removed', async () => {
  const key = `v=DKIM1; k=rsa; p=${'A'.repeat(392)}`;
  await enter('MX', 'Jobs.Acme.example.', '10 localhost', '20 backup.example');
  await enter('TXT', 'parley._domainkey.jobs.acme.example', key);
  await sandbox.close();
  await start();
  expect(await dns('MX', 'jobs.acme.example')).toEqual(['10 localhost', '20 backup.example']);
  expect(await dns('TXT', 'parley._domainkey.jobs.acme.example')).toEqual([key]);
  expect(await dns('TXT', 'jobs.acme.example')).toEqual([]);
  await enter('MX', 'jobs.acme.example');
  expect(await dns('MX', 'jobs.acme.example')).toEqual([]);
  const { data } = (await (await fetch(`${url}/sandbox/dns`)).json()) as { data: object[] };
  expect(data).toContainEqual(expect.objectContaining({ name: 'jobs.acme.example', values: [] }));
});

it('knows no other types, and takes no nonsense', async () => {
  const resolver = new Resolver();
  resolver.setServers([server]);
  await expect(resolver.resolve4('jobs.acme.example')).rejects.toMatchObject({ code: 'ENODATA' });
  for (const [type, name, value] of [
    ['A', 'acme.example', '127.0.0.1'],
    ['MX', 'acme', '10 localhost'],
    ['MX', 'acme.example', 'localhost'],
  ] as const)
    expect((await enter(type, name, value)).status).toBe(400);
});

it('a server that is not there gives no answer', async () => {
  await sandbox.close();
  expect(await dns('MX', 'jobs.acme.example')).toBeNull();
  await start();
});
