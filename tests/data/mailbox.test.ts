import { parseMail } from '../../src/channels/email/parse-mail';
import { attachFile, changeDraft, createDraft, discardDraft } from '../../src/data/mail/drafts';
import { changeMail, fileByHand, unfile } from '../../src/data/mailboxes/mailbox-commands';
import { countMails, listMails, readMail, readThread } from '../../src/data/mail/mailbox-read';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { listMessages } from '../../src/data/messages/message-read';
import type { Person } from '../support/company';
import { as, company, eva, me, testUserMail, world } from './user-mail-world';

testUserMail();

const context = () => ({ actor: me(), mailDomain: 'mail.example' });

let serial = 0;
async function receive(
  more: { from?: string; subject?: string; text?: string; answers?: string; id?: string; at?: string } = {},
): Promise<string> {
  serial += 1;
  const {
    from = 'Eva Novak <eva@stranger.example>',
    subject = 'Question',
    id = `<${serial}@mail.example>`,
    at = `2020-11-02T10:00:${String(serial % 60).padStart(2, '0')}Z`,
  } = more;
  const raw = Buffer.from(
    `From: ${from}\r\nTo: rita@acme.example\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\nDate: ${new Date(at).toUTCString()}\r\n${
      more.answers ? `In-Reply-To: ${more.answers}\r\n` : ''
    }\r\n${more.text ?? 'Can I bring my dog?'}`,
  );
  const place = {
    organizationId: company.organizationId,
    userId: company.users.recruiter.id,
    folder: 'inbox' as const,
  };
  return (await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId;
}
const list = async (query: Partial<Parameters<typeof listMails>[2]> = {}, actor = me()) =>
  listMails(world.db, actor, { limit: 50, ...query });
const subjects = async (query: Partial<Parameters<typeof listMails>[2]> = {}) =>
  (await list(query)).items.map(({ subject }) => subject);
const said = async () =>
  (await listMessages(world.db, company.as(company.colleague), company.ids(eva), { limit: 50 })).items;
const addressOf = (person: Person, address: string) => company.addEmail(person, address);

it('R-BOX-5: a mailbox is its user’s alone', async () => {
  const id = await receive();
  for (const user of [company.users.administrator, company.colleague]) {
    expect((await list({}, as(user))).items).toEqual([]);
    expect((await countMails(world.db, as(user))).inbox).toBe(0);
    await expect(readMail(world.db, as(user), id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(readThread(world.db, as(user), id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(changeMail(world.db, as(user), id, { seen: true })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(fileByHand(world.db, as(user), id, eva.id)).rejects.toMatchObject({ code: 'not_found' });
    const answers = { mailId: id, how: 'forward' as const };
    await expect(
      createDraft(world.db, { actor: as(user), mailDomain: null }, { answers }),
    ).rejects.toMatchObject({ code: 'not_found' });
  }
});

it('R-BOX-7: lists by folder, newest first, page by page, and counts what is unread', async () => {
  const ids = [await receive(), await receive(), await receive()];
  await changeMail(world.db, me(), ids[0]!, { seen: true });
  await changeMail(world.db, me(), ids[1]!, { folder: 'archive' });
  expect((await list()).items.map(({ id }) => id)).toEqual(ids.toReversed());
  const first = await list({ limit: 2 });
  const second = await list({ limit: 2, cursor: first.nextCursor! });
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids.toReversed());
  expect(second.nextCursor).toBeNull();
  expect((await list({ folder: 'inbox', unread: true })).items.map(({ id }) => id)).toEqual([ids[2]]);
  expect(await countMails(world.db, me())).toEqual({
    inbox: 1,
    archive: 1,
    drafts: 0,
    sent: 0,
    junk: 0,
    trash: 0,
  });
  await changeMail(world.db, me(), ids[0]!, { seen: false });
  expect((await countMails(world.db, me())).inbox).toBe(2);
});

it('R-BOX-7: search finds words, and their beginnings, in subject, sender and text', async () => {
  await receive({ subject: 'About the kitchen', text: 'The oven is hot.' });
  await receive({ subject: "Tom's bicycle", from: 'Tom Janssen <tom@stranger.example>' });
  expect(await subjects({ q: 'kitch' })).toEqual(['About the kitchen']);
  expect(await subjects({ q: 'oven ho' })).toEqual(['About the kitchen']);
  expect(await subjects({ q: 'jansSEN' })).toEqual(["Tom's bicycle"]);
  expect(await subjects({ q: 'tom@stranger.example' })).toEqual(["Tom's bicycle"]);
  expect(await subjects({ q: "bicycle oven '&|!():*\\" })).toEqual([]);
  expect(await subjects({ q: '& !' })).toEqual([]);
});

it('a thread holds what answers each other', async () => {
  const first = await receive({ id: '<first@mail.example>' });
  const second = await receive({ subject: 'Re: Question', answers: '<first@mail.example>' });
  await receive({ subject: 'Something else' });
  expect((await readThread(world.db, me(), second)).map(({ id }) => id)).toEqual([first, second]);
});

it('a draft is changed by one page at a time, and discarded', async () => {
  const { id } = await createDraft(world.db, context(), { subject: 'Hello' });
  const { version } = await readMail(world.db, me(), id);
  await changeDraft(world.db, context(), id, { version, text: 'One' });
  await expect(changeDraft(world.db, context(), id, { version, text: 'Two' })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await readMail(world.db, me(), id)).toMatchObject({ subject: 'Hello', text: 'One', state: 'draft' });
  expect((await countMails(world.db, me())).drafts).toBe(1);
  // what was written, or attached, on another page is not lost with what this one has not touched
  await expect(discardDraft(world.db, me(), id, version)).rejects.toMatchObject({ code: 'conflict' });
  const shown = await readMail(world.db, me(), id);
  await attachFile(world.db, me(), id, {
    bytes: Buffer.from('a'),
    mimeType: 'text/plain',
    filename: 'a.txt',
  });
  await expect(discardDraft(world.db, me(), id, shown.version)).rejects.toMatchObject({ code: 'conflict' });
  await discardDraft(world.db, me(), id);
  await expect(readMail(world.db, me(), id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(discardDraft(world.db, me(), await receive())).rejects.toMatchObject({ code: 'conflict' });
});

it('what is quoted can be left out, and taken in again', async () => {
  const { id } = await createDraft(world.db, context(), {
    answers: { mailId: await receive(), how: 'reply' },
  });
  const { quoted, version } = await readMail(world.db, me(), id);
  expect(quoted).toContain('> Can I bring my dog?');
  await changeDraft(world.db, context(), id, { version, quote: false });
  const without = await readMail(world.db, me(), id);
  expect(without.quoted).toBeNull();
  await changeDraft(world.db, context(), id, { version: without.version, quote: true });
  expect((await readMail(world.db, me(), id)).quoted).toBe(quoted);
});

describe('R-BOX-5: filed by hand', () => {
  it('stands in the conversation, and not any more when it is taken out', async () => {
    const id = await receive();
    await fileByHand(world.db, me(), id, eva.id);
    expect(await said()).toMatchObject([{ channel: 'email', direction: 'in', title: 'Question' }]);
    expect((await readMail(world.db, me(), id)).filedUnder).toMatchObject([{ id: eva.id, byHand: true }]);
    await fileByHand(world.db, me(), id, eva.id);
    expect(await said()).toHaveLength(1);
    await unfile(world.db, me(), id, eva.id);
    expect(await said()).toEqual([]);
    expect((await readMail(world.db, me(), id)).filedUnder).toEqual([]);
    await unfile(world.db, me(), id, eva.id);
  });

  it('R-CONF-1: a private one stays the user’s', async () => {
    const id = await receive({ subject: 'Confidential' });
    await fileByHand(world.db, me(), id, eva.id);
    expect(await said()).toEqual([]);
    expect((await readMail(world.db, me(), id)).filedUnder).toMatchObject([{ id: eva.id }]);
  });

  it('whoever has the address by now is proposed; what is there by its address stays', async () => {
    const id = await receive();
    expect((await readMail(world.db, me(), id)).proposed).toEqual([]);
    await addressOf(eva, 'eva@stranger.example');
    expect((await readMail(world.db, me(), id)).proposed).toMatchObject([{ id: eva.id, kind: 'candidate' }]);
    const later = await receive();
    expect(await readMail(world.db, me(), later)).toMatchObject({
      proposed: [],
      filedUnder: [{ id: eva.id }],
    });
    await expect(unfile(world.db, me(), later, eva.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('R-ROLE-2: only under people one sees', async () => {
    const reviewer = company.users.reviewer;
    const id = await receive();
    await world.db.query('update mails set user_id = $2 where id = $1', [id, reviewer.id]);
    await addressOf(eva, 'eva@stranger.example');
    expect((await readMail(world.db, as(reviewer), id)).proposed).toEqual([]);
    await expect(fileByHand(world.db, as(reviewer), id, eva.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});
