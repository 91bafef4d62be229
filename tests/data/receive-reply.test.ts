import { composeMail } from '../../src/channels/email/compose-mail';
import { parseMail } from '../../src/channels/email/parse-mail';
import { newId, type Tx } from '../../src/data/database';
import { makeMessagePrivate, mayMakePrivate, setMailPrivate } from '../../src/data/mail/confidential';
import { emptyTrash } from '../../src/data/mail/delete-mails';
import { claimNextMail, recordMailSent } from '../../src/data/mail/dispatch-mail';
import { enableEvents, readFeed } from '../../src/data/events/events';
import { createDraft, sendDraft } from '../../src/data/mail/drafts';
import { acceptHeldMail, listHeldMails } from '../../src/data/mail/held-mails';
import { lockMailPoints } from '../../src/data/mail/file-mail';
import { readMail } from '../../src/data/mail/mailbox-read';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { receiveReply } from '../../src/data/mail/receive-reply';
import { findReplyAddress, replyAddressOf, type ReplyParty } from '../../src/data/mail/reply-addresses';
import { listMessages } from '../../src/data/messages/message-read';
import { mergePeople } from '../../src/data/people/merge-people';
import type { ActingUser } from '../../src/domain/permissions';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';
import { waitFor } from '../support/wait';

let world: World;
let company: Company;
let anna: ActingUser;
let eva: Person;
let otto: Person;
let count = 0;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

beforeEach(async () => {
  company = await world.company();
  anna = company.users.recruiter;
  count += 1;
  [eva, otto] = await Promise.all([
    company.person({ firstName: 'Eva', responsible: anna }),
    company.person({ firstName: 'Otto' }),
  ]);
  await company.addEmail(eva, evaAddress());
});

const evaAddress = () => `eva${count}@mail.example`;
const as = (user: ActingUser) => ({ ...company.as(user), user });
const said = async (person = eva) =>
  (await listMessages(world.db, as(company.colleague), company.ids(person), { limit: 50 })).items;
const waiting = async () => (await listHeldMails(world.db, as(company.colleague), { limit: 50 })).items;

const addressOf = async (person: Person, party: ReplyParty = { party: 'person' }) => {
  const { organizationId } = company;
  const thread = { organizationId, conversationId: person.conversationId, applicationId: null };
  return (await findReplyAddress(world.db, organizationId, await replyAddressOf(world.db, thread, party)))!;
};

const letter = ({ id = '<1@mail.example>', from = evaAddress(), subject = 'Re: Offer', answers = '' } = {}) =>
  Buffer.from(
    `From: ${from}\r\nTo: x@acme.example\r\nSubject: ${subject}\r\nMessage-ID: ${id}\r\n${answers && `In-Reply-To: ${answers}\r\n`}` +
      `Date: Mon, 2 Nov 2020 10:00:00 +0100\r\n\r\nI want more.`,
  );

type To = Awaited<ReturnType<typeof addressOf>>;
async function reply(to: To, raw: Buffer) {
  return receiveReply(world.db, { dayMs, hashKey: world.hashKey }, to, await parseMail(raw), raw);
}

async function emailTo(
  person: Person,
  { state = 'sent', by = anna.id, channel = 'email' } = {},
): Promise<string> {
  const id = newId();
  await world.db.query(
    `with sent as (
       insert into messages (organization_id, id, conversation_id, position, channel, direction, origin, state, kind, title, body, sender_user_id,
         provider_id, occurred_at, created_at, sent_at, contact_point_id)
       select c.organization_id, $3::uuid, c.id, message_count + 1, $6::channel, 'out', 'manual', $5::message_state, 'text', 'Offer', 'We offer 50,000.', $4::uuid,
         '<' || $3::uuid || '@acme.example>', clock_timestamp(), clock_timestamp(), clock_timestamp(),
         (select cp.id from contact_points cp where cp.person_id = c.person_id and cp.kind = 'email')
       from conversations c where c.organization_id = $1 and c.id = $2)
     update conversations set message_count = message_count + 1, last_sender_id = $4::uuid where organization_id = $1 and id = $2`,
    [company.organizationId, person.conversationId, id, by, state, channel],
  );
  return id;
}

