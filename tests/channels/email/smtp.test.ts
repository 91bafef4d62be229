import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import { ChannelError } from '../../../src/channels/channel-error';
import { handOver } from '../../../src/channels/email/smtp';
import { holdTimers } from '../../support/hold-timers';

/** What the server does with one line of the client's, or after the first bytes of the mail, or after its final dot: a reply, `silence`, `hangs up`. */
type Deed = string | ((socket: net.Socket) => void);
type Script = Partial<Record<'greeting' | 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | 'middle' | 'dot', Deed>>;

const usual: Script = {
  greeting: '220 ready',
  EHLO: '250 scripted',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  dot: '250 taken',
};

let script: Script;
let bytesTaken: number;
let server: net.Server;
const sockets = new Set<net.Socket>();

beforeAll(async () => {
  server = net.createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    const act = (step: keyof Script) => {
      const deed = script[step] ?? usual[step];
      if (deed === undefined || deed === 'silence') return;
      if (deed === 'hangs up') return void socket.destroy();
      if (typeof deed === 'string') return void socket.write(`${deed}\r\n`);
      deed(socket);
    };
    let inMail = false;
    let kept = '';
    act('greeting');
    socket.on('data', (chunk: Buffer) => {
      kept += chunk.toString('latin1');
      if (inMail) {
        bytesTaken += chunk.length;
        kept = kept.slice(-5);
        if (kept.endsWith('\r\n.\r\n')) {
          inMail = false;
          kept = '';
          act('dot');
        } else if (script.middle !== undefined && bytesTaken > 100_000) act('middle');
        return;
      }
      for (let end = kept.indexOf('\r\n'); end >= 0; end = kept.indexOf('\r\n')) {
        const word = kept.slice(0, 4).toUpperCase();
        kept = kept.slice(end + 2);
        if (word === 'QUIT') return void socket.end('221 bye\r\n');
        inMail = word === 'DATA' && (script.DATA ?? usual.DATA)!.toString().startsWith('354');
        act(word as keyof Script);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => {
  script = {};
  bytesTaken = 0;
});
afterEach(() => sockets.forEach((socket) => socket.destroy()));
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const small = Buffer.from('Subject: Hello\r\n\r\nHello\r\n');
const large = Buffer.concat([small, Buffer.alloc(20_000_000, 'x'.repeat(76) + '\r\n')]);

const patient = { timeoutMs: 20_000, deadlineMs: 60_000 };

const sent = (raw: Buffer, limits = patient) =>
  handOver(
    { host: '127.0.0.1', port: (server.address() as AddressInfo).port, secure: false, ignoreTLS: true },
    { raw, envelope: { from: 'us@acme.example', to: ['uma@candidate.example'] }, dkim: null },
    limits,
  ).then(
    ({ refused }) => ({ refused }),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error;
      return error.errorClass;
    },
  );

it.each<[string, Script, Buffer, string]>([
  ['falls silent before it greets', { greeting: 'silence' }, small, 'transient'],
  ['hangs up before it greets', { greeting: 'hangs up' }, small, 'transient'],
  ['greets with 421', { greeting: '421 too busy' }, small, 'transient'],
  ['greets with 554', { greeting: '554 not for you' }, small, 'permanent'],
  ['falls silent after the recipient', { RCPT: 'silence' }, small, 'transient'],
  ['puts the recipient off', { RCPT: '451 greylisted' }, small, 'transient'],
  ['refuses the recipient', { RCPT: '550 5.1.1 no such user' }, small, 'permanent'],
  ['puts the mail off', { DATA: '452 no room' }, small, 'transient'],
  ['falls silent at DATA', { DATA: 'silence' }, small, 'transient'],
  ['hangs up in the middle of the mail', { middle: 'hangs up' }, large, 'transient'],
  ['stops reading in the middle of the mail', { middle: (socket) => socket.pause() }, large, 'transient'],
  ['hangs up after the final dot', { dot: 'hangs up' }, small, 'unknown'],
  ['puts the whole mail off', { dot: '421 4.3.0 try later' }, small, 'transient'],
  ['refuses the whole mail', { dot: '554 5.6.0 spam' }, small, 'permanent'],
  ['says something that is no reply after the final dot', { dot: 'fine by me' }, small, 'unknown'],
])('a server that %s', async (_, given, raw, outcome) => {
  script = given;
  // that nothing was sent yet is so however early it runs out
  const isSilence =
    outcome === 'transient' &&
    Object.values(given).some((deed) => typeof deed !== 'string' || deed === 'silence');
  expect(await sent(raw, isSilence ? { ...patient, timeoutMs: 150 } : patient)).toBe(outcome);
});

it('a server that falls silent after the final dot', async () => {
  const connect = jest.spyOn(net.Socket.prototype, 'connect');
  // as Node does when nothing was said for the time that it was told
  script = { dot: () => void connect.mock.contexts.at(-1)!.emit('timeout') };
  expect(await sent(small)).toBe('unknown');
});

it('a server that takes its time for each step, and all of a large mail, has it', async () => {
  const late = (reply: string) => (socket: net.Socket) => {
    setTimeout(() => socket.write(`${reply}\r\n`), 60);
  };
  script = { EHLO: late('250 scripted'), MAIL: late('250 ok'), RCPT: late('250 ok'), dot: late('250 taken') };
  expect(await sent(large)).toEqual({ refused: [] });
  expect(bytesTaken).toBeGreaterThan(large.length);
});

it('a server that trickles is given up at the deadline', async () => {
  const deadline = holdTimers(12_345);
  script = {
    dot(socket) {
      socket.write('250-still\r\n250-still\r\n', () => setImmediate(deadline.runOut));
    },
  };
  expect(await sent(small, { timeoutMs: 20_000, deadlineMs: 12_345 })).toBe('unknown');
});
