import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { createEmailClient } from '../../../src/channels/email/client';

let server: SMTPServer;
let port: number;
let refusal: { responseCode: number } | undefined;
const mails: string[] = [];

beforeAll(async () => {
  server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    onMailFrom: (_address, session, done) =>
      done(session.user ? null : Object.assign(new Error('Authentication required'), { responseCode: 530 })),
    onAuth(auth, _session, done) {
      if (refusal) return done(Object.assign(new Error('not now'), refusal));
      if (auth.password !== 'right') return done(new Error('wrong password'));
      done(null, { user: 'parley' });
    },
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.server.address() as AddressInfo);
});
beforeEach(() => {
  refusal = undefined;
});
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

const client = (password: string) =>
  createEmailClient({
    smtpUrl: `smtp://parley:${password}@127.0.0.1:${port}`,
    from: 'Parley <p@acme.example>',
  });
const options = { timeoutMs: 2000 };
const mail = {
  to: 'uma@candidate.example',
  company: 'Acme',
  mailDomain: null,
  envelopeFrom: null,
  references: [],
  pageUrl: null,
  dkim: null,
  replyTo: null,
  subject: 'Hello',
  text: 'Hello',
  clientReference: 'one',
  automatic: false,
  unsubscribeUrl: null,
  language: 'en' as const,
};

describe('the mail server', () => {
  it('R-AUTO-6: that refuses the login breaks the channel, until it lets us in', async () => {
    await expect(client('wrong').send(mail, options)).rejects.toMatchObject({ errorClass: 'channelBroken' });
    expect(await client('wrong').works(options)).toBe(false);
    expect(await client('right').works(options)).toBe(true);
    expect(mails).toEqual([]);
    await expect(client('right').send(mail, options)).resolves.toEqual({ providerId: '<one@acme.example>' });
    expect(mails).toHaveLength(1);
  });

  it('that cannot look the login up is asked again later', async () => {
    refusal = { responseCode: 454 };
    await expect(client('right').send(mail, options)).rejects.toMatchObject({ errorClass: 'transient' });
  });

  it('R-AUTO-6: that wants a login where there is none breaks the channel; asking it proves nothing', async () => {
    const anonymous = createEmailClient({ smtpUrl: `smtp://127.0.0.1:${port}`, from: 'p@acme.example' });
    expect(await anonymous.works(options)).toBe(true);
    await expect(anonymous.send(mail, options)).rejects.toMatchObject({ errorClass: 'channelBroken' });
    expect(await anonymous.works(options)).toBe(false);
  });

  it('that there is none is told as such', async () => {
    const none = createEmailClient({ smtpUrl: undefined, from: 'p@acme.example' });
    await expect(none.send(mail, options)).rejects.toMatchObject({ reason: 'channel_not_configured' });
    expect(await none.works(options)).toBe(false);
  });
});
