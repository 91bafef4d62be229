import net, { type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { createTransport } from 'nodemailer';
import type { SMTPServer } from 'smtp-server';
import { refusalSentence } from '../../src/data/mail/held-mails';
import { refusedRepliesToMail } from '../../src/data/mail/message-notices';
import { replyAddressOf, type ReplyParty } from '../../src/data/mail/reply-addresses';
import { acceptMessage } from '../../src/data/messages/accept-message';
import { listMessages } from '../../src/data/messages/message-read';
import { replyAddress } from '../../src/domain/reply-address';
import { createReceiver } from '../../src/mail/receiver';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';
import { waitFor } from '../support/wait';

let world: World;
let company: Company;
let receiver: SMTPServer;
let eva: Person;
let domain: string;
let evaAddress: string;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
  const { db, hashKey } = world;
  receiver = createReceiver({
    ...{ db, hashKey, dayMs, logger: world.deps.logger },
    ...{ mailDomain: 'parley.test', hostName: 'mx.parley.test', maxBytes: 300_000 },
  });
  receiver.on('error', () => undefined);
  await new Promise<void>((resolve) => void receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => receiver.close(() => resolve()));
  await world.close();
});

beforeEach(async () => {
  company = await world.company();
  eva = await company.person({ firstName: 'Eva' });
  count += 1;
  evaAddress = `eva${count}@mail.example`;
  const [organization] = await world.db.query<{ slug: string }>(
    'select slug from organizations where id = $1',
    [company.organizationId],
  );
  domain = `${organization!.slug}.parley.test`;
  await company.addEmail(eva, evaAddress);
  await world.db.query(`update users set mail_name = 'uma' where id = $1`, [company.users.recruiter.id]);
});

type Wish = {
  to: string | string[];
  from?: string;
  subject?: string;
  text?: string;
  html?: string;
  attachments?: { filename: string; content: string; cid?: string }[];
  headers?: Record<string, string>;
  messageId?: string;
  date?: Date;
  envelope?: { from: string; to: string };
};

async function post({ from = evaAddress, subject = 'Re: Interview', text = 'Yes, gladly.', ...mail }: Wish) {
  const { port } = receiver.server.address() as AddressInfo;
  const transport = createTransport({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } });
  try {
    return await transport.sendMail({ from, subject, text, ...mail });
  } finally {
    transport.close();
  }
}

async function replyTo(party: ReplyParty, person = eva): Promise<string> {
  const thread = {
    organizationId: company.organizationId,
    conversationId: person.conversationId,
    applicationId: null,
  };
  return replyAddress(world.hashKey, await replyAddressOf(world.db, thread, party), domain);
}

const said = async () =>
  (await listMessages(world.db, company.as(company.colleague), company.ids(eva), { limit: 50 })).items;
const held = () =>
  world.db.query('select held_reason from mails where organization_id = $1 and state = $2 order by id', [
    company.organizationId,
    'held',
  ]);

it('R-MAIL-1: the answer to a reply address stands in the conversation before the sender hears that it was taken', async () => {
  const { response } = await post({ to: await replyTo({ party: 'person' }) });
  expect(response).toMatch(/^250/);
  expect(await said()).toMatchObject([
    { channel: 'email', direction: 'in', body: 'Yes, gladly.', title: 'Re: Interview' },
  ]);
});

it('the same mail sent again, as servers do that never heard the 250, stands once', async () => {
  const to = await replyTo({ party: 'person' });
  const mail = { to, messageId: '<1@mail.example>', date: new Date('2026-11-02T09:00:00Z') };
  await post(mail);
  await post(mail);
  expect(await said()).toHaveLength(1);
});

it('R-LOG-4: an answer that was days on its way, or whose clock is wrong, is news all the same', async () => {
  await post({ to: await replyTo({ party: 'person' }), date: new Date(Date.now() - 5 * 86_400_000) });
  const [conversation] = await world.db.query(
    `select unanswered_since is not null as waits, last_direction as "lastDirection" from conversations where id = $1`,
    [eva.conversationId],
  );
  expect(conversation).toEqual({ waits: true, lastDirection: 'in' });
});

