import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createSecureContext, type SecureContext } from 'node:tls';
import { createTransport } from 'nodemailer';
import { mailTrust } from '../../src/channels/mail-trust';
import { openMailSource } from '../../src/channels/mailbox/open-source';
import type { MailServer, MailSourceOptions } from '../../src/channels/mailbox/types';
import { createUserMailClient } from '../../src/channels/email/user-mail';
import { systemClock } from '../../src/clock';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { loadCertificate } from '../../src/sandbox/mail/certificate';
import { createTemporaryFolder } from '../support/temporary-folder';

const ruth = 'ruth@bright.example';
const now = new Date();

let folder: ReturnType<typeof createTemporaryFolder>;
let sandbox: Sandbox;
let url: string;
let trust: SecureContext;
let ports: Record<'imap' | 'imaps' | 'pop' | 'pops' | 'smtp' | 'smtps', number>;

beforeAll(async () => {
  folder = createTemporaryFolder();
  const certificate = loadCertificate(folder.path, now);
  trust = createSecureContext({ ca: certificate.cert });
  sandbox = createSandbox({ clock: systemClock, dayMs: 86_400_000, certificate });
  ({ url } = await sandbox.listen());
  ports = {
    smtp: (await sandbox.listenSmtp()).port,
    smtps: (await sandbox.listenSmtp(0, '127.0.0.1', true)).port,
    imap: (await sandbox.listenImap()).port,
    imaps: (await sandbox.listenImap(0, '127.0.0.1', true)).port,
    pop: (await sandbox.listenPop()).port,
    pops: (await sandbox.listenPop(0, '127.0.0.1', true)).port,
  };
});
afterAll(async () => {
  await sandbox.close();
  folder.remove();
});
afterEach(async () => {
  await fetch(`${url}/sandbox/mails`, { method: 'DELETE' });
});

async function write(mail: object): Promise<void> {
  await fetch(`${url}/sandbox/mails`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ from: 'eva@mail.example', to: [ruth], ...mail }),
  });
  await sandbox.control.settled();
}

/** As Parley reads a mailbox. */
const openSource = (server: Partial<MailServer>, options: Partial<MailSourceOptions> = {}) =>
  openMailSource(
    {
      ...{ type: 'imap', host: 'localhost', port: ports.imap, security: 'tls' },
      ...{ username: ruth, password: 'any' },
      ...server,
    },
    { allow: ['localhost'], timeoutMs: 20_000, trust, ...options },
  );

