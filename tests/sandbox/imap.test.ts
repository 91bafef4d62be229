import { once } from 'node:events';
import { ImapFlow } from 'imapflow';
import { systemClock } from '../../src/clock';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';

let sandbox: Sandbox;
let url: string;
let port: number;
let clients: ImapFlow[];

beforeEach(async () => {
  clients = [];
  sandbox = createSandbox({ clock: systemClock, dayMs: 86_400_000 });
  ({ url } = await sandbox.listen());
  ({ port } = await sandbox.listenImap());
});
afterEach(async () => {
  for (const client of clients) client.close();
  await sandbox.close();
});

function clientOf(user: string, pass = 'any'): ImapFlow {
  const options = { host: '127.0.0.1', port, secure: false, doSTARTTLS: false, logger: false } as const;
  const client = new ImapFlow({ ...options, auth: { user, pass } });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

async function signedIn(user = 'ruth@bright.example'): Promise<ImapFlow> {
  const client = clientOf(user);
  await client.connect();
  return client;
}

async function write(mail: object): Promise<void> {
  await fetch(`${url}/sandbox/mails`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: 'eva@mail.example', to: ['ruth@bright.example'], ...mail }),
  });
  await sandbox.control.settled();
}

it('lets in by any password but `wrong`', async () => {
  await expect(clientOf('ruth@bright.example', 'wrong').connect()).rejects.toMatchObject({
    authenticationFailed: true,
  });
  await signedIn();
});

it('lists the folders with their special use, and makes, renames and deletes others', async () => {
  const client = await signedIn();
  const uses = (await client.list()).map(({ path, specialUse }) => [path, specialUse]);
  expect(uses).toEqual([
    ['INBOX', '\\Inbox'],
    ['Sent', '\\Sent'],
    ['Drafts', '\\Drafts'],
    ['Archive', '\\Archive'],
    ['Junk', '\\Junk'],
    ['Trash', '\\Trash'],
  ]);
  await client.mailboxCreate('Clients/Übersicht');
  await client.mailboxRename('Clients/Übersicht', 'Clients/Old');
  expect((await client.list()).map(({ path }) => path)).toContain('Clients/Old');
  await client.mailboxDelete('Clients/Old');
  expect(await client.list()).toHaveLength(6);
});

it('gives a mail as it came, its parts, its envelope and its structure', async () => {
  await write({
    ...{ subject: 'Grüße', text: 'Hello – Ruth', html: '<p>Hello</p>', headers: { 'X-Odd': 'yes' } },
    attachments: [{ filename: 'a.pdf', mimeType: 'application/pdf', base64: 'JVBERg==' }],
  });
  const client = await signedIn();
  await client.mailboxOpen('INBOX');
  const wanted = { source: true, envelope: true, bodyStructure: true, size: true, internalDate: true };
  const mail = await client.fetchOne('1', { ...wanted, uid: true, flags: true, headers: ['x-odd'] });
  if (!mail) throw new Error('no mail');
  expect(mail).toMatchObject({
    ...{ uid: 1, size: mail.source!.length, flags: new Set() },
    envelope: { subject: 'Grüße', from: [{ address: 'eva@mail.example' }] },
    bodyStructure: {
      type: 'multipart/mixed',
      childNodes: [
        { type: 'multipart/alternative', childNodes: [{ type: 'text/plain' }, { type: 'text/html' }] },
        { type: 'application/pdf', disposition: 'attachment', dispositionParameters: { filename: 'a.pdf' } },
      ],
    },
  });
  expect(mail.headers!.toString()).toBe('X-Odd: yes\r\n\r\n');
  const { content } = await client.download('1', '1.1');
  const chunks: Buffer[] = [];
  for await (const chunk of content!) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain('Hello – Ruth');
});

it('searches, flags, copies, moves and deletes by UID', async () => {
  for (const subject of ['One', 'Two', 'Three']) await write({ subject, text: `about ${subject}` });
  const client = await signedIn();
  await client.mailboxOpen('INBOX');
  expect(await client.search({ subject: 'two' }, { uid: true })).toEqual([2]);
  expect(await client.search({ uid: '2:*', from: 'eva' }, { uid: true })).toEqual([2, 3]);
  expect(await client.search({ or: [{ body: 'one' }, { seen: true }] }, { uid: true })).toEqual([1]);
  expect(await client.search({ since: new Date(Date.now() + 2 * 86_400_000) }, { uid: true })).toEqual([]);
  await client.messageFlagsAdd('2', ['\\Seen', 'Lead'], { uid: true });
  expect(await client.search({ seen: false }, { uid: true })).toEqual([1, 3]);
  expect(await client.messageCopy('1', 'Archive', { uid: true })).toMatchObject({
    uidMap: new Map([[1, 1]]),
  });
  expect(await client.messageMove('2', 'Archive', { uid: true })).toMatchObject({
    uidMap: new Map([[2, 2]]),
  });
  await client.messageDelete('3', { uid: true });
  expect(await client.search({ all: true }, { uid: true })).toEqual([1]);
  expect(await client.status('Archive', { messages: true, unseen: true, uidNext: true })).toMatchObject({
    ...{ messages: 2, unseen: 1, uidNext: 3 },
  });
});

it('appends, and tells whoever waits', async () => {
  const reader = await signedIn();
  await reader.mailboxOpen('INBOX');
  const idle = reader.idle();
  const told = once(reader, 'exists') as Promise<[{ count: number }]>;
  const writer = await signedIn();
  const raw = `Subject: Kept\r\n\r\n${'x'.repeat(200_000)}\r\n`;
  const date = new Date('2026-01-02T03:04:05Z');
  expect(await writer.append('INBOX', raw, ['\\Seen'], date)).toMatchObject({ uid: 1 });
  expect((await told)[0]).toMatchObject({ count: 1 });
  const mail = await reader.fetchOne('*', { source: true, internalDate: true, flags: true });
  await idle;
  expect(mail).toMatchObject({ source: Buffer.from(raw), internalDate: date, flags: new Set(['\\Seen']) });
});

it('a mail to the mailbox reaches a client that waits', async () => {
  const client = await signedIn();
  await client.mailboxOpen('INBOX');
  void client.idle();
  const told = once(client, 'exists');
  await write({ subject: 'Now' });
  await told;
});
