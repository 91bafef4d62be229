import net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openPop } from '../../../src/channels/mailbox/pop';
import type { MailServer, MailSource } from '../../../src/channels/mailbox/types';

/** A POP server that says what a test wants: by the first word of a command; undefined: it keeps silent. */
type Script = Record<string, string | ((line: string, socket: net.Socket) => string | undefined)>;

const usual: Script = {
  USER: '+OK\r\n',
  PASS: '+OK\r\n',
  DELE: '+OK\r\n',
  QUIT: '+OK\r\n',
};

let source: MailSource | undefined;
let said: string[] = [];
const sockets = new Set<net.Socket>();
let servers: net.Server[] = [];

afterEach(async () => {
  await source?.close();
  source = undefined;
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  servers = [];
  said = [];
});

async function serve(script: Script, greeting: string | Buffer = '+OK hello\r\n'): Promise<number> {
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (greeting.length > 0) socket.write(greeting);
    socket.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString('latin1').split('\r\n').slice(0, -1)) {
        said.push(line);
        const answer = { ...usual, ...script }[line.split(' ')[0]!] ?? '-ERR not known\r\n';
        const text = typeof answer === 'string' ? answer : answer(line, socket);
        if (text !== undefined) socket.write(text, 'latin1');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return (server.address() as net.AddressInfo).port;
}

async function open(
  script: Script,
  { greeting, ...more }: Partial<MailServer> & { greeting?: string | Buffer } = {},
  options: { timeoutMs?: number; maxBytes?: number } = {},
): Promise<MailSource> {
  const port = await serve(script, greeting);
  source = await openPop(
    {
      ...{ type: 'pop', host: '127.0.0.1', port, security: 'none', username: 'uma', password: 'sesame' },
      ...more,
    },
    '127.0.0.1',
    { allow: [], timeoutMs: 20_000, ...options },
  );
  return source;
}

async function readAll(from: MailSource): Promise<{ id: string; text: string; cut: boolean }[]> {
  const mails = [];
  for await (const { id, raw, cut } of from.read(await from.ids(0)))
    mails.push({ id, text: raw.toString('latin1'), cut });
  return mails;
}

const twoMails: Script = {
  UIDL: '+OK\r\n1 one\r\n2 two\r\n.\r\n',
  RETR: (line) => `+OK\r\nSubject: ${line.slice(5)}\r\n\r\ntext\r\n.\r\n`,
};

it('lines that begin with a dot, bytes of every kind and lines without end come as they were sent', async () => {
  const long = 'x'.repeat(200_000);
  const everyByte = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));
  const text = `Subject: a\r\n\r\n.\r\n..\r\n.a\r\n\n.\nb\r.\rc\r\n${everyByte}\r\n${long}\r\n.${long}\r\n\r\n`;
  const stuffed = text.replaceAll('\r\n.', '\r\n..');
  const mail = Buffer.from(`+OK\r\n${stuffed}.\r\n`, 'latin1');
  const inPieces = async (socket: net.Socket) => {
    for (let at = 0; at < mail.length; at += at < 500 ? 1 : 8191) {
      socket.write(mail.subarray(at, at < 500 ? at + 1 : at + 8191));
      await nextTurn();
    }
  };
  await open({
    UIDL: '+OK\r\n1 one\r\n.\r\n',
    RETR: (_line, socket) => void inPieces(socket),
  });
  const [read] = await readAll(source!);
  expect(read!.text === text).toBe(true);
});

it('of a mail that is too large the beginning is kept, and the next one is read as it should be', async () => {
  const large = `Subject: large\r\n\r\n${'0123456789\r\n'.repeat(1000)}`;
  await open(
    { ...twoMails, RETR: (line) => `+OK\r\n${line === 'RETR 1' ? large : 'small\r\n'}.\r\n` },
    {},
    {
      maxBytes: 100,
    },
  );
  expect(await readAll(source!)).toEqual([
    { id: 'one', text: large.slice(0, 100), cut: true },
    { id: 'two', text: 'small\r\n', cut: false },
  ]);
});

it('what is to go is deleted, and gone only once the server has said so', async () => {
  await open({ ...twoMails });
  await source!.ids(0);
  await source!.remove!(['two', 'unknown']);
  expect(said.slice(-2)).toEqual(['DELE 2', 'QUIT']);
  await open({ ...twoMails, QUIT: '-ERR some deleted messages not removed\r\n' });
  await source!.ids(0);
  await expect(source!.remove!(['two'])).rejects.toMatchObject({
    ...{ fault: 'protocol', detail: 'some deleted messages not removed' },
  });
});

