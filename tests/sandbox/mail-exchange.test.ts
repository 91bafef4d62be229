import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport, type SendMailOptions } from 'nodemailer';
import { SMTPServer } from 'smtp-server';
import { parseMail } from '../../src/channels/email/parse-mail';
import { systemClock } from '../../src/clock';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import type { Json } from './harness';

type Answer = { responseCode: number; message: string } | undefined;

let dataDir: string;
let sandbox: Sandbox;
let url: string;
let smtpPort: number;
let receiver: SMTPServer;
/** What the company's mail server got, and what it says to the next. */
let received: { from: string; to: string[]; raw: Buffer }[];
let answers: Answer[];

beforeEach(async () => {
  received = [];
  answers = [];
  receiver = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const answer = answers.shift();
        if (answer) return done(Object.assign(new Error(answer.message), answer));
        const from = envelope.mailFrom ? envelope.mailFrom.address : '';
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, raw: Buffer.concat(chunks) });
        done();
      });
    },
  });
  receiver.on('error', () => undefined);
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
  dataDir = mkdtempSync(join(tmpdir(), 'parley-sandbox-'));
  sandbox = await start();
});
afterEach(async () => {
  await sandbox.close();
  await new Promise<void>((resolve) => receiver.close(() => resolve()));
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: { retryBaseMs?: number; port?: number } = {}): Promise<Sandbox> {
  const port = options.port ?? (receiver.server.address() as AddressInfo).port;
  const started = createSandbox({
    ...{ clock: systemClock, dayMs: 86_400_000, dataDir, retryBaseMs: options.retryBaseMs ?? 5 },
    mailExchange: { domain: 'parley.test', url: `smtp://127.0.0.1:${port}` },
  });
  ({ url } = await started.listen());
  ({ port: smtpPort } = await started.listenSmtp());
  return started;
}

async function call(method: string, path: string, body?: object): Promise<Json> {
  const response = await fetch(`${url}/sandbox${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Json;
}

const inboxOf = async (address: string, folder = 'INBOX') =>
  (await call('GET', `/mailboxes/${address}/mails?folder=${folder}`)).data as Json[];
const mailsTo = async (address: string) =>
  (await call('GET', `/mails?to=${encodeURIComponent(address)}`)).data as Json[];
const settled = () => sandbox.control.settled();

/** As the company sends. */
async function companySends(mail: SendMailOptions) {
  const transport = createTransport({ host: '127.0.0.1', port: smtpPort });
  try {
    return await transport.sendMail({
      ...{ from: 'Brightwater <messages@bright.parley.test>', subject: 'Interview', text: 'Can you come?' },
      ...mail,
    });
  } finally {
    transport.close();
  }
}

const replyTo = 'reply+abc@bright.parley.test';

it('mail to a domain of its own goes to the company too, once that domain has an MX record', async () => {
  const write = async () => {
    await call('POST', '/mails', { from: 'eva@mail.example', to: ['ruth@jobs.acme.example'], text: 'Hello' });
    await settled();
  };
  await write();
  expect(received).toEqual([]);
  await call('PUT', '/dns', { type: 'MX', name: 'jobs.acme.example', values: ['10 localhost'] });
  await write();
  expect(received).toMatchObject([{ to: ['ruth@jobs.acme.example'] }]);
  expect(await inboxOf('ruth@jobs.acme.example')).toHaveLength(1);
});

describe('answering a mail', () => {
  it('goes to its Reply-To over SMTP, from the address it came to, as a mail program writes it', async () => {
    const { messageId } = await companySends({ to: 'eva@mail.example', replyTo, references: '<first@x>' });
    const [mail] = await inboxOf('eva@mail.example');
    expect(mail).toMatchObject({ subject: 'Interview', seen: false });
    const sent = await call('POST', '/mails', {
      inReplyTo: mail!.id as string,
      text: 'Yes, gladly.\nEva',
      attachments: [{ filename: 'CV é.txt', mimeType: 'text/plain', base64: 'aGk=' }],
    });
    await settled();
    expect(received).toMatchObject([{ from: 'eva@mail.example', to: [replyTo] }]);
    const parsed = await parseMail(received[0]!.raw);
    expect(parsed).toMatchObject({
      from: { name: 'Eva', address: 'eva@mail.example' },
      to: [{ address: replyTo }],
      subject: 'Re: Interview',
      inReplyTo: messageId,
      references: ['<first@x>', messageId],
      text: 'Yes, gladly.\nEva',
      quiet: false,
      attachments: [{ filename: 'CV é.txt', bytes: Buffer.from('hi') }],
    });
    expect(parsed.quoted).toMatch(
      /^On .*Brightwater <\n?messages@bright\.parley\.test> wrote:\n+> Can you come\?/,
    );
    expect(await inboxOf('eva@mail.example', 'Sent')).toMatchObject([
      { id: sent.id, seen: true, deliveries: [{ to: replyTo, state: 'delivered' }] },
    ]);
  });

  it('a long sender in the quoted line does not hide where the quote begins', async () => {
    await companySends({
      from: `"${'Very Long Company Name '.repeat(3)}" <m@bright.parley.test>`,
      to: 'eva@mail.example',
      replyTo,
    });
    const [mail] = await inboxOf('eva@mail.example');
    await call('POST', '/mails', { inReplyTo: mail!.id as string, text: 'Yes.' });
    await settled();
    expect((await parseMail(received[0]!.raw)).text).toBe('Yes.');
  });

  it('passes a mail on with its attachments, to people within and elsewhere', async () => {
    await companySends({ to: 'eva@mail.example', attachments: [{ filename: 'a.pdf', content: 'x' }] });
    const [mail] = await inboxOf('eva@mail.example');
    const to = ['tom@mail.example', 'john@bright.parley.test'];
    await call('POST', '/mails', {
      from: 'eva@mail.example',
      to,
      forwards: mail!.id as string,
      text: 'Look',
    });
    await settled();
    expect(received).toMatchObject([{ to: ['john@bright.parley.test'] }]);
    expect(await inboxOf('tom@mail.example')).toMatchObject([
      { subject: 'Fwd: Interview', attachments: [{ filename: 'a.pdf' }] },
    ]);
  });

  it('says what a mail lacks', async () => {
    expect(await call('POST', '/mails', { to: ['a@b.example'] })).toMatchObject({
      error: { message: 'A mail needs from.' },
    });
    expect(await call('POST', '/mails', { from: 'a@b.example' })).toMatchObject({
      error: { message: 'A mail needs to.' },
    });
  });
});

describe('a mail that is not taken', () => {
  const write = () => call('POST', '/mails', { from: 'eva@mail.example', to: [replyTo], text: 'Hi' });
  const deliveryOf = async ({ id }: Json) =>
    ((await call('GET', `/mails/${String(id)}`)).deliveries as Json[])[0];

  it('waits and is tried again, until it is', async () => {
    answers = [
      { responseCode: 451, message: 'Not now' },
      { responseCode: 421, message: 'Too busy' },
    ];
    const mail = await write();
    while ((await deliveryOf(mail))!.state !== 'delivered') await settled();
    expect(await deliveryOf(mail)).toMatchObject({ attempts: 3 });
    expect(received).toHaveLength(1);
  });

  it('waits over a restart of the sandbox, with the reason', async () => {
    await sandbox.close();
    // nobody listens there
    sandbox = await start({ port: 1, retryBaseMs: 3_600_000 });
    const mail = await write();
    await settled();
    expect(await deliveryOf(mail)).toMatchObject({ state: 'waiting', attempts: 1 });
    expect((await deliveryOf(mail))!.reason).toMatch(/ECONNREFUSED/);
    await sandbox.close();
    sandbox = await start();
    await settled();
    await settled();
    expect(await deliveryOf(mail)).toMatchObject({ state: 'delivered' });
    expect(received).toHaveLength(1);
  });

  it('comes back as a report where it is refused for good', async () => {
    answers = [{ responseCode: 550, message: '5.7.1 No such address here' }];
    const mail = await write();
    await settled();
    expect(await deliveryOf(mail)).toMatchObject({
      state: 'refused',
      reason: '550 5.7.1 No such address here',
    });
    const [report] = await inboxOf('eva@mail.example');
    const raw = Buffer.from(
      await (await fetch(`${url}/sandbox/mails/${String(report!.id)}/raw`)).arrayBuffer(),
    );
    const { bounce, quiet } = await parseMail(raw);
    const [{ value: messageId } = { value: '' }] = (
      (await call('GET', `/mails/${String(mail.id)}`)).headers as { name: string; value: string }[]
    ).filter(({ name }) => name === 'Message-ID');
    expect(quiet).toBe(true);
    expect(bounce).toMatchObject({ messageId, recipient: replyTo, action: 'failed', status: '5.7.1' });
  });
});

describe('addresses that behave as they are called, or as they were set', () => {
  const envelope = (to: string) => ({ from: replyTo, to });

  it('bounce: takes the mail, and reports to the envelope’s sender that nobody is there', async () => {
    const { messageId } = await companySends({ to: 'x', envelope: envelope('bounce+1@mail.example') });
    await settled();
    expect(received).toMatchObject([{ from: '', to: [replyTo] }]);
    expect((await parseMail(received[0]!.raw)).bounce).toMatchObject({
      ...{ messageId, recipient: 'bounce+1@mail.example', action: 'failed', status: '5.1.1' },
    });
    expect(await inboxOf('bounce+1@mail.example')).toEqual([]);
    expect(await mailsTo('bounce+1@mail.example')).toHaveLength(1);
  });

  it('delay: brings the mail, and reports that it takes longer', async () => {
    await companySends({ to: 'x', envelope: envelope('delay@mail.example') });
    await settled();
    expect((await parseMail(received[0]!.raw)).bounce).toMatchObject({ action: 'delayed', status: '4.4.1' });
    expect(await inboxOf('delay@mail.example')).toHaveLength(1);
  });

  it('refuse, busy: turn the recipient away while the mail is handed over, for good or for now', async () => {
    await call('PUT', '/mailboxes/ana@mail.example', { behaviour: 'busy' });
    const refused = companySends({ to: 'refuse@mail.example' });
    await expect(refused).rejects.toMatchObject({ responseCode: 550 });
    await expect(companySends({ to: 'ana@mail.example' })).rejects.toMatchObject({ responseCode: 451 });
    await call('PUT', '/mailboxes/ana@mail.example', { behaviour: null });
    await companySends({ to: 'ana@mail.example' });
    expect(await inboxOf('ana@mail.example')).toHaveLength(1);
  });

  it('outofoffice: answers by itself, but neither a machine nor nobody', async () => {
    const to = 'outofoffice@mail.example';
    await companySends({ to, envelope: envelope(to) });
    await companySends({ to, envelope: envelope(to), headers: { 'Auto-Submitted': 'auto-generated' } });
    await companySends({ to, envelope: { from: '', to } });
    await settled();
    expect(received).toMatchObject([{ from: '', to: [replyTo] }]);
    expect(await parseMail(received[0]!.raw)).toMatchObject({
      ...{ subject: 'Automatic reply: Interview', quiet: true, from: { address: to } },
    });
    expect(await inboxOf(to)).toHaveLength(3);
  });
});
