import { dispatchNext } from '../../activities/dispatch-next';
import type { SendInput } from '../../src/contracts/messages';
import { sendMessage } from '../../src/data/messages/accept-message';
import { claimNextMessage, recordSent } from '../../src/data/messages/dispatch';
import { storeUpload } from '../../src/data/messages/media';
import { sweep } from '../../src/data/sweep';
import type { DispatchResult } from '../../src/domain/dispatch';
import type { ActingUser } from '../../src/domain/permissions';
import type { Misbehaviour } from '../../src/sandbox/model';
import {
  assertLedger,
  createWorld,
  dayMs,
  hourMs,
  rowOf,
  template,
  text,
  timelineOf,
  type Company,
  type Deps,
  type Person,
  type World,
} from '../support/company';
import { waitFor } from '../support/wait';

let world: World;
let company: Company;
let templateId: string;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  company = await world.company();
  templateId = await company.template();
});
afterEach(async () => {
  world.sandbox.behave();
  await world.settled();
  // Whatever the network did: no message of ours reached a phone twice.
  expect(world.sandbox.counts({ minimum: 2 })).toEqual([]);
  await assertLedger(world.db);
});

const send = (
  person: Person,
  input: SendInput = template(templateId),
  user: ActingUser = company.users.recruiter,
): Promise<string> => sendMessage(world.db, { actor: company.as(user), dayMs }, company.ids(person), input);
const dispatch = (person: Person, deps: Partial<Deps> = {}): Promise<DispatchResult> =>
  dispatchNext({ ...world.deps, ...deps }, company.ids(person));
const misbehave = (settings: Omit<Misbehaviour, 'id'>): void =>
  world.sandbox.misbehave(company.account.phoneNumberId, settings);
const messageOf = (id: string): Promise<Record<string, unknown>> => rowOf(world.db, 'messages', id);
const received = (person: Person): string[] =>
  world.sandbox.messages({ number: person.waId }).map(({ text: body }) => body);
const entriesOf = async (messageId: string): Promise<string[]> =>
  (
    await world.db.query<{ kind: string }>(
      'select kind from credit_entries where message_id = $1 order by id',
      [messageId],
    )
  ).map(({ kind }) => kind);

describe('order', () => {
  it('sends one message after another, in the order of acceptance, however many ask at once', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    for (let n = 1; n <= 8; n++) await send(person, text(`message ${n}`));
    await waitFor(
      async () => {
        await Promise.all(Array.from({ length: 3 }, () => dispatch(person)));
        return received(person).length === 8;
      },
      { what: 'eight messages' },
    );
    expect(received(person)).toEqual(Array.from({ length: 8 }, (_, n) => `message ${n + 1}`));
    expect(await dispatch(person)).toMatchObject({
      outcome: 'idle',
      more: false,
      snapshot: { pending: false },
    });
  });

  it('an attempt in flight is waited for', async () => {
    const person = await company.person();
    await send(person);
    await send(person);
    await claimNextMessage(world.db, company.ids(person), world.deps);
    expect(await dispatch(person)).toMatchObject({
      outcome: 'waiting',
      retryAt: expect.any(String) as string,
    });
    expect(received(person)).toEqual([]);
  });
});