describe('a sender whose connection breaks', () => {
  /** Says all of these lines, each but the last after the answer to the one before, and hangs up at once. */
  async function sayAndDrop(lines: string[]): Promise<void> {
    const { port } = receiver.server.address() as AddressInfo;
    const socket = net.connect(port, '127.0.0.1');
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    for (const line of lines) {
      expect((await answers.next()).value).toMatch(/^[23]/);
      socket.write(line);
    }
    await new Promise<void>((resolve) => socket.end(resolve));
    socket.destroy();
  }
  const begin = (to: string) => [
    'HELO mail.example\r\n',
    `MAIL FROM:<${evaAddress}>\r\n`,
    `RCPT TO:<${to}>\r\n`,
    'DATA\r\n',
  ];
  const text = () =>
    `From: ${evaAddress}\r\nSubject: Re: Interview\r\nMessage-ID: <d@mail.example>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\n\r\nYes, gladly.\r\n`;
  const again = (to: string) =>
    post({ to, raw: text(), envelope: { from: evaAddress, to } } as Parameters<typeof post>[0]);

  it('in the middle of a mail has sent none', async () => {
    const to = await replyTo({ party: 'person' });
    await sayAndDrop([...begin(to), text().slice(0, -8)]);
    await again(to);
    expect(await said()).toHaveLength(1);
    expect(
      await world.db.query('select 1 from mails where organization_id = $1', [company.organizationId]),
    ).toHaveLength(1);
  });

  it('after the mail, before it hears the 250, comes again: there is one message', async () => {
    const to = await replyTo({ party: 'person' });
    await sayAndDrop([...begin(to), `${text()}.\r\n`]);
    await waitFor(async () => (await said()).length === 1, { what: 'the mail' });
    await again(to);
    expect(await said()).toHaveLength(1);
  });
});

