import { parseMail } from '../../src/channels/email/parse-mail';
import { event } from '../../src/contracts/events';
import { newId } from '../../src/data/database';
import { readFeed } from '../../src/data/events/events';
import { makeMessagePrivate, mayMakePrivate, setMailPrivate } from '../../src/data/mail/confidential';
import { listPrivateMails } from '../../src/data/mail/private-mails';
import { receiveForCompany } from '../../src/data/mail/receive-for-company';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { replyAddressOf } from '../../src/data/mail/reply-addresses';
import { acceptUnattended, sendMessage } from '../../src/data/messages/accept-message';
import { listMessages } from '../../src/data/messages/message-read';
import { markRead } from '../../src/data/messages/message-commands';
import { fireNextScheduled } from '../../src/data/scheduled/fire-scheduled';
import { readScheduled, scheduleMessage } from '../../src/data/scheduled/scheduled-messages';
import { listUpcomingScheduled } from '../../src/data/scheduled/upcoming-scheduled';
import { countReportDays } from '../../src/data/report-days';
import type { ActingUser, Actor } from '../../src/domain/permissions';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;
let eva: Person;
let anna: ActingUser;
let marker = 0;
const today = Date.now();

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  company = await world.company();
  anna = company.users.recruiter;
  eva = await company.person({ firstName: 'Eva', responsible: anna });
  marker += 1;
  await company.addEmail(eva, evaAddress());
  await world.db.query('update organizations set events_enabled = true where id = $1', [
    company.organizationId,
  ]);
});

const evaAddress = () => `eva${marker}@mail.example`;
const as = (user: ActingUser) => ({ ...company.as(user), user });

const raw = ({ id = '<1@mail.example>', subject = 'Salary', answers = '', more = '', age = 0 } = {}) =>
  Buffer.from(
    `${more}${answers === '' ? '' : `In-Reply-To: ${answers}\r\n`}From: Eva <${evaAddress()}>\r\nTo: anna@acme.example\r\nSubject: ${subject}\r\n` +
      `Message-ID: ${id}\r\nDate: ${new Date(today - age).toUTCString()}\r\n\r\nI want more.`,
  );

async function receive(wish: Parameters<typeof raw>[0] = {}, user = anna, bytes = raw(wish)) {
  const place = { organizationId: company.organizationId, userId: user.id, folder: 'inbox' } as const;
  return (await receiveForUser(world.db, place, await parseMail(bytes), bytes)).mailId;
}

const said = async () =>
  (await listMessages(world.db, as(company.colleague), company.ids(eva), { limit: 50 })).items;
const privately = async (user: ActingUser) =>
  (await listPrivateMails(world.db, as(user), eva.id, { limit: 50 })).items;
const hide = (mailId: string) => setMailPrivate(world.db, as(anna), mailId, true);
const unhide = (mailId: string) => setMailPrivate(world.db, as(anna), mailId, false);

const feed = async () => (await readFeed(world.db, company.organizationId, { limit: 100 })).items;

/** All that others can see of the conversation. */
async function everything() {
  const ids = [company.organizationId, eva.conversationId];
  const [conversation] = await world.db.query(
    `select inbound_count, last_message_at, last_message_id, last_direction, last_sender_id, channels, unanswered_since, answered_since,
       answered_position from conversations where organization_id = $1 and id = $2`,
    ids,
  );
  const of = (sql: string) => world.db.query(sql, [company.organizationId]);
  return {
    conversation,
    messages: (await said()).map(({ id }) => id),
    reads: await world.db.query(
      `select c.inbound_count - r.inbound_read as unread, r.user_id from conversation_reads r join conversations c on c.id = r.conversation_id
       where r.organization_id = $1 and r.conversation_id = $2 order by 2`,
      ids,
    ),
    timeline: await of('select id from timeline_entries where organization_id = $1 order by 1'),
    notifications: await of('select id from notifications where organization_id = $1 order by 1'),
    notices: await of('select address from message_notices where organization_id = $1'),
    // that it was removed they are told, where they may have it (R-LOG-5)
    events: (await feed()).filter(({ type }) => type !== 'message.removed').map(({ id }) => id),
  };
}

it('R-CONF-1: what is made private leaves the conversation as if it had never come', async () => {
  await company.write(eva, 'Hello?');
  const read = (user: ActingUser) => markRead(world.db, { actor: as(user), dayMs }, { ...company.ids(eva) });
  await read(company.colleague);
  const before = await everything();
  const mailId = await receive();
  await read(company.users.supervisor);
  expect((await everything()).messages).toHaveLength(2);
  await hide(mailId);
  const { reads, ...after } = await everything();
  expect(after).toEqual({ ...before, reads: undefined });
  expect(reads).toEqual(
    [company.colleague.id, company.users.supervisor.id].sort().map((user_id) => ({ unread: 0, user_id })),
  );
  expect(await privately(anna)).toMatchObject([{ id: mailId, subject: 'Salary', text: 'I want more.' }]);
  expect(await privately(company.users.administrator)).toEqual([]);
});

