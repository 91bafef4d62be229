import { createApiKey } from '../../src/data/organization/api-keys';
import { newId } from '../../src/data/database';
import {
  beginTurn,
  dueDeliveries,
  recordDelivered,
  takeEvents,
} from '../../src/data/events/event-deliveries';
import { placeEvents, readFeed } from '../../src/data/events/events';
import { removeOld } from '../../src/data/retention';
import { writeTimeline } from '../../src/data/conversations/timeline';
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  listDeliveries,
  listWebhookEndpoints,
} from '../../src/data/events/webhook-endpoints';
import { createUserToken, findTokenHolder } from '../../src/data/organization/user-tokens';
import { createWorld, dayMs, secretKey, type Company, type Person, type World } from '../support/company';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const keepMs = {
  events: 90 * dayMs,
  webhookLog: 30 * dayMs,
  idempotencyKeys: 7 * dayMs,
  refusedWebhooks: 90 * dayMs,
};

const read = (company: Company, after?: string) =>
  readFeed(world.db, company.organizationId, { after, limit: 500 });

async function happens(company: Company, person: Person, times: number): Promise<void> {
  const occurredAt = await world.db.now();
  await world.db.transact((tx) =>
    writeTimeline(
      tx,
      company.organizationId,
      Array.from({ length: times }, () => ({
        personId: person.id,
        kind: 'consent' as const,
        data: { channel: 'sms', granted: true },
        occurredAt,
      })),
    ),
  );
  await placeEvents(world.db, company.organizationId);
}

async function endpointOf(company: Company) {
  const context = {
    actor: company.as(company.users.administrator),
    secretKey,
    allow: ['127.0.0.1'],
  };
  const { id } = await createWebhookEndpoint(world.db, context, {
    name: 'ATS',
    url: 'http://127.0.0.1:9/hooks',
    types: [],
  });
  const ids = { organizationId: company.organizationId, endpointId: id };
  return {
    pause: () => changeWebhookEndpoint(world.db, context, id, { paused: true }),
    state: async () => (await listWebhookEndpoints(world.db, context.actor))[0]!,
    log: async () => (await listDeliveries(world.db, context.actor, id, { limit: 100 })).items,
    /** Everything that waits is posted, and taken. */
    async takesAll() {
      const turn = (await beginTurn(world.db, ids))!;
      await takeEvents(world.db, turn);
      for (const { id: deliveryId } of await dueDeliveries(world.db, turn, 100))
        await recordDelivered(world.db, turn, { deliveryId, code: 204, fault: null, durationMs: 1 });
    },
  };
}

