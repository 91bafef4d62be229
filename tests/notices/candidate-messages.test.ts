import { parseMail } from '../../src/channels/email/parse-mail';
import { listNotifications } from '../../src/data/conversations/notifications';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf, type ReplyParty } from '../../src/data/mail/reply-addresses';
import { routeMail } from '../../src/data/mail/route-mail';
import { listMessages } from '../../src/data/messages/message-read';
import type { ActingUser } from '../../src/domain/permissions';
import type { Mail, Mailer } from '../../src/mailer';
import { mailCandidateMessages, mailRefusedReplies } from '../../src/notices/candidate-messages';
import { createWorld, dayMs, type Company, type Person, type Vacancy, type World } from '../support/company';

let world: World;
let company: Company;
let vacancy: Vacancy;
let eva: Person;
let applicationId: string;
let mails: Mail[];
let refusal: Error | undefined;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  [mails, refusal] = [[], undefined];
  await world.db.query('delete from message_notices');
  count += 1;
  company = await world.company();
  vacancy = await company.vacancy({ assigned: [company.users.recruiter, company.users.interviewer] });
  eva = await company.person({ firstName: 'Eva', lastName: 'Novak', responsible: company.users.recruiter });
  [applicationId] = (await company.apply(vacancy, [eva])) as [string];
  await company.addEmail(eva, evaAddress());
  await announceTo('jobs@acme.example');
});

const evaAddress = () => `eva${count}@mail.example`;
const addressOf = ({ id }: ActingUser) => `${id}@example.com`;
const announceTo = (...addresses: string[]) =>
  world.db.query('update vacancies set notification_emails = $2 where id = $1', [vacancy.id, addresses]);

const mailer: Mailer = {
  assertConfigured: () => undefined,
  send: (mail) => (refusal ? Promise.reject(refusal) : Promise.resolve(void mails.push(mail))),
  close: () => undefined,
};

async function sendMails(mailDomain: string | null = 'parley.test'): Promise<void> {
  const { db, hashKey } = world;
  const deps = { db, mailer, logger: world.deps.logger, publicUrl: 'http://parley', hashKey, mailDomain };
  await mailCandidateMessages(deps);
  await mailRefusedReplies(deps);
}

let mailCount = 0;

/** A mail to a reply address, as the receiver hands it on. */
async function answer(
  party: ReplyParty,
  { from = evaAddress(), subject = 'Re: Interview', text = 'Yes, at ten.', headers = '' } = {},
) {
  const { organizationId } = company;
  const thread = { organizationId, conversationId: eva.conversationId, applicationId };
  const to = await findReplyAddress(world.db, organizationId, await replyAddressOf(world.db, thread, party));
  mailCount += 1;
  const raw = Buffer.from(
    `From: ${from}\r\nTo: reply@acme.example\r\nSubject: ${subject}\r\nMessage-ID: <${mailCount}@mail.example>\r\n` +
      `Date: ${new Date().toUTCString()}\r\n${headers}\r\n${text}`,
  );
  const context = { dayMs, hashKey: world.hashKey };
  return receiveReply(world.db, context, to!, await parseMail(raw), raw);
}

const told = async (user: ActingUser) =>
  (await listNotifications(world.db, { ...company.as(user), user }, { limit: 50 })).items;

it('R-MAIL-2: Administrators and the users of the vacancy are told in the app, each once', async () => {
  await answer({ party: 'person' });
  const { administrator, recruiter, interviewer, reviewer } = company.users;
  for (const user of [administrator, recruiter, interviewer])
    expect(await told(user)).toMatchObject([{ kind: 'messageReceived', personName: 'Eva Novak' }]);
  for (const user of [company.colleague, reviewer]) expect(await told(user)).toEqual([]);
});

it('R-MAIL-2: the notification addresses get the text by mail, once, and their replies reach the candidate', async () => {
  await announceTo('jobs@acme.example', 'Jobs@acme.example', addressOf(company.users.recruiter));
  await answer({ party: 'person' });
  await sendMails();
  await sendMails();
  expect(mails.map(({ to }) => to).sort()).toEqual(
    ['jobs@acme.example', addressOf(company.users.recruiter)].sort(),
  );
  for (const { to, replyTo, text, subject } of mails) {
    expect(subject).toBe('Re: Interview (Baker)');
    expect(text).toContain('Yes, at ten.');
    expect(text).toContain(`http://parley/inbox/${eva.conversationId}`);
    const target = await routeMail(world.db, { hash: world.hashKey, mailDomain: 'parley.test' }, replyTo!);
    expect(target).toMatchObject({
      to: {
        conversationId: eva.conversationId,
        applicationId,
        party: to === 'jobs@acme.example' ? 'address' : 'user',
      },
    });
  }
});

it('R-MAIL-2: whoever may not send gets no reply address, and is told where answers are not taken', async () => {
  const { reviewer, interviewer } = company.users;
  await announceTo(addressOf(reviewer), addressOf(interviewer));
  await answer({ party: 'person' });
  await sendMails();
  const toReviewer = mails.find(({ to }) => to === addressOf(reviewer))!;
  expect(toReviewer.replyTo).toBeUndefined();
  expect(mails.find(({ replyTo }) => replyTo)!.replyToName).toBe(
    mails[0]!.fromName!.replace(' (Parley)', ''),
  );
  expect(toReviewer.text).toContain('Your role does not allow answering');
  // R-ROLE-3: the vacancy's tray
  expect(mails.find(({ to }) => to === addressOf(interviewer))!.replyTo).toMatch(/^reply\+/);
});