it('R-LOG-5: a program that may have it is told that it was removed, by ids alone; public again it comes anew', async () => {
  const { organizationId } = company;
  await world.db.query(`update people set external_id = 'ats-17' where id = $1`, [eva.id]);
  await receive({ subject: 'The vacancy' });
  const mailId = await receive({ id: '<2@mail.example>', subject: 'Salary', answers: '<1@mail.example>' });
  const [last] = await said();
  const [applicationId] = await company.apply(await company.vacancy(), [eva]);
  await world.db.query('update messages set application_id = $2 where id = $1', [last!.id, applicationId]);
  const read = (await feed()).map(({ id }) => id);
  await hide(mailId);
  const told = (await feed()).filter(({ id }) => !read.includes(id));
  expect(event.parse(told[0])).toMatchObject({
    type: 'message.removed',
    data: {
      conversationId: eva.conversationId,
      person: { id: eva.id, externalId: 'ats-17' },
      application: { id: applicationId },
      byUserId: null,
      messageId: last!.id,
    },
  });
  expect(told).toHaveLength(1);
  expect(JSON.stringify(await feed())).not.toMatch(/Salary/);
  const rows = await world.db.query('select * from events where organization_id = $1', [organizationId]);
  expect(JSON.stringify(rows)).not.toMatch(/Salary|I want more/);
  await unhide(mailId);
  expect((await feed()).at(-1)).toMatchObject({
    type: 'message.created',
    data: { message: { id: (await said())[0]!.id, title: 'Salary' } },
  });
});

it('R-CONF-1: of one that was private from the start no program hears', async () => {
  const before = await feed();
  await receive({ subject: 'Confidential: salary' });
  expect(await feed()).toEqual(before);
});

it('R-CONF-1: what is the last then is what was said last, not what was fetched last', async () => {
  const age = 5 * dayMs;
  await company.write(eva, 'Hello?');
  await receive({ id: '<old@mail.example>', subject: 'Long ago', age });
  const sent = Buffer.from(
    `From: anna@acme.example\r\nTo: ${evaAddress()}\r\nSubject: Long ago, too\r\nMessage-ID: <sent@acme.example>\r\n` +
      `Date: ${new Date(today - age).toUTCString()}\r\n\r\nThank you.`,
  );
  const place = { organizationId: company.organizationId, userId: anna.id, folder: 'sent' } as const;
  await receiveForUser(world.db, place, await parseMail(sent), sent);
  const before = await everything();
  await hide(await receive());
  expect(await everything()).toEqual(before);
});

it('R-CONF-1: what came after it keeps its place, and the mark of being unanswered is that of the next', async () => {
  const mailId = await receive();
  await company.write(eva, 'Hello?');
  await hide(mailId);
  await company.write(eva, 'Anybody?');
  const [second, first] = await said();
  expect([first!.position, second!.position]).toEqual([2, 3]);
  const { conversation } = await everything();
  expect(conversation).toMatchObject({
    inbound_count: 2,
    last_message_id: second!.id,
    channels: '{whatsapp}',
  });
  expect(conversation!.unanswered_since).toEqual(new Date(first!.createdAt));
});

it('R-CONF-1: only its user may, and for all others there is no such mail', async () => {
  const mailId = await receive();
  await expect(setMailPrivate(world.db, as(company.users.administrator), mailId, true)).rejects.toMatchObject(
    {
      code: 'not_found',
    },
  );
  expect(await said()).toHaveLength(1);
});

it('R-CONF-2: unticked, it stands in the conversation again, and is news to nobody', async () => {
  const mailId = await receive({ subject: 'Confidential: salary' });
  const before = await everything();
  await unhide(mailId);
  expect(await said()).toMatchObject([{ title: 'Confidential: salary', direction: 'in' }]);
  const after = await everything();
  expect(after.notifications).toEqual(before.notifications);
  expect(after.conversation!.unanswered_since).toBeNull();
  await hide(mailId);
  expect(await said()).toEqual([]);
});

