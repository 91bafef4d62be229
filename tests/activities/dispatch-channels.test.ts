import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { dispatchNext } from '../../activities/dispatch-next';
import { runBulkSend } from '../../activities/run-bulk-send';
import { sealContext } from '../../src/channels/open-account';
import { acceptMessage, sendMessage } from '../../src/data/messages/accept-message';
import { makeMessagePrivate, type MailUser } from '../../src/data/mail/confidential';
import { assertCopies } from '../../src/data/messages/copies';
import { previewSend } from '../../src/data/bulk/send-preview';
import { createBulkSend } from '../../src/data/bulk/bulk-sends';
import { listConversations } from '../../src/data/conversations/conversations';
import { listTimeline } from '../../src/data/conversations/timeline-read';
import { enableEvents, readFeed } from '../../src/data/events/events';
import { resumeAccount } from '../../src/data/channels/channel-accounts';
import { wakeResumed } from '../../src/data/conversations/wake';
import { newId } from '../../src/data/database';
import { setQuietHours } from '../../src/data/organization/quiet-hours-setting';
import { storeUpload } from '../../src/data/messages/media';
import { retryMessage } from '../../src/data/messages/message-commands';
import { listMessages, readMessage } from '../../src/data/messages/message-read';
import { changePerson } from '../../src/data/people/people';
import { readReplyAddress } from '../../src/domain/reply-address';
import { readCandidatePageToken } from '../../src/domain/candidate-page-link';
import type { Actor } from '../../src/domain/permissions';
import { recordReceipts } from '../../src/data/inbound/receipt-batch';
import { readUnsubscribeToken } from '../../src/domain/unsubscribe-link';
import { seal } from '../../src/seal';
import type { Company, Person, World } from '../support/company';
import { createWorld, dayMs, hourMs, secretKey, timelineOf } from '../support/company';

let world: World;
let company: Company;
let person: Person;
let smtp: SMTPServer;
let mails: string[] = [];
let answer: Error | undefined;
/** An address that the server does not take. */
let refused: string | undefined;

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) =>
      done(
        address === refused ? Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 }) : answer,
      ),
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString());
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  world = await createWorld({ smtpUrl: `smtp://127.0.0.1:${port}` });
});
afterAll(async () => {
  await world.close();
  await new Promise<void>((resolve) => smtp.close(resolve));
});
beforeEach(async () => {
  company = await world.company();
  person = await company.person();
  mails = [];
  answer = undefined;
  refused = undefined;
  await connectSms();
  await point('email', 'uma@candidate.example');
});

