import { dispatchNext } from '../../activities/dispatch-next';
import { sendMessage } from '../../src/data/messages/accept-message';
import { resumeAccount } from '../../src/data/channels/channel-accounts';
import { createLimits, type Limits } from '../../src/data/limits/dispatch-limits';
import { mergePeople } from '../../src/data/people/merge-people';
import { countReached } from '../../src/data/limits/messaging-limit';
import { createSendLimits, type SendLimits, type Slot } from '../../src/data/limits/send-limits';
import { wakeResumed } from '../../src/data/conversations/wake';
import { createWorld, dayMs, type Company, type Person, type World } from '../support/company';

let world: World;
let company: Company;

beforeAll(async () => {
  world = await createWorld();
});
beforeEach(async () => {
  company = await world.company();
});
afterEach(() => world.sandbox.behave());
afterAll(() => world.close());

const account = () => ({ organizationId: company.organizationId, channelAccountId: company.account.id });

async function rate(perSecond: number | null): Promise<void> {
  await world.db.query('update channel_accounts set messages_per_second = $2 where id = $1', [
    company.account.id,
    perSecond,
  ]);
}

describe('the rate of an account', () => {
  const underWay = new Set<Promise<unknown>>();
  /** A worker whose waits set the clock of all forward: the time that no statement takes, as a real wait would. */
  const worker = (): SendLimits =>
    createSendLimits({
      db: {
        ...world.db,
        prepared: <T extends object>(sql: string, values?: unknown[]) => {
          const rows = world.db.prepared<T>(sql, values);
          underWay.add(rows);
          return rows.finally(() => underWay.delete(rows));
        },
      },
      wait: async (ms) => {
        await Promise.allSettled(underWay);
        world.clock.advance(ms);
      },
    });
  const now = (): number => world.clock.now().getTime();

  /**
   * `waited`: the seconds that the workers had, `passed`: those and what the statements took. `tookMs`: by so much a place may lie later in
   * the process than in the row.
   */
  type Leased = { slots: (Slot & { tookMs: number })[]; waited: number; passed: number };

  /** Goes on leasing for so long; everything that was given out is used as soon as it may be. */
  async function leaseFor(workers: SendLimits[], ms: number): Promise<Leased> {
    const [from, offset, end] = [now(), world.clock.offsetMs, now() + ms];
    const all: Leased['slots'] = [];
    for (let turn = 0; now() < end; turn++) {
      const worker = workers[turn % workers.length]!;
      const asked = performance.now();
      const slots = await worker.lease(account(), 64);
      const tookMs = performance.now() - asked;
      all.push(...slots.map((slot) => ({ ...slot, tookMs })));
      if (slots.length > 0) await worker.ready(slots.at(-1)!);
    }
    return {
      slots: all,
      waited: (world.clock.offsetMs - offset) / 1000,
      passed: (now() - from) / 1000,
    };
  }

  it('two workers on one database use nearly all of it, and never more', async () => {
    await rate(80);
    const { slots, waited } = await leaseFor([worker(), worker()], 60_000);
    expect(slots.length).toBeGreaterThan(0.98 * 80 * waited);
    // Any second holds no more than its rate and what may be caught up; when exactly the places of a statement that was held up were is unknown.
    const unsureMs = 50;
    const times = slots
      .filter(({ tookMs }) => tookMs < unsureMs)
      .map(({ at }) => at)
      .sort((a, b) => a - b);
    for (const [index, time] of times.entries()) {
      const later = times[index + 100];
      if (later !== undefined) expect(later - time).toBeGreaterThanOrEqual(990 - unsureMs);
    }
  });

  it('a rate below one a second', async () => {
    await rate(1);
    const { slots, waited, passed } = await leaseFor([worker(), worker()], 60_000);
    expect(slots.length).toBeGreaterThanOrEqual(waited - 1);
    expect(slots.length).toBeLessThanOrEqual(passed + 3);
  });

  it('single messages before bulk: it takes no more than half a second, and they find a place behind that', async () => {
    await rate(80);
    const [bulk, single] = [worker(), worker()];
    await leaseFor([bulk], 2_000);
    for (let n = 0; n < 50; n++) {
      const slots = await bulk.lease(account(), 64);
      // a quarter of a second ahead, and one to catch up
      expect(slots.length).toBeLessThanOrEqual(0.5 * 80);
      expect(await single.turn(account())).toHaveProperty('slot');
      await bulk.ready(slots.at(-1)!);
    }
  });

  it('bulk takes nothing while single messages want it all', async () => {
    await rate(10);
    const [bulk, single, began] = [worker(), worker(), performance.now()];
    const turns = await Promise.all(Array.from({ length: 40 }, () => single.turn(account())));
    const slots = turns.flatMap((turn) => ('slot' in turn ? [turn.slot] : []));
    const later = turns.flatMap((turn) => ('busyUntil' in turn ? [turn.busyUntil.getTime()] : []));
    expect(slots.length).toBeGreaterThanOrEqual(10);
    const tookMs = performance.now() - began;
    expect(slots.length).toBeLessThanOrEqual(15 + tookMs / 100);
    // who finds no place soon comes again one after another
    expect(new Set(later).size).toBe(later.length);
    const [first] = await bulk.lease(account(), 5);
    expect(first!.at).toBeGreaterThanOrEqual(Math.max(...slots.map((slot) => slot.at)) - tookMs);
  });

  it('a process holds some places for single messages: most cost no statement', async () => {
    await rate(80);
    const limits = worker();
    const query = jest.spyOn(world.db, 'prepared');
    for (let n = 0; n < 100; n++) {
      const taken = limits.take(account()) ?? (await limits.turn(account()));
      expect(taken).toBeDefined();
      // what was started in the background is over
      await limits.turn(account());
      world.clock.advance(1_000);
    }
    expect(query.mock.calls.length).toBeLessThanOrEqual(60);
    query.mockRestore();
  });

  it('Send test: one place of the row, none where the next second is spoken for', async () => {
    await rate(10);
    const [bulk, test] = [worker(), worker()];
    await leaseFor([bulk], 2_000);
    const asked = performance.now();
    const before = await nextAt();
    const ahead = before - now();
    expect(await test.once(account())).toBe(true);
    const took = (await nextAt()) - before;
    expect(took).toBeGreaterThan(99);
    // what may be caught up is a quarter of a second: it moves on with the time beyond that
    expect(took).toBeLessThan(101 + Math.max(0, performance.now() - asked - ahead - 250));
    expect(now()).toBeGreaterThanOrEqual(before - 20);
    await bulk.slowDown(account(), 60_000);
    expect(await test.once(account())).toBe(false);
  });

  it('slow down: nothing for a while, then half, for all workers; it recovers', async () => {
    await rate(100);
    const [one, other] = [worker(), worker()];
    await leaseFor([one, other], 1_000);
    const [before, asked] = [now(), performance.now()];
    await Promise.all([one.slowDown(account(), 3_000), other.slowDown(account(), 3_000)]);
    // told twice within a second, it counts once
    const factor = performance.now() - asked < 1_000 ? 0.5 : await slowFactor();
    const [first] = await other.lease(account(), 10);
    expect(first!.at).toBeGreaterThanOrEqual(before + 2_700);
    const halved = await leaseFor([one, other], 5_000);
    expect(halved.slots.length).toBeGreaterThan(90 * factor * halved.waited);
    expect(halved.slots.length).toBeLessThan(140 * factor * halved.passed);
    world.clock.advance(100_000);
    const recovered = await leaseFor([one, other], 5_000);
    expect(recovered.slots.length).toBeGreaterThan(95 * recovered.waited);
  });

  it('places of a process that was held up are exchanged, not used late', async () => {
    await rate(80);
    const limits = worker();
    const [slot] = await limits.lease(account(), 1);
    world.clock.advance(10_000);
    const before = await nextAt();
    await limits.ready(slot!);
    expect(await nextAt()).toBeGreaterThan(before);
  });

  const rateRow = async () =>
    (
      await world.db.query<{ at: Date; factor: number }>(
        'select next_at as at, slow_factor as factor from send_rates where channel_account_id = $1',
        [company.account.id],
      )
    )[0]!;
  const nextAt = async (): Promise<number> => (await rateRow()).at.getTime();
  const slowFactor = async (): Promise<number> => (await rateRow()).factor;
});

