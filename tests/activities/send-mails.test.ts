import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { sendMails, type SendMailsDeps } from '../../activities/send-mails';
import { parseMail } from '../../src/channels/email/parse-mail';
import { createUserMailClient } from '../../src/channels/email/user-mail';
import { MailboxError } from '../../src/channels/mailbox/types';
import { sealContext } from '../../src/channels/open-account';
import type { NewDraft } from '../../src/contracts/mails';
import { setMailPrivate } from '../../src/data/mail/confidential';
import { claimNextMail, settleByCopy, wakeMailOutboxes } from '../../src/data/mail/dispatch-mail';
import { attachFile, changeDraft, createDraft, sendDraft } from '../../src/data/mail/drafts';
import { readMail, readRaw, type MailboxUser } from '../../src/data/mail/mailbox-read';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { listMessages } from '../../src/data/messages/message-read';
import type { ActingUser } from '../../src/domain/permissions';
import { open, seal } from '../../src/seal';
import { createWorld, dayMs, secretKey, type Company, type Person, type World } from '../support/company';

type Delivered = { raw: string; from: string; to: string[]; user: unknown };

let world: World;
let company: Company;
let eva: Person;
let smtp: SMTPServer;
let port: number;
let deps: SendMailsDeps;
const sockets = new Set<Socket>();
let delivered: Delivered[] = [];
/** What the server says to a recipient, and after the final dot. */
let toRecipient: (address: string) => Error | undefined = () => undefined;
let afterDot: (raw: Buffer) => void | 'hang up' | Promise<void> = () => undefined;

const refusal = (responseCode: number, words: string) => Object.assign(new Error(words), { responseCode });

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    authMethods: ['PLAIN', 'XOAUTH2'],
    onAuth: ({ username, password, accessToken }, _session, done) =>
      password === 'right' || accessToken === 'good'
        ? done(null, { user: username })
        : done(refusal(535, 'No such user')),
    onRcptTo: ({ address }, _session, done) => done(toRecipient(address)),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        delivered.push({
          raw: raw.toString(),
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user,
        });
        void Promise.resolve(afterDot(raw)).then((answer) => {
          if (answer === 'hang up') sockets.forEach((socket) => socket.destroy());
          else done();
        });
      });
    },
  });
  smtp.on('error', () => undefined);
  smtp.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  port = (smtp.server.address() as AddressInfo).port;
  world = await createWorld();
  deps = {
    db: world.db,
    logger: world.deps.logger,
    userMail: createUserMailClient({ smtpUrl: `smtp://127.0.0.1:${port}`, allow: ['127.0.0.1'] }),
    openSmtpPassword: (userId, sealed) => open(secretKey, sealed, sealContext.mailboxSmtpPassword(userId)),
    openDkim: world.deps.openDkim,
    mailDomain: 'mail.example',
    // a machine that stands still for a while is no server that does not answer
    callTimeoutMs: 20_000,
  };
});
afterAll(async () => {
  await world.close();
  await new Promise<void>((resolve) => smtp.close(resolve));
});

beforeEach(async () => {
  company = await world.company();
  eva = await company.person({ firstName: 'Eva' });
  await company.addEmail(eva, 'eva@candidate.example');
  await world.db.query(`update users set mail_name = 'rita' where id = $1`, [recruiter().id]);
  delivered = [];
  toRecipient = () => undefined;
  afterDot = () => undefined;
});

const recruiter = () => company.users.recruiter;
const as = (user: ActingUser): MailboxUser => ({
  organizationId: company.organizationId,
  user,
  apiKeyId: null,
});
const outbox = (user = recruiter()) => ({ organizationId: company.organizationId, userId: user.id });
const contextOf = (user: ActingUser) => ({ actor: as(user), mailDomain: deps.mailDomain });

