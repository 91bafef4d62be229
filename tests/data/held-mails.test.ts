import { parseMail } from '../../src/channels/email/parse-mail';
import {
  acceptHeldMail,
  discardHeldMail,
  listHeldMails,
  takeBackHeldMail,
} from '../../src/data/mail/held-mails';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf, type ReplyParty } from '../../src/data/mail/reply-addresses';
import { listMessages } from '../../src/data/messages/message-read';
import { readConversation } from '../../src/data/conversations/conversations';
import { replyAddress } from '../../src/domain/reply-address';
import type { Actor } from '../../src/domain/permissions';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;
let eva: Person;
let applicationId: string;
let count = 0;
const mailDomain = 'parley.test';

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  company = await world.company();
  eva = await company.person({ firstName: 'Eva', lastName: 'Novak' });
  [applicationId] = (await company.apply(await company.vacancy(), [eva])) as [string];
});

/** A mail from an address that nobody knows comes to a reply address of Eva's conversation. */
async function strange(
  party: ReplyParty = { party: 'person' },
  { from = '', subject = 'Re: Interview' } = {},
): Promise<{ address: string; outcome: string }> {
  const address = from || `eva.private${count + 1}@mail.example`;
  const { outcome } = await arrives(party, await written(party, address, subject));
  return { address, outcome };
}

async function written(party: ReplyParty, address: string, subject = 'Re: Interview'): Promise<Buffer> {
  count += 1;
  const to = replyAddress(world.hashKey, await addressOf(party), 'acme.parley.test');
  return Buffer.from(
    `From: Eva <${address}>\r\nTo: ${to}\r\nSubject: ${subject}\r\nMessage-ID: <${count}@mail.example>\r\n` +
      `Date: ${new Date().toUTCString()}\r\n\r\nIt is me, from home.`,
  );
}

const addressOf = (party: ReplyParty) => {
  const { organizationId } = company;
  return replyAddressOf(
    world.db,
    { organizationId, conversationId: eva.conversationId, applicationId },
    party,
  );
};

async function arrives(party: ReplyParty, raw: Buffer) {
  const target = await findReplyAddress(world.db, company.organizationId, await addressOf(party));
  const context = { dayMs, hashKey: world.hashKey, mailDomain };
  return receiveReply(world.db, context, target!, await parseMail(raw), raw);
}

const recruiter = () => company.as(company.users.recruiter);
const waiting = async (actor: Actor = recruiter(), personId?: string) =>
  (await listHeldMails(world.db, actor, { limit: 50, personId })).items;
const accept = async (addAddress = false, actor: Actor = recruiter()) => {
  const [held] = await waiting();
  return acceptHeldMail(world.db, { actor, hashKey: world.hashKey }, held!.id, { addAddress });
};
const said = async () => (await listMessages(world.db, recruiter(), company.ids(eva), { limit: 50 })).items;
const addresses = async () =>
  (
    await world.db.query<{ key: string }>(
      `select key from contact_points where person_id = $1 and kind = 'email'`,
      [eva.id],
    )
  ).map(({ key }) => key);

it('a mail from an address that is not the person’s waits under them, with the reason', async () => {
  const { address } = await strange();
  const shown = {
    person: { id: eva.id, name: 'Eva Novak' },
    from: { name: 'Eva', address },
    subject: 'Re: Interview',
    text: 'It is me, from home.',
    mayAccept: true,
    reasonText: expect.stringContaining('an address that is not theirs') as string,
  };
  expect(await waiting()).toMatchObject([shown]);
  expect(await waiting(recruiter(), eva.id)).toMatchObject([shown]);
  expect(await waiting(recruiter(), (await company.person()).id)).toEqual([]);
  const context = { actor: recruiter(), dayMs, temporalUi: null };
  expect((await readConversation(world.db, context, company.ids(eva))).heldMails).toBe(1);
  expect(await said()).toEqual([]);
});