/** Somebody waits for a lock. */
const blocked = () =>
  waitFor(
    async () =>
      (
        await world.db.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length > 0,
    { what: 'the mail that waits' },
  );

it('R-LOG-5: the event of a mail names its files, but no picture that stands in its text', async () => {
  await world.db.transact((tx) => enableEvents(tx, company.organizationId));
  const file = (head: string) => `\r\n--b\r\n${head}\r\n\r\nbytes`;
  const raw =
    `From: ${evaAddress()}\r\nSubject: CV\r\nContent-Type: multipart/mixed; boundary=b\r\n` +
    file('Content-Type: text/html').replace('bytes', 'See <img src="cid:logo">') +
    file('Content-Type: image/png; name=logo.png\r\nContent-ID: <logo>') +
    file('Content-Type: application/pdf; name=cv.pdf\r\nContent-Disposition: attachment') +
    '\r\n--b--';
  await reply(await addressOf(eva), Buffer.from(raw));
  const [message] = await said();
  const { items } = await readFeed(world.db, company.organizationId, { limit: 100 });
  expect(message!.mail!.attachments).toMatchObject([{ filename: 'cv.pdf' }]);
  expect(items).toMatchObject([
    { type: 'message.created', data: { message: { attachmentIds: [message!.mail!.attachments[0]!.id] } } },
  ]);
});

describe('a report of what bounced', () => {
  const report = (messageId: string, action = 'failed', status = '5.1.1', recipient = 'x@mail.example') =>
    Buffer.from(
      'From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n' +
        `--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; ${recipient}\r\n` +
        `Action: ${action}\r\nStatus: ${status}\r\nDiagnostic-Code: smtp; mx says so\r\n` +
        `--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <${messageId}@acme.example>\r\n--b--\r\n`,
    );
  const stateOf = async (messageId: string) =>
    (await world.db.query<{ state: string }>('select state from messages where id = $1', [messageId]))[0]!
      .state;
  const bounced = async () =>
    (
      await world.db.query(
        'select 1 from contact_points where organization_id = $1 and bounced_at is not null',
        [company.organizationId],
      )
    ).length;

  it('is taken at the address from which the message was sent, also after a merge', async () => {
    const [first, second] = [await emailTo(eva), await emailTo(eva)];
    const to = await addressOf(eva);
    await reply(to, report(first));
    expect([await stateOf(first), await bounced()]).toEqual(['failed', 1]);
    await mergePeople(
      world.db,
      { actor: company.as(company.users.administrator), dayMs },
      { fromId: eva.id, intoId: otto.id },
    );
    await reply(to, report(second));
    expect(await stateOf(second)).toBe('failed');
  });

  it('of a copy says who has not got theirs: the person has the e-mail', async () => {
    const id = await emailTo(eva);
    await world.db.query(
      `update messages set content = '{"copies": {"cc": [{"name": "", "address": "c@mail.example"}], "bcc": []}}' where id = $1`,
      [id],
    );
    const to = await addressOf(eva);
    await reply(to, report(id, 'failed', '5.1.1', 'c@mail.example'));
    await reply(to, report(id, 'failed', '5.1.1', 'c@mail.example'));
    const [said] = await world.db.query(
      'select state, reason, reason_detail as detail from messages where id = $1',
      [id],
    );
    expect(said).toEqual({ state: 'sent', reason: 'copies_refused', detail: 'c@mail.example' });
    expect(await bounced()).toBe(0);
    const [{ key } = { key: '' }] = await world.db.query<{ key: string }>(
      `select key from contact_points where person_id = $1 and kind = 'email'`,
      [eva.id],
    );
    await reply(to, report(id, 'failed', '5.1.1', key));
    expect([await stateOf(id), await bounced()]).toEqual(['failed', 1]);
  });

  it('of a delay stands beside the message until more is known; who gave up for now says nothing of the address', async () => {
    const id = await emailTo(eva);
    const to = await addressOf(eva);
    const said = async () =>
      (
        await world.db.query('select state, reason, reason_detail as detail from messages where id = $1', [
          id,
        ])
      )[0];
    await world.db.transact((tx) => enableEvents(tx, company.organizationId));
    await reply(to, report(id, 'delayed', '4.4.1'));
    await reply(to, report(id, 'delayed', '4.4.1'));
    expect(await said()).toEqual({ state: 'sent', reason: 'email_delayed', detail: 'smtp; mx says so' });
    // R-LOG-5: once
    const { items } = await readFeed(world.db, company.organizationId, { limit: 100 });
    expect(items).toMatchObject([
      { type: 'message.delayed', data: { reason: 'email_delayed', message: { id, state: 'sent' } } },
    ]);
    await reply(to, report(id, 'failed', '4.4.7'));
    expect(await said()).toMatchObject({ state: 'failed', reason: 'provider_refused' });
    expect(await bounced()).toBe(0);
    await reply(to, report(id, 'delayed', '4.4.1'));
    expect(await said()).toMatchObject({ state: 'failed' });
  });

  it.each([
    ['that came to the address of another person', () => addressOf(otto), {}],
    ['that came to the address of a user', () => addressOf(eva, { party: 'user', userId: anna.id }), {}],
    ['of a message that has not left', () => addressOf(eva), { state: 'queued' }],
    ['of what is no e-mail', () => addressOf(eva), { channel: 'sms' }],
  ])('%s proves nothing', async (_, to, message) => {
    const id = await emailTo(eva, message);
    const before = await stateOf(id);
    await reply(await to(), report(id));
    expect([await stateOf(id), await bounced()]).toEqual([before, 0]);
    expect(
      await world.db.query('select 1 from parked_receipts where organization_id = $1', [
        company.organizationId,
      ]),
    ).toEqual([]);
  });
});

describe('R-CONF-2: whose private reply it is, and who may make it private when it is not', () => {
  const deactivate = (user: ActingUser) =>
    world.db.query('update users set deactivated_at = clock_timestamp() where id = $1', [user.id]);
  const privateOf = async () =>
    (
      await world.db.query<{ userId: string }>(
        `select user_id as "userId" from mails where organization_id = $1 and private and subject like '%confidential' `,
        [company.organizationId],
      )
    ).map(({ userId }) => userId);

  const cases: [string, () => Promise<{ answers?: string; to?: ReplyParty; owner: ActingUser }>][] = [
    [
      'who wrote what it answers, though another wrote since',
      async () => {
        const id = await emailTo(eva, { by: company.colleague.id });
        await emailTo(eva);
        return { answers: `<${id}@acme.example>`, owner: company.colleague };
      },
    ],
    [
      'who wrote last, where it names nothing',
      async () => {
        await emailTo(eva);
        await emailTo(eva, { by: company.colleague.id });
        return { owner: company.colleague };
      },
    ],
    [
      'the responsible user, where who wrote has left',
      async () => {
        const id = await emailTo(eva, { by: company.colleague.id });
        await deactivate(company.colleague);
        return { answers: `<${id}@acme.example>`, owner: anna };
      },
    ],
    [
      'an Administrator, where they have left as well',
      async () => {
        await deactivate(anna);
        return { owner: company.users.administrator };
      },
    ],
  ];

  it.each(cases)('%s', async (_, prepare) => {
    const { answers, owner } = await prepare();
    const to = await addressOf(eva);
    await reply(
      to,
      letter({ id: '<private@mail.example>', subject: 'confidential', ...(answers && { answers }) }),
    );
    expect(await privateOf()).toEqual([owner.id]);
    await reply(to, letter({ id: '<open@mail.example>', ...(answers && { answers }) }));
    const open = (await said()).find(({ direction }) => direction === 'in')!;
    for (const user of [anna, company.colleague, company.users.administrator])
      expect([user.name, await mayMakePrivate(world.db, as(user), open.id)]).toEqual([
        user.name,
        user.id === owner.id,
      ]);
  });

  it('whose private mail it answers, also where they have deleted that for good', async () => {
    await emailTo(eva);
    const to = await addressOf(eva);
    await reply(to, letter({ subject: 'confidential' }));
    await world.db.query(`update mails set folder = 'trash' where user_id = $1`, [anna.id]);
    await emptyTrash(world.db, as(anna));
    await emailTo(eva, { by: company.colleague.id });
    await reply(
      to,
      letter({ id: '<2@mail.example>', subject: 'Re: confidential', answers: '<1@mail.example>' }),
    );
    expect(await privateOf()).toEqual([anna.id]);
  });

  it('not a user who has left, though it came to their address: a stranger’s', async () => {
    const to = await addressOf(eva, { party: 'user', userId: company.colleague.id });
    await deactivate(company.colleague);
    await reply(to, letter({ from: 'stranger@mail.example', subject: 'confidential' }));
    expect(await privateOf()).toEqual([anna.id]);
  });
});

describe('R-CONF-1: a mail that came to two conversations', () => {
  it('made private in one, it is in neither, nor held for others; shown again, it is as it was', async () => {
    const raw = letter();
    await reply(await addressOf(otto), raw);
    await reply(await addressOf(eva), raw);
    expect(await waiting()).toHaveLength(1);
    const [message] = await said();
    const { mailId } = await makeMessagePrivate(world.db, as(anna), message!.id);
    expect([await said(), await waiting()]).toEqual([[], []]);
    await setMailPrivate(world.db, as(anna), mailId, false);
    expect([(await said()).length, (await waiting()).length]).toEqual([1, 1]);
  });
});

it('R-CONF-2: what is being written in answer to a mail, or passes it on, becomes private with it', async () => {
  const raw = letter();
  const place = { organizationId: company.organizationId, userId: anna.id, folder: 'inbox' } as const;
  const { mailId } = await receiveForUser(world.db, place, await parseMail(raw), raw);
  const me = { organizationId: company.organizationId, user: anna, apiKeyId: null };
  const context = { actor: me, mailDomain: 'mail.example' };
  const drafts = [];
  for (const how of ['reply', 'forward'] as const)
    drafts.push((await createDraft(world.db, context, { answers: { mailId, how } })).id);
  const other = (await createDraft(world.db, context, { text: 'Hello' })).id;
  await setMailPrivate(world.db, as(anna), mailId, true);
  const isPrivate = async (id: string) => (await readMail(world.db, me, id)).private;
  expect([await isPrivate(drafts[0]!), await isPrivate(drafts[1]!), await isPrivate(other)]).toEqual([
    true,
    true,
    false,
  ]);
});

it('R-CONF-2: nor does a colleague’s answer, begun before or after, bring what it quotes into the conversation', async () => {
  const raw = letter();
  const mailIds: string[] = [];
  for (const user of [anna, company.colleague]) {
    const place = { organizationId: company.organizationId, userId: user.id, folder: 'inbox' } as const;
    mailIds.push((await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId);
  }
  const colleague = { organizationId: company.organizationId, user: company.colleague, apiKeyId: null };
  const answer = async () => {
    const answers = { mailId: mailIds[1]!, how: 'reply' as const };
    return (await createDraft(world.db, { actor: colleague, mailDomain: 'mail.example' }, { answers })).id;
  };
  const before = await answer();
  await setMailPrivate(world.db, as(anna), mailIds[0]!, true);
  for (const id of [before, await answer()])
    expect(await readMail(world.db, colleague, id)).toMatchObject({ private: true, direction: 'out' });
});

describe('R-CONF-1: ticked at the instant at which', () => {
  const hiding = async (mailId: string, then: () => Promise<unknown>) => {
    let other: Promise<unknown> = Promise.resolve();
    await world.db.transact(async (tx) => {
      await lockMailPoints(tx, company.organizationId, [eva.id]);
      await tx.query('update mails set private = true, user_id = $2 where id = $1', [mailId, anna.id]);
      other = Promise.allSettled([then()]);
      await blocked();
    });
    await other;
  };
  const mailOf = async (id: string) =>
    (
      await world.db.query<{ id: string }>(
        'select id from mails where organization_id = $1 and message_id_header = $2',
        [company.organizationId, id],
      )
    )[0]!.id;

  it.each(['a stranger', 'the person'])('%s answers it, the answer is private', async (who) => {
    const to = await addressOf(eva);
    await reply(to, letter());
    const ids = async () => (await said()).map(({ id }) => id);
    const before = await ids();
    const from = who === 'a stranger' ? 'stranger@mail.example' : evaAddress();
    const answer = letter({ id: '<2@mail.example>', from, answers: '<1@mail.example>' });
    await hiding(await mailOf('<1@mail.example>'), () => reply(to, answer));
    expect([await ids(), await waiting()]).toEqual([before, []]);
  });

  it('what passes it on has left, that is in no conversation either', async () => {
    const raw = letter();
    const ids = { organizationId: company.organizationId, userId: anna.id };
    const { mailId } = await receiveForUser(world.db, { ...ids, folder: 'inbox' }, await parseMail(raw), raw);
    await company.addEmail(otto, `otto${count}@mail.example`);
    const context = { actor: { ...ids, user: anna, apiKeyId: null }, mailDomain: 'mail.example' };
    const to = [{ name: 'Otto', address: `otto${count}@mail.example` }];
    const draft = await createDraft(world.db, context, { to, answers: { mailId, how: 'forward' } });
    await sendDraft(world.db, context, draft.id, {}, world.hashKey);
    const claim = await claimNextMail(world.db, ids, { deadlineMs: 60_000, mailDomain: 'mail.example' });
    if (claim.kind !== 'send') throw new Error(claim.kind);
    const left = await composeMail({ ...claim.claimed.mail, sender: null, attachments: [] });
    const parsed = await parseMail(left);
    let hidden: Promise<unknown> = Promise.resolve();
    // between its two statements: it is filed, and not committed
    const slow = {
      ...world.db,
      transact: <T>(work: (tx: Tx) => Promise<T>) =>
        world.db.transact(async (tx) => {
          const done = await work(tx);
          hidden = setMailPrivate(world.db, as(anna), mailId, true);
          await blocked();
          return done;
        }),
    };
    await recordMailSent(slow, ids, { ...claim.claimed, raw: left, parsed, refused: [] });
    await hidden;
    expect(await said(otto)).toEqual([]);
  });

  it('a colleague accepts it, it is not shown to all', async () => {
    await reply(await addressOf(eva), letter({ from: 'stranger@mail.example' }));
    const mailId = await mailOf('<1@mail.example>');
    const context = { actor: company.as(company.colleague), hashKey: world.hashKey };
    await hiding(mailId, () => acceptHeldMail(world.db, context, mailId, { addAddress: false }));
    expect(await said()).toEqual([]);
    expect(await world.db.query('select private, state from mails where id = $1', [mailId])).toEqual([
      { private: true, state: 'held' },
    ]);
  });
});

describe('R-CHAT-13: two people who are merged while a mail is on its way', () => {
  const merge = () =>
    mergePeople(
      world.db,
      { actor: company.as(company.users.administrator), dayMs },
      { fromId: eva.id, intoId: otto.id },
    );

  it('an answer stands with the one who stays, and a stranger’s is held there', async () => {
    const to = await addressOf(eva);
    await merge();
    await reply(to, letter());
    await reply(to, letter({ id: '<2@mail.example>', from: 'stranger@mail.example' }));
    expect(await said(otto)).toHaveLength(1);
    expect(await waiting()).toMatchObject([{ person: { id: otto.id } }]);
  });

  it('an answer of a user is passed on to the one who stays', async () => {
    const to = await addressOf(eva, { party: 'user', userId: anna.id });
    await merge();
    expect(await reply(to, letter({ from: `${anna.id}@example.com` }))).toEqual({ outcome: 'kept' });
    expect(await said(otto)).toMatchObject([{ direction: 'out', state: 'queued' }]);
  });

  it('brought again after it, a mail stands once', async () => {
    const [to, other] = [await addressOf(eva), await addressOf(otto)];
    await reply(to, letter());
    await merge();
    await reply(to, letter());
    await reply(other, letter());
    expect(await said(otto)).toHaveLength(1);
  });

  it('R-BOX-5: a mail that waits for the merge is filed', async () => {
    const raw = letter();
    const mail = await parseMail(raw);
    const place = { organizationId: company.organizationId, userId: anna.id, folder: 'inbox' } as const;
    let received: Promise<unknown> = Promise.resolve();
    await world.db.transact(async (tx) => {
      await tx.query('update contact_points set person_id = $2 where person_id = $1', [eva.id, otto.id]);
      received = receiveForUser(world.db, place, mail, raw);
      await blocked();
    });
    await received;
    expect(await said(otto)).toHaveLength(1);
  });
});
