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

  it('reads a mail without any header or body', () => {
    expect(parseMail(Buffer.from(''))).toEqual({ headers: [], text: '', html: '', attachments: [] });
    expect(parseMail(Buffer.from('Subject: =?iso-8859-1?Q?caf=E9?=\n\nHi\n'))).toMatchObject({
      headers: [{ name: 'Subject', value: 'café' }],
      text: 'Hi\n',
    });
  });
});