it('accepted, it is the person’s message, on the match of the thread (R-MAIL-5); the address stays unknown', async () => {
  await strange();
  const { messageId } = await accept();
  expect(await said()).toMatchObject([
    { id: messageId, direction: 'in', body: 'It is me, from home.', applicationId, mail: { hasHtml: false } },
  ]);
  expect(await waiting()).toEqual([]);
  expect(await addresses()).toEqual([]);
  const [entry] = await world.db.query(
    'select action, target_id as "targetId" from audit_entries where organization_id = $1 order by id desc limit 1',
    [company.organizationId],
  );
  expect(entry).toEqual({ action: 'heldMail.accepted', targetId: eva.id });
});

it('accepted with its address, the next one from there arrives by itself', async () => {
  const { address } = await strange();
  await accept(true);
  expect(await addresses()).toEqual([address]);
  expect((await strange({ party: 'person' }, { from: address })).outcome).toBe('kept');
  expect(await said()).toHaveLength(2);
});

it('an address that is somebody else’s is refused, and the mail waits on', async () => {
  const other = await company.person({ firstName: 'Otto' });
  const { address } = await strange();
  await company.addEmail(other, address);
  await expect(accept(true)).rejects.toMatchObject({ code: 'conflict' });
  expect(await waiting()).toHaveLength(1);
});

it('discarded, it is kept, and waits no more; who comes later finds none', async () => {
  await strange();
  const [held] = await waiting();
  await discardHeldMail(world.db, recruiter(), held!.id);
  expect(await waiting()).toEqual([]);
  const [kept] = await world.db.query('select state, folder from mails where id = $1', [held!.id]);
  expect(kept).toEqual({ state: 'received', folder: 'trash' });
  await expect(discardHeldMail(world.db, recruiter(), held!.id)).rejects.toMatchObject({ code: 'not_found' });
});

it('discarded by mistake, it is taken back as it was, once, and can be accepted', async () => {
  await strange();
  const before = await waiting();
  const mailId = before[0]!.id;
  await discardHeldMail(world.db, recruiter(), mailId);
  // whoever does not see the person has nothing to take back
  const reviewer = company.as(company.users.reviewer);
  await expect(takeBackHeldMail(world.db, reviewer, mailId)).rejects.toMatchObject({ code: 'not_found' });
  await takeBackHeldMail(world.db, company.as(company.colleague), mailId);
  // by two at once it is taken back once
  await takeBackHeldMail(world.db, recruiter(), mailId);
  expect(await waiting()).toEqual(before);
  await accept();
  expect(await said()).toMatchObject([{ direction: 'in', body: 'It is me, from home.' }]);
  await expect(takeBackHeldMail(world.db, recruiter(), mailId)).rejects.toMatchObject({ code: 'not_found' });
});

it('of two who accept at the same instant one does, and it is one message', async () => {
  await strange();
  const [held] = await waiting();
  const both = [recruiter(), company.as(company.colleague)].map((actor) =>
    acceptHeldMail(world.db, { actor, hashKey: world.hashKey }, held!.id, { addAddress: false }),
  );
  const outcomes = (await Promise.allSettled(both)).map(({ status }) => status).sort();
  expect(outcomes).toEqual(['fulfilled', 'rejected']);
  expect(await said()).toHaveLength(1);
});

it('R-ROLE-1: the answer of a colleague who may not send cannot be accepted as the person’s', async () => {
  const { reviewer } = company.users;
  await strange({ party: 'user', userId: reviewer.id }, { from: `${reviewer.id}@example.com` });
  expect(await waiting()).toMatchObject([{ mayAccept: false, reasonText: 'Your role does not allow this.' }]);
  await expect(accept()).rejects.toMatchObject({ code: 'conflict' });
});

it('R-MAIL-2: what a colleague wrote to another’s reply address is nobody’s message but theirs', async () => {
  const { recruiter: anna } = company.users;
  await strange({ party: 'user', userId: anna.id }, { from: `${company.colleague.id}@example.com` });
  expect(await waiting()).toMatchObject([{ mayAccept: false }]);
  await expect(accept()).rejects.toMatchObject({ code: 'conflict' });
  expect(await said()).toEqual([]);
});