it('without a mail domain a notification says that replies reach nobody', async () => {
  await answer({ party: 'person' });
  await sendMails(null);
  expect(mails).toMatchObject([
    { text: expect.stringContaining('A reply to this mail reaches nobody. Answer here:') as string },
  ]);
  expect(mails[0]!.replyTo).toBeUndefined();
});

it('an address whose server is away holds up no other, however much waits for it', async () => {
  await announceTo('jobs@acme.example');
  await answer({ party: 'person' });
  await world.db.query(
    `insert into message_notices (organization_id, id, message_id, address, created_at)
     select n.organization_id, gen_random_uuid(), gen_random_uuid(), 'away@acme.example', n.created_at + make_interval(secs => i)
     from message_notices n, generate_series(1, 150) i where n.organization_id = $1`,
    [company.organizationId],
  );
  await sendMails();
  expect(mails).toMatchObject([{ to: 'jobs@acme.example' }]);
});

it('a mail server that is away gets the notification later, under the same Message-ID', async () => {
  await answer({ party: 'person' });
  refusal = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
  await sendMails();
  refusal = undefined;
  await sendMails();
  expect(mails).toHaveLength(1);
  await world.db.query('update message_notices set mailed_at = null where organization_id = $1', [
    company.organizationId,
  ]);
  await sendMails();
  expect(mails[1]!.messageId).toBe(mails[0]!.messageId);
});

it.each([
  ['a machine’s mail', { headers: 'Auto-Submitted: auto-replied\r\n' }],
  ['R-CONF-2: private mail', { subject: 'Confidential' }],
])('%s notifies nobody by mail', async (_what, wish) => {
  await answer({ party: 'person' }, wish);
  await expectNoNews();
});

it('what was said long ago, and is fetched now, notifies nobody by mail', async () => {
  const raw = Buffer.from(
    `From: ${evaAddress()}\r\nMessage-ID: <long-ago@mail.example>\r\nDate: Fri, 2 Jan 2026 10:00:00 +0000\r\n\r\nYes.`,
  );
  const { organizationId, users } = company;
  const place = { organizationId, userId: users.recruiter.id, folder: 'inbox' } as const;
  await receiveForUser(world.db, place, await parseMail(raw), raw);
  await expectNoNews();
});

async function expectNoNews(): Promise<void> {
  await sendMails();
  expect(mails).toEqual([]);
  for (const user of [company.users.administrator, company.users.recruiter])
    // a confidential one is told of to its user, in words that say nothing
    expect((await told(user)).filter(({ kind }) => kind !== 'privateMail')).toEqual([]);
  const [conversation] = await world.db.query('select unanswered_since from conversations where id = $1', [
    eva.conversationId,
  ]);
  expect(conversation).toEqual({ unanswered_since: null });
}

it('a message that was made private meanwhile is not mailed', async () => {
  await answer({ party: 'person' });
  await world.db.query('update mail_filings set message_id = null where organization_id = $1', [
    company.organizationId,
  ]);
  await world.db.query('delete from messages where organization_id = $1', [company.organizationId]);
  await sendMails();
  expect(mails).toEqual([]);
});

it('R-MAIL-2: an answer that was not passed on is answered once, with the reason', async () => {
  const { reviewer } = company.users;
  await answer({ party: 'user', userId: reviewer.id }, { from: addressOf(reviewer) });
  await sendMails();
  await sendMails();
  expect(mails).toMatchObject([
    {
      to: addressOf(reviewer),
      subject: 'Not sent: Re: Interview',
      inReplyTo: `<${mailCount}@mail.example>`,
      text: expect.stringMatching(
        /was not sent\.\nYour role does not allow this\.[^]*Yes, at ten\./,
      ) as string,
    },
  ]);
});

it('R-ROLE-1: a notification address that has become a user’s answers by their role, not as the company', async () => {
  const { reviewer } = company.users;
  const address = addressOf(reviewer);
  expect(await answer({ party: 'address', address }, { from: address })).toMatchObject({ outcome: 'held' });
  const { items } = await listMessages(world.db, company.as(company.colleague), company.ids(eva), {
    limit: 50,
  });
  expect(items).toEqual([]);
});

it('a stranger, and a machine, that answers a notification gets no mail where the address was a candidate’s, or is a machine’s', async () => {
  const { reviewer } = company.users;
  await answer({ party: 'person' }, { from: 'stranger@mail.example' });
  await answer(
    { party: 'user', userId: reviewer.id },
    { from: addressOf(reviewer), headers: 'Auto-Submitted: auto-replied\r\n' },
  );
  await answer(
    { party: 'user', userId: reviewer.id },
    { from: 'stranger@mail.example', headers: 'Precedence: bulk\r\n' },
  );
  await sendMails();
  expect(mails).toEqual([]);
});