it('R-CONF-2: the thread stays private until the box is unticked', async () => {
  const first = await receive({ subject: 'confidential' });
  const answer = await receive({ id: '<2@mail.example>', subject: 'Re: it', answers: '<1@mail.example>' });
  expect(await said()).toEqual([]);
  await unhide(answer);
  await receive({
    id: '<3@mail.example>',
    answers: '<2@mail.example>',
    more: 'References: <1@mail.example> <2@mail.example>\r\n',
  });
  expect(await said()).toHaveLength(2);
  // those that answer it go along, for they quote it
  await unhide(first);
  await hide(first);
  expect(await said()).toEqual([]);
});

it('R-CONF-1: a colleague’s copy does not bring it back, and one that came before goes', async () => {
  await receive({}, company.colleague);
  await receive({ more: 'X-Copy: 1\r\n' });
  expect(await said()).toHaveLength(1);
  await world.db.query('update people set confidential = true where id = $1', [eva.id]);
  await receive({ id: '<2@mail.example>' }, company.colleague);
  await world.db.query('update people set confidential = false where id = $1', [eva.id]);
  await receive({ id: '<2@mail.example>' });
  expect(await said()).toHaveLength(1);
});

it('R-CONF-3: the copy of a user whose mail is confidential takes the earlier public one out', async () => {
  await receive({}, company.colleague);
  expect(await said()).toHaveLength(1);
  await world.db.query(
    `insert into mailboxes (organization_id, user_id, incoming_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, true, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
    [company.organizationId, anna.id],
  );
  const mailId = await receive();
  expect(await said()).toEqual([]);
  await unhide(mailId);
  expect(await said()).toHaveLength(1);
});

it('R-CONF-1: ticked at the instant at which a colleague’s copy comes, it is in no conversation', async () => {
  for (let round = 0; round < 3; round++) {
    const id = `<round${round}@mail.example>`;
    const bytes = raw({ id, subject: String(round) });
    const mailId = await receive({}, anna, bytes);
    await Promise.all([
      hide(mailId),
      receive({}, company.colleague, bytes),
      receive({}, company.users.supervisor, bytes),
    ]);
    expect(await said()).toEqual([]);
  }
});

describe('R-CONF-1: a message of the conversation', () => {
  async function sentBy(user: ActingUser, state = 'delivered'): Promise<string> {
    const id = newId();
    await world.db.query(
      `insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, title, body, sender_user_id,
         provider_id, occurred_at, created_at, sent_at)
       select organization_id, $3::uuid, id, message_count + 1, 'email', 'out', 'manual', $5, 'text', 'Offer', 'We offer 50,000.', $4,
         '<' || $3::uuid || '@acme.example>', clock_timestamp(), clock_timestamp(), clock_timestamp()
       from conversations where organization_id = $1 and id = $2`,
      [company.organizationId, eva.conversationId, id, user.id, state],
    );
    await world.db.query(
      `update conversations set message_count = message_count + 1, last_message_id = $3, last_sender_id = $4, last_direction = 'out' where organization_id = $1 and id = $2`,
      [company.organizationId, eva.conversationId, id, user.id],
    );
    return id;
  }

  async function answer(id = '<answer@mail.example>', to = '') {
    const replyAddressId = await replyAddressOf(
      world.db,
      { organizationId: company.organizationId, conversationId: eva.conversationId, applicationId: null },
      { party: 'person' },
    );
    const bytes = raw({ id, answers: to, subject: 'Re: Offer' });
    await receiveReply(
      world.db,
      { dayMs, hashKey: world.hashKey },
      {
        ...{
          organizationId: company.organizationId,
          conversationId: eva.conversationId,
          applicationId: null,
        },
        ...{ id: replyAddressId, personId: eva.id, party: 'person' },
      },
      await parseMail(bytes),
      bytes,
    );
  }

  it('that was sent from there: by its sender, and what answers it is private', async () => {
    const messageId = await sentBy(anna);
    expect(await mayMakePrivate(world.db, as(company.colleague), messageId)).toBe(false);
    await expect(
      makeMessagePrivate(world.db, as(company.users.administrator), messageId),
    ).rejects.toMatchObject({ code: 'not_permitted' });
    expect(await mayMakePrivate(world.db, as(anna), messageId)).toBe(true);
    const copies = { cc: [{ name: 'Otto', address: 'otto@x.example' }], bcc: [] };
    await world.db.query('update messages set content = $2 where id = $1', [messageId, { copies }]);
    const { mailId } = await makeMessagePrivate(world.db, as(anna), messageId);
    expect(await world.db.query('select cc, bcc from mails where id = $1', [mailId])).toEqual([copies]);
    await answer('<a1@mail.example>', `<${messageId}@acme.example>`);
    expect(await said()).toEqual([]);
    expect((await privately(anna)).map(({ subject }) => subject).sort()).toEqual(['Offer', 'Re: Offer']);
    const { items } = await listPrivateMails(world.db, as(anna), eva.id, { limit: 1 });
    for (const mail of [...items, ...(await privately(anna)).slice(1)]) await unhide(mail.id);
    expect((await said()).map(({ direction }) => direction).sort()).toEqual(['in', 'out']);
  });

  it('that was sent from there: a copy in the Sent folder of a colleague does not bring it back', async () => {
    const messageId = await sentBy(anna);
    await makeMessagePrivate(world.db, as(anna), messageId);
    const bytes = Buffer.from(
      `From: jobs@acme.example\r\nTo: ${evaAddress()}\r\nSubject: Offer\r\nMessage-ID: <${messageId}@acme.example>\r\n\r\nWe offer 50,000.`,
    );
    const place = {
      organizationId: company.organizationId,
      userId: company.colleague.id,
      folder: 'sent',
    } as const;
    await receiveForUser(world.db, place, await parseMail(bytes), bytes);
    expect(await said()).toEqual([]);
  });

  it('that answers one: by the user who wrote that', async () => {
    const messageId = await sentBy(anna);
    await answer('<a2@mail.example>', `<${messageId}@acme.example>`);
    const incoming = (await said()).find(({ direction }) => direction === 'in')!;
    await expect(makeMessagePrivate(world.db, as(company.colleague), incoming.id)).rejects.toMatchObject({
      code: 'not_permitted',
    });
    await makeMessagePrivate(world.db, as(anna), incoming.id);
    expect((await said()).map(({ id }) => id)).toEqual([messageId]);
    expect(await privately(anna)).toMatchObject([{ subject: 'Re: Offer' }]);
  });

  it('that is in a colleague’s mailbox: not by whoever wrote last, or is responsible', async () => {
    await receive({}, company.colleague);
    const [incoming] = await said();
    expect(await mayMakePrivate(world.db, as(anna), incoming!.id)).toBe(false);
    await expect(makeMessagePrivate(world.db, as(anna), incoming!.id)).rejects.toMatchObject({
      code: 'not_permitted',
    });
    await makeMessagePrivate(world.db, as(company.colleague), incoming!.id);
    expect(await said()).toEqual([]);
  });

  it('that has not left, or is no e-mail: not at all', async () => {
    const queued = await sentBy(anna, 'queued');
    await expect(makeMessagePrivate(world.db, as(anna), queued)).rejects.toMatchObject({ code: 'conflict' });
    await company.write(eva, 'Hello?');
    const [whatsapp] = (await said()).filter(({ channel }) => channel === 'whatsapp');
    await expect(makeMessagePrivate(world.db, as(anna), whatsapp!.id)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

it('R-CONF-2: what answers a private mail is that user’s, whoever wrote before; what nobody’s thread claims is an Administrator’s', async () => {
  const { organizationId } = company;
  await receive({ subject: 'confidential' });
  const take = async (wish: Parameters<typeof raw>[0]) => {
    const bytes = raw(wish);
    const mail = await parseMail(bytes);
    const from = { ...mail, from: { name: '', address: 'stranger@mail.example' } };
    await receiveForCompany(world.db, { dayMs, hashKey: world.hashKey }, organizationId, from, bytes);
  };
  await take({ id: '<2@mail.example>', answers: '<1@mail.example>' });
  await take({ id: '<3@mail.example>', subject: 'confidential: my pay' });
  const kept = await world.db.query(
    `select message_id_header as id, user_id as "userId", state, private from mails where organization_id = $1 order by 1`,
    [organizationId],
  );
  const known = { state: 'received', private: true };
  expect(kept).toEqual([
    { id: '<1@mail.example>', userId: anna.id, ...known },
    { id: '<2@mail.example>', userId: anna.id, ...known },
    { id: '<3@mail.example>', userId: company.users.administrator.id, ...known },
  ]);
});

it('R-CONF-3: whose outgoing e-mail is confidential is told not to write it where colleagues see it', async () => {
  await world.db.query(
    `insert into mailboxes (organization_id, user_id, outgoing_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, true, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
    [company.organizationId, anna.id],
  );
  const mail = { type: 'text', channel: 'email', title: 'Offer', text: 'We offer 50,000.' } as const;
  const context = { actor: as(anna), dayMs };
  await expect(sendMessage(world.db, context, company.ids(eva), mail)).rejects.toMatchObject({
    code: 'confidential_mail',
  });
  const later = { ...mail, channels: ['email' as const], sendAt: new Date(today + dayMs).toISOString() };
  await expect(scheduleMessage(world.db, context, company.ids(eva), later)).rejects.toMatchObject({
    code: 'confidential_mail',
  });
  // nor by answering a notification: it is kept for them alone
  const { organizationId } = company;
  const thread = { organizationId, conversationId: eva.conversationId, applicationId: null };
  const party = { party: 'user', userId: anna.id } as const;
  const to = { ...thread, ...party, id: await replyAddressOf(world.db, thread, party), personId: eva.id };
  const parsed = { ...(await parseMail(raw())), from: { name: '', address: `${anna.id}@example.com` } };
  expect(await receiveReply(world.db, { dayMs, hashKey: world.hashKey }, to, parsed, raw())).toEqual({
    outcome: 'held',
    reason: 'confidential_mail',
  });
  expect(
    await world.db.query('select user_id as "userId", private from mails where organization_id = $1', [
      organizationId,
    ]),
  ).toEqual([{ userId: anna.id, private: true }]);
  expect(await said()).toEqual([]);
});