async function draft(input: NewDraft, user = recruiter()): Promise<string> {
  return (await createDraft(world.db, contextOf(user), input)).id;
}
async function write(input: NewDraft, user = recruiter()): Promise<string> {
  const id = await draft(
    {
      to: [{ name: 'Eva', address: 'eva@candidate.example' }],
      subject: 'Hello',
      text: 'How are you?',
      ...input,
    },
    user,
  );
  await send(id, user);
  return id;
}
const send = (id: string, user = recruiter()) => sendDraft(world.db, contextOf(user), id, {}, world.hashKey);
const mailOf = (id: string, user = recruiter()) => readMail(world.db, as(user), id);
const said = async () =>
  (await listMessages(world.db, company.as(company.colleague), company.ids(eva), { limit: 50 })).items;

const settings = (columns: Record<string, unknown>) =>
  world.db.query(
    `insert into mailboxes (organization_id, user_id, ${Object.keys(columns).join(', ')}, state_changed_at, created_at, updated_at)
     values ($1, $2, ${Object.keys(columns)
       .map((_, index) => `$${index + 3}`)
       .join(', ')}, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
    [company.organizationId, recruiter().id, ...Object.values(columns)],
  );

/** Eva's mail in the user's inbox. */
async function receive(
  more: { id?: string; html?: string; subject?: string; cc?: string } = {},
): Promise<string> {
  const { id = '<eva-1@candidate.example>', subject = 'My question', cc = '' } = more;
  const body = more.html
    ? `Content-Type: text/html\r\n\r\n${more.html}`
    : 'Content-Type: text/plain\r\n\r\nCan I bring my dog?';
  const raw = Buffer.from(
    `From: Eva Novak <eva@candidate.example>\r\nTo: Rita <rita@${await domain()}>${cc && `\r\nCc: ${cc}`}\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\nReferences: <first@candidate.example>\r\nDate: Mon, 2 Nov 2020 10:00:00 +0100\r\n${body}`,
  );
  const place = { organizationId: company.organizationId, userId: recruiter().id, folder: 'inbox' as const };
  return (await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId;
}
async function domain(): Promise<string> {
  const [row] = await world.db.query<{ slug: string }>('select slug from organizations where id = $1', [
    company.organizationId,
  ]);
  return `${row!.slug}.mail.example`;
}

it('R-BOX-7, R-BOX-5: a mail goes from the system address, and stands in the file of the person', async () => {
  const id = await write({ bcc: [{ name: '', address: 'boss@elsewhere.example' }] });
  expect(await mailOf(id)).toMatchObject({ state: 'queued', folder: 'sent' });
  expect(await sendMails(deps, outbox())).toEqual({ nextDueAt: null });
  const [sent] = delivered;
  const address = `rita@${await domain()}`;
  expect(sent).toMatchObject({ from: address, to: ['eva@candidate.example', 'boss@elsewhere.example'] });
  expect(sent!.raw.replace(/\r\n\s+/g, ' ')).toContain(`Message-ID: <${id}@${await domain()}>`);
  expect(sent!.raw).not.toMatch(/boss@elsewhere|^sender:/im);
  expect(await parseMail(Buffer.from(sent!.raw))).toMatchObject({
    from: { name: 'Uma recruiter', address },
    subject: 'Hello',
    text: 'How are you?',
    quiet: false,
  });
  expect(await mailOf(id)).toMatchObject({
    state: 'sent',
    folder: 'sent',
    bcc: [{ address: 'boss@elsewhere.example' }],
    filedUnder: [{ id: eva.id, byHand: false }],
    reason: null,
  });
  expect((await readRaw(world.db, as(recruiter()), id)).bytes.toString()).toContain('How are you?');
  expect(await said()).toMatchObject([
    { channel: 'email', direction: 'out', state: 'sent', title: 'Hello', sender: { id: recruiter().id } },
  ]);
});

it('R-BOX-7: what cannot be put together is tried a few times, and then its user reads that it failed', async () => {
  const id = await write({});
  const broken = {
    ...deps,
    db: {
      ...world.db,
      query: <T extends object>(sql: string, values?: unknown[]) =>
        sql.includes('from media') ? Promise.reject(new Error('damaged')) : world.db.query<T>(sql, values),
    },
  };
  for (let tries = 0; tries < 5; tries += 1) {
    await world.db.query('update mails set not_before = null where id = $1', [id]);
    await sendMails(broken, outbox());
    expect(await mailOf(id)).toMatchObject(
      tries < 4
        ? { state: 'queued', reason: 'retrying' }
        : { state: 'failed', folder: 'drafts', reason: 'not_composed' },
    );
  }
  expect(delivered).toEqual([]);
  await send(id);
  await sendMails(deps, outbox());
  expect(await mailOf(id)).toMatchObject({ state: 'sent' });
});

it('R-BOX-1: from an address elsewhere over the organization’s server, Sender and bounces are the system address', async () => {
  await settings({ from_address: 'Uma@elsewhere.example', signature: 'Uma\nAcme' });
  await write({});
  await sendMails(deps, outbox());
  const address = `rita@${await domain()}`;
  expect(delivered[0]).toMatchObject({ from: address });
  expect(delivered[0]!.raw).toContain('From: Uma recruiter <uma@elsewhere.example>');
  expect(delivered[0]!.raw).toContain(`Sender: Uma recruiter <${address}>`);
  expect(delivered[0]!.raw).toMatch(/How are you\?\r\n\r\n-- \r\nUma\r\nAcme/);
});

it('R-BOX-2: signed in with a provider, it goes by the token; another is got for one that is taken no more, and an ended sign-in says so', async () => {
  await settings({
    ...{ smtp_host: '127.0.0.1', smtp_port: port, smtp_security: 'none', smtp_username: 'uma@acme.example' },
    ...{ oauth_provider: 'own', oauth_token_sealed: Buffer.from('sealed'), from_address: 'uma@acme.example' },
  });
  const asked: (string | undefined)[] = [];
  const tokens: string[] = [];
  const accessToken: SendMailsDeps['accessToken'] = async (_ids, refused) => {
    asked.push(refused);
    const token = tokens.shift();
    if (token === undefined) throw new MailboxError('sign_in_ended', 'Taken back.');
    return token;
  };
  const sendWith = async (...given: string[]) => {
    tokens.splice(0, tokens.length, ...given);
    const id = await write({});
    await sendMails({ ...deps, accessToken }, outbox());
    return mailOf(id);
  };
  expect(await sendWith('good')).toMatchObject({ state: 'sent' });
  expect(await sendWith('old', 'good')).toMatchObject({ state: 'sent' });
  expect(delivered).toMatchObject([{ user: 'uma@acme.example' }, { user: 'uma@acme.example' }]);
  expect(await sendWith('old', 'bad')).toMatchObject({ state: 'failed', reason: 'sign_in_ended' });
  expect(await sendWith()).toMatchObject({
    ...{ state: 'failed', folder: 'drafts', reason: 'sign_in_ended', reasonDetail: 'Taken back.' },
  });
  expect(asked).toEqual([undefined, undefined, 'old', undefined, 'old', undefined]);
  expect(delivered).toHaveLength(2);
});

it('goes over the user’s own server, with the password as it was sealed', async () => {
  const own = { smtp_host: '127.0.0.1', smtp_port: port, smtp_security: 'none', smtp_username: 'uma' };
  const sealed = (password: string) =>
    seal(secretKey, password, sealContext.mailboxSmtpPassword(recruiter().id));
  await settings({ ...own, smtp_password_sealed: sealed('right'), from_address: 'uma@elsewhere.example' });
  await write({});
  await sendMails(deps, outbox());
  expect(delivered[0]).toMatchObject({ from: 'uma@elsewhere.example', user: 'uma' });
  expect(delivered[0]!.raw).not.toMatch(/^sender:/im);

  await world.db.query('update mailboxes set smtp_password_sealed = $2 where user_id = $1', [
    recruiter().id,
    sealed('wrong'),
  ]);
  const refused = await write({});
  await sendMails(deps, outbox());
  expect(await mailOf(refused)).toMatchObject({ state: 'failed', folder: 'drafts', reason: 'login_refused' });
  expect(delivered).toHaveLength(1);
});

it('a server of theirs that is not public is not called', async () => {
  await settings({ smtp_host: '10.1.2.3', smtp_port: 25, smtp_security: 'none' });
  const id = await write({});
  await sendMails(deps, outbox());
  expect(await mailOf(id)).toMatchObject({ state: 'failed', reason: 'server_not_allowed' });
});

it('an answer names what it answers, quotes it, and goes to all but oneself', async () => {
  const asked = await receive({
    html: '<p>Can I bring <b>my dog</b>?</p>',
    cc: 'Tom <tom@candidate.example>',
  });
  const id = await draft({ answers: { mailId: asked, how: 'replyAll' }, text: 'Yes.' });
  expect(await mailOf(id)).toMatchObject({
    subject: 'Re: My question',
    to: [{ address: 'eva@candidate.example' }],
    cc: [{ address: 'tom@candidate.example' }],
    threadId: (await mailOf(asked)).threadId,
  });
  await send(id);
  await sendMails(deps, outbox());
  const { raw } = delivered[0]!;
  expect(raw).toContain('In-Reply-To: <eva-1@candidate.example>');
  expect(raw).toMatch(/References: <first@candidate.example>\s+<eva-1@candidate.example>/);
  const parsed = await parseMail(Buffer.from(raw));
  expect(parsed).toMatchObject({ text: 'Yes.' });
  expect(parsed.quoted).toMatch(
    /^On 2 Nov 2020, .* Eva Novak <eva@candidate.example> wrote:\n> Can I bring my dog\?/,
  );
  expect(parsed.html).toContain('<p>Can I bring <b>my dog</b>?</p>');
  expect(await said()).toMatchObject([{ body: 'Yes.', replyTo: { direction: 'in' } }, { direction: 'in' }]);
});

it('a forwarded mail brings its attachments along, and is no answer', async () => {
  const asked = await receive();
  await world.db.query(
    `insert into media (organization_id, id, mail_id, state, mime_type, filename, size, bytes, created_at)
     values ($1, gen_random_uuid(), $2, 'stored', 'text/plain', 'dog.txt', 4, 'Rex!', clock_timestamp())`,
    [company.organizationId, asked],
  );
  const id = await draft({
    answers: { mailId: asked, how: 'forward' },
    to: [{ name: '', address: 'boss@elsewhere.example' }],
    text: 'See below.',
  });
  const file = { bytes: Buffer.from('note'), mimeType: 'text/plain', filename: 'note.txt' };
  await attachFile(world.db, as(recruiter()), id, file);
  await send(id);
  await sendMails(deps, outbox());
  const parsed = await parseMail(Buffer.from(delivered[0]!.raw));
  expect(parsed).toMatchObject({
    subject: 'Fwd: My question',
    inReplyTo: null,
    text: 'See below.',
    attachments: [{ filename: 'dog.txt' }, { filename: 'note.txt' }],
  });
  expect(parsed.quoted).toContain('Can I bring my dog?');
});

it('R-CONF-3: private by the user’s default or by the person, it stands in no conversation', async () => {
  await settings({ outgoing_confidential: true });
  const first = await write({});
  await sendMails(deps, outbox());
  expect(await mailOf(first)).toMatchObject({ state: 'sent', private: true, filedUnder: [{ id: eva.id }] });
  await world.db.query('update mailboxes set outgoing_confidential = false where user_id = $1', [
    recruiter().id,
  ]);
  await world.db.query('update people set confidential = true where id = $1', [eva.id]);
  const second = await write({});
  await sendMails(deps, outbox());
  expect(await mailOf(second)).toMatchObject({ state: 'sent', private: true });
  expect(await said()).toEqual([]);
});

it('R-CONF-2: an answer to a private mail is private', async () => {
  const asked = await receive({ subject: 'Confidential: my salary' });
  const id = await draft({ answers: { mailId: asked, how: 'reply' }, text: 'Thank you.' });
  expect(await mailOf(id)).toMatchObject({ private: true });
});

describe('R-ROLE-1', () => {
  it('who may not write to people from the inbox writes to others only', async () => {
    for (const user of [company.users.interviewer, company.users.reviewer]) {
      await expect(write({}, user)).rejects.toMatchObject({ code: 'not_permitted' });
      await write({ to: [{ name: '', address: 'boss@elsewhere.example' }] }, user);
    }
  });

  it('who has opted out of e-mail gets none', async () => {
    await world.db.query(
      `insert into opt_outs (organization_id, id, key_hash, channels, occurred_at) values ($1, gen_random_uuid(), $2, '{email}', clock_timestamp())`,
      [company.organizationId, world.hashKey('eva@candidate.example')],
    );
    await expect(write({})).rejects.toMatchObject({ code: 'opted_out' });
  });

  it('what a deactivated user has left behind is not sent', async () => {
    const id = await write({});
    await world.db.query('update users set deactivated_at = clock_timestamp() where id = $1', [
      recruiter().id,
    ]);
    await sendMails(deps, outbox());
    expect(delivered).toEqual([]);
    expect(await mailOf(id)).toMatchObject({ state: 'failed', reason: 'not_permitted' });
  });
});

describe('sent once', () => {
  const claim = () => claimNextMail(world.db, outbox(), { deadlineMs: 60_000, mailDomain: deps.mailDomain });

  it('a worker that dies between the steps leaves an unknown mail, which no machine sends again', async () => {
    const id = await write({});
    expect(await claim()).toMatchObject({ kind: 'send' });
    expect(await sendMails(deps, outbox())).toMatchObject({ nextDueAt: expect.any(String) });
    world.clock.advance(61_000);
    expect(await sendMails(deps, outbox())).toEqual({ nextDueAt: null });
    expect(delivered).toEqual([]);
    expect(await mailOf(id)).toMatchObject({ state: 'unknown', reason: 'unknown' });
    // knowingly
    await send(id);
    await sendMails(deps, outbox());
    expect(delivered).toHaveLength(1);
    expect(delivered[0]!.raw).not.toContain(`Message-ID: <${id}@`);
  });

  it('two workers at once, and an intent that is sent twice, send once', async () => {
    const id = await write({});
    await expect(send(id)).rejects.toMatchObject({ code: 'conflict' });
    await Promise.all([sendMails(deps, outbox()), sendMails(deps, outbox())]);
    expect(delivered).toHaveLength(1);
  });

  it('a connection lost after the final dot: unknown, until the user’s server shows that it was sent', async () => {
    afterDot = () => 'hang up';
    const id = await write({});
    await sendMails(deps, outbox());
    expect(await mailOf(id)).toMatchObject({ state: 'unknown', folder: 'drafts' });
    expect(await said()).toEqual([]);
    const raw = Buffer.from(delivered[0]!.raw);
    const place = { organizationId: company.organizationId, userId: recruiter().id, folder: 'sent' as const };
    await receiveForUser(world.db, place, await parseMail(raw), raw);
    expect(await mailOf(id)).toMatchObject({ state: 'sent', folder: 'sent', reason: null });
    expect(await said()).toHaveLength(1);
    await world.db.transact(async (tx) => {
      expect(await settleByCopy(tx, outbox(), await parseMail(raw), raw)).toBeUndefined();
    });
  });

  const bringBack = async (raw: Buffer) => {
    const place = { organizationId: company.organizationId, userId: recruiter().id, folder: 'sent' as const };
    return receiveForUser(world.db, place, await parseMail(raw), raw);
  };

  it('R-CONF-1: a copy that was made confidential before its server had answered stays so', async () => {
    afterDot = async (raw) => {
      const { mailId } = await bringBack(raw);
      expect(await said()).toHaveLength(1);
      await setMailPrivate(world.db, as(recruiter()), mailId, true);
    };
    const id = await write({});
    await sendMails(deps, outbox());
    expect(await mailOf(id)).toMatchObject({ state: 'sent', private: true, filedUnder: [{ id: eva.id }] });
    expect(await said()).toEqual([]);
    await bringBack(Buffer.from(delivered[0]!.raw));
    expect(await said()).toEqual([]);
  });

  it('R-BOX-6: a copy that the user’s server brings back, be it before its answer, is the same mail', async () => {
    afterDot = async (raw) => void (await bringBack(raw));
    const id = await write({});
    await sendMails(deps, outbox());
    expect(await bringBack(Buffer.from(delivered[0]!.raw))).toEqual({ mailId: id, known: true });
    const mails = await world.db.query('select id, state from mails where organization_id = $1', [
      company.organizationId,
    ]);
    expect(mails).toEqual([{ id, state: 'sent' }]);
    expect(await said()).toMatchObject([{ direction: 'out', sender: { id: recruiter().id } }]);
    const [message] = await world.db.query('select content from messages where conversation_id = $1', [
      eva.conversationId,
    ]);
    expect(message).toMatchObject({ content: { mailId: id } });
  });
});

describe('a refusal', () => {
  it('of the address fails with the server’s words, and may be mended and sent again', async () => {
    toRecipient = () => refusal(550, 'No such mailbox here');
    const id = await write({});
    await sendMails(deps, outbox());
    const failed = await mailOf(id);
    expect(failed).toMatchObject({ state: 'failed', folder: 'drafts', reason: 'address_refused' });
    expect(failed.reasonDetail).toContain('No such mailbox here');
    toRecipient = () => undefined;
    await changeDraft(world.db, contextOf(recruiter()), id, {
      version: failed.version,
      to: [{ name: '', address: 'right@elsewhere.example' }],
    });
    expect(await mailOf(id)).toMatchObject({ state: 'draft', reason: null });
    await send(id);
    await sendMails(deps, outbox());
    expect(delivered).toMatchObject([{ to: ['right@elsewhere.example'] }]);
  });

  it('of one of several tells which', async () => {
    toRecipient = (address) => (address.startsWith('tom') ? refusal(550, 'No Tom') : undefined);
    const id = await write({ cc: [{ name: '', address: 'tom@elsewhere.example' }] });
    await sendMails(deps, outbox());
    expect(await mailOf(id)).toMatchObject({
      state: 'sent',
      reason: 'some_refused',
      reasonDetail: 'tom@elsewhere.example',
    });
  });

  it('for now is tried again by itself, and holds up no other mail', async () => {
    toRecipient = (address) => (address.startsWith('eva') ? refusal(451, 'Come back later') : undefined);
    const id = await write({});
    await write({ to: [{ name: '', address: 'tom@elsewhere.example' }] });
    const { nextDueAt } = await sendMails(deps, outbox());
    expect(nextDueAt).not.toBeNull();
    expect(delivered).toMatchObject([{ to: ['tom@elsewhere.example'] }]);
    expect(await mailOf(id)).toMatchObject({ state: 'queued', reason: 'retrying' });
    toRecipient = () => undefined;
    world.clock.advance(60_000);
    expect(await sendMails(deps, outbox())).toEqual({ nextDueAt: null });
    expect(await mailOf(id)).toMatchObject({ state: 'sent' });
  });

  it('for a day ends it', async () => {
    toRecipient = () => refusal(451, 'Come back later');
    const id = await write({});
    await sendMails(deps, outbox());
    world.clock.advance(dayMs + 1000);
    await sendMails(deps, outbox());
    expect(await mailOf(id)).toMatchObject({ state: 'failed', reason: 'server_not_reached' });
  });

  it('for want of a server says so', async () => {
    const id = await write({});
    const userMail = createUserMailClient({ smtpUrl: undefined, allow: [] });
    await sendMails({ ...deps, userMail }, outbox());
    expect(await mailOf(id)).toMatchObject({ state: 'failed', reason: 'no_server' });
  });
});

it('what was accepted while Temporal was down is woken by the sweep', async () => {
  await write({});
  await world.db.query('delete from outbox');
  world.clock.advance(60_000);
  await wakeMailOutboxes(world.db, await world.db.now());
  const pokes = await world.db.query(
    'select workflow_type, workflow_id, payload from outbox where organization_id = $1',
    [company.organizationId],
  );
  expect(pokes).toEqual([
    { workflow_type: 'mailOutbox', workflow_id: `mail-outbox:${recruiter().id}`, payload: outbox() },
  ]);
  await sendMails(deps, outbox());
  expect(delivered).toHaveLength(1);
});
