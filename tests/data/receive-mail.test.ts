import { parseMail } from '../../src/channels/email/parse-mail';
import { setMailPrivate } from '../../src/data/mail/confidential';
import { receiveAllIn, receiveForUser } from '../../src/data/mail/receive-mail';
import { sendMessage } from '../../src/data/messages/accept-message';
import { listMessages } from '../../src/data/messages/message-read';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;
let eva: Person;
let marker = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  company = await world.company();
  eva = await company.person({ firstName: 'Eva' });
  marker += 1;
  await company.addEmail(eva, evaAddress());
});

const evaAddress = () => `eva${marker}@mail.example`;
const userOf = () => company.users.recruiter.id;

const raw = ({
  from = evaAddress(),
  to = 'anna@acme.example',
  subject = 'Question',
  id = '<1@mail.example>',
  more = '',
} = {}) =>
  Buffer.from(
    `${more}From: ${from}\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\nDate: Mon, 2 Nov 2020 10:00:00 +0100\r\n\r\nCan I bring my dog?`,
  );

async function receive(
  bytes: Buffer,
  { folder = 'inbox', userId = userOf() }: { folder?: 'inbox' | 'sent'; userId?: string } = {},
) {
  const place = { organizationId: company.organizationId, userId, folder };
  return receiveForUser(world.db, place, await parseMail(bytes), bytes);
}

const said = async () =>
  (await listMessages(world.db, company.as(company.colleague), company.ids(eva), { limit: 50 })).items;

it('R-BOX-5: mail from a known person stands in their conversation', async () => {
  await receive(raw());
  expect(await said()).toMatchObject([
    { channel: 'email', direction: 'in', state: 'received', title: 'Question', body: 'Can I bring my dog?' },
  ]);
});

it('R-BOX-5: mail that the user has sent elsewhere stands there as theirs', async () => {
  await receive(raw({ from: 'anna@acme.example', to: `x@y.example, ${evaAddress()}` }), { folder: 'sent' });
  expect(await said()).toMatchObject([{ direction: 'out', state: 'sent', sender: { id: userOf() } }]);
});

it('R-BOX-5: what the first import brings of the past stands below what is newer, and answers nothing', async () => {
  const now = (await world.db.now()).toUTCString();
  const date = 'Mon, 2 Nov 2020 10:00:00 +0100';
  const today = Buffer.from(raw({ id: '<3@mail.example>' }).toString().replace(date, now));
  await receive(today);
  const conversation = () =>
    world.db.query(
      `select last_message_id as "lastMessageId", last_direction as "lastDirection", unanswered_since is not null as waits, inbound_count
       from conversations where id = $1`,
      [eva.conversationId],
    );
  const before = await conversation();
  expect(before).toMatchObject([{ lastDirection: 'in', waits: true }]);
  await receive(raw({ id: '<1@mail.example>' }));
  await receive(raw({ id: '<2@mail.example>', from: 'anna@acme.example', to: evaAddress() }), {
    folder: 'sent',
  });
  expect(await said()).toHaveLength(3);
  expect(await conversation()).toEqual(before);
});

it('R-MAIL-5: what the first import brings was not sent last: what they write belongs to the match that was', async () => {
  const [applicationId] = await company.apply(await company.vacancy(), [eva]);
  const send = (wish: { text: string; applicationId?: string }) =>
    sendMessage(world.db, { actor: company.as(company.users.administrator), dayMs }, company.ids(eva), {
      type: 'text',
      channel: 'email',
      title: 'Hello',
      ...wish,
    });
  await send({ text: 'Are you there?', applicationId: applicationId! });
  await receive(raw({ from: 'anna@acme.example', to: evaAddress() }), { folder: 'sent' });
  await company.write(eva, 'Yes, I am.');
  await send({ text: 'Good.' });
  const about = new Map((await said()).map((message) => [message.body, message.applicationId]));
  expect([about.get('Yes, I am.'), about.get('Good.')]).toEqual([applicationId, applicationId]);
});

it('R-BOX-5: mail of strangers is kept in the mailbox and makes no person', async () => {
  const { mailId } = await receive(raw({ from: 'stranger@mail.example' }));
  const [kept] = await world.db.query('select user_id from mails where id = $1', [mailId]);
  expect(kept).toEqual({ user_id: userOf() });
  expect(await said()).toEqual([]);
});