describe('dispatch', () => {
  const deps = (limits?: Limits) => (limits ? { ...world.deps, limits } : world.deps);
  const dispatch = async (person: Person, limits?: Limits) => {
    const result = await dispatchNext(deps(limits), company.ids(person));
    // what it has spent of its share is handed back
    await limits?.reach.lease({ ...account(), wabaId: company.account.wabaId, limit: 0 }, 0);
    return result;
  };
  const stored = async (person: Person) =>
    (
      await world.db.query<{ blocked_by: string | null; not_before: Date | null }>(
        'select blocked_by, not_before from conversations where id = $1',
        [person.conversationId],
      )
    )[0]!;
  const arrived = (person: Person) => world.sandbox.messages({ number: person.waId }).length;

  const queueTemplate = (person: Person, templateId: string) =>
    sendMessage(world.db, { actor: company.program, dayMs }, company.ids(person), {
      channel: 'whatsapp',
      type: 'template',
      templateId,
    });

  const tier = (name: string) =>
    world.db.query('update channel_accounts set messaging_tier = $2 where id = $1', [
      company.account.id,
      name,
    ]);
  const reached = async () =>
    countReached(world.db, {
      organizationId: company.organizationId,
      wabaId: company.account.wabaId,
      now: await world.db.now(),
      dayMs,
    });

  it('waits for the rate of the number, and goes by itself', async () => {
    // slowed down to one in ten seconds
    await rate(1);
    await world.db.query(
      `insert into send_rates (organization_id, channel_account_id, next_at, slow_factor)
       values ($1, $2, clock_timestamp(), 0.1)`,
      [company.organizationId, company.account.id],
    );
    const templateId = await company.template();
    const people = await company.people(4);
    for (const person of people) await queueTemplate(person, templateId);
    const outcomes = await Promise.all(people.map((person) => dispatch(person)));
    expect(outcomes.filter(({ outcome }) => outcome === 'sent').length).toBeLessThanOrEqual(2);
    expect(outcomes).toContainEqual(expect.objectContaining({ outcome: 'sent' }));
    const waiting = outcomes.findIndex(({ outcome }) => outcome === 'waiting');
    expect(outcomes[waiting]).toMatchObject({ blockedBy: null, retryAt: expect.any(String) as string });
    world.clock.advance(100_000);
    expect(await dispatch(people[waiting]!)).toMatchObject({ outcome: 'sent' });
  });

  it('130429: the number is slowed for all workers', async () => {
    const templateId = await company.template();
    const person = await company.person();
    await queueTemplate(person, templateId);
    world.sandbox.misbehave(company.account.phoneNumberId, { refuse: { times: 1, code: 130429 } });
    expect(await dispatch(person)).toMatchObject({ outcome: 'waiting' });
    const [row] = await world.db.query<{ slow_factor: number }>(
      'select slow_factor from send_rates where channel_account_id = $1',
      [company.account.id],
    );
    expect(row!.slow_factor).toBeCloseTo(0.5, 1);
  });

  it('the messaging limit counts people, not messages, over two workers; who has written goes', async () => {
    await tier('TIER_3');
    const templateId = await company.template();
    const [ann, bob, cid, dan, eve] = await company.people(5);
    const workers = [createLimits({ db: world.db, dayMs }), createLimits({ db: world.db, dayMs })];
    // twice to Ann: one person
    for (const person of [ann!, ann!, bob!, cid!, dan!]) await queueTemplate(person, templateId);
    expect(await dispatch(ann!, workers[0])).toMatchObject({ outcome: 'sent' });
    expect(await dispatch(ann!, workers[1])).toMatchObject({ outcome: 'sent' });
    expect(await dispatch(bob!, workers[1])).toMatchObject({ outcome: 'sent' });
    expect(await dispatch(cid!, workers[0])).toMatchObject({ outcome: 'sent' });
    expect(await reached()).toBe(3);

    const held = await dispatch(dan!, workers[1]);
    expect(held).toMatchObject({ outcome: 'waiting', blockedBy: 'messaging_limit' });
    expect(await stored(dan!)).toMatchObject({
      blocked_by: 'messaging_limit',
      not_before: new Date(held.retryAt!),
    });
    expect(arrived(dan!)).toBe(0);

    // Eve has just written: she can be answered, and counts nothing
    await company.write(eve!, 'Hello');
    await queueTemplate(eve!, templateId);
    expect(await dispatch(eve!, workers[0])).toMatchObject({ outcome: 'sent' });
    expect(await reached()).toBe(3);
    // so can Dan be, once he has
    await company.write(dan!, 'Hello');
    expect(
      await world.db.query('select 1 from outbox where workflow_id = $1', [
        `conversation:${dan!.conversationId}`,
      ]),
    ).not.toEqual([]);
    expect(await dispatch(dan!, workers[1])).toMatchObject({ outcome: 'sent' });
    expect(await stored(dan!)).toMatchObject({ blocked_by: null, not_before: null });
  });

  it('moves with the time: a day after the first was reached the next goes', async () => {
    await tier('TIER_2');
    const templateId = await company.template();
    const [ann, bob, cid] = await company.people(3);
    for (const person of [ann!, bob!, cid!]) await queueTemplate(person, templateId);
    await dispatch(ann!);
    const [first] = await world.db.query<{ at: Date }>(
      'select reached_at as at from outreach where contact_point_id = $1',
      [ann!.contactPointId],
    );
    world.clock.advance(3_600_000);
    await dispatch(bob!);
    const { retryAt } = await dispatch(cid!);
    expect(Date.parse(retryAt!)).toBe(first!.at.getTime() + dayMs);
    world.clock.advance(Date.parse(retryAt!) - world.clock.now().getTime() + 1);
    expect(await dispatch(cid!)).toMatchObject({ outcome: 'sent' });
    expect(await reached()).toBe(2);
  });

  it('a refused message has reached nobody', async () => {
    await tier('TIER_250');
    const templateId = await company.template();
    const person = await company.person();
    await queueTemplate(person, templateId);
    world.sandbox.misbehave(company.account.phoneNumberId, { refuse: { times: 1, code: 131026 } });
    expect(await dispatch(person)).toMatchObject({ outcome: 'failed' });
    expect(await reached()).toBe(0);
  });

  it('131048: where Meta itself refuses, nobody new is tried for an hour, by any worker', async () => {
    const templateId = await company.template();
    const [ann, bob] = await company.people(2);
    for (const person of [ann!, bob!]) await queueTemplate(person, templateId);
    world.sandbox.updateAccount(company.account.phoneNumberId, { messagingLimit: 1 });
    await dispatch(ann!);
    const held = await dispatch(bob!);
    expect(held).toMatchObject({ outcome: 'waiting', blockedBy: 'messaging_limit' });
    expect(Date.parse(held.retryAt!) - world.clock.now().getTime()).toBeGreaterThan(3_500_000);
    const other = createLimits({ db: world.db, dayMs });
    await tier('TIER_10K');
    expect(await dispatch(bob!, other)).toMatchObject({ outcome: 'waiting', blockedBy: 'messaging_limit' });
  });

  it('R-CHAT-13: after a merge the same number costs nothing again', async () => {
    await tier('TIER_1');
    const templateId = await company.template();
    const [ann, twin] = await company.people(2);
    await queueTemplate(ann!, templateId);
    expect(await dispatch(ann!)).toMatchObject({ outcome: 'sent' });
    const context = { actor: company.as(company.users.administrator), dayMs };
    await mergePeople(world.db, context, { fromId: ann!.id, intoId: twin!.id });
    world.sandbox.updateAccount(company.account.phoneNumberId, { messagingLimit: 1 });
    await queueTemplate({ ...twin!, waId: ann!.waId }, templateId);
    expect(await reached()).toBe(1);
  });

  it('R-AUTO-6: a channel that resumes wakes what waits in batches', async () => {
    const templateId = await company.template();
    const people = await company.people(52);
    for (const person of people) await queueTemplate(person, templateId);
    await world.db.query('delete from outbox');
    await world.db.query(`update channel_accounts set state = 'paused' where id = $1`, [company.account.id]);
    await world.db.query(
      `update conversations set blocked_by = 'channel_paused' where organization_id = $1 and id = any($2::uuid[])`,
      [company.organizationId, people.map((person) => person.conversationId)],
    );
    const { organizationId } = company;
    await resumeAccount(world.db, { organizationId, accountId: company.account.id, actor: null });
    const woken = async () =>
      (await world.db.query('select 1 from outbox where organization_id = $1', [organizationId])).length;
    expect(await woken()).toBe(50);
    expect(await wakeResumed(world.db)).toBe(2);
    expect(await woken()).toBe(52);
    expect(await wakeResumed(world.db)).toBe(0);
  });

  it('the pair limit: a burst to one person, then one every six seconds', async () => {
    const person = await company.person();
    await company.write(person, 'Hello');
    const send = () =>
      sendMessage(world.db, { actor: company.as(company.users.recruiter), dayMs }, company.ids(person), {
        channel: 'whatsapp',
        type: 'text',
        text: 'One more',
      });
    for (let n = 0; n < 45; n++) {
      await send();
      expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
    }
    await send();
    // no receipt sets it back
    await world.settled();
    // all in one moment, however long this took, and will take
    const sentAt = world.clock.now().getTime() + 60_000;
    await world.db.query(
      'update messages set sent_at = $2 where conversation_id = $1 and sent_at is not null',
      [person.conversationId, new Date(sentAt)],
    );
    const held = await dispatch(person);
    expect(held).toMatchObject({ outcome: 'waiting', blockedBy: null });
    expect(Date.parse(held.retryAt!)).toBe(sentAt + 6_000);
    world.clock.advance(66_001);
    expect(await dispatch(person)).toMatchObject({ outcome: 'sent' });
  });
});