describe('R-MAIL-2: a user who answers in the mailbox of Parley, from their system address,', () => {
  /** Under which they write, and one that only looks like it. */
  async function own(userId: string) {
    const [user] = await world.db.query<{ name: string; slug: string }>(
      `update users u set mail_name = 'user-' || left(u.id::text, 8) from organizations o
       where o.id = u.organization_id and u.id = $1 returning u.mail_name as name, o.slug`,
      [userId],
    );
    const { name, slug } = user!;
    return { address: `${name}@${slug}.${mailDomain}`, elsewhere: `${name}@${slug}.mail.example` };
  }

  it('reaches the candidate; what came to another’s address is nobody’s message but theirs', async () => {
    const { recruiter: anna } = company.users;
    const { address, elsewhere } = await own(anna.id);
    await company.addEmail(eva, `eva${count}@mail.example`);
    await strange({ party: 'user', userId: anna.id }, { from: elsewhere });
    expect(await waiting()).toMatchObject([{ from: { address: elsewhere }, mayAccept: false }]);
    expect(await strange({ party: 'user', userId: anna.id }, { from: address })).toMatchObject({
      outcome: 'kept',
    });
    expect(await said()).toMatchObject([{ direction: 'out', body: 'It is me, from home.' }]);
    await strange({ party: 'person' }, { from: address });
    expect(await waiting()).toMatchObject([{ mayAccept: false }, { mayAccept: false }]);
  });

  it('R-CONF-1: with the box Confidential ticked is refused: the conversation is seen by all', async () => {
    const { recruiter: anna } = company.users;
    const { address } = await own(anna.id);
    const { organizationId } = company;
    const party = { party: 'user', userId: anna.id } as const;
    const raw = await written(party, address);
    await receiveForUser(
      world.db,
      { organizationId, userId: anna.id, folder: 'sent' },
      await parseMail(raw),
      raw,
    );
    await world.db.query('update mails set private = true where user_id = $1', [anna.id]);
    expect(await arrives(party, raw)).toEqual({ outcome: 'held', reason: 'confidential_mail' });
    expect(await said()).toEqual([]);
    for (const user of [company.users.administrator, company.colleague])
      expect(await waiting(company.as(user))).toEqual([]);
  });
});

it('R-CONF-1, R-CONF-3: confidential ones are seen by nobody else; of a person who became so, they are the accepter’s alone', async () => {
  await strange({ party: 'person' }, { subject: 'Confidential' });
  for (const user of [company.users.administrator, company.colleague])
    expect(await waiting(company.as(user))).toEqual([]);
  await strange();
  await world.db.query('update people set confidential = true where id = $1', [eva.id]);
  await expect(accept(false, company.program)).rejects.toMatchObject({ code: 'conflict' });
  expect(await accept(false, company.as(company.colleague))).toEqual({ messageId: null });
  expect(await said()).toEqual([]);
  const [mail] = await world.db.query(
    'select private, user_id as "userId" from mails where message_id_header = $1',
    [`<${count}@mail.example>`],
  );
  expect(mail).toEqual({ private: true, userId: company.colleague.id });
});

it('R-CONF-1: a confidential one that its user has discarded is taken back by nobody else', async () => {
  await strange();
  const [held] = await waiting();
  await world.db.query('update mails set private = true, user_id = $2 where id = $1', [
    held!.id,
    company.users.recruiter.id,
  ]);
  await discardHeldMail(world.db, recruiter(), held!.id);
  const others = [company.users.administrator, company.colleague].map((user) => company.as(user));
  for (const actor of [...others, company.program])
    await expect(takeBackHeldMail(world.db, actor, held!.id)).rejects.toMatchObject({ code: 'not_found' });
  await takeBackHeldMail(world.db, recruiter(), held!.id);
  expect(await waiting()).toMatchObject([{ id: held!.id, private: true }]);
});

it('R-CONF-3: what a confidential person may have sent from another address is shown to nobody else', async () => {
  await world.db.query('update people set confidential = true where id = $1', [eva.id]);
  await strange();
  for (const user of [company.users.administrator, company.users.recruiter, company.colleague])
    expect(await waiting(company.as(user))).toEqual([]);
  const mails = await world.db.query('select private, state from mails where organization_id = $1', [
    company.organizationId,
  ]);
  expect(mails).toEqual([{ private: true, state: 'received' }]);
});