describe('R-CRED-2: what the provider says of a send', () => {
  it('taken: the credit is spent, the chat extended, the number known to be on WhatsApp', async () => {
    const person = await company.person();
    const id = await send(person);
    expect(await entriesOf(id)).toEqual(['reserve']);
    const before = await rowOf(world.db, 'conversations', person.conversationId);
    world.clock.advance(hourMs);
    expect(await dispatch(person)).toMatchObject({ outcome: 'sent', more: false });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
    const after = await rowOf(world.db, 'conversations', person.conversationId);
    expect(
      (after.deadline_at as Date).getTime() - (before.deadline_at as Date).getTime(),
    ).toBeGreaterThanOrEqual(hourMs);
    await world.settled();
    expect(await messageOf(id)).toMatchObject({ state: 'delivered', attempts: 1 });
    expect(await rowOf(world.db, 'contact_points', person.contactPointId)).toMatchObject({
      whatsapp: 'present',
      wa_id: person.waId,
    });
  });

  it('R-CHAT-4: a message of a program, taken, extends nothing', async () => {
    const person = await company.person();
    await send(person);
    await dispatch(person);
    await world.settled();
    const before = await rowOf(world.db, 'conversations', person.conversationId);
    world.clock.advance(hourMs);
    await sendMessage(world.db, { actor: company.program, dayMs }, company.ids(person), template(templateId));
    await dispatch(person);
    expect((await rowOf(world.db, 'conversations', person.conversationId)).deadline_at).toEqual(
      before.deadline_at,
    );
  });

  it.each([
    [131047, 'window_closed'],
    [131026, 'not_on_whatsapp'],
    [132000, 'template_mismatch'],
    [131049, 'provider_limit'],
    [100, 'provider_refused'],
    [999999, 'provider_refused'],
  ])('refused for good (%i): failed as %s, the credit released, the next one goes', async (code, reason) => {
    const person = await company.person();
    const [id, next] = [await send(person), await send(person)];
    misbehave({ refuse: { times: 1, code } });
    expect(await dispatch(person)).toMatchObject({ outcome: 'failed', more: true });
    expect(await messageOf(id)).toMatchObject({ state: 'failed', reason, provider_code: code });
    expect(await entriesOf(id)).toEqual(['reserve', 'release']);
    expect(await timelineOf(world.db, person.id)).toContainEqual(
      expect.objectContaining({ kind: 'messageFailed', data: expect.objectContaining({ reason }) as object }),
    );
    const presence = (await rowOf(world.db, 'contact_points', person.contactPointId)).whatsapp;
    expect(presence).toBe(code === 131026 ? 'absent' : 'unknown');
    await dispatch(person);
    expect((await messageOf(next)).state).toMatch(code === 131026 ? /^suppressed$/ : /^(sent|delivered)$/);
  });

  it('131050: the person wants no marketing; utility messages still go', async () => {
    const person = await company.person();
    const marketing = await company.template({ category: 'MARKETING' });
    const id = await send(person, template(marketing));
    misbehave({ refuse: { times: 1, code: 131050 } });
    await dispatch(person);
    expect(await messageOf(id)).toMatchObject({ state: 'failed', reason: 'marketing_declined' });
    await expect(send(person, template(marketing))).rejects.toMatchObject({ code: 'marketing_declined' });
    await send(person);
  });

  it.each([
    [132015, 'paused'],
    [132016, 'disabled'],
  ])('%i: the template is flagged as %s', async (code, status) => {
    const person = await company.person();
    await send(person);
    misbehave({ refuse: { times: 1, code } });
    await dispatch(person);
    expect(await rowOf(world.db, 'templates', templateId)).toMatchObject({ status });
    await expect(send(person)).rejects.toMatchObject({ code: 'template_not_approved' });
  });

  it.each([130429, 131056, 131048, 4, 131000, 2])(
    'slow down (%i): back in the queue, nothing before its time, then sent once',
    async (code) => {
      const person = await company.person();
      const id = await send(person);
      misbehave({ refuse: { times: 1, code } });
      const result = await dispatch(person);
      expect(result).toMatchObject({ outcome: 'waiting', more: false, snapshot: { pending: true } });
      expect(await messageOf(id)).toMatchObject({ state: 'queued', attempt_token: null, attempts: 1 });
      // however long that took
      world.clock.advance(-60_000);
      expect(await dispatch(person)).toMatchObject({ outcome: 'waiting', retryAt: result.retryAt });
      expect(received(person)).toEqual([]);
      world.clock.advance(Date.parse(result.retryAt!) - world.clock.now().getTime() + 1);
      expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
      expect(await messageOf(id)).toMatchObject({ attempts: 2 });
      expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
    },
  );

  it('waits longer each time', async () => {
    const person = await company.person();
    await send(person);
    misbehave({ refuse: { times: 4, code: 131056 } });
    for (const waitMs of [6_000, 12_000, 24_000, 48_000]) {
      const before = world.clock.now().getTime();
      const until = Date.parse((await dispatch(person)).retryAt!);
      const after = world.clock.now().getTime();
      expect(until).toBeGreaterThanOrEqual(before + waitMs);
      expect(until).toBeLessThanOrEqual(after + waitMs);
      world.clock.advance(until - after + 1);
    }
  });

  it('R-AUTO-6: a broken channel pauses once and tells Administrators; its messages wait, and go when it is back', async () => {
    const people = await company.people(3);
    const ids = await Promise.all(people.map((person) => send(person)));
    misbehave({ refuse: { times: true, code: 190 } });
    for (const person of people)
      expect(await dispatch(person)).toMatchObject({
        outcome: 'blocked',
        blockedBy: 'channel_paused',
        snapshot: { pending: true },
      });
    expect(await rowOf(world.db, 'channel_accounts', company.account.id)).toMatchObject({
      state: 'paused',
      state_reason: 'token',
    });
    expect(await rowOf(world.db, 'conversations', people[0]!.conversationId)).toMatchObject({
      blocked_by: 'channel_paused',
    });
    const told = await world.db.query('select user_id, kind from notifications where organization_id = $1', [
      company.organizationId,
    ]);
    expect(told).toEqual([{ user_id: company.users.administrator.id, kind: 'channel' }]);
    world.sandbox.behave();
    await company.write(people[1]!, 'stop');
    await world.db.query(`update channel_accounts set state = 'connected' where id = $1`, [
      company.account.id,
    ]);
    // The second has opted out meanwhile: that has cut what waited for them.
    expect(
      (await Promise.all(people.map((person) => dispatch(person)))).map(({ outcome }) => outcome),
    ).toEqual(['sent', 'idle', 'sent']);
    expect(await messageOf(ids[1]!)).toMatchObject({ state: 'suppressed', reason: 'opted_out' });
    expect(await entriesOf(ids[1]!)).toEqual(['reserve', 'release']);
    expect(await rowOf(world.db, 'conversations', people[0]!.conversationId)).toMatchObject({
      blocked_by: null,
    });
  });

  it('R-AUTO-6: a resumed channel’s messages are found by the sweep, should its poke be lost', async () => {
    const person = await company.person();
    await send(person);
    misbehave({ refuse: { times: 1, code: 131042 } });
    await dispatch(person);
    await world.db.query('delete from outbox');
    world.clock.advance(120_000);
    await sweep(world.db, { dayMs });
    expect(
      await world.db.query('select 1 from outbox where organization_id = $1', [company.organizationId]),
    ).toEqual([]);
    await world.db.query(`update channel_accounts set state = 'connected' where id = $1`, [
      company.account.id,
    ]);
    await sweep(world.db, { dayMs });
    expect(
      await world.db.query('select workflow_type from outbox where organization_id = $1', [
        company.organizationId,
      ]),
    ).toEqual([{ workflow_type: 'conversation' }]);
  });

  it('credentials that cannot be opened break the channel; the message was not sent', async () => {
    const person = await company.person();
    const id = await send(person);
    await world.db.query(`update channel_accounts set access_token_sealed = '\\x00' where id = $1`, [
      company.account.id,
    ]);
    expect(await dispatch(person)).toMatchObject({ outcome: 'blocked' });
    expect(await messageOf(id)).toMatchObject({ state: 'queued' });
    expect(await rowOf(world.db, 'channel_accounts', company.account.id)).toMatchObject({ state: 'paused' });
  });
});