describe('servers whose UIDLs name nothing', () => {
  const contents = ['a', 'b', 'b'];
  const script: Script = {
    LIST: '+OK\r\n1 3\r\n2 3\r\n3 3\r\n.\r\n',
    RETR: (line) => `+OK\r\n${contents[Number(line.slice(5)) - 1]}\r\n.\r\n`,
  };
  const same = '+OK\r\n1 same\r\n2 same\r\n3 own\r\n.\r\n';

  it('have none: mails are named by their content, and one that is there twice is one', async () => {
    await open(script);
    const ids = (await source!.ids(0)).map(({ id }) => id);
    expect(ids).toEqual([expect.stringMatching(/^sha256 [0-9a-f]{64}$/), expect.any(String)]);
    await source!.remove!([ids[1]!]);
    expect(said.slice(-3)).toEqual(['DELE 2', 'DELE 3', 'QUIT']);
  });

  it('give the same to several: these are named by their content', async () => {
    await open({ ...script, UIDL: same });
    expect((await readAll(source!)).map(({ text, id }) => [text, id.split(' ')[0]])).toEqual([
      ['a\r\n', 'sha256'],
      ['b\r\n', 'sha256'],
      ['b\r\n', 'own'],
    ]);
  });
});

describe('R-BOX-4: a server that fails is told of, and not waited for', () => {
  const cut = (_line: string, socket: net.Socket) => {
    socket.write('+OK\r\nSubject: 1\r\n\r\nhal');
    socket.end();
    return undefined;
  };
  const faults: [string, string, Script][] = [
    ['hangs up in the middle of a mail', 'disconnected', { ...twoMails, RETR: cut }],
    ['falls silent in the middle of a mail', 'timeout', { ...twoMails, RETR: '+OK\r\nSubject: 1\r\n' }],
    ['answers nothing', 'timeout', { UIDL: () => undefined }],
    ['answers what is no POP', 'protocol', { UIDL: 'HTTP/1.1 400 Bad Request\r\n' }],
    ['lists what is no list', 'protocol', { UIDL: '+OK\r\n<html>\r\n' }],
    ['never ends a line', 'protocol', { UIDL: `+OK ${'x'.repeat(20_000)}` }],
  ];
  /** Silence is waited for, and all else has its time. */
  const timesFor = (fault: string) => (fault === 'timeout' ? { timeoutMs: 500 } : {});

  it.each(faults)('that %s', async (_what, fault, script) => {
    const read = async () => readAll(await open(script, {}, timesFor(fault)));
    await expect(read()).rejects.toMatchObject({ name: 'MailboxError', fault });
  });

  const logins: [string, string, Script, string | Buffer][] = [
    ['greets with noise', 'protocol', {}, Buffer.from([0, 255, 10])],
    ['says nothing', 'timeout', {}, ''],
    ['wants nobody', 'protocol', {}, '-ERR too many connections\r\n'],
    ['refuses the password', 'wrong_credentials', { PASS: '-ERR no\r\n' }, '+OK\r\n'],
    ['is in use', 'busy', { PASS: '-ERR [IN-USE] locked\r\n' }, '+OK\r\n'],
    ['cannot look it up just now', 'protocol', { PASS: '-ERR [SYS/TEMP] later\r\n' }, '+OK\r\n'],
  ];
  it.each(logins)('that %s', async (_what, fault, script, greeting) => {
    const opened = open(script, { greeting }, timesFor(fault));
    await expect(opened).rejects.toMatchObject({ name: 'MailboxError', fault });
  });

  it('that takes no encryption where it is wanted: no password is sent', async () => {
    await expect(open({}, { security: 'tls' })).rejects.toMatchObject({ fault: 'tls_failed' });
    // what comes before the encryption may be anybody's
    await expect(open({ STLS: '+OK\r\n+OK injected\r\n' }, { security: 'tls' })).rejects.toMatchObject({
      fault: 'tls_failed',
    });
    await expect(open({}, { security: 'ssl' })).rejects.toMatchObject({ fault: 'tls_failed' });
    expect(said.filter((line) => /USER|PASS/.test(line))).toEqual([]);
  });

  it('a user name that holds a command sends none', async () => {
    await expect(open({}, { username: 'uma\r\nDELE 1' })).rejects.toMatchObject({
      fault: 'wrong_credentials',
    });
    expect(said).toEqual([]);
  });
});