async function connectSms(): Promise<void> {
  const account = world.sandbox.sms.accounts()[0]!;
  const id = newId();
  await world.db.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, settings, secret_sealed, created_at, updated_at)
     values ($1, $2, 'sms', 'SMS', 'connected', $3, $4, $5, $3, $3)`,
    [
      company.organizationId,
      id,
      await world.db.now(),
      { accountSid: account.id, sender: { from: account.number } },
      seal(secretKey, account.authToken, sealContext.secret(id)),
    ],
  );
}

const point = (kind: string, key: string) =>
  world.db.query(
    `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at) values ($1, $2, $3, $4, $5, $5, $6)`,
    [company.organizationId, newId(), person.id, kind, `${newId()}-${key}`, new Date()],
  );
const emailOf = async ({ id }: Person, like = 'uma') =>
  (
    await world.db.query<{ key: string }>(
      'select key from contact_points where person_id = $1 and key like $2',
      [id, `%${like}@%`],
    )
  )[0]!.key;
const { recruiter, colleague } = {
  recruiter: () => company.users.recruiter,
  colleague: () => company.colleague,
};
const write = (
  input: Partial<Parameters<typeof sendMessage>[3]> & { channel: 'sms' | 'email' | 'whatsapp' },
  who = recruiter(),
): Promise<string> =>
  sendMessage(world.db, { actor: company.as(who), dayMs }, company.ids(person), {
    type: 'text',
    text: 'Hello',
    ...input,
  } as Parameters<typeof sendMessage>[3]);
const dispatch = () => dispatchNext(world.deps, company.ids(person));
const pokes = async () =>
  (
    await world.db.query(
      `select 1 from outbox where organization_id = $1 and workflow_type = 'conversation'`,
      [company.organizationId],
    )
  ).length;
const messageOf = async (id: string) =>
  (await world.db.query('select * from messages where id = $1', [id]))[0] as Record<string, unknown>;

describe('SMS', () => {
  it('R-CRED-2: goes over the SMS account, costs a credit a segment, and its callback names it', async () => {
    const id = await write({ channel: 'sms', text: 'x'.repeat(161) });
    expect(await dispatch()).toMatchObject({ outcome: 'sent', more: false });
    expect(await messageOf(id)).toMatchObject({ state: 'sent', credits: 2, channel: 'sms', kind: 'text' });
    expect(await company.balance()).toBe(998);
    const [arrived] = world.sandbox.sms.messages({ number: person.waId });
    expect(arrived).toMatchObject({ text: 'x'.repeat(161) });
    expect((await timelineOf(world.db, person.id)).map(({ kind }) => kind)).toEqual(['messageSent']);
  });

  it('R-ELIG text_too_long: more than a gateway takes is refused, and costs nothing', async () => {
    const before = await company.balance();
    const text = 'x'.repeat(1601);
    await expect(write({ channel: 'sms', text })).rejects.toMatchObject({ code: 'text_too_long' });
    await write({ channel: 'email', text, title: 'At length' });
    expect(await company.balance()).toBe(before);
  });

  it('R-CHAT-3: takes no ownership, and a chat that a colleague owns does not hold it up', async () => {
    await company.write(person, 'hi');
    await write({ channel: 'whatsapp' }, colleague());
    await dispatch();
    await write({ channel: 'sms' });
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    const [chat] = await world.db.query('select status, owner_id from conversations where id = $1', [
      person.conversationId,
    ]);
    expect(chat).toMatchObject({ status: 'active', owner_id: colleague().id });
  });

  it('a paused WhatsApp holds up WhatsApp alone', async () => {
    await company.write(person, 'hi');
    await world.db.query(`update channel_accounts set state = 'paused' where id = $1`, [company.account.id]);
    const held = await write({ channel: 'whatsapp' });
    const sms = await write({ channel: 'sms' });
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(sms)).toMatchObject({ state: 'sent' });
    expect(await dispatch()).toMatchObject({ outcome: 'blocked', blockedBy: 'channel_paused' });
    expect(await messageOf(held)).toMatchObject({ state: 'queued' });
  });

  it('R-SEND-10: what comes free in the night waits for its end; what somebody writes goes at once', async () => {
    const later = (hours: number) => new Date(world.clock.now().getTime() + hours * hourMs);
    const quiet = (quietHours: { from: string; until: string } | null) =>
      setQuietHours(world.db, company.as(company.users.administrator), { quietHours });
    const time = (at: Date) => at.toISOString().slice(11, 16);
    await world.db.query(`update organizations set time_zone = 'UTC' where id = $1`, [
      company.organizationId,
    ]);
    const held = await world.db.transact((tx) =>
      acceptMessage(tx, dayMs, company.ids(person), {
        channel: 'sms',
        content: { type: 'text', text: 'To many' },
        origin: 'bulk',
        actor: company.program,
        applicationId: null,
        replyToId: null,
        retryOfId: null,
        stageEntryId: null,
      }),
    );
    const until = time(later(2));
    await quiet({ from: time(later(-1)), until });
    const waits = {
      outcome: 'waiting',
      blockedBy: 'quiet_hours',
      retryAt: expect.stringContaining(until),
    };
    expect(await dispatch()).toMatchObject(waits);
    await world.db.query('delete from outbox');
    const byHand = await write({ channel: 'sms' });
    // its workflow sleeps until the night ends, or was never started
    expect(await pokes()).toBe(1);
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(byHand)).toMatchObject({ state: 'sent' });
    expect(await dispatch()).toMatchObject(waits);
    // nor does the night of one channel hide that another works again
    await company.write(person, 'hi');
    await world.db.query(`update channel_accounts set state = 'paused' where id = $1`, [company.account.id]);
    const overWhatsApp = await write({ channel: 'whatsapp' });
    expect(await dispatch()).toMatchObject(waits);
    await world.db.query('delete from outbox');
    const { organizationId } = company;
    await resumeAccount(world.db, { organizationId, accountId: company.account.id, actor: null });
    expect(await pokes()).toBe(1);
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(overWhatsApp)).toMatchObject({ state: 'sent' });
    expect(await dispatch()).toMatchObject(waits);
    expect(await messageOf(held.messageId)).toMatchObject({ state: 'queued' });
    await quiet(null);
    expect(await wakeResumed(world.db)).toBe(1);
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(held.messageId)).toMatchObject({ state: 'sent' });
  });

  it('of two channels that wait the sooner is waited for; whoever writes is no longer waited for', async () => {
    const inSeconds = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000);
    const underWay = (id: string, until: Date) =>
      world.db.query(
        `update messages set state = 'dispatching', attempt_token = $3, attempts = 1, dispatch_deadline_at = $2 where id = $1`,
        [id, until, newId()],
      );
    const sooner = inSeconds(600);
    await underWay(await write({ channel: 'email', title: 'Hello' }), inSeconds(3600));
    await underWay(await write({ channel: 'sms' }), sooner);
    expect(await dispatch()).toMatchObject({ outcome: 'waiting', retryAt: sooner.toISOString() });
    // WhatsApp's messaging limit may hold up one message, the night another
    await company.write(person, 'hi');
    await world.db.query(`update conversations set blocked_by = 'quiet_hours' where id = $1`, [
      person.conversationId,
    ]);
    await world.db.query('delete from outbox');
    await company.write(person, 'again');
    expect(await pokes()).toBe(1);
  });

  it('an account that turns out to be dead holds up SMS alone', async () => {
    const [account] = world.sandbox.sms.accounts();
    world.sandbox.misbehave(account!.id, { refuse: { times: 1, code: 20003 } });
    const held = await write({ channel: 'sms' });
    const mail = await write({ channel: 'email', title: 'Hello' });
    expect(await dispatch()).toMatchObject({ outcome: 'blocked', more: true, blockedBy: null });
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(mail)).toMatchObject({ state: 'sent' });
    expect(await dispatch()).toMatchObject({ outcome: 'blocked', more: false, blockedBy: 'channel_paused' });
    expect(await messageOf(held)).toMatchObject({ state: 'queued' });
  });

  it('who has opted out at the provider alone is kept as opted out', async () => {
    const [account] = world.sandbox.sms.accounts();
    world.sandbox.sms.write(person.waId, 'STOP', { accountSid: account!.id });
    const id = await write({ channel: 'sms' });
    expect(await dispatch()).toMatchObject({ outcome: 'failed' });
    expect(await messageOf(id)).toMatchObject({ reason: 'opted_out', provider_code: 21610 });
    await expect(write({ channel: 'sms' })).rejects.toMatchObject({ code: 'opted_out' });
  });

  it('a receipt moves it on, whatever WhatsApp knows of the number', async () => {
    const id = await write({ channel: 'sms' });
    await dispatch();
    const sent = await messageOf(id);
    const event = { providerId: sent.provider_id as string, status: 'delivered' as const, at: new Date() };
    const item = {
      organizationId: company.organizationId,
      channelAccountId: sent.channel_account_id as string,
      event: { ...event, clientReference: id, error: undefined },
    };
    expect(await recordReceipts(world.db, world.deps, [item])).toEqual(['applied']);
    expect(await messageOf(id)).toMatchObject({ state: 'delivered' });
    const [phone] = await world.db.query(
      `select whatsapp from contact_points where person_id = $1 and kind = 'phone'`,
      [person.id],
    );
    expect(phone).toMatchObject({ whatsapp: 'unknown' });
  });
});

describe('e-mail', () => {
  it('R-SEND-5: carries title and text with their variables, from the company, answered to the sender', async () => {
    const id = await write({
      channel: 'email',
      title: 'A question, {{candidate.firstName}}',
      text: 'Dear {{candidate.fullName}},\n\nsee https://acme.example/job & tell us.',
    });
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    const sent = await messageOf(id);
    expect(sent).toMatchObject({
      state: 'sent',
      credits: 0,
      title: expect.stringMatching(/^A question, \S/),
    });
    const mail = mails[0]!.replace(/=\r\n/g, '').replaceAll('=3D', '=');
    expect(mail).toContain(`Message-ID: <${id}@acme.example>`);
    expect(mail).toContain('From: Acme <parley@acme.example>');
    expect(mail).toMatch(new RegExp(`Reply-To: .* <${recruiter().id}@example.com>`));
    expect(mail).toContain('<a href="https://acme.example/job">https://acme.example/job</a> &amp; tell us.');
    expect(mail).not.toContain('Auto-Submitted');
  });

  it('R-SEND-3: copies go with it, once to each, and are shown on the message; tried again they go again', async () => {
    const otto = { name: 'Otto', address: 'otto@hirer.example' };
    const eva = { name: '', address: 'eva@hirer.example' };
    const uma = { name: '', address: await emailOf(person) };
    const id = await write({ channel: 'email', title: 'Hello', cc: [otto, uma, otto], bcc: [eva, otto] });
    answer = Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 });
    await dispatch();
    answer = undefined;
    const { users } = company;
    await world.db.query(`update contact_points set bounced_at = null where organization_id = $1`, [
      company.organizationId,
    ]);
    const again = await retryMessage(world.db, { actor: company.as(users.recruiter), dayMs }, id);
    refused = 'eva@hirer.example';
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(mails).toHaveLength(2);
    expect(mails[1]).toMatch(/^Cc: Otto <otto@hirer\.example>\r$/m);
    expect(await readMessage(world.db, company.as(users.administrator), again)).toMatchObject({
      copies: { cc: [otto], bcc: [eva] },
      state: 'sent',
      reason: 'copies_refused',
      reasonDetail: 'eva@hirer.example',
    });
  });

  it('R-BOX-5: known people who got a copy have it in their files; made private it is in none', async () => {
    const otto = await company.person({ kind: 'contact' });
    const uma = person;
    person = otto;
    await point('email', 'otto@hirer.example');
    const bcc = [{ name: '', address: await emailOf(otto, 'otto') }];
    person = uma;
    const text = `See /messages/${'k'.repeat(70)}`;
    const id = await write({ channel: 'email', title: 'Hello', text, bcc });
    await dispatch();
    const said = async (of: Person) =>
      (
        await listMessages(world.db, company.as(company.users.administrator), company.ids(of), { limit: 9 })
      ).items.map(({ title, body, mail, sender }) => [title, body, mail?.cc, sender?.id]);
    expect(await said(otto)).toEqual([['Hello', 'See /messages/', [], recruiter().id]]);
    expect(await said(uma)).toHaveLength(1);
    await makeMessagePrivate(world.db, company.as(recruiter()) as MailUser, id);
    expect([await said(otto), await said(uma)]).toEqual([[], []]);
  });

  it('R-ROLE-3: copies are for who may write to anybody, go with an e-mail alone, and to nobody who has opted out', async () => {
    await expect(
      write({ channel: 'sms', cc: [{ name: '', address: 'otto@hirer.example' }] }),
    ).rejects.toMatchObject({ code: 'invalid' });
    await point('email', 'otto@hirer.example');
    const cc = [{ name: '', address: await emailOf(person, 'otto') }];
    await world.db.query(
      `insert into opt_outs (organization_id, id, key_hash, contact_point_id, channels, marketing_only, occurred_at, source)
       select organization_id, $2, 'x', id, '{email}', false, $3, 'unsubscribeLink' from contact_points
       where organization_id = $1 and key like '%otto@hirer.example'`,
      [company.organizationId, newId(), await world.db.now()],
    );
    await expect(write({ channel: 'email', title: 'x', cc })).rejects.toMatchObject({
      code: 'copy_opted_out',
    });
    await expect(
      world.db.transact((tx) =>
        assertCopies(tx, { actor: company.as(company.users.interviewer), channel: 'email' }, { cc, bcc: [] }),
      ),
    ).rejects.toMatchObject({ code: 'not_permitted' });
  });

  it('RFC 8058: carries an unsubscribe link unless it was written by hand to this one person', async () => {
    await write({ channel: 'email', title: 'By hand' });
    await dispatch();
    expect(mails[0]).not.toMatch(/unsubscribe/i);
    const toMany = async () => {
      await world.db.transact((tx) =>
        acceptMessage(tx, dayMs, company.ids(person), {
          channel: 'email',
          content: { type: 'text', text: 'Hello <all>', title: 'To many' },
          origin: 'bulk',
          actor: company.as(recruiter()),
          applicationId: null,
          replyToId: null,
          retryOfId: null,
          stageEntryId: null,
        }),
      );
      await dispatch();
      return mails.at(-1)!.replace(/=\r\n/g, '').replaceAll('=3D', '=');
    };
    const mail = await toMany();
    const [, url] = /^List-Unsubscribe: <(\S+)>\r$/m.exec(mail)!;
    expect(url).toMatch(/^http:\/\/localhost:3000\/unsubscribe\/[\w-]{100,}$/);
    expect(mail).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n');
    expect(mail).toContain(`Unsubscribe: ${url}`);
    expect(mail).toMatch(new RegExp(`<a href="${url}"[^>]*>Unsubscribe</a>`));
    expect(readUnsubscribeToken(world.hashKey, url!.split('/').at(-1)!)).toMatchObject({
      organizationId: company.organizationId,
    });
    // in the language of the company
    await world.db.query(`update organizations set language = 'nl' where id = $1`, [company.organizationId]);
    expect(await toMany()).toMatch(
      /Je ontvangt deze e-mail omdat je contact hebt met Acme\.\s+Afmelden: http/,
    );
  });

  it('R-SEND-3: needs a title; an unknown variable is refused, a missing value too', async () => {
    await expect(write({ channel: 'email' })).rejects.toMatchObject({ code: 'title_missing' });
    await expect(write({ channel: 'email', title: 'x', text: '{{nobody.knows}}' })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(write({ channel: 'email', title: 'x', text: '{{vacancy.title}}' })).rejects.toMatchObject({
      code: 'variable_missing',
    });
  });

  it('a refused address fails with the server’s word and is tried again as it was', async () => {
    answer = Object.assign(new Error('no such user'), { responseCode: 550 });
    const id = await write({ channel: 'email', title: 'Hello', text: 'One' });
    expect(await dispatch()).toMatchObject({ outcome: 'failed' });
    expect(await messageOf(id)).toMatchObject({
      state: 'failed',
      reason: 'email_bounced',
      provider_code: 550,
      reason_detail: expect.stringContaining('no such user'),
    });
    answer = undefined;
    const again = () => retryMessage(world.db, { actor: company.as(recruiter()), dayMs }, id);
    // R-ELIG: the address has bounced, until somebody who has looked at it saves it again
    await expect(again()).rejects.toMatchObject({ code: 'email_bounced' });
    const [address] = await world.db.query<{ value: string }>(
      `select value from contact_points where person_id = $1 and kind = 'email'`,
      [person.id],
    );
    const save = (actor: Actor) =>
      changePerson(
        world.db,
        actor,
        person.id,
        { contactPoints: [{ kind: 'email', ...address! }] },
        world.hashKey,
      );
    await save(company.program);
    await expect(again()).rejects.toMatchObject({ code: 'email_bounced' });
    await save(company.as(recruiter()));
    await again();
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(mails[0]).toContain('Subject: Hello');
  });

  const upload = (size: number, filename = 'plan.pdf') =>
    storeUpload(world.db, company.as(recruiter()), {
      bytes: Buffer.concat([Buffer.from('%PDF-1.7 '), Buffer.alloc(size)]),
      mimeType: 'application/pdf',
      filename,
      voice: false,
      channel: 'email',
    });

  it('R-SEND-3: takes files along, also when it is tried again; the message shows them', async () => {
    const files = [await upload(10), await upload(20, 'map.pdf')];
    answer = Object.assign(new Error('full'), { responseCode: 552 });
    const id = await write({ channel: 'email', title: 'Files', mediaIds: files.map((file) => file.id) });
    await dispatch();
    answer = undefined;
    await world.db.query('update contact_points set bounced_at = null where person_id = $1', [person.id]);
    const again = await retryMessage(world.db, { actor: company.as(recruiter()), dayMs }, id);
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    expect(mails[0]).toMatch(/filename=plan\.pdf[\s\S]*filename=map\.pdf/);
    expect(await readMessage(world.db, company.as(recruiter()), again)).toMatchObject({
      attachments: [
        { filename: 'plan.pdf', mimeType: 'application/pdf', url: `/api/v1/media/${files[0]!.id}` },
        { filename: 'map.pdf' },
      ],
    });
  });

  it('R-MAIL-1: of many, each gets the link to their own page, and an address of their own to answer to', async () => {
    const people = [person, await company.person()];
    person = people[1]!;
    await point('email', 'eva@candidate.example');
    const actor = company.as(company.users.administrator);
    const { id } = await createBulkSend(world.db, actor, {
      channels: ['email'],
      title: 'News',
      text: 'Read {{candidatePage.link}} today',
      personIds: people.map((one) => one.id),
    });
    const bulk = { organizationId: company.organizationId, bulkSendId: id };
    await runBulkSend({ ...world.deps, mailDomain: 'parley.test' }, bulk, () => undefined);
    const parsed = await Promise.all(mails.map((mail) => PostalMime.parse(mail)));
    const links = parsed.map(({ text }) => /^Read (\S+) today/.exec(text!)![1]!);
    expect(new Set(links).size).toBe(2);
    parsed.forEach(({ text }, index) => expect(text).toContain(`See message: ${links[index]}`));
    const answers = parsed.map(({ replyTo }) => replyTo![0]!.address!.split('@')[0]!);
    expect(new Set(answers).size).toBe(2);
    answers.forEach((localPart) => expect(readReplyAddress(world.hashKey, localPart)).toBeDefined());
  });

  it('files of more than 20 MB together, of somebody else, or over another channel are refused', async () => {
    const half = 11 * 1024 * 1024;
    const mediaIds = [(await upload(half)).id, (await upload(half)).id];
    const email = { channel: 'email', title: 'Files' } as const;
    await expect(write({ ...email, mediaIds })).rejects.toMatchObject({
      code: 'invalid',
      errors: [{ path: 'mediaIds', message: expect.stringContaining('20 MB') }],
    });
    const [one] = mediaIds;
    await expect(write({ ...email, mediaIds: [one!] }, colleague())).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(write({ channel: 'sms', mediaIds: [one!] })).rejects.toMatchObject({ code: 'invalid' });
    await expect(upload(2 * half)).rejects.toMatchObject({ code: 'media_refused' });
  });

  it('R-SEND-5: {{candidatePage.link}} opens the page of the candidate; a contact has none', async () => {
    const text = 'Answer at {{candidatePage.link}}';
    const countPages = () =>
      world.db.query('select 1 from candidate_pages where person_id = $1', [person.id]);
    // a preview shows one as long, and makes no page
    const preview = await previewSend(
      world.db,
      { actor: company.as(company.users.administrator), dayMs },
      { channels: ['sms'], text, personIds: [person.id] },
    );
    expect(preview).toMatchObject({ channels: [{ willSend: 1 }] });
    expect(await countPages()).toEqual([]);
    await world.db.transact((tx) => enableEvents(tx, company.organizationId));
    const id = await write({ channel: 'sms', text });
    expect(preview.sample!.text).toHaveLength(String((await messageOf(id)).body).length);
    const url = String((await messageOf(id)).body).replace('Answer at ', '');
    expect(url).toMatch(/^http:\/\/localhost:3000\/messages\/[\w-]+$/);
    const link = readCandidatePageToken(world.hashKey, url.split('/').at(-1)!);
    const pages = await world.db.query(
      'select id, application_id from candidate_pages where person_id = $1',
      [person.id],
    );
    expect(pages).toEqual([{ id: link!.pageId, application_id: null }]);
    // who reads it is not who may answer by it
    const reader = company.as(company.users.supervisor);
    const shown = [
      await readMessage(world.db, reader, id),
      await listTimeline(world.db, reader, person.id, { limit: 10 }),
      await listConversations(world.db, { actor: reader, dayMs }, { view: 'all', limit: 10 }),
      (await readFeed(world.db, company.organizationId, { limit: 500 })).items.at(-1),
    ].map((told) => JSON.stringify(told));
    for (const told of shown) expect(told).toContain('Answer at http://localhost:3000/messages/"');
    person = await company.person({ kind: 'contact' });
    await expect(write({ channel: 'sms', text: '{{candidatePage.link}}' })).rejects.toMatchObject({
      code: 'variable_missing',
    });
  });

  it('a server that is busy is asked again later', async () => {
    answer = Object.assign(new Error('later'), { responseCode: 451 });
    const id = await write({ channel: 'email', title: 'Hello' });
    expect(await dispatch()).toMatchObject({ outcome: 'waiting' });
    expect(await messageOf(id)).toMatchObject({ state: 'queued' });
  });

  it('a server that is busy holds up e-mail alone', async () => {
    answer = Object.assign(new Error('later'), { responseCode: 451 });
    const mail = await write({ channel: 'email', title: 'Hello' });
    const sms = [await write({ channel: 'sms' })];
    expect(await dispatch()).toMatchObject({ outcome: 'waiting', more: true, retryAt: null });
    // however long that took, the e-mail is not due yet
    world.clock.advance(-60_000);
    expect(await dispatch()).toMatchObject({ outcome: 'sent' });
    world.clock.advance(60_000);
    answer = undefined;
    expect(await messageOf(mail)).toMatchObject({ state: 'queued' });
    sms.push(await write({ channel: 'sms' }));
    for (const id of sms) {
      await dispatch();
      expect(await messageOf(id)).toMatchObject({ state: 'sent' });
    }
  });
});