it('R-BOX-6: a fetched and a forwarded copy are one message, also in the mailboxes of two users', async () => {
  const first = await receive(raw());
  expect(await receive(raw({ more: 'Received: from forwarder\r\n' }))).toEqual({
    mailId: first.mailId,
    known: true,
  });
  await receive(raw(), { userId: company.colleague.id });
  expect(await said()).toHaveLength(1);
});

it('copies that arrive at the same instant are one message', async () => {
  await Promise.all([
    receive(raw()),
    receive(raw()),
    receive(raw(), { userId: company.colleague.id }),
    receive(raw(), { userId: company.colleague.id }),
  ]);
  expect(await said()).toHaveLength(1);
});

it('a reused Message-ID loses no mail', async () => {
  await receive(raw());
  await receive(raw({ subject: 'Another question' }));
  expect(await said()).toHaveLength(2);
});

it('R-CONF-2: confidential in the subject makes it private, and the reply to it too', async () => {
  await receive(raw({ subject: 'My salary: Confidential' }));
  await receive(
    raw({ id: '<2@mail.example>', subject: 'Re: My salary', more: 'In-Reply-To: <1@mail.example>\r\n' }),
  );
  expect(await said()).toEqual([]);
  const kept = await world.db.query('select private from mails where organization_id = $1', [
    company.organizationId,
  ]);
  expect(kept).toEqual([{ private: true }, { private: true }]);
});

it('mails that are stored together are as if they had come one by one', async () => {
  const answer = (id: string, to: string, subject = 'Re') =>
    raw({ id, subject, more: `In-Reply-To: ${to}\r\n` });
  const mails = await Promise.all(
    [
      raw({ id: '<a@mail.example>', subject: 'Confidential' }),
      answer('<b@mail.example>', '<a@mail.example>'),
      raw({ id: '<c@mail.example>', subject: 'Open' }),
      answer('<d@mail.example>', '<c@mail.example>'),
      raw({ id: '<c@mail.example>', subject: 'Open' }),
      raw({ id: '<c@mail.example>', subject: 'Another of the same name' }),
      raw({ id: '<e@mail.example>', from: 'stranger@mail.example' }),
    ].map(async (bytes) => ({ raw: bytes, mail: await parseMail(bytes) })),
  );
  const place = { organizationId: company.organizationId, userId: userOf(), folder: 'inbox' as const };
  const stored = await world.db.transact((tx) => receiveAllIn(tx, place, mails));
  expect(stored.map(({ known }) => known)).toEqual([false, false, false, false, true, false, false]);
  expect(stored[4]!.mailId).toBe(stored[2]!.mailId);
  const rows = await world.db.query<{ id: string; private: boolean; threadId: string }>(
    'select id, private, thread_id as "threadId" from mails where user_id = $1 order by id',
    [userOf()],
  );
  expect(rows.map((row) => row.private)).toEqual([true, true, false, false, false, false]);
  const [a, b, c, d, , e] = rows.map(({ threadId }) => threadId);
  expect([b, d]).toEqual([a, c]);
  expect(new Set([a, c, e]).size).toBe(3);
  const expected = ['Open', 'Re', 'Another of the same name'];
  expect((await said()).map(({ title }) => title).sort()).toEqual(expected.sort());
});

it('R-CONF-2: what answers a mail whose box was unticked is open, also where both are read together', async () => {
  const first = raw({ subject: 'Confidential' });
  const { mailId } = await receive(first);
  const rita = company.users.recruiter;
  await setMailPrivate(world.db, { ...company.as(rita), user: rita }, mailId, false);
  const answer = raw({ id: '<2@mail.example>', more: 'In-Reply-To: <1@mail.example>\r\n' });
  const mails = await Promise.all(
    [first, answer].map(async (bytes) => ({ raw: bytes, mail: await parseMail(bytes) })),
  );
  const place = { organizationId: company.organizationId, userId: userOf(), folder: 'inbox' as const };
  await world.db.transact((tx) => receiveAllIn(tx, place, mails));
  expect(await said()).toHaveLength(2);
});

it('R-CONF-3: mail from a confidential person, and that of a user whose incoming mail is, is private', async () => {
  await world.db.query(
    `insert into mailboxes (organization_id, user_id, incoming_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, true, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
    [company.organizationId, userOf()],
  );
  await receive(raw());
  await world.db.query('update people set confidential = true where id = $1', [eva.id]);
  await receive(raw({ id: '<2@mail.example>' }), { userId: company.colleague.id });
  expect(await said()).toEqual([]);
});