it('R-CONF-3: what such a user had planned goes no more by e-mail, and leaves no text where colleagues see it', async () => {
  const { organizationId } = company;
  const mail = { title: 'Offer', text: 'We offer 50,000.' };
  const copies = { cc: [{ name: '', address: 'otto@x.example' }], bcc: [] };
  const planned = await scheduleMessage(world.db, { actor: as(anna), dayMs }, company.ids(eva), {
    ...mail,
    cc: copies.cc,
    channels: ['email'],
    sendAt: new Date(Date.now() + dayMs).toISOString(),
  });
  await world.db.query(
    `insert into mailboxes (organization_id, user_id, outgoing_confidential, state_changed_at, created_at, updated_at)
     values ($1, $2, true, clock_timestamp(), clock_timestamp(), clock_timestamp())`,
    [organizationId, anna.id],
  );
  await world.db.query(
    `update scheduled_messages set due_at = clock_timestamp() - interval '1 second' where id = $1`,
    [planned.id],
  );
  const upcoming = async (by: ActingUser) =>
    (await listUpcomingScheduled(world.db, { actor: as(by), dayMs }, { personId: eva.id }, 10)).map(
      ({ title, text, copies: copied }) => [title, text, copied],
    );
  expect(await upcoming(anna)).toEqual([[mail.title, mail.text, copies]]);
  const { administrator } = company.users;
  expect(await upcoming(administrator)).toEqual([[null, null, null]]);
  const hidden = { title: null, text: null, channels: ['email'], state: 'planned' };
  expect(await readScheduled(world.db, as(anna), planned.id)).toMatchObject(mail);
  expect(await readScheduled(world.db, as(administrator), planned.id)).toMatchObject(hidden);
  await fireNextScheduled(world.db, { organizationId, batchId: planned.id }, dayMs);
  expect(
    await world.db.query('select title, body, reason from scheduled_messages where id = $1', [planned.id]),
  ).toEqual([{ title: null, body: '', reason: 'confidential_mail' }]);
  const stored = { templateId: null, title: mail.title, body: mail.text };
  const accept = (actor: Actor, origin: 'bulk' | 'automatic') =>
    world.db.transact((tx) =>
      acceptUnattended(tx, dayMs, company.ids(eva), stored, {
        ...{ channel: 'email', origin, actor, applicationId: null, stageEntryId: null, fallback: null },
      }),
    );
  const refused = { messageId: null, state: 'suppressed', reason: 'confidential_mail' };
  expect(await accept(as(anna), 'bulk')).toEqual(refused);
  expect(await said()).toEqual([]);
  const told = await world.db.query<{ data: object }>(
    `select data from timeline_entries where organization_id = $1 and kind = 'messageSuppressed'`,
    [organizationId],
  );
  expect(told).toMatchObject([{ data: { channel: 'email', reason: 'confidential_mail' } }]);
  expect(JSON.stringify(told)).not.toContain('50,000');
  // what the company sends by itself is nobody's mail
  expect(await accept({ ...as(anna), user: null }, 'automatic')).toMatchObject({ state: 'queued' });
});

it('R-CONF-1: the report of a day that was added up does not count it any more', async () => {
  const mailId = await receive({ age: 20 * dayMs });
  await countReportDays(world.db);
  const counted = async () =>
    (
      await world.db.query<{ sum: number }>(
        `select coalesce(sum((c ->> 'messages')::int), 0)::int as sum from report_days r, jsonb_array_elements(r.counts) c where organization_id = $1`,
        [company.organizationId],
      )
    )[0]!.sum;
  expect(await counted()).toBe(1);
  await hide(mailId);
  await countReportDays(world.db);
  expect(await counted()).toBe(0);
});
