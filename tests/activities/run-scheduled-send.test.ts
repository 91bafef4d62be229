import { dispatchNext } from '../../activities/dispatch-next';
import { runBulkSend } from '../../activities/run-bulk-send';
import { runScheduledSend } from '../../activities/run-scheduled-send';
import { runStageMove } from '../../activities/run-stage-move';
import { sealContext } from '../../src/channels/open-account';
import type { ScheduleInput } from '../../src/contracts/scheduled-messages';
import type { Fallback } from '../../src/contracts/messages';
import { sendMessage } from '../../src/data/messages/accept-message';
import { changeBulkSend, createBulkSend, readBulkSend } from '../../src/data/bulk/bulk-sends';
import { newId } from '../../src/data/database';
import { storeUpload } from '../../src/data/messages/media';
import { mergePeople } from '../../src/data/people/merge-people';
import { cancelScheduled, readScheduled, scheduleMessage } from '../../src/data/scheduled/scheduled-messages';
import { moveApplications } from '../../src/data/actions/stage-moves';
import { setQuietHours } from '../../src/data/organization/quiet-hours-setting';
import { sweep } from '../../src/data/sweep';
import type { ActingUser } from '../../src/domain/permissions';
import { seal } from '../../src/seal';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  secretKey,
  text,
  timelineOf,
  type Company,
  type Person,
  type World,
} from '../support/company';