describe('more mails at once than there is memory for', () => {
  let small: SMTPServer;
  let to: string;
  const open = new Set<net.Socket>();
  const body = `From: x@mail.example\r\nSubject: Long\r\n\r\n${`${'x'.repeat(98)}\r\n`.repeat(600)}`;

  beforeAll(async () => {
    const { db, hashKey, deps } = world;
    small = createReceiver({
      ...{ db, hashKey, dayMs, logger: deps.logger, mailDomain: 'parley.test', hostName: 'mx.parley.test' },
      ...{ maxBytes: 90_000, maxBytesTogether: 100_000 },
    });
    small.on('error', () => undefined);
    await new Promise<void>((resolve) => void small.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    to = `uma@${domain}`;
  });
  afterEach(() => open.forEach((socket) => socket.destroy()));
  afterAll(() => new Promise<void>((resolve) => small.close(() => resolve())));

  async function sender() {
    const socket = net.connect((small.server.address() as AddressInfo).port, '127.0.0.1');
    open.add(socket);
    const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
    const answer = async () => Number(String((await answers.next()).value).slice(0, 3));
    await answer();
    const say = async (line: string) => {
      socket.write(`${line}\r\n`);
      return answer();
    };
    await say('HELO mail.example');
    const begin = async () => {
      const codes = [
        await say('MAIL FROM:<x@mail.example>'),
        await say(`RCPT TO:<${to}>`),
        await say('DATA'),
      ];
      expect(codes).toEqual([250, 250, 354]);
    };
    /** Whether there is more memory than so much. */
    const finds = async (size: number) => {
      const isThere = (await say(`MAIL FROM:<x@mail.example> SIZE=${size}`)) === 250;
      await say('RSET');
      return isThere;
    };
    return { socket, say, begin, finds };
  }
  const kept = async () =>
    (await world.db.query('select 1 from mails where organization_id = $1', [company.organizationId])).length;
  const half = async () => {
    const one = await sender();
    await one.begin();
    one.socket.write(body);
    return one;
  };

  it('whoever comes beyond it is told to come again, before the mail or after it, and none is lost', async () => {
    const [one, other] = [await half(), await sender()];
    await waitFor(async () => !(await other.finds(39_800)), { what: 'the first to fill it, with all of it' });
    await other.begin();
    expect(await other.say(`${body}.`)).toBe(452);
    expect(await kept()).toBe(0);
    expect(await one.say('.')).toBe(250);
    await other.begin();
    expect(await other.say(`${body}Another.\r\n.`)).toBe(250);
    expect(await kept()).toBe(2);
  });

  it('what a broken connection, and a mail too large, have taken is free again', async () => {
    const one = await half();
    const other = await sender();
    await waitFor(async () => !(await other.finds(60_000)), { what: 'the first to have come' });
    one.socket.destroy();
    await waitFor(() => other.finds(89_000), { what: 'all to be free again' });
    await other.begin();
    expect(await other.say(`${body}${body}.`)).toBe(552);
    await other.begin();
    expect(await other.say(`${body}.`)).toBe(250);
  });
});

it('one address has so many connections at once; who comes beyond them is told to come again', async () => {
  const { db, hashKey, deps } = world;
  const strict = createReceiver({
    ...{ db, hashKey, dayMs, logger: deps.logger, mailDomain: 'parley.test', hostName: 'mx.parley.test' },
    maxClientsOfOne: 2,
  });
  strict.on('error', () => undefined);
  await new Promise<void>((resolve) => void strict.listen(0, '127.0.0.1', resolve));
  const connect = async () => {
    const socket = net.connect((strict.server.address() as AddressInfo).port, '127.0.0.1');
    const { value } = await createInterface({ input: socket })[Symbol.asyncIterator]().next();
    return { socket, greeting: Number(String(value).slice(0, 3)) };
  };
  const open = [await connect(), await connect()];
  const refused = await connect();
  expect([...open, refused].map(({ greeting }) => greeting)).toEqual([220, 220, 421]);
  open.shift()!.socket.destroy();
  await waitFor(
    async () => {
      open.push(await connect());
      return open.at(-1)!.greeting === 220;
    },
    { what: 'the place to be free again' },
  );
  [...open, refused].forEach(({ socket }) => socket.destroy());
  await new Promise<void>((resolve) => strict.close(() => resolve()));
});

it('R-BOX-1: mail to a system address is in that user’s mailbox', async () => {
  await post({ to: `uma@${domain}` });
  const [mail] = await world.db.query('select user_id, subject from mails where organization_id = $1', [
    company.organizationId,
  ]);
  expect(mail).toEqual({ user_id: company.users.recruiter.id, subject: 'Re: Interview' });
});

it('a stranger’s mail to a reply address is held, and does not stand in the conversation', async () => {
  await post({ to: await replyTo({ party: 'person' }), from: 'stranger@mail.example' });
  expect(await said()).toEqual([]);
  expect(await held()).toEqual([{ held_reason: 'unknown_sender' }]);
});

it.each(['nobody', 'reply+abc', 'uma@elsewhere.example', 'postmaster@x'])(
  'who is not known (%s) is refused at RCPT',
  async (name) => {
    const to = name.includes('@') ? name : `${name}@${domain}`;
    await expect(post({ to })).rejects.toMatchObject({ responseCode: 550 });
  },
);

it('a mail that is too large is refused, and nothing of it is kept', async () => {
  await expect(post({ to: `uma@${domain}`, text: 'x'.repeat(400_000) })).rejects.toMatchObject({
    responseCode: 552,
  });
  expect(
    await world.db.query('select 1 from mails where organization_id = $1', [company.organizationId]),
  ).toEqual([]);
});

it('R-MAIL-2: the answer of a user to a notification goes to the person as theirs; variables in it are none', async () => {
  const { recruiter } = company.users;
  const from = `${recruiter.id}@example.com`;
  await post({
    to: await replyTo({ party: 'user', userId: recruiter.id }),
    from,
    text: 'Come at ten, {{candidate.firstName}}',
  });
  expect(await said()).toMatchObject([
    {
      direction: 'out',
      state: 'queued',
      body: 'Come at ten, {{candidate.firstName}}',
      sender: { id: recruiter.id },
    },
  ]);
});

it('R-MAIL-2: the files of an answer go along, the logo in its HTML does not', async () => {
  const { recruiter } = company.users;
  await post({
    to: await replyTo({ party: 'user', userId: recruiter.id }),
    from: `${recruiter.id}@example.com`,
    html: '<p>The contract.</p><img src="cid:logo">',
    attachments: [
      { filename: 'contract.pdf', content: 'PDF' },
      { filename: 'logo.png', content: 'PNG', cid: 'logo' },
    ],
  });
  const [answer] = await said();
  expect(answer!.attachments).toMatchObject([{ filename: 'contract.pdf', size: 3, state: 'stored' }]);
});

it('R-ROLE-1: the answer of a user who may not send is held with the reason', async () => {
  const { reviewer } = company.users;
  await post({
    to: await replyTo({ party: 'user', userId: reviewer.id }),
    from: `${reviewer.id}@example.com`,
  });
  expect(await said()).toEqual([]);
  expect(await held()).toEqual([{ held_reason: 'not_permitted' }]);
});

it('R-MAIL-2: a notification address that is no user’s answers as the company', async () => {
  const party = { party: 'address', address: 'jobs@acme.example' } as const;
  await post({ to: await replyTo(party), from: 'jobs@acme.example' });
  expect(await said()).toMatchObject([{ direction: 'out', state: 'queued', sender: null }]);
});

describe('one mail to reply addresses of two conversations', () => {
  async function otto() {
    const person = await company.person({ firstName: 'Otto' });
    const address = `otto${count}@mail.example`;
    await world.db.query(
      `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at)
       values ($1, gen_random_uuid(), $2, 'email', $3, $3, clock_timestamp())`,
      [company.organizationId, person.id, address],
    );
    return person;
  }
  const of = async (person: Person) =>
    (await listMessages(world.db, company.as(company.colleague), company.ids(person), { limit: 50 })).items;

  it('R-MAIL-2: a user’s answer reaches both, once each, however often it comes', async () => {
    const other = await otto();
    const { recruiter } = company.users;
    const party = { party: 'user', userId: recruiter.id } as const;
    const from = `${recruiter.id}@example.com`;
    const mail = { from, messageId: '<both@mail.example>', date: new Date('2026-11-02T09:00:00Z') };
    const both = [await replyTo(party), await replyTo(party, other)];
    await post({ ...mail, to: both });
    await post({ ...mail, to: both });
    await post({ ...mail, to: both[1]! });
    for (const person of [eva, other])
      expect(await of(person)).toMatchObject([{ direction: 'out', state: 'queued', body: 'Yes, gladly.' }]);
  });

  it('a person’s stands in theirs and is held under the other; R-CONF-3: it is held for nobody to see where its sender is confidential', async () => {
    const other = await otto();
    const to = async () => [await replyTo({ party: 'person' }, other), await replyTo({ party: 'person' })];
    await post({ to: await to() });
    expect(await of(eva)).toHaveLength(1);
    expect(await of(other)).toEqual([]);
    expect(await held()).toEqual([{ held_reason: 'unknown_sender' }]);
    await world.db.query('update people set confidential = true where id = $1', [eva.id]);
    await post({ to: await to(), subject: 'Again' });
    expect(await of(eva)).toHaveLength(1);
    expect(await held()).toHaveLength(1);
  });

  it('R-CONF-3: whose outgoing e-mail is confidential is held alone, however often it comes', async () => {
    const other = await otto();
    const { recruiter } = company.users;
    await world.db.query(
      `insert into mailboxes (organization_id, user_id, outgoing_confidential, state_changed_at, created_at, updated_at)
       values ($1, $2, true, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
      [company.organizationId, recruiter.id],
    );
    const party = { party: 'user', userId: recruiter.id } as const;
    const mail = {
      from: `${recruiter.id}@example.com`,
      messageId: '<c@mail.example>',
      date: new Date('2026-11-02T09:00:00Z'),
    };
    const to = [await replyTo(party), await replyTo(party, other)];
    await post({ ...mail, to });
    await post({ ...mail, to });
    expect(await held()).toEqual([
      { held_reason: 'confidential_mail' },
      { held_reason: 'confidential_mail' },
    ]);
  });

  it('to an address of somebody else’s and to their own, an answer is passed on', async () => {
    const { recruiter } = company.users;
    const to = [
      await replyTo({ party: 'address', address: 'jobs@acme.example' }),
      await replyTo({ party: 'user', userId: recruiter.id }),
    ];
    await post({ to, from: `${recruiter.id}@example.com` });
    expect(await said()).toMatchObject([{ direction: 'out', state: 'queued' }]);
    expect(await held()).toEqual([]);
  });
});

it.each([
  [
    'nothing but what it quotes',
    '\n\nOn Mon, 2 Nov 2026 at 10:00, Eva <eva@mail.example> wrote:\n> Tuesday?',
    'no_text',
  ],
  ['nothing but a signature', '\n-- \nUma Ryder\nAcme', 'no_text'],
  ['more than can be read', `Yes${'\n'.repeat(60_000)}`, 'too_large'],
])('R-MAIL-2: an answer of %s is held with that reason, and its sender is told', async (_, text, reason) => {
  const { recruiter } = company.users;
  await post({
    to: await replyTo({ party: 'user', userId: recruiter.id }),
    from: `${recruiter.id}@example.com`,
    text,
  });
  expect(await said()).toEqual([]);
  expect(await held()).toEqual([{ held_reason: reason }]);
  const refused = await refusedRepliesToMail(world.db);
  expect(refused.filter(({ organizationId }) => organizationId === company.organizationId)).toMatchObject([
    { reason },
  ]);
  expect(refusalSentence(reason)).toMatch(/quotes|large/);
});

it('R-MAIL-2: files without a text go to the person', async () => {
  const { recruiter } = company.users;
  await post({
    to: await replyTo({ party: 'user', userId: recruiter.id }),
    from: `${recruiter.id}@example.com`,
    text: '> What you asked for?',
    attachments: [{ filename: 'contract.pdf', content: 'PDF' }],
  });
  expect(await said()).toMatchObject([
    { direction: 'out', body: '', attachments: [{ filename: 'contract.pdf' }] },
  ]);
});

it('an automatic answer to a notification is not passed on to the person', async () => {
  const { recruiter } = company.users;
  await post({
    to: await replyTo({ party: 'user', userId: recruiter.id }),
    from: `${recruiter.id}@example.com`,
    headers: { 'Auto-Submitted': 'auto-replied' },
  });
  expect(await said()).toEqual([]);
});

describe('mail to the address that the company writes by, from programs that ignore Reply-To', () => {
  const ask = (applicationId: string | null) =>
    world.db.transact((tx) =>
      acceptMessage(tx, dayMs, company.ids(eva), {
        channel: 'email',
        content: { type: 'text', text: 'When?', title: 'Interview' },
        origin: 'manual',
        actor: company.as(company.users.recruiter),
        ...{ applicationId, replyToId: null, retryOfId: null, stageEntryId: null },
      }),
    );
  const to = () => `Messages@${domain}`;

  it('R-MAIL-5: belongs to the message of ours that it answers, and to that one’s application', async () => {
    const vacancy = await company.vacancy();
    const [applicationId] = await company.apply(vacancy, [eva]);
    const { messageId } = await ask(applicationId!);
    await ask(null);
    await post({ to: to(), headers: { 'In-Reply-To': `<${messageId}@${domain}>` } });
    const answers = (await said()).filter(({ direction }) => direction === 'in');
    expect(answers).toMatchObject([{ applicationId, replyTo: { id: messageId } }]);
  });

  it('a mail of theirs that has the Message-ID of ours is theirs all the same', async () => {
    const { messageId } = await ask(null);
    await post({ to: to(), messageId: `<${messageId}@${domain}>` });
    expect((await said()).filter(({ direction }) => direction === 'in')).toMatchObject([
      { body: 'Yes, gladly.' },
    ]);
  });

  it('a stranger who names our message is held under the person, not delivered', async () => {
    const { messageId } = await ask(null);
    const headers = { References: `<other@mail.example> <${messageId}@${domain}>` };
    await post({ to: to(), from: 'stranger@mail.example', headers });
    expect((await said()).filter(({ direction }) => direction === 'in')).toEqual([]);
    expect(await held()).toEqual([{ held_reason: 'unknown_sender' }]);
  });

  it('so does what is for the postmaster: it waits with the Administrators', async () => {
    await post({ to: `Postmaster@${domain}`, from: 'mail.team@provider.example' });
    const [mail] = await world.db.query(
      'select u.role, w.folder from mails w join users u on u.id = w.user_id where w.organization_id = $1',
      [company.organizationId],
    );
    expect(mail).toEqual({ role: 'administrator', folder: 'inbox' });
  });

  it.each(['Postmaster', 'postmaster@parley.test'])(
    'what is for the postmaster of the server itself (%s) waits with the first organization’s',
    async (to) => {
      const { envelope } = await post({
        to: [],
        ...{ envelope: { from: 'mail.team@provider.example', to }, subject: `For ${to}` },
      });
      expect(envelope.to).toEqual([to]);
      const rows = await world.db.query(
        `select u.role, w.folder, w.organization_id = (select id from organizations order by created_at, id limit 1) as first
         from mails w join users u on u.id = w.user_id where w.subject = $1`,
        [`For ${to}`],
      );
      expect(rows).toEqual([{ role: 'administrator', folder: 'inbox', first: true }]);
    },
  );

  it('a known sender’s goes to their conversation; R-BOX-5: a stranger’s waits in the Administrator’s mailbox', async () => {
    await post({ to: to() });
    expect(await said()).toMatchObject([{ direction: 'in', body: 'Yes, gladly.' }]);
    await post({ to: to(), from: 'stranger@mail.example' });
    expect(await said()).toHaveLength(1);
    expect(
      await world.db.query(
        'select user_id, state from mails where organization_id = $1 and from_address = $2',
        [company.organizationId, 'stranger@mail.example'],
      ),
    ).toEqual([{ user_id: company.users.administrator.id, state: 'received' }]);
  });

  it('with the reply address among the recipients it stands once', async () => {
    await post({ to: [await replyTo({ party: 'person' }), to()] });
    expect(await said()).toHaveLength(1);
  });
});