describe('unknown', () => {
  const ways: [string, Omit<Misbehaviour, 'id'>, number][] = [
    ['hangs up after accepting', { hangUpAfterAccept: 1 }, 1],
    ['hangs up before accepting', { hangUpBeforeAccept: 1 }, 0],
    ['never answers', { neverAnswer: 1 }, 1],
    ['answers as a gateway, having accepted', { httpError: { times: 1, status: 502, accepted: true } }, 1],
    ['answers as a gateway, not having accepted', { httpError: { times: 1, status: 502 } }, 0],
  ];
  it.each(ways)(
    'the provider %s: nobody sends it again, the credit stays reserved, the next one goes',
    async (_name, settings, arrived) => {
      const person = await company.person();
      const id = await send(person);
      misbehave({ ...settings, holdWebhooks: true });
      const callTimeoutMs = 'neverAnswer' in settings ? 3_000 : world.deps.callTimeoutMs;
      expect(await dispatch(person, { callTimeoutMs })).toMatchObject({ outcome: 'unknown', more: false });
      expect(await messageOf(id)).toMatchObject({ state: 'unknown', attempts: 1 });
      expect(await entriesOf(id)).toEqual(['reserve']);
      expect(received(person)).toHaveLength(arrived);
      await send(person);
      expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
      world.clock.advance(hourMs);
      await sweep(world.db, { dayMs });
      expect(await dispatch(person)).toMatchObject({ outcome: 'idle' });
      expect(received(person)).toHaveLength(arrived + 1);
      // Our id in the receipt settles it.
      world.sandbox.behave();
      await world.settled();
      expect(await messageOf(id)).toMatchObject({ state: arrived === 1 ? 'delivered' : 'unknown' });
      expect(await entriesOf(id)).toEqual(arrived === 1 ? ['reserve', 'commit'] : ['reserve']);
    },
  );

  it('ends after 72 hours as unconfirmed and paid; a receipt that is later still settles it', async () => {
    const person = await company.person();
    const id = await send(person);
    misbehave({ hangUpAfterAccept: 1, holdWebhooks: true });
    await dispatch(person);
    await world.settled();
    world.clock.advance(71 * hourMs);
    await sweep(world.db, { dayMs });
    expect(await messageOf(id)).toMatchObject({ state: 'unknown' });
    world.clock.advance(2 * hourMs);
    await sweep(world.db, { dayMs });
    expect(await messageOf(id)).toMatchObject({ state: 'unconfirmed', reason: 'unconfirmed' });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
    world.sandbox.behave();
    await world.settled();
    expect(await messageOf(id)).toMatchObject({ state: 'delivered', reason: null });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
  });

  it('a worker killed between tx A and the call: unknown after the deadline, never called again', async () => {
    const person = await company.person();
    const [id, next] = [await send(person), await send(person)];
    await claimNextMessage(world.db, company.ids(person), world.deps);
    const waiting = await dispatch(person);
    world.clock.advance(Date.parse(waiting.retryAt!) - world.clock.now().getTime() + 1);
    expect(await dispatch(person)).toMatchObject({ more: true });
    expect(await messageOf(id)).toMatchObject({ state: 'unknown', attempts: 1 });
    expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
    expect(await messageOf(next)).toMatchObject({ state: 'sent' });
    expect(received(person)).toHaveLength(1);
  });

  it('a tx B that comes late settles what was already taken for unknown', async () => {
    const person = await company.person();
    const id = await send(person);
    const claimed = await claimNextMessage(world.db, company.ids(person), world.deps);
    if (claimed.kind !== 'send') throw new Error('nothing was claimed');
    world.clock.advance(60_000);
    await dispatch(person);
    expect(await messageOf(id)).toMatchObject({ state: 'unknown' });
    const late = {
      messageId: id,
      attemptToken: claimed.message.attemptToken,
      channelAccountId: company.account.id,
      providerId: `wamid.${id}`,
      waId: person.waId,
      goesOn: false,
    };
    await recordSent(world.db, company.ids(person), world.deps, { ...late, attemptToken: id });
    expect(await messageOf(id)).toMatchObject({ state: 'unknown' });
    for (let n = 0; n < 2; n++) await recordSent(world.db, company.ids(person), world.deps, late);
    expect(await messageOf(id)).toMatchObject({ state: 'sent', provider_id: late.providerId });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
  });

  it('a status that comes before the answer', async () => {
    const person = await company.person();
    const id = await send(person);
    misbehave({ statusBeforeAnswer: true });
    await dispatch(person);
    await world.settled();
    expect(await messageOf(id)).toMatchObject({ state: 'delivered' });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit']);
    expect(await rowOf(world.db, 'contact_points', person.contactPointId)).toMatchObject({
      whatsapp: 'present',
      wa_id: person.waId,
    });
  });

  it('a failed status after the answer: the credit comes back', async () => {
    const person = await company.person();
    const id = await send(person);
    misbehave({ refuse: { times: 1, code: 131026, as: 'status' } });
    await dispatch(person);
    await world.settled();
    expect(await messageOf(id)).toMatchObject({ state: 'failed', reason: 'not_on_whatsapp' });
    expect(await entriesOf(id)).toEqual(['reserve', 'commit', 'refund']);
    expect(await rowOf(world.db, 'contact_points', person.contactPointId)).toMatchObject({
      whatsapp: 'absent',
    });
  });

  it('131050 as a status: the person wants no marketing', async () => {
    const person = await company.person();
    const marketing = await company.template({ category: 'MARKETING' });
    await send(person, template(marketing));
    misbehave({ refuse: { times: 1, code: 131050, as: 'status' } });
    await dispatch(person);
    await world.settled();
    await expect(send(person, template(marketing))).rejects.toMatchObject({ code: 'marketing_declined' });
  });
});