describe('R-LOG-5: events are kept for a time', () => {
  it('a cursor within what is kept goes on; an older one is told so, and never misses anything silently', async () => {
    const company = await world.company();
    await createApiKey(world.db, company.as(company.users.administrator), {
      name: 'ATS',
      scopes: ['events:read'],
    });
    const person = await company.person();
    await happens(company, person, 3);
    const early = (await read(company)).cursor;
    await happens(company, person, 2);
    const late = (await read(company)).cursor;
    world.clock.advance(91 * dayMs);
    await happens(company, person, 1);
    expect(await removeOld(world.db, keepMs)).toMatchObject({ events: 5 });
    await expect(read(company, early)).rejects.toMatchObject({ code: 'cursor_expired' });
    expect((await read(company, late)).items).toHaveLength(1);
    expect((await read(company)).items).toHaveLength(1);
  });

  it('the feed goes on counting when all of it was removed', async () => {
    const company = await world.company();
    const endpoint = await endpointOf(company);
    const person = await company.person();
    await happens(company, person, 4);
    await endpoint.takesAll();
    world.clock.advance(91 * dayMs);
    await removeOld(world.db, keepMs);
    expect((await read(company)).items).toEqual([]);
    await happens(company, person, 1);
    expect((await read(company)).cursor).toBe('5');
    await endpoint.takesAll();
    expect(await endpoint.log()).toMatchObject([{ state: 'delivered' }]);
    expect(await endpoint.state()).toMatchObject({ missed: 0 });
  });

  it('what an endpoint has not taken is kept twice as long, then counted as missed; for a paused one not longer', async () => {
    const [company, other] = [await world.company(), await world.company()];
    const [endpoint, paused] = [await endpointOf(company), await endpointOf(other)];
    await paused.pause();
    for (const one of [company, other]) await happens(one, await one.person(), 3);
    world.clock.advance(91 * dayMs);
    await removeOld(world.db, keepMs);
    expect((await read(company)).items).toHaveLength(3);
    expect((await read(other)).items).toHaveLength(0);
    expect(await paused.state()).toMatchObject({ missed: 3, waiting: 0 });
    expect(await endpoint.state()).toMatchObject({ missed: 0 });
    world.clock.advance(90 * dayMs);
    await removeOld(world.db, keepMs);
    expect(await endpoint.state()).toMatchObject({ missed: 3, waiting: 0 });
    expect((await read(company)).items).toEqual([]);
  });

  it('the log of deliveries has a time of its own, and what waits stays in it', async () => {
    const company = await world.company();
    const endpoint = await endpointOf(company);
    const person = await company.person();
    await happens(company, person, 2);
    await endpoint.takesAll();
    world.clock.advance(31 * dayMs);
    await happens(company, person, 1);
    await endpoint.takesAll();
    expect(await removeOld(world.db, keepMs)).toMatchObject({ deliveries: 2 });
    expect(await endpoint.log()).toHaveLength(1);
  });
});

it('what nobody will ask for any more is removed: parked statuses, keys, links, sessions, counted sign-ins', async () => {
  const company = await world.company();
  const [{ organizationId, account }, now] = [company, await world.db.now()];
  const userId = company.users.recruiter.id;
  const token = await world.db.transact((tx) =>
    createUserToken(tx, { organizationId, userId, kind: 'invitation' }),
  );
  await world.db.query(
    `insert into parked_receipts (channel_account_id, provider_id, status, organization_id, event, received_at)
     values ($1, 'wamid.stranger', 'sent', $2, '{}', $3)`,
    [account.id, organizationId, now],
  );
  await world.db.query(
    `insert into idempotency_keys (organization_id, caller, route, key, request_hash, status, created_at)
     values ($1, 'me', 'there', 'one', '', 201, $2)`,
    [organizationId, now],
  );
  await world.db.query(
    `insert into webhook_deliveries (id, organization_id, channel_account_id, body, state, received_at)
     values ($1, $2, $3, '', 'poison', $4)`,
    [newId(), organizationId, account.id, now],
  );
  await world.db.query(`insert into sessions (sid, sess, expire) values ('one', '{}', $1)`, [now]);
  await world.db.query(`insert into sign_in_attempts (key, failed, reset_at) values ('one', 3, $1)`, [now]);
  const left = async () => {
    await removeOld(world.db, keepMs);
    const tables = ['parked_receipts', 'idempotency_keys', 'webhook_deliveries', 'user_tokens'];
    const own = tables.map((table) =>
      world.db.query(`select 1 from ${table} where organization_id = $1`, [organizationId]),
    );
    const all = ['sessions', 'sign_in_attempts'].map((table) => world.db.query(`select 1 from ${table}`));
    return (await Promise.all([...own, ...all])).map((rows) => rows.length);
  };
  world.clock.advance(1000);
  expect(await left()).toEqual([1, 1, 1, 1, 0, 0]);
  expect(await findTokenHolder(world.db, token)).toMatchObject({ kind: 'invitation' });
  world.clock.advance(9 * dayMs);
  expect(await left()).toEqual([0, 0, 1, 0, 0, 0]);
  world.clock.advance(90 * dayMs);
  expect(await left()).toEqual([0, 0, 0, 0, 0, 0]);
});
