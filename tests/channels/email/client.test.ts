import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { createEmailClient } from '../../../src/channels/email/client';
import type { OutboundEmail } from '../../../src/channels/email/types';

let server: SMTPServer;
let port: number;
let refusal: { responseCode: number } | undefined;
let recipientRefusal: Error | undefined;
let refusedRecipients: RegExp | undefined;
/** The server goes away without a word: when it hears of the recipient, or after the final dot. */
let hangsUp: 'at the recipient' | 'after the dot' | undefined;
const sockets = new Set<Socket>();
const mails: string[] = [];
const envelopes: string[] = [];

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
    onRcptTo({ address }, _session, done) {
      if (hangsUp === 'at the recipient') return hangUp();
      if (refusedRecipients?.test(address))
        return done(Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 }));
      done(recipientRefusal);
    },
    onData(stream, { envelope }, done) {
      if (envelope.mailFrom) envelopes.push(envelope.mailFrom.address);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString());
        if (hangsUp === 'after the dot') return hangUp();
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.server.address() as AddressInfo);
});
beforeEach(() => {
  refusal = undefined;
  recipientRefusal = undefined;
  refusedRecipients = undefined;
  hangsUp = undefined;
});

const hangUp = () => sockets.forEach((socket) => socket.destroy());
afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

const client = (password: string) =>
  createEmailClient({
    smtpUrl: `smtp://parley:${password}@127.0.0.1:${port}`,
    from: 'Parley <p@acme.example>',
  });