describe('tx A checks again what may have changed', () => {
  it('R-ELIG: the window closed while it waited', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    const id = await send(person, text('hello'));
    world.clock.advance(dayMs);
    expect(await dispatch(person)).toMatchObject({ outcome: 'suppressed' });
    expect(await messageOf(id)).toMatchObject({ state: 'suppressed', reason: 'window_closed' });
    expect(received(person)).toEqual([]);
    expect(await entriesOf(id)).toEqual(['reserve', 'release']);
  });

  it('R-ELIG: the template was disabled while it waited', async () => {
    const person = await company.person();
    const id = await send(person);
    await world.db.query(`update templates set status = 'disabled' where id = $1`, [templateId]);
    await dispatch(person);
    expect(await messageOf(id)).toMatchObject({ state: 'suppressed', reason: 'template_not_approved' });
  });
});

describe('content', () => {
  it('a file goes with its caption; the same to the byte', async () => {
    const person = await company.person();
    await company.write(person, 'hi');
    const bytes = Buffer.from('%PDF-1.4\n1 0 obj\n');
    const actor = company.as(company.users.recruiter);
    const file = await storeUpload(world.db, actor, {
      bytes,
      mimeType: 'application/pdf',
      filename: 'offer.pdf',
      voice: false,
    });
    const others = send(person, { type: 'media', mediaId: file.id, channel: 'whatsapp' }, company.colleague);
    await expect(others).rejects.toMatchObject({ code: 'not_found' });
    await send(person, { type: 'media', mediaId: file.id, caption: 'Our offer', channel: 'whatsapp' });
    expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
    expect(world.sandbox.messages({ number: person.waId })).toMatchObject([
      { type: 'document', content: { caption: 'Our offer', filename: 'offer.pdf' } },
    ]);
  });

  it('an answer names the message it answers', async () => {
    const person = await company.person();
    const theirs = await company.write(person, 'When?');
    const [inbound] = await world.db.query<{ id: string }>(`select id from messages where provider_id = $1`, [
      theirs,
    ]);
    await send(person, text('Now', { replyToId: inbound!.id }));
    await dispatch(person);
    expect(world.sandbox.messages({ number: person.waId })).toMatchObject([{ text: 'Now', replyTo: theirs }]);
  });
});
