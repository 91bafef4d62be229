import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTransport } from 'nodemailer';
import { systemClock } from '../../src/clock';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { parseMail } from '../../src/sandbox/mime';
import type { Json } from './harness';

let sandbox: Sandbox;
let url: string;
let smtpPort: number;

beforeEach(async () => {
  sandbox = createSandbox({ clock: systemClock, dayMs: 86_400_000 });
  ({ url } = await sandbox.listen());
  ({ port: smtpPort } = await sandbox.listenSmtp());
});
afterEach(() => sandbox.close());

const mails = async (query = '') =>
  ((await (await fetch(`${url}/sandbox/mails${query}`)).json()) as Json).data as Json[];

describe('the mailbox', () => {
  it('takes mail with any password, and shows text, HTML, headers and attachments', async () => {
    const transport = createTransport({ host: '127.0.0.1', port: smtpPort, auth: { user: 'a', pass: 'b' } });
    await transport.sendMail({
      from: 'Parley <no-reply@parley.example>',
      to: 'Ana <ana@example.com>',
      bcc: 'bo@example.com',
      subject: 'Invitación – ¡hola! ☕',
      text: `Olá, ${'ü'.repeat(200)}\nhttps://example.com/invite?token=abc`,
      html: '<p>Olá <a href="https://example.com">aqui</a></p>',
      attachments: [{ filename: 'Lebenslauf ä.txt', content: 'hello' }],
    });
    transport.close();
    const [mail] = await mails('?to=bo@example.com');
    expect(mail).toMatchObject({
      from: 'Parley <no-reply@parley.example>',
      to: ['ana@example.com', 'bo@example.com'],
      subject: 'Invitación – ¡hola! ☕',
      text: `Olá, ${'ü'.repeat(200)}\nhttps://example.com/invite?token=abc`,
      html: '<p>Olá <a href="https://example.com">aqui</a></p>',
      attachments: [{ filename: 'Lebenslauf ä.txt', mimeType: 'text/plain', size: 5 }],
    });
    const page = await fetch(`${url}/sandbox/mails/${mail!.id}/html`);
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox /);
    await fetch(`${url}/sandbox/mails`, { method: 'DELETE' });
    expect(await mails()).toEqual([]);
  });

  it.each([
    ["filename*=utf-8''%C3%A4bc.pdf", 'äbc.pdf'],
    ["filename*=iso-8859-1''%E4.pdf", 'ä.pdf'],
    ["filename*0*=utf-8''lang%20; filename*1=er.pdf", 'lang er.pdf'],
    ['filename="it\'s o\'clock; now.pdf"', "it's o'clock; now.pdf"],
    ["filename=a.pdf; filename*=utf-8''%C3%A4.pdf", 'ä.pdf'],
    ["filename*=utf-8''50%.pdf", '50%.pdf'],
    ["filename*=utf-8''%E4.pdf", '\ufffd.pdf'],
  ])('takes a file by the name %s', (disposition, filename) => {
    const raw = [
      ...['From: a@b.example', 'Content-Type: multipart/mixed; boundary=x', '', '--x'],
      ...[
        'Content-Type: application/pdf',
        `Content-Disposition: attachment; ${disposition}`,
        '',
        'hi',
        '--x--',
        '',
      ],
    ].join('\r\n');
    expect(parseMail(Buffer.from(raw)).attachments).toMatchObject([{ filename }]);
  });

  it('unsubscribes by one click, as mail programs do', async () => {
    let posted = '';
    const sender = createServer((req, res) => {
      req.on('data', (chunk: Buffer) => (posted += chunk.toString()));
      req.on('end', () => res.end());
    });
    await new Promise<void>((resolve) => sender.listen(0, '127.0.0.1', resolve));
    const { port } = sender.address() as AddressInfo;
    const transport = createTransport({ host: '127.0.0.1', port: smtpPort });
    const send = (headers: Record<string, string>) =>
      transport.sendMail({ from: 'a@parley.example', to: 'ana@example.com', text: 'x', headers });
    await send({
      'List-Unsubscribe': `<http://127.0.0.1:${port}/unsubscribe/abc>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    await send({});
    transport.close();
    const [without, withLink] = await mails();
    const press = (mail: Json) => fetch(`${url}/sandbox/mails/${mail.id}/unsubscribe`, { method: 'POST' });
    expect((await press(without!)).status).toBe(409);
    expect((await press(withLink!)).status).toBe(200);
    expect(posted).toBe('List-Unsubscribe=One-Click');
    sender.closeAllConnections();
    await new Promise((resolve) => sender.close(resolve));
  });

  it('reads a mail without any header or body', () => {
    expect(parseMail(Buffer.from(''))).toEqual({ headers: [], text: '', html: '', attachments: [] });
    expect(parseMail(Buffer.from('Subject: =?iso-8859-1?Q?caf=E9?=\n\nHi\n'))).toMatchObject({
      headers: [{ name: 'Subject', value: 'café' }],
      text: 'Hi\n',
    });
  });
});
