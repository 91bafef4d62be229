import { parseMail } from '../../src/channels/email/parse-mail';
import { makeMessagePrivate, setMailPrivate } from '../../src/data/mail/confidential';
import { countTrash, deleteThreads, emptyTrash } from '../../src/data/mail/delete-mails';
import { attachFile, createDraft } from '../../src/data/mail/drafts';
import { changeMails } from '../../src/data/mail/mail-changes';
import { changeThreads, listThreads, type ThreadChange } from '../../src/data/mail/mail-threads';
import { countMails, listMails, readMail, readThread } from '../../src/data/mail/mailbox-read';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { changeMail, fileByHand } from '../../src/data/mailboxes/mailbox-commands';
import { listMessages } from '../../src/data/messages/message-read';
import type { SettledFolder } from '../../src/domain/mail-folders';
import type { ActingUser } from '../../src/domain/permissions';
import { as, company, eva, me, newEva, testUserMail, world } from './user-mail-world';

testUserMail();

type Wish = {
  id: string;
  answers?: string;
  from?: string;
  subject?: string;
  minute?: number;
  at?: Date;
  folder?: SettledFolder;
  user?: ActingUser;
  file?: string;
};

async function receive({
  id,
  answers,
  from = 'Eva Novak <eva@stranger.example>',
  subject = 'Question',
  minute = 0,
  at = new Date(Date.UTC(2020, 10, 2, 10, minute)),
  folder = 'inbox',
  user = company.users.recruiter,
  file,
}: Wish): Promise<string> {
  const heads = [
    `From: ${from}`,
    'To: Rita <rita@acme.example>',
    `Subject: ${subject}`,
    `Message-ID: <${id}@mail.example>`,
    `Date: ${at.toUTCString()}`,
    ...(answers ? [`In-Reply-To: <${answers}@mail.example>`] : []),
    ...(file ? ['Content-Type: application/pdf', `Content-Disposition: attachment; filename="${file}"`] : []),
  ];
  const raw = Buffer.from(`${heads.join('\r\n')}\r\n\r\nCan I bring my dog?`);
  const place = { organizationId: company.organizationId, userId: user.id, folder };
  return (await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId;
}

const threads = async (query: Partial<Parameters<typeof listThreads>[2]> = {}, actor = me()) =>
  (await listThreads(world.db, actor, { limit: 50, ...query })).items;
const change = (mailIds: string[], folder: SettledFolder, how: ThreadChange, actor = me()) =>
  threadsOf(mailIds, folder).then((named) => changeThreads(world.db, actor, named, how));
const threadsOf = async (mailIds: string[], folder: SettledFolder) =>
  (
    await world.db.query<{ threadId: string }>(
      'select distinct thread_id as "threadId" from mails where id = any($1::uuid[])',
      [mailIds],
    )
  ).map((row) => ({ ...row, folder }));
const inFile = async () =>
  (await listMessages(world.db, company.as(company.colleague), company.ids(eva), { limit: 50 })).items;
const rowsOf = async (mailId: string) => {
  const [row] = await world.db.query<{ rows: number }>(
    `select ((select count(*) from mails where id = $1) + (select count(*) from mail_raws where mail_id = $1)
       + (select count(*) from media where mail_id = $1))::int as rows`,
    [mailId],
  );
  return row!.rows;
};

it('R-BOX-7: a mailbox lists threads by their newest mail in the folder, with what is true of one of them', async () => {
  const first = await receive({ id: 'a', minute: 1 });
  await receive({ id: 'b', minute: 2, subject: 'Other' });
  const answer = await receive({
    id: 'c',
    minute: 3,
    answers: 'a',
    from: 'Tom <tom@x.example>',
    file: 'cv_tom.pdf',
  });
  await receive({ id: 'd', minute: 4, answers: 'c', from: 'Rita <rita@acme.example>', folder: 'sent' });
  await createDraft(
    world.db,
    { actor: me(), mailDomain: null },
    { answers: { mailId: answer, how: 'reply' } },
  );
  const inbox = await threads({ folder: 'inbox' });
  expect(inbox).toMatchObject([
    {
      mailId: answer,
      writers: ['Tom', 'Eva Novak'],
      answered: true,
      count: 3,
      unread: 2,
      hasAttachments: true,
    },
    { subject: 'Other', count: 1, unread: 1, answered: false },
  ]);
  await changeMail(world.db, me(), answer, { seen: true });
  expect(await threads({ folder: 'inbox', unread: true })).toMatchObject([
    { subject: 'Other' },
    { mailId: first, unread: 1 },
  ]);
  expect(await threads({ folder: 'drafts' })).toMatchObject([{ state: 'draft', count: 1 }]);
  expect(await threads({ folder: 'inbox' }, as(company.colleague))).toEqual([]);
  const page = await listThreads(world.db, me(), { folder: 'inbox', limit: 1 });
  const next = await listThreads(world.db, me(), { folder: 'inbox', limit: 1, cursor: page.nextCursor! });
  expect(next).toMatchObject({ items: [{ subject: 'Other' }], nextCursor: null });
  // a search finds one row a thread, by names of attachments too
  expect(await threads({ q: 'dog' })).toHaveLength(2);
  for (const q of ['cv_tom.pdf', 'tom pdf', 'tom@x.example', 'x.example'])
    expect([q, (await threads({ q })).filter(({ folder }) => folder !== 'drafts')]).toMatchObject([
      q,
      [{ mailId: answer }],
    ]);
  expect(await threads({ q: 'address' })).toEqual([]);
});

it('R-BOX-7: what is done to a thread is done to all of it, and undone', async () => {
  const first = await receive({ id: 'a' });
  const sent = await receive({ id: 'b', answers: 'a', folder: 'sent' });
  const second = await receive({ id: 'c', answers: 'b', minute: 5 });
  const folders = async () =>
    Promise.all([first, sent, second].map(async (id) => (await readMail(world.db, me(), id)).folder));
  await change([first], 'inbox', { seen: true });
  expect((await countMails(world.db, me())).inbox).toBe(0);
  await change([first], 'inbox', { folder: 'archive' });
  expect(await folders()).toEqual(['archive', 'sent', 'archive']);
  const before = await change([first], 'archive', { folder: 'trash' });
  expect(await folders()).toEqual(['trash', 'trash', 'trash']);
  expect(await threads({ folder: 'trash' })).toMatchObject([{ count: 3, unread: 0 }]);
  await changeMails(world.db, me(), before);
  expect(await folders()).toEqual(['archive', 'sent', 'archive']);
  // what was thrown away before stays there
  await changeMail(world.db, me(), first, { folder: 'trash' });
  await change([second], 'archive', { folder: 'inbox' });
  expect(await folders()).toEqual(['trash', 'sent', 'inbox']);
  expect((await readThread(world.db, me(), second)).map(({ id }) => id)).toEqual([sent, second]);
  await expect(change([second], 'inbox', { seen: true }, as(company.colleague))).rejects.toMatchObject({
    code: 'not_found',
  });
});

describe('Delete for good', () => {
  it('takes a mail out with its bytes and files, and it does not come again', async () => {
    const mailId = await receive({ id: 'a', file: 'cv.pdf' });
    const named = await threadsOf([mailId], 'inbox');
    await expect(deleteThreads(world.db, me(), named)).rejects.toMatchObject({ code: 'conflict' });
    await change([mailId], 'inbox', { folder: 'trash' });
    expect(await countTrash(world.db, me())).toEqual({ count: 1, filed: 0 });
    const inTrash = await threadsOf([mailId], 'trash');
    await expect(deleteThreads(world.db, as(company.colleague), inTrash)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await rowsOf(mailId)).toBe(3);
    expect(await deleteThreads(world.db, me(), inTrash)).toEqual({ deleted: 1 });
    expect(await rowsOf(mailId)).toBe(0);
    await receive({ id: 'a', file: 'cv.pdf' });
    expect((await listMails(world.db, me(), { limit: 50 })).items).toEqual([]);
  });

  it('R-BOX-5: leaves what is in the file of a person there, with its attachments', async () => {
    await company.addEmail(eva, 'eva@stranger.example');
    const mailId = await receive({ id: 'a', file: 'cv.pdf' });
    await change([mailId], 'inbox', { folder: 'trash' });
    expect(await countTrash(world.db, me())).toEqual({ count: 1, filed: 1 });
    expect(await emptyTrash(world.db, me())).toEqual({ deleted: 1, more: false });
    await expect(readMail(world.db, me(), mailId)).rejects.toMatchObject({ code: 'not_found' });
    expect(await inFile()).toMatchObject([
      { title: 'Question', mail: { attachments: [{ filename: 'cv.pdf' }] } },
    ]);
    // a colleague's copy is shown in its place where there is none of the conversation's own
    const copy = await receive({ id: 'b', user: company.colleague });
    await receive({ id: 'b' });
    await changeThreads(world.db, as(company.colleague), await threadsOf([copy], 'inbox'), {
      folder: 'trash',
    });
    await emptyTrash(world.db, as(company.colleague));
    expect(await inFile()).toMatchObject([{ mail: { subject: 'Question' } }, {}]);
    expect(await threads()).toHaveLength(1);
  });

  it('R-BOX-5: two who delete their copies of one mail leave it in the file once', async () => {
    await company.addEmail(eva, 'eva@stranger.example');
    const copies = [company.users.recruiter, company.colleague, company.users.supervisor];
    for (const user of copies) await receive({ id: 'a', user });
    for (const user of copies) {
      const [row] = await threads({}, as(user));
      const named = [{ threadId: row!.id, folder: 'inbox' as const }];
      await changeThreads(world.db, as(user), named, { folder: 'trash' });
      await emptyTrash(world.db, as(user));
    }
    expect(await inFile()).toMatchObject([{ mail: { subject: 'Question' } }]);
    const [left] = await world.db.query<{ count: number }>(
      'select count(*)::int as count from mails where organization_id = $1',
      [company.organizationId],
    );
    expect(left!.count).toBe(1);
  });

  it('R-CONF-1: whoever makes confidential what another has left to the file has it in their inbox', async () => {
    await company.addEmail(eva, 'eva@stranger.example');
    const colleague = as(company.colleague);
    const mailId = await receive({ id: 'a', user: company.colleague });
    await change([mailId], 'inbox', { folder: 'trash' }, colleague);
    await emptyTrash(world.db, colleague);
    const [message] = await inFile();
    await makeMessagePrivate(world.db, me(), message!.id);
    expect(await inFile()).toEqual([]);
    expect((await listMails(world.db, me(), { folder: 'inbox', limit: 50 })).items).toMatchObject([
      { id: mailId, private: true },
    ]);
  });

  it('R-CONF: of a confidential mail nothing is left, and what answers it or copies it stays confidential', async () => {
    await company.addEmail(eva, 'eva@stranger.example');
    const mailId = await receive({ id: 'a', subject: 'Confidential', file: 'salary.pdf' });
    const { organizationId, users } = company;
    await world.db.query(
      `insert into notifications (organization_id, id, user_id, kind, data, occurred_at)
       values ($1, gen_random_uuid(), $2, 'privateMail', jsonb_build_object('mailId', $3::text), clock_timestamp())`,
      [organizationId, users.recruiter.id, mailId],
    );
    await change([mailId], 'inbox', { folder: 'trash' });
    await emptyTrash(world.db, me());
    expect(await rowsOf(mailId)).toBe(0);
    const told = await world.db.query('select 1 from notifications where organization_id = $1', [
      organizationId,
    ]);
    expect(told).toEqual([]);
    const answer = await receive({ id: 'b', answers: 'a', subject: 'Re: my salary' });
    expect((await readMail(world.db, me(), answer)).private).toBe(true);
    await receive({ id: 'a', subject: 'Confidential', file: 'salary.pdf', user: company.colleague });
    expect(await inFile()).toEqual([]);
  });

  it('R-CONF-2: a colleague who answers their copy of a confidential mail answers confidentially', async () => {
    const mailId = await receive({ id: 'a' });
    const copy = await receive({ id: 'a', user: company.colleague });
    await setMailPrivate(world.db, me(), mailId, true);
    await change([mailId], 'inbox', { folder: 'trash' });
    await emptyTrash(world.db, me());
    const colleague = as(company.colleague);
    const answers = { mailId: copy, how: 'reply' } as const;
    const { id } = await createDraft(world.db, { actor: colleague, mailDomain: null }, { answers });
    expect((await readMail(world.db, colleague, id)).private).toBe(true);
  });

  it('a draft that answers it can still be written and sent', async () => {
    const mailId = await receive({ id: 'a' });
    const context = { actor: me(), mailDomain: null };
    const draft = await createDraft(world.db, context, { answers: { mailId, how: 'reply' } });
    await attachFile(world.db, me(), draft.id, {
      bytes: Buffer.from('x'),
      mimeType: 'text/plain',
      filename: 'offer.txt',
    });
    await change([mailId], 'inbox', { folder: 'trash' });
    await emptyTrash(world.db, me());
    expect(await readMail(world.db, me(), draft.id)).toMatchObject({ state: 'draft', replyToMailId: null });
    expect(await threads({ q: 'offer' })).toMatchObject([{ mailId: draft.id }]);
    await expect(fileByHand(world.db, me(), mailId, eva.id)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('R-BOX-5: what is taken out of junk', () => {
  const supervisor = () => company.users.supervisor;
  const told = async () =>
    (
      await world.db.query<{ userId: string; kind: string }>(
        'select user_id as "userId", kind from notifications where organization_id = $1',
        [company.organizationId],
      )
    ).map(({ userId, kind }) => ({ userId, kind }));
  /** One for all copies of a mail: its Date is part of what they are known by. */
  const lately = new Date();
  const junk = (wish: Partial<Wish> = {}) =>
    receive({ id: 'j', from: 'eva@mail.example', folder: 'junk', at: lately, ...wish });
  beforeEach(async () => {
    await newEva({ responsible: supervisor() });
    await company.addEmail(eva, 'eva@mail.example');
  });

  it('stands in the conversation as if it had just come, once, and whoever is responsible is told', async () => {
    const id = await junk();
    expect(await inFile()).toEqual([]);
    await changeMail(world.db, me(), id, { folder: 'inbox' });
    expect(await inFile()).toMatchObject([{ title: 'Question', direction: 'in' }]);
    const news = await told();
    expect(news).toContainEqual({ userId: supervisor().id, kind: 'messageReceived' });
    expect((await readMail(world.db, me(), id)).filedUnder).toMatchObject([{ id: eva.id, byHand: false }]);
    // there and back, and a copy of it that comes to a colleague
    await changeMail(world.db, me(), id, { folder: 'junk' });
    await changeMail(world.db, me(), id, { folder: 'archive' });
    await junk({ folder: 'inbox' });
    await junk({ folder: 'inbox', user: company.colleague });
    expect(await inFile()).toHaveLength(1);
    expect(await told()).toEqual(news);
  });

  it('by whole threads, and by undoing as well; out of one waste into another it is in no file', async () => {
    const id = await junk();
    await junk({ id: 'k', answers: 'j', subject: 'Again' });
    await change([id], 'junk', { folder: 'trash' });
    expect(await inFile()).toEqual([]);
    await change([id], 'trash', { folder: 'inbox' });
    expect((await inFile()).map(({ title }) => title)).toEqual(['Again', 'Question']);
    const other = await junk({ id: 'l', subject: 'Third' });
    await changeMails(world.db, me(), [{ mailId: other, seen: false, folder: 'inbox' }]);
    expect(await inFile()).toHaveLength(3);
  });

  it('undone, it is in the file no more, as if it had never been there; what came there by itself stays', async () => {
    const usual = await receive({ id: 'u', from: 'eva@mail.example', at: lately });
    const id = await junk({ answers: 'u', subject: 'Again' });
    const undo = await change([id], 'junk', { folder: 'inbox' });
    expect(undo).toEqual([{ mailId: id, seen: false, folder: 'junk', filed: [eva.id] }]);
    expect((await inFile()).map(({ title }) => title)).toEqual(['Again', 'Question']);
    await changeMails(world.db, me(), undo);
    expect((await inFile()).map(({ title }) => title)).toEqual(['Question']);
    expect(await readMail(world.db, me(), id)).toMatchObject({ folder: 'junk', filedUnder: [] });
    // twice is once, and taking it out again files it again
    await changeMails(world.db, me(), undo);
    await change([id], 'junk', { folder: 'inbox' });
    expect(await inFile()).toHaveLength(2);
    // a mail that was never junk is the file's, whatever is asked
    await changeMails(world.db, me(), [{ mailId: usual, seen: false, folder: 'junk', filed: [eva.id] }]);
    expect(await inFile()).toHaveLength(2);
    expect((await readMail(world.db, me(), usual)).filedUnder).toMatchObject([{ id: eva.id }]);
  });

  it('undone by one of two who have it, the other’s stays in the file', async () => {
    const mine = await junk();
    const theirs = await junk({ user: company.colleague });
    const undo = await change([mine], 'junk', { folder: 'inbox' });
    await change([theirs], 'junk', { folder: 'inbox' }, as(company.colleague));
    expect(await inFile()).toHaveLength(1);
    await changeMails(world.db, me(), undo);
    expect(await inFile()).toHaveLength(1);
    expect((await readMail(world.db, me(), mine)).filedUnder).toEqual([]);
    expect((await readMail(world.db, as(company.colleague), theirs)).filedUnder).toHaveLength(1);
  });

  it('R-CONF-1, R-CONF-3: not a private one, nor one from somebody who is confidential by now', async () => {
    const id = await junk({ subject: 'Confidential' });
    const other = await junk({ id: 'k' });
    await world.db.query('update people set confidential = true where id = $1', [eva.id]);
    for (const mailId of [id, other]) await changeMail(world.db, me(), mailId, { folder: 'inbox' });
    expect(await inFile()).toEqual([]);
    for (const mailId of [id, other])
      expect(await readMail(world.db, me(), mailId)).toMatchObject({
        private: true,
        filedUnder: [{ id: eva.id }],
      });
    expect(await told()).toEqual([]);
  });
});