let world: World;
let company: Company;
let person: Person;
beforeAll(async () => void (world = await createWorld()));
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
  person = await company.person();
  await connectSms();
});
afterEach(async () => {
  world.sandbox.behave();
  await world.settled();
  expect(world.sandbox.counts({ minimum: 2 })).toEqual([]);
  await assertLedger(world.db);
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

const inMs = async (ms: number): Promise<string> =>
  new Date((await world.db.now()).getTime() + ms).toISOString();
const actor = (user: ActingUser = company.users.recruiter) => company.as(user);

async function schedule(input: Partial<ScheduleInput> = {}, who = company.users.recruiter): Promise<string> {
  const wanted = { sendAt: await inMs(hourMs), channels: ['whatsapp' as const], ...input };
  return (await scheduleMessage(world.db, { actor: actor(who), dayMs }, company.ids(person), wanted)).id;
}
const read = (id: string) => readScheduled(world.db, actor(company.users.administrator), id);
const run = (batchId: string) =>
  runScheduledSend(world.deps, { organizationId: company.organizationId, batchId }, () => undefined);

/** Fires it when it is due, and sends what came of it. */
async function fire(id: string, afterMs = hourMs): Promise<void> {
  world.clock.advance(afterMs + 1);
  await run(id);
  await dispatchNext(world.deps, company.ids(person));
}
const onPhone = () => world.sandbox.messages({ number: person.waId }).map((message) => message.text);
const onSms = () => world.sandbox.sms.messages({ number: person.waId }).map((message) => message.text);
const told = async () =>
  (await timelineOf(world.db, person.id)).map(({ kind, data }) => [kind, data.reason].filter(Boolean));
const chat = async () =>
  (
    await world.db.query('select status, owner_id from conversations where id = $1', [person.conversationId])
  )[0];

describe('R-SEND-7: a scheduled message', () => {
  it('is not sent before its time, then once, as by hand: its author owns the chat', async () => {
    await company.write(person, 'hi');
    const id = await schedule({ text: 'Hello {{candidate.firstName}}' });
    expect(await read(id)).toMatchObject({ state: 'planned', quiet: false, mayCancel: true });
    expect(await company.balance()).toBe(1000);
    const { nextDueAt } = await run(id);
    expect(nextDueAt).toBe((await read(id)).dueAt);
    expect(onPhone()).toEqual([]);
    await fire(id);
    await Promise.all([run(id), run(id)]);
    expect(onPhone()).toEqual(['Hello Ada']);
    expect(await chat()).toMatchObject({ status: 'active', owner_id: company.users.recruiter.id });
    expect(await read(id)).toMatchObject({
      state: 'done',
      messageId: expect.any(String) as string,
      mayCancel: false,
    });
    expect(await told()).toEqual([
      ['messageReceived'],
      ['messageScheduled'],
      ['chatStarted'],
      ['messageSent'],
    ]);
    expect(await company.balance()).toBe(999);
  });

  it('outside the window it is the template, else the next channel, else nothing, with every reason', async () => {
    const templateId = await company.template({ body: 'Hello {{1}}, see you.' });
    await company.write(person, 'hi');
    const [asText, asTemplate] = [
      await schedule({ text: 'Free' }),
      await schedule({ text: 'Free', templateId, sendAt: await inMs(2 * dayMs) }),
    ];
    await fire(asText);
    expect(onPhone()).toEqual(['Free']);
    await fire(asTemplate, 2 * dayMs);
    expect(onPhone()).toEqual(['Free', 'Hello Ada, see you.']);

    person = await company.person({ consent: false });
    const asSms = await schedule({ text: 'By SMS', templateId, channels: ['whatsapp', 'sms'] });
    await fire(asSms);
    expect([onPhone(), onSms()]).toEqual([[], ['By SMS']]);
    expect(await chat()).toMatchObject({ status: 'closed' });

    person = await company.person({ consent: false, phoneType: 'landline' });
    const nothing = await schedule({ text: 'Nothing', templateId, channels: ['whatsapp', 'sms'] });
    await fire(nothing);
    expect(await read(nothing)).toMatchObject({
      state: 'suppressed',
      reason: 'phone_not_mobile',
      messageId: null,
    });
    const entries = await timelineOf(world.db, person.id);
    expect(entries.at(-1)).toMatchObject({
      kind: 'messageSuppressed',
      data: {
        tried: [
          { channel: 'whatsapp' },
          { channel: 'whatsapp' },
          { channel: 'sms', reason: 'phone_not_mobile' },
        ],
      },
    });
  });

  it('takes its files along: over WhatsApp inside the window, with an e-mail at any time', async () => {
    const upload = async (channel: 'whatsapp' | 'email', filename = 'plan.pdf') => {
      const file = { bytes: Buffer.from('%PDF-1.7'), mimeType: 'application/pdf', filename };
      return (await storeUpload(world.db, actor(), { ...file, voice: false, channel })).id;
    };
    await company.write(person, 'hi');
    const mediaIds = [await upload('whatsapp')];
    await fire(await schedule({ mediaIds, text: 'The way' }));
    expect(world.sandbox.messages({ number: person.waId })).toMatchObject([
      { type: 'document', text: 'The way' },
    ]);
    const three = {
      mediaIds: [mediaIds[0]!, await upload('whatsapp', '2.pdf'), await upload('whatsapp', '3.pdf')],
      text: 'All of it',
    };
    await fire(await schedule(three));
    for (const _ of three.mediaIds) await dispatchNext(world.deps, company.ids(person));
    expect(
      world.sandbox.messages({ number: person.waId }).map(({ type, text: said }) => [type, said]),
    ).toEqual([
      ['document', 'The way'],
      ['document', 'All of it'],
      ['document', '2.pdf'],
      ['document', '3.pdf'],
    ]);
    const late = await schedule({ mediaIds, sendAt: await inMs(2 * dayMs) });
    await fire(late, 2 * dayMs);
    expect(await read(late)).toMatchObject({ state: 'suppressed', reason: 'window_closed' });

    await world.db.query(
      `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at)
       values ($1, $2, $3, 'email', 'uma@mail.example', 'uma@mail.example', $4)`,
      [company.organizationId, newId(), person.id, await world.db.now()],
    );
    const files = { mediaIds: [await upload('email'), await upload('email')] };
    const cc = [{ name: 'Otto', address: 'otto@hirer.example' }];
    const email = await schedule({ channels: ['email'], title: 'Plan', text: 'See there', ...files, cc });
    world.clock.advance(hourMs + 1);
    await run(email);
    const { messageId } = await read(email);
    const [message] = await world.db.query('select state, title, content from messages where id = $1', [
      messageId,
    ]);
    expect(message).toMatchObject({
      state: 'queued',
      title: 'Plan',
      content: { ...files, copies: { cc, bcc: [] } },
    });
  });

  it('R-ROLE-1: its author’s right is asked again when it fires', async () => {
    const { recruiter } = company.users;
    const asReviewer = await schedule({ text: 'x' });
    await world.db.query(`update users set role = 'reviewer' where id = $1`, [recruiter.id]);
    await fire(asReviewer);
    expect(await read(asReviewer)).toMatchObject({ state: 'suppressed', reason: 'not_permitted' });
    await world.db.query(`update users set role = 'recruiter' where id = $1`, [recruiter.id]);
    const asLeaver = await schedule({ text: 'x' });
    await world.db.query(`update users set deactivated_at = $2 where id = $1`, [
      recruiter.id,
      await world.db.now(),
    ]);
    await fire(asLeaver);
    expect(await read(asLeaver)).toMatchObject({
      state: 'suppressed',
      reason: 'not_permitted',
      reasonText: expect.stringContaining('Whoever prepared it may not write') as string,
    });
    const { interviewer } = company.users;
    const vacancy = await company.vacancy();
    const [applicationId] = await company.apply(vacancy, [person]);
    const fromTray = await schedule({ text: 'x', applicationId: applicationId! }, interviewer);
    await expect(schedule({ text: 'x' }, interviewer)).rejects.toMatchObject({ code: 'not_permitted' });
    await world.db.query('delete from vacancy_users where vacancy_id = $1', [vacancy.id]);
    await fire(fromTray);
    expect(await read(fromTray)).toMatchObject({ state: 'suppressed', reason: 'not_permitted' });
  });

  it('R-CHAT-3: a colleague who owns the chat then holds it back on WhatsApp', async () => {
    await company.write(person, 'hi');
    const id = await schedule({ text: 'Mine' });
    await sendMessage(
      world.db,
      { actor: actor(company.colleague), dayMs },
      company.ids(person),
      text('Theirs'),
    );
    await fire(id);
    expect(await read(id)).toMatchObject({ state: 'suppressed', reason: 'chat_owned_by_other' });
    expect(onPhone()).toEqual(['Theirs']);
  });

  it('is cancelled by its author or an Administrator, and then never goes', async () => {
    const id = await schedule({ text: 'x' });
    await expect(cancelScheduled(world.db, actor(company.colleague), id)).rejects.toMatchObject({
      code: 'not_permitted',
    });
    await cancelScheduled(world.db, actor(), id);
    await expect(cancelScheduled(world.db, actor(), id)).rejects.toMatchObject({ code: 'conflict' });
    await fire(id);
    expect(onPhone()).toEqual([]);
    expect(await told()).toEqual([['messageScheduled'], ['messageUnscheduled']]);
  });

  it('cancelled at the instant it fires, it is either sent or cancelled', async () => {
    await company.write(person, 'hi');
    const ids = [];
    for (let n = 0; n < 6; n++) ids.push(await schedule({ text: `${n}` }));
    world.clock.advance(hourMs + 1);
    const ends = await Promise.all(
      ids.flatMap((id) => [
        run(id),
        cancelScheduled(world.db, actor(company.users.administrator), id).then(
          () => 'cancelled',
          (error: { code: string }) => error.code,
        ),
      ]),
    );
    for (let n = 0; n < 6; n++) await dispatchNext(world.deps, company.ids(person));
    const sent = onPhone();
    for (const [n, id] of ids.entries()) {
      const { state } = await read(id);
      expect(ends[2 * n + 1]).toBe(state === 'cancelled' ? 'cancelled' : 'conflict');
      expect(sent.includes(`${n}`)).toBe(state === 'done');
    }
  });

  it('R-SEND-10: quiet hours put it off, when it is scheduled and again when it fires', async () => {
    const id = await schedule({ text: 'x', channels: ['sms'] });
    await beQuiet(3);
    await fire(id);
    expect(onSms()).toEqual([]);
    expect(await read(id)).toMatchObject({ state: 'planned', quiet: true });
    expect(await read(await schedule({ text: 'y', sendAt: await inMs(60_000) }))).toMatchObject({
      quiet: true,
    });
    await fire(id, 3 * hourMs);
    expect(onSms()).toEqual(['x']);
  });

  it('R-SEND-10: one that fired before the night, and could not leave then, waits for its end', async () => {
    const id = await schedule({ text: 'x', channels: ['sms'] });
    world.clock.advance(hourMs + 1);
    await run(id);
    await beQuiet(3);
    const next = () => dispatchNext(world.deps, company.ids(person));
    expect(await next()).toMatchObject({ outcome: 'waiting', blockedBy: 'quiet_hours' });
    world.clock.advance(5 * hourMs);
    expect(await next()).toMatchObject({ outcome: 'sent' });
    expect(onSms()).toEqual(['x']);
  });

  it('R-SEND-10: what one night put off goes in the order in which it was wanted, whatever it is', async () => {
    const { organizationId } = company;
    const administrator = actor(company.users.administrator);
    const sms = { channels: ['sms' as const] };
    const bulk = (text: string) =>
      createBulkSend(world.db, administrator, { ...sms, text, personIds: [person.id] });
    await beQuiet(3);
    const fourth = await schedule({ text: '4', ...sms, sendAt: await inMs(2 * hourMs) });
    const third = await schedule({ text: '3', ...sms, sendAt: await inMs(hourMs) });
    const first = { organizationId, bulkSendId: (await bulk('1')).id };
    await runBulkSend(world.deps, first, () => undefined);
    const vacancy = await company.vacancy();
    const [applicationId] = await company.apply(vacancy, [person]);
    const actionId = await company.action(vacancy.stages[1]!, null, sms);
    await world.db.query(`update stage_actions set body = '2' where id = $1`, [actionId]);
    const moving = { applicationIds: [applicationId!], stageId: vacancy.stages[1]!, runActions: true };
    const { moveId } = await moveApplications(world.db, { actor: administrator, dayMs }, moving);
    const second = { organizationId, moveId };
    world.clock.advance(2.5 * hourMs);
    const fifth = { organizationId, bulkSendId: (await bulk('5')).id };
    await runBulkSend(world.deps, fifth, () => undefined);
    expect(onSms()).toEqual([]);

    world.clock.advance(1.5 * hourMs);
    // the last ask first, and all of them at every instant
    for (let turn = 0; turn < 5; turn++) {
      await runBulkSend(world.deps, fifth, () => undefined);
      for (const id of [fourth, third]) await run(id);
      await runStageMove(world.deps, second, () => undefined);
      await runBulkSend(world.deps, first, () => undefined);
      for (let sent = 0; sent < 2; sent++) await dispatchNext(world.deps, company.ids(person));
      world.clock.advance(1_001);
    }
    expect(onSms()).toEqual(['1', '2', '3', '4', '5']);
  });

  it('R-SEND-10: so does what goes because there is no night any more', async () => {
    await beQuiet(3);
    const sms = { channels: ['sms' as const] };
    const [second, first] = [
      await schedule({ text: '2', ...sms, sendAt: await inMs(2 * hourMs) }),
      await schedule({ text: '1', ...sms, sendAt: await inMs(hourMs) }),
    ];
    world.clock.advance(2.5 * hourMs);
    await setQuietHours(world.db, actor(company.users.administrator), { quietHours: null });
    for (const id of [second, first, second]) await run(id);
    for (let sent = 0; sent < 2; sent++) await dispatchNext(world.deps, company.ids(person));
    expect(onSms()).toEqual(['1', '2']);
  });

  it('a merge carries it over, and what nobody drives is found by the sweep', async () => {
    const into = await company.person();
    const id = await schedule({ text: 'x', channels: ['sms'] });
    await mergePeople(
      world.db,
      { actor: actor(company.users.administrator), dayMs },
      { fromId: person.id, intoId: into.id },
    );
    await world.db.query('delete from outbox');
    world.clock.advance(hourMs + 60_000);
    await sweep(world.db, { dayMs });
    const woken = await world.db.query('select 1 from outbox where workflow_id = $1', [
      `scheduled-send:${id}`,
    ]);
    expect(woken).toHaveLength(1);
    await run(id);
    const { messageId } = await read(id);
    const [row] = await world.db.query('select conversation_id from messages where id = $1', [messageId]);
    expect(row).toEqual({ conversation_id: into.conversationId });
  });

  it('what could never be sent is refused at once', async () => {
    await expect(schedule({ text: 'x', sendAt: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(schedule({ text: 'x', channels: ['email'] })).rejects.toMatchObject({ code: 'invalid' });
    await expect(schedule({ text: '{{nobody.knows}}' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(
      schedule({ text: 'x', channels: ['sms'], fallback: { channel: 'email', afterSeconds: 60 } }),
    ).rejects.toMatchObject({ code: 'invalid' });
    await expect(schedule({ templateId: newId() })).rejects.toMatchObject({ code: 'not_found' });
  });
});

/** In a zone whose nights are all of one length. */
async function beQuiet(hours: number): Promise<void> {
  const at = Math.floor(((await world.db.now()).getTime() % dayMs) / 60_000);
  await world.db.query(
    `update organizations set time_zone = 'UTC', quiet_from = $2, quiet_until = $3 where id = $1`,
    [company.organizationId, (at + 1439) % 1440, (at + 60 * (hours + 1)) % 1440],
  );
}

describe('R-SEND-9: a fallback', () => {
  const sms: Fallback = { channel: 'sms', afterSeconds: 3600 };

  /** A message on WhatsApp with a fallback, sent; its receipts held back or not. */
  async function send({ held = true, fallback = sms } = {}): Promise<string> {
    world.sandbox.misbehave(company.account.phoneNumberId, { holdWebhooks: held });
    const input = { ...text('Hello'), fallback } as Parameters<typeof sendMessage>[3];
    const id = await sendMessage(world.db, { actor: actor(), dayMs }, company.ids(person), input);
    await dispatchNext(world.deps, company.ids(person));
    return id;
  }
  const stateOf = async (messageId: string) =>
    (
      await world.db.query(
        'select state, reason, message_id from scheduled_messages where after_message_id = $1',
        [messageId],
      )
    )[0];

  beforeEach(() => company.write(person, 'hi'));

  it('goes by SMS where WhatsApp has not delivered it in time; only then it costs', async () => {
    const id = await send();
    expect(await company.balance()).toBe(999);
    await fire(id, hourMs - 60_000);
    expect(onSms()).toEqual([]);
    await fire(id, 60_000);
    expect(onSms()).toEqual(['Hello']);
    expect(await company.balance()).toBe(998);
    expect(await stateOf(id)).toMatchObject({ state: 'done' });
  });

  it('is not needed once a receipt says delivered', async () => {
    const id = await send({ held: false });
    await world.settled();
    await fire(id);
    expect(onSms()).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ state: 'cancelled', reason: 'already_delivered' });
    expect(await company.balance()).toBe(999);
  });

  it('a late receipt stops it while it is still unsent, and its credit comes back', async () => {
    const id = await send();
    world.clock.advance(hourMs + 1);
    await world.db.query(
      `update channel_accounts set state = 'paused' where channel = 'sms' and organization_id = $1`,
      [company.organizationId],
    );
    await run(id);
    expect(await company.balance()).toBe(998);
    world.sandbox.behave();
    await world.settled();
    await world.db.query(
      `update channel_accounts set state = 'connected' where channel = 'sms' and organization_id = $1`,
      [company.organizationId],
    );
    await dispatchNext(world.deps, company.ids(person));
    expect(onSms()).toEqual([]);
    expect(await company.balance()).toBe(999);
    expect((await told()).at(-1)).toEqual(['messageSuppressed', 'already_delivered']);
  });

  it('goes at once where WhatsApp refuses the message, by answer or by receipt', async () => {
    for (const as of ['answer', 'status'] as const) {
      world.sandbox.misbehave(person.waId, { refuse: { times: 1, code: 131_026, as } });
      const id = await send({ held: false });
      await world.settled();
      expect(await run(id)).toEqual({ nextDueAt: null });
      await dispatchNext(world.deps, company.ids(person));
      expect(await stateOf(id)).toMatchObject({ state: 'done' });
      await world.db.query(`update contact_points set whatsapp = 'present' where id = $1`, [
        person.contactPointId,
      ]);
    }
    expect(onSms()).toEqual(['Hello', 'Hello']);
  });

  it('takes over what WhatsApp has not taken yet, and leaves it alone where it cannot go itself', async () => {
    const pause = (state: string) =>
      world.db.query('update channel_accounts set state = $2 where id = $1', [company.account.id, state]);
    await pause('paused');
    const id = await send();
    await fire(id);
    await dispatchNext(world.deps, company.ids(person));
    expect(onSms()).toEqual(['Hello']);
    const [withdrawn] = await world.db.query('select state, reason from messages where id = $1', [id]);
    expect(withdrawn).toEqual({ state: 'cancelled', reason: 'replaced_by_fallback' });

    await world.db.query(`update contact_points set phone_type = 'landline' where id = $1`, [
      person.contactPointId,
    ]);
    const kept = await send();
    await fire(kept);
    expect(await stateOf(kept)).toMatchObject({ state: 'suppressed', reason: 'phone_not_mobile' });
    const [waiting] = await world.db.query('select state from messages where id = $1', [kept]);
    expect(waiting).toEqual({ state: 'queued' });
  });

  it('R-SEND-10: waits for what a night held up along with it, and then its own time', async () => {
    const pause = (state: string) =>
      world.db.query('update channel_accounts set state = $2 where id = $1', [company.account.id, state]);
    await pause('paused');
    const templateId = await company.template({ body: 'Hello' });
    const { id: bulkSendId } = await createBulkSend(world.db, actor(company.users.administrator), {
      channels: ['whatsapp'],
      templateId,
      personIds: [person.id],
      fallback: sms,
    });
    const bulk = () =>
      runBulkSend(world.deps, { organizationId: company.organizationId, bulkSendId }, () => undefined);
    // accepted just before the channel broke
    await pause('connected');
    world.sandbox.misbehave(company.account.phoneNumberId, {
      holdWebhooks: true,
      refuse: { times: 1, code: 190, as: 'answer' },
    });
    await bulk();
    await beQuiet(3);
    await pause('connected');
    const next = () => dispatchNext(world.deps, company.ids(person));
    expect(await next()).toMatchObject({ blockedBy: 'quiet_hours' });
    world.clock.advance(2 * hourMs);
    await run(bulkSendId);
    world.clock.advance(2 * hourMs);
    const { nextDueAt } = await run(bulkSendId);
    expect(Date.parse(nextDueAt!)).toBeGreaterThan((await world.db.now()).getTime() + hourMs / 2);
    expect(onSms()).toEqual([]);
    world.clock.advance(hourMs / 2);
    expect(await next()).toMatchObject({ outcome: 'sent' });
    world.clock.advance(hourMs / 2 + 1);
    await run(bulkSendId);
    expect([onPhone(), onSms()]).toEqual([['Hello'], []]);
    world.clock.advance(hourMs / 2);
    expect(await run(bulkSendId)).toEqual({ nextDueAt: null });
    expect(onSms()).toEqual(['Hello']);
  });

  it('an e-mail without a title, or a fallback of an SMS, is refused while one can mend it', async () => {
    await expect(send({ fallback: { channel: 'email', afterSeconds: 60 } })).rejects.toMatchObject({
      code: 'invalid',
    });
  });

  it('of a scheduled message is planned when that is sent, and goes at once where WhatsApp is out of the question', async () => {
    const id = await schedule({ text: 'Later', fallback: sms });
    await world.db.query(`update contact_points set whatsapp = 'absent' where id = $1`, [
      person.contactPointId,
    ]);
    await fire(id, dayMs + hourMs);
    expect([onPhone(), onSms()]).toEqual([[], ['Later']]);
  });

  it('of a send to many, fires for who was not reached; cancelling the send calls the rest off', async () => {
    const templateId = await company.template({ body: 'Hello {{1}}' });
    const others = await company.people(2, { consent: false });
    world.sandbox.misbehave(company.account.phoneNumberId, { holdWebhooks: true });
    const { administrator } = company.users;
    const { id } = await createBulkSend(world.db, actor(administrator), {
      channels: ['whatsapp'],
      templateId,
      personIds: [person.id, ...others.map((other) => other.id)],
      fallback: sms,
    });
    const ids = { organizationId: company.organizationId, bulkSendId: id };
    await runBulkSend(world.deps, ids, () => undefined);
    // two may not be written to on WhatsApp: at once
    const { nextDueAt } = await run(id);
    expect(nextDueAt).not.toBeNull();
    for (const other of others)
      expect(world.sandbox.sms.messages({ number: other.waId }).map((message) => message.text)).toEqual([
        'Hello Ada',
      ]);
    expect(onSms()).toEqual([]);
    world.clock.advance(hourMs + 1);
    expect(await run(id)).toEqual({ nextDueAt: null });
    expect(onSms()).toEqual(['Hello Ada']);

    const scheduled = await createBulkSend(world.db, actor(administrator), {
      channels: ['whatsapp'],
      templateId,
      personIds: [others[0]!.id],
      sendAt: await inMs(hourMs),
    });
    await changeBulkSend(world.db, actor(administrator), scheduled.id, 'cancelled');
    world.clock.advance(hourMs + 1);
    await runBulkSend(world.deps, { ...ids, bulkSendId: scheduled.id }, () => undefined);
    expect(await readBulkSend(world.db, actor(administrator), scheduled.id)).toMatchObject({
      counts: { cancelled: 1, sent: 0 },
    });
  });

  it('R-SEND-7: a scheduled send to many waits its time, and asks then whether its sender may still write', async () => {
    const { recruiter } = company.users;
    const templateId = await company.template();
    const vacancy = await company.vacancy();
    const people = await company.people(2);
    const applicationIds = await company.apply(vacancy, people);
    const { id } = await createBulkSend(world.db, actor(recruiter), {
      channels: ['whatsapp'],
      templateId,
      applicationIds,
      sendAt: await inMs(hourMs),
    });
    const ids = { organizationId: company.organizationId, bulkSendId: id };
    const sendAt = (await readBulkSend(world.db, actor(recruiter), id)).sendAt;
    expect(await runBulkSend(world.deps, ids, () => undefined)).toEqual({ nextDueAt: sendAt });
    await world.db.query(`update users set role = 'reviewer' where id = $1`, [recruiter.id]);
    world.clock.advance(hourMs + 1);
    await runBulkSend(world.deps, ids, () => undefined);
    const administrator = actor(company.users.administrator);
    expect((await readBulkSend(world.db, administrator, id)).counts).toMatchObject({
      suppressed: 2,
      sent: 0,
    });
    expect((await timelineOf(world.db, people[0]!.id)).at(-1)).toMatchObject({
      kind: 'messageSuppressed',
      data: { reason: 'not_permitted' },
    });
  });

  it('R-SEND-7, R-SEND-9: of one batch each is asked for itself; those who get it have a fallback each', async () => {
    const { recruiter } = company.users;
    const [mine, left] = [await company.vacancy(), await company.vacancy()];
    const people = await company.people(4);
    const applicationIds = [
      ...(await company.apply(mine, people.slice(0, 2))),
      ...(await company.apply(left, people.slice(2))),
    ];
    const { id } = await createBulkSend(world.db, actor(recruiter), {
      channels: ['whatsapp'],
      templateId: await company.template(),
      applicationIds,
      sendAt: await inMs(hourMs),
      fallback: sms,
    });
    await world.db.query('delete from vacancy_users where vacancy_id = $1', [left.id]);
    world.clock.advance(hourMs + 1);
    world.sandbox.misbehave(company.account.phoneNumberId, { holdWebhooks: true });
    await runBulkSend(
      world.deps,
      { organizationId: company.organizationId, bulkSendId: id },
      () => undefined,
    );
    expect((await readBulkSend(world.db, actor(recruiter), id)).counts).toMatchObject({
      sent: 2,
      suppressed: 2,
    });
    const fallbacks = await world.db.query(
      `select person_id as "personId", batch_id = $1 as "ofSend", channels::text, origin, state from scheduled_messages
       where batch_id = $1 or after_message_id in (select message_id from bulk_recipients where bulk_send_id = $1)`,
      [id],
    );
    const planned = { ofSend: true, channels: '{sms}', origin: 'bulk', state: 'planned' };
    expect(fallbacks).toHaveLength(2);
    for (const { id: personId } of people.slice(0, 2))
      expect(fallbacks).toContainEqual({ personId, ...planned });
  });

  it('of an automatic action goes where WhatsApp is out of the question', async () => {
    const templateId = await company.template();
    const vacancy = await company.vacancy();
    const [applicationId] = await company.apply(vacancy, [person]);
    const actionId = await company.action(vacancy.stages[1]!, templateId);
    await world.db.query(
      `update stage_actions set fallback_channel = 'sms', fallback_after_seconds = 60 where id = $1`,
      [actionId],
    );
    await world.db.query(`update consents set granted = false where contact_point_id = $1`, [
      person.contactPointId,
    ]);
    const administrator = actor(company.users.administrator);
    const { moveId } = await moveApplications(
      world.db,
      { actor: administrator, dayMs },
      { applicationIds: [applicationId!], stageId: vacancy.stages[1]!, runActions: true },
    );
    await runStageMove(world.deps, { organizationId: company.organizationId, moveId }, () => undefined);
    await run(moveId);
    expect(onSms()).toHaveLength(1);
  });
});