const options = { timeoutMs: 20_000 };
const mail = {
  to: 'uma@candidate.example',
  company: 'Acme',
  brand: { color: null, logoUrl: null },
  mailDomain: null,
  envelopeFrom: null,
  references: [],
  pageUrl: null,
  mayAnswerOnPage: true,
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

describe('a mail of a company with a mail domain', () => {
  const withDomain: OutboundEmail = {
    ...mail,
    company: 'Acme "Jobs", Inc.',
    mailDomain: 'acme.parley.test',
    replyTo: 'reply+abc@acme.parley.test',
    envelopeFrom: 'reply+abc@acme.parley.test',
    clientReference: '0192f0c0-0000-7000-8000-000000000001',
    references: ['<1@mail.example>', '<2@acme.parley.test>'],
    pageUrl: 'https://parley.example/messages/token',
    text: 'Hello Uma,\n\ncome <at> ten.',
  };
  async function sent(more: Partial<OutboundEmail> = {}) {
    mails.length = 0;
    await client('right').send({ ...withDomain, ...more }, options);
    const parsed = await PostalMime.parse(mails[0]!);
    return {
      ...parsed,
      header: (name: string) => parsed.headers.find(({ key }) => key === name)?.value,
      envelopeFrom: envelopes.at(-1),
    };
  }

  it('R-MAIL-1: its copies name who has them openly, and hold nothing that is the person’s alone', async () => {
    mails.length = 0;
    const key = 'k'.repeat(70);
    const copies = {
      cc: [{ name: 'Otto', address: 'otto@candidate.example' }],
      bcc: [{ name: '', address: 'secret@candidate.example' }],
    };
    const unsubscribeUrl = 'https://parley.example/unsubscribe/token';
    const text = `Look at https://parley.example/messages/${key}`;
    const result = await client('right').send({ ...withDomain, copies, text, unsubscribeUrl }, options);
    expect(result.copiesRefused).toEqual([]);
    const [first, copy] = await Promise.all(mails.map((raw) => PostalMime.parse(raw)));
    expect(mails).toHaveLength(2);
    expect(mails.join()).not.toContain('secret@');
    expect(first!.text).toContain('/messages/token');
    for (const one of [first!, copy!]) {
      expect(one.to).toEqual([{ name: '', address: 'uma@candidate.example' }]);
      expect(one.cc).toEqual([{ name: 'Otto', address: 'otto@candidate.example' }]);
    }
    expect(copy!.messageId).toBe(first!.messageId);
    expect(`${copy!.text}${copy!.html}`).not.toMatch(/token|kkk/);
    expect(copy!.headers.some(({ key: name }) => name.startsWith('list-unsubscribe'))).toBe(false);
  });

  it('whose copies are refused has been sent all the same', async () => {
    refusedRecipients = /^otto@/;
    const copies = {
      cc: [{ name: '', address: 'otto@candidate.example' }],
      bcc: [{ name: '', address: 'eva@candidate.example' }],
    };
    const to = ['otto@candidate.example'];
    await expect(client('right').send({ ...withDomain, copies }, options)).resolves.toMatchObject({
      copiesRefused: to,
    });
    refusedRecipients = /^(otto|eva)@/;
    await expect(client('right').send({ ...withDomain, copies }, options)).resolves.toMatchObject({
      copiesRefused: [...to, 'eva@candidate.example'],
    });
    refusedRecipients = /^uma@/;
    await expect(client('right').send({ ...withDomain, copies }, options)).rejects.toMatchObject({
      reason: 'email_bounced',
    });
  });

  it('R-MAIL-1: is from the company, answered and bounced to the reply address, in its thread', async () => {
    const { from, replyTo, messageId, inReplyTo, references, envelopeFrom, header } = await sent();
    expect(from).toEqual({ name: 'Acme "Jobs", Inc.', address: 'messages@acme.parley.test' });
    // a name, and no row of letters, stands in the answer
    expect(replyTo).toEqual([{ name: 'Acme "Jobs", Inc.', address: 'reply+abc@acme.parley.test' }]);
    expect(envelopeFrom).toBe('reply+abc@acme.parley.test');
    expect(messageId).toBe('<0192f0c0-0000-7000-8000-000000000001@acme.parley.test>');
    expect(inReplyTo).toBe('<2@acme.parley.test>');
    expect(references).toBe('<1@mail.example> <2@acme.parley.test>');
    expect(header('auto-submitted')).toBeUndefined();
    expect(header('list-unsubscribe')).toBeUndefined();
  });

  it.each([
    ['en', 'See message'],
    ['cs', 'Zobrazit zprávu'],
    ['es', 'Ver mensaje'],
    ['pt', 'Ver mensagem'],
    ['nl', 'Bericht bekijken'],
  ] as const)('R-MAIL-1: leads to the page as text and HTML, in %s', async (language, label) => {
    const { text, html } = await sent({ language });
    expect(text).toContain(`${label}: https://parley.example/messages/token`);
    expect(html).toMatch(new RegExp(`<a href="https://parley.example/messages/token"[^>]*>${label}</a>`));
    expect(html).toContain(`<html lang="${language}">`);
    expect(html).toContain('come &lt;at&gt; ten.');
    // a long link does not widen it on a phone
    expect(html).toContain('overflow-wrap: anywhere');
  });

  it('R-MAIL-3: does not ask a rejected candidate to write on the page', async () => {
    const asks = 'answer and send files on your page';
    expect((await sent()).html).toContain(asks);
    expect((await sent({ mayAnswerOnPage: false })).html).not.toContain(asks);
  });

  it('R-MAIL-1: has the company’s logo and colour, and is the same as text', async () => {
    const plain = await sent();
    const logoUrl = 'https://parley.example/api/v1/organizations/1/logo?v=2&x="><script>';
    const { html, text } = await sent({ brand: { color: '#ffd400', logoUrl } });
    expect(text).toBe(plain.text);
    expect(html).toContain('logo?v=2&amp;x=&quot;&gt;&lt;script&gt;" alt="Acme &quot;Jobs&quot;, Inc."');
    expect(html).toContain('background: #ffd400; color: #000000');
    expect((await sent({ brand: { color: '#0b5d5e', logoUrl } })).html).toContain(
      'background: #0b5d5e; color: #ffffff',
    );
    const odd = await sent({ brand: { color: 'red;"><script>', logoUrl: null } });
    expect(odd.html).toBe(plain.html);
    expect(plain.html).toContain('>Acme &quot;Jobs&quot;, Inc.</td>');
  });

  it('says what a machine has sent, and how to get no more of what goes to many', async () => {
    const unsubscribeUrl = `https://parley.example/unsubscribe/${'x'.repeat(150)}`;
    const { header } = await sent({ automatic: true, unsubscribeUrl });
    expect(header('auto-submitted')).toBe('auto-generated');
    expect(header('list-unsubscribe')).toBe(`<${unsubscribeUrl}>`);
    expect(header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  });

  it('no line break of a title or a name becomes a header', async () => {
    const { headers, subject } = await sent({
      subject: 'Hello\r\nBcc: all@candidate.example',
      company: 'Acme\r\nX-Evil: yes',
      references: ['<1@mail.example>\r\nX-Evil: yes'],
    });
    expect(subject).toContain('Hello');
    expect(headers.map(({ key }) => key)).not.toEqual(expect.arrayContaining(['x-evil']));
    expect(headers.map(({ key }) => key)).not.toEqual(expect.arrayContaining(['bcc']));
  });

  it('takes files along', async () => {
    const content = Buffer.from('%PDF-1.7 contract');
    const { attachments } = await sent({
      attachments: [{ filename: 'Smlouva č. 1.pdf', contentType: 'application/pdf', content }],
    });
    expect(attachments).toMatchObject([{ filename: 'Smlouva č. 1.pdf', mimeType: 'application/pdf' }]);
    expect(Buffer.from(attachments[0]!.content as ArrayBuffer)).toEqual(content);
  });

  it('is signed by the key of its domain', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const { header } = await sent({
      dkim: { domainName: 'acme.parley.test', keySelector: 'parley', privateKey },
    });
    expect(header('dkim-signature')).toMatch(/d=acme\.parley\.test;.*s=parley;/s);
  });
});

it('R-ELIG email_bounced: an address that is refused has bounced; a server that does not take it from us says nothing of the address', async () => {
  recipientRefusal = Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 });
  await expect(client('right').send(mail, options)).rejects.toMatchObject({ reason: 'email_bounced' });
  recipientRefusal = Object.assign(new Error('5.7.1 relaying denied'), { responseCode: 550 });
  await expect(client('right').send(mail, options)).rejects.toMatchObject({ reason: 'provider_refused' });
});

it.each([
  ['at the recipient', 'transient'],
  ['after the dot', 'unknown'],
] as const)('a connection lost %s is %s', async (when, errorClass) => {
  hangsUp = when;
  await expect(client('right').send(mail, options)).rejects.toMatchObject({ errorClass });
});
