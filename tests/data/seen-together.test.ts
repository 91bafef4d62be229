import { parseMail } from '../../src/channels/email/parse-mail';
import { readConversation } from '../../src/data/conversations/conversations';
import { changeThreads } from '../../src/data/mail/mail-threads';
import { readMail } from '../../src/data/mail/mailbox-read';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { changeMail, fileByHand } from '../../src/data/mailboxes/mailbox-commands';
import { setMailPrivate } from '../../src/data/mail/confidential';
import { markRead } from '../../src/data/messages/message-commands';
import type { ActingUser } from '../../src/domain/permissions';
import { dayMs } from '../support/company';
import { as, company, eva, me, newEva, testUserMail, world } from './user-mail-world';

testUserMail();
beforeEach(() => company.addEmail(eva, 'eva@mail.example'));

/** One for all copies of a mail: its Date is part of what they are known by. */
const lately = new Date();

async function receive(
  id: string,
  { user = company.users.recruiter, from = 'eva@mail.example', subject = 'Question' } = {},
): Promise<string> {
  const heads = [
    `From: ${from}`,
    'To: rita@acme.example',
    `Subject: ${subject}`,
    `Message-ID: <${id}@mail.example>`,
  ];
  const raw = Buffer.from(
    `${heads.join('\r\n')}\r\nDate: ${lately.toUTCString()}\r\n\r\nCan I bring my dog?`,
  );
  const place = { organizationId: company.organizationId, userId: user.id, folder: 'inbox' } as const;
  return (await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId;
}

const unread = async (user: ActingUser = company.users.recruiter) =>
  (await readConversation(world.db, { actor: company.as(user), dayMs, temporalUi: null }, company.ids(eva)))
    .unread;
const look = (user: ActingUser = company.users.recruiter) =>
  markRead(world.db, { actor: company.as(user), dayMs }, company.ids(eva));
const see = (mailId: string, seen = true) => changeMail(world.db, me(), mailId, { seen });
const seen = async (mailId: string, user: ActingUser = company.users.recruiter) =>
  (await readMail(world.db, as(user), mailId)).seen;
const news = async (user: ActingUser) =>
  (
    await world.db.query(
      `select 1 from notifications where organization_id = $1 and user_id = $2 and kind = 'messageReceived' and seen_at is null`,
      [company.organizationId, user.id],
    )
  ).length;

it('a mail that its user reads in Mail is read in the conversation, for nobody else', async () => {
  const mailId = await receive('a');
  expect([await unread(), await unread(company.colleague)]).toEqual([1, 1]);
  await see(mailId);
  expect([await unread(), await unread(company.colleague)]).toEqual([0, 1]);
});

it('what is read in Mail needs no telling in the conversation', async () => {
  const { recruiter } = company.users;
  await newEva({ responsible: recruiter });
  await company.addEmail(eva, 'eva@home.example');
  const mailId = await receive('a', { from: 'eva@home.example' });
  expect(await news(recruiter)).toBe(1);
  await see(mailId);
  expect(await news(recruiter)).toBe(0);
});

it('a message that came before it and was read nowhere stays unread, and those after it', async () => {
  const first = await receive('a');
  await company.write(eva, 'I have written you a mail');
  const second = await receive('b');
  await see(second);
  expect(await unread()).toBe(3);
  await see(first);
  expect(await unread()).toBe(2);
  await look();
  expect(await unread()).toBe(0);
});

it('marked as unread again, as by Undo, it is unread in the conversation as well, unless more was read there since', async () => {
  const mailId = await receive('a');
  const [thread] = await world.db.query<{ threadId: string }>(
    'select thread_id as "threadId" from mails where id = $1',
    [mailId],
  );
  const named = [{ ...thread!, folder: 'inbox' as const }];
  await changeThreads(world.db, me(), named, { seen: true });
  await changeThreads(world.db, me(), named, { seen: false });
  expect(await unread()).toBe(1);
  // put elsewhere, it is neither read nor unread by that
  await changeThreads(world.db, me(), named, { folder: 'archive' });
  expect(await unread()).toBe(1);
  await company.write(eva, 'And my cat?');
  await look();
  expect(await seen(mailId)).toBe(true);
  await see(mailId, false);
  expect([await unread(), await seen(mailId)]).toEqual([0, false]);
});

it('what is read in the conversation is read in the user’s own mailbox', async () => {
  const mine = await receive('a');
  const theirs = await receive('a', { user: company.colleague });
  const other = await receive('b', { from: 'otto@mail.example' });
  await look();
  expect([await seen(mine), await seen(theirs, company.colleague), await seen(other)]).toEqual([
    true,
    false,
    false,
  ]);
  // who marks it as unread then, to come back to it, is believed
  await company.write(eva, 'I have sent my documents');
  await look();
  await see(mine, false);
  await receive('c');
  await look();
  expect(await seen(mine)).toBe(false);
});

it('R-CONF-1: reading a conversation reads nobody’s confidential mail', async () => {
  const mailId = await receive('a');
  const hidden = await receive('b', { subject: 'Confidential' });
  const theirs = await receive('c', { user: company.colleague, subject: 'Confidential' });
  await look();
  await look(company.colleague);
  expect(await seen(mailId)).toBe(true);
  expect([await seen(hidden), await seen(theirs, company.colleague)]).toEqual([false, false]);
});

it('a mail that was read before it stands in a conversation is read there', async () => {
  const mailId = await receive('a', { from: 'eva@home.example' });
  await see(mailId);
  await fileByHand(world.db, me(), mailId, eva.id);
  expect([await unread(), await unread(company.colleague)]).toEqual([0, 1]);
  await setMailPrivate(world.db, me(), mailId, true);
  await setMailPrivate(world.db, me(), mailId, false);
  expect([await unread(), await unread(company.colleague)]).toEqual([0, 1]);
});