describe('with every choice of the mailbox settings', () => {
  it.each([
    ['imap', 'none', 'imap'],
    ['imap', 'tls', 'imap'],
    ['imap', 'ssl', 'imaps'],
    ['pop', 'none', 'pop'],
    ['pop', 'tls', 'pop'],
    ['pop', 'ssl', 'pops'],
  ] as const)('R-BOX-2: %s, security %s', async (type, security, port) => {
    await write({ subject: 'One', text: 'A line\r\n.begins with a dot\r\n' });
    const source = await openSource({ type, security, port: ports[port] });
    await source.open('INBOX');
    const read = [];
    for await (const { raw, cut } of source.read(await source.ids(0))) read.push({ text: String(raw), cut });
    await source.close();
    expect(read).toEqual([{ text: expect.stringContaining('\r\n.begins with a dot'), cut: false }]);
    expect(read[0]!.text).toMatch(/^From: .*\r\n[^]*\r\nSubject: One\r\n/);
  });

  it.each([
    ['none', 'smtp'],
    ['tls', 'smtp'],
    ['ssl', 'smtps'],
  ] as const)('R-BOX-1: SMTP, security %s', async (security, port) => {
    const client = createUserMailClient({
      ...{ smtpUrl: undefined, allow: ['localhost'] },
      caFile: join(folder.path, 'mail-certificate.pem'),
    });
    const server = { host: 'localhost', port: ports[port], security, username: ruth, password: 'any' };
    const raw = Buffer.from('From: ruth@bright.example\r\nSubject: Out\r\n\r\nHello\r\n');
    const envelope = { from: ruth, to: ['eva@mail.example'] };
    const times = { timeoutMs: 20_000, deadlineMs: 60_000 };
    await expect(client.send({ server, raw, envelope, dkim: null }, times)).resolves.toEqual({ refused: [] });
    await expect(
      client.send({ server: { ...server, password: 'wrong' }, raw, envelope, dkim: null }, times),
    ).rejects.toMatchObject({ reason: 'channel_disconnected' });
  });

  it('whoever does not trust the certificate stays away', async () => {
    for (const server of [
      {},
      { security: 'ssl', port: ports.imaps },
      { type: 'pop', port: ports.pop },
    ] as const)
      await expect(openSource(server, { trust: undefined })).rejects.toMatchObject({ fault: 'tls_failed' });
    const transport = createTransport({ host: 'localhost', port: ports.smtp });
    await expect(transport.verify()).rejects.toMatchObject({ code: 'ESOCKET' });
  });

  it('tells which they are, and gives the certificate', async () => {
    const { data } = (await (await fetch(`${url}/sandbox/mail-servers`)).json()) as { data: object[] };
    expect(data).toHaveLength(9);
    expect(data).toContainEqual({ protocol: 'pop', security: 'ssl', port: ports.pops });
    expect(data).toContainEqual({ protocol: 'pop', security: 'tls', port: ports.pop });
    const pem = await (await fetch(`${url}/sandbox/mail-servers/certificate.pem`)).text();
    expect(new X509Certificate(pem).subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
  });
});

describe('POP3', () => {
  let socket: Socket;
  let lines: AsyncIterator<string>;

  beforeEach(async () => {
    await open();
  });
  afterEach(() => socket.destroy());

  async function open(): Promise<string> {
    socket = createConnection(ports.pop, '127.0.0.1');
    lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    return line();
  }
  const line = async () => String((await lines.next()).value);
  async function say(command: string): Promise<string> {
    socket.write(`${command}\r\n`);
    return line();
  }
  async function list(command: string): Promise<string[]> {
    const first = await say(command);
    if (!first.startsWith('+OK')) return [first];
    const all = [];
    for (let next = await line(); next !== '.'; next = await line()) all.push(next);
    return all;
  }
  /** Again, until the server has seen that the session before is gone. */
  async function signIn(): Promise<void> {
    do await say(`USER ${ruth}`);
    while ((await say('PASS any')).includes('[IN-USE]'));
  }

  it('lets in by any password but `wrong`, and one at a time', async () => {
    expect(await say('STAT')).toMatch(/^-ERR/);
    await say(`USER ${ruth}`);
    expect(await say('PASS wrong')).toMatch(/^-ERR \[AUTH\]/);
    expect(await list('CAPA')).toEqual(expect.arrayContaining(['STLS', 'TOP', 'UIDL', 'USER']));
    await signIn();
    const first = socket;
    await open();
    await say(`USER ${ruth}`);
    expect(await say('PASS any')).toMatch(/^-ERR \[IN-USE\]/);
    first.end('QUIT\r\n');
    await once(first, 'close');
    expect(await say(`AUTH PLAIN ${Buffer.from(`\0${ruth}\0any`).toString('base64')}`)).toMatch(/^\+OK/);
  });

  it('counts, lists and names the mails, and takes them away with QUIT only', async () => {
    for (const subject of ['One', 'Two', 'Three']) await write({ subject, text: 'a\r\nb\r\nc' });
    await signIn();
    const names = await list('UIDL');
    expect(new Set(names.map((name) => name.split(' ')[1])).size).toBe(3);
    expect(await say('UIDL 2')).toBe(`+OK ${names[1]}`);
    expect(await say('STAT')).toMatch(/^\+OK 3 \d{3,}$/);
    expect(await list('TOP 2 1')).toEqual(expect.arrayContaining(['Subject: Two', '', 'a']));
    expect(await list('TOP 2 1')).not.toContain('b');
    await say('DELE 1');
    expect(await say('RETR 1')).toMatch(/^-ERR/);
    expect((await list('LIST')).map((text) => text.split(' ')[0])).toEqual(['2', '3']);
    await say('RSET');
    expect(await list('UIDL')).toEqual(names);
    await say('DELE 1');
    socket.destroy();
    await open();
    await signIn();
    expect(await list('UIDL')).toEqual(names);
    await say('DELE 1');
    expect(await say('QUIT')).toMatch(/^\+OK/);
    await open();
    await signIn();
    const left = (await list('UIDL')).map((name) => name.split(' ')[1]);
    expect(left).toEqual(names.slice(1).map((name) => name.split(' ')[1]));
  });
});

describe('the certificate', () => {
  it('is not trusted from a file that holds none', () => {
    for (const name of ['mail-key.pem', 'nothing.pem'])
      expect(() => mailTrust(join(folder.path, name))).toThrow('PARLEY_MAIL_CA');
    const good = join(folder.path, 'mail-certificate.pem');
    expect(() => mailTrust(`${good}, nothing.pem`)).toThrow('nothing.pem');
    expect(mailTrust(`${good}, ${good}`)).toBeDefined();
  });

  it('is made once, for this machine, and signs nothing else', () => {
    const { cert, key } = loadCertificate(folder.path, now);
    expect(loadCertificate(folder.path, now)).toEqual({ cert, key });
    const certificate = new X509Certificate(cert);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.checkHost('mail.example')).toBeUndefined();
    expect(certificate.ca).toBe(false);
    expect(statSync(join(folder.path, 'mail-key.pem')).mode & 0o777).toBe(0o600);
  });

  it('is made anew where it has run out, and where half of it is missing', () => {
    const other = createTemporaryFolder();
    try {
      const first = loadCertificate(other.path, now);
      const later = loadCertificate(other.path, new Date(now.getTime() + 11 * 366 * 86_400_000));
      expect(later.cert).not.toBe(first.cert);
      const certFile = join(other.path, 'mail-certificate.pem');
      writeFileSync(certFile, first.cert);
      const third = loadCertificate(other.path, now);
      expect(new X509Certificate(third.cert).subject).toBe('CN=localhost');
      expect(readFileSync(certFile, 'utf8')).toBe(third.cert);
      rmSync(certFile);
      expect(loadCertificate(other.path, now).cert).not.toBe(third.cert);
    } finally {
      other.remove();
    }
  });
});
