import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { deliverEvents } from '../../activities/deliver-events';
import { event, type OutgoingEvent } from '../../src/contracts/events';
import { beginTurn, wakeEndpoints, type EndpointIds } from '../../src/data/events/event-deliveries';
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  listDeliveries,
  listWebhookEndpoints,
  sendAgain,
  sendTestEvent,
} from '../../src/data/events/webhook-endpoints';
import type { Actor } from '../../src/domain/permissions';
import { timeSkippingServer } from '../support/temporal';
import { withWorkers } from './fixtures';
import { waitLong } from './wait-long';
import { createWorld, type World } from './world';

jest.setTimeout(120_000);

type Post = { id: string; at: number; event: OutgoingEvent; code: number };

let env: TestWorkflowEnvironment;
let world: World;
let server: Server;
let posts: Post[];
let secret: string;
let answer: (post: Post) => number | Promise<number>;
let ids: EndpointIds;
let actor: Actor;

beforeAll(async () => {
  env = await timeSkippingServer();
});
afterAll(() => env?.teardown());

beforeEach(async () => {
  world = await createWorld(env);
  world.relayTo(env.client);
  posts = [];
  answer = () => 204;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const id = String(request.headers['webhook-id']);
      const timestamp = String(request.headers['webhook-timestamp']);
      expect(request.headers['webhook-signature']).toBe(signatureOf(`${id}.${timestamp}.${body}`));
      const post: Post = {
        id,
        at: world.clock.now().getTime(),
        event: JSON.parse(body) as OutgoingEvent,
        code: 0,
      };
      void Promise.resolve(answer(post)).then((code) => {
        posts.push({ ...post, code });
        response.writeHead(code).end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  actor = {
    organizationId: world.organizationId,
    user: { ...world.ana, role: 'administrator' },
    apiKeyId: null,
  };
  const made = await createWebhookEndpoint(world.db, endpointContext(), {
    name: 'ATS',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    types: [],
  });
  secret = made.secret;
  ids = { organizationId: world.organizationId, endpointId: made.id };
});

afterEach(async () => {
  await world?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const endpointContext = () => ({ actor, secretKey: secretKey(), allow: ['127.0.0.1'] });
const secretKey = () => Buffer.from(world.environment.PARLEY_SECRET_KEY!, 'base64');
const signatureOf = (text: string) =>
  `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(text)
    .digest('base64')}`;
const taken = () => posts.filter(({ code }) => code === 204).map((post) => post.event);
const endpoint = async () => (await listWebhookEndpoints(world.db, actor))[0]!;
const untilPosts = (count: number) =>
  waitLong(() => Promise.resolve(posts.length >= count), { what: `${count} posts` });
const attemptsLogged = async () => {
  const { items } = await listDeliveries(world.db, actor, ids.endpointId, { limit: 100 });
  return items.reduce((sum, item) => sum + item.attempts, 0);
};
/** What was tried is written down. */
const untilLogged = (attempts: number) =>
  waitLong(async () => (await attemptsLogged()) >= attempts, { what: `${attempts} attempts in the log` });
/** The same, woken as the worker does again and again: it passes by whoever is busy just then. */
const wokenUntilLogged = (attempts: number) =>
  waitLong(
    async () => {
      await wakeEndpoints(world.db);
      return (await attemptsLogged()) >= attempts;
    },
    { what: `${attempts} attempts in the log` },
  );
const texts = (events: OutgoingEvent[], conversationId: string) =>
  events
    .filter(({ data }) => data.conversationId === conversationId)
    .map(({ data }) => ('message' in data ? data.message?.text : undefined));

it('R-LOG-5: events come signed and as the catalogue says; one refused holds up its conversation alone, in order', async () => {
  const [one, other] = [await world.newPerson(), await world.newPerson()];
  let refusals = 2;
  answer = ({ event: { data } }) =>
    data.conversationId === one.conversationId && refusals-- > 0 ? 500 : 204;
  await one.writes('first');
  await one.writes('second');
  await one.writes('third');
  await other.writes('beside');
  await withWorkers(world, async () => {
    await wokenUntilLogged(2);
    expect(texts(taken(), one.conversationId)).toEqual([]);
    expect(texts(taken(), other.conversationId)).toEqual(['beside']);
    expect(await endpoint()).toMatchObject({ state: 'failing', waiting: 3 });
    await world.pass(6_000);
    await untilLogged(3);
    // another conversation goes on meanwhile, though the workflow waits
    await other.writes('meanwhile');
    await wokenUntilLogged(4);
    expect(texts(taken(), other.conversationId)).toEqual(['beside', 'meanwhile']);
    expect(texts(taken(), one.conversationId)).toEqual([]);
    await world.pass(31_000);
    await untilLogged(7);
    expect(texts(taken(), one.conversationId)).toEqual(['first', 'second', 'third']);
  });
  const [refused] = posts.filter(({ code }) => code === 500);
  expect(posts.filter(({ id }) => id === refused!.id).map(({ code }) => code)).toEqual([500, 500, 204]);
  for (const sent of taken()) event.parse(sent);
  expect(await endpoint()).toMatchObject({ state: 'active', waiting: 0 });
});

it('R-LOG-5: an endpoint that is away is asked ever more rarely; Administrators are told; nothing is lost', async () => {
  await world.db.query(`update users set role = 'administrator' where id = $1`, [world.ana.id]);
  const people = await Promise.all(Array.from({ length: 6 }, () => world.newPerson()));
  answer = () => 503;
  for (const person of people) await person.writes('hello');
  await withWorkers(world, async () => {
    await wokenUntilLogged(6);
    for (const [index, ms] of [5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000].entries()) {
      await world.pass(ms + 500);
      await untilLogged(7 + index);
    }
    expect(posts).toHaveLength(12);
    expect(await endpoint()).toMatchObject({ state: 'failing' });
    const told = await world.db.query(`select data from notifications where kind = 'webhook'`);
    expect(told).toEqual([{ data: { name: 'ATS' } }]);
    await people[0]!.writes('still there?');
    answer = () => 204;
    await world.pass(3 * 3_600_000 + 500);
    await untilPosts(19);
  });
  expect(new Set(taken().map(({ id }) => id)).size).toBe(7);
  expect(texts(taken(), people[0]!.conversationId)).toEqual(['hello', 'still there?']);
  expect(await endpoint()).toMatchObject({ state: 'active', waiting: 0 });
});

it('R-LOG-5: what a dead worker had posted and not written down comes once more, under the same webhook-id', async () => {
  const person = await world.newPerson();
  await person.writes('once');
  const deps = { db: world.db, secretKey: secretKey(), webhookAllow: ['127.0.0.1'] };
  answer = async () => {
    // meanwhile the first worker is taken for dead, and another takes over
    await beginTurn(world.db, ids);
    return 204;
  };
  await deliverEvents(deps, ids, () => true);
  expect(posts).toHaveLength(1);
  answer = () => 204;
  await deliverEvents(deps, ids, () => true);
  expect(posts.map(({ id }) => id)).toEqual([posts[0]!.id, posts[0]!.id]);
  await deliverEvents(deps, ids, () => true);
  expect(posts).toHaveLength(2);
});

it('R-LOG-5: a pause takes hold after the event that is under way; the rest comes when it is resumed', async () => {
  const person = await world.newPerson();
  for (const text of ['first', 'second', 'third']) await person.writes(text);
  answer = async () => {
    await changeWebhookEndpoint(world.db, endpointContext(), ids.endpointId, { paused: true });
    return 204;
  };
  const turn = () =>
    deliverEvents({ db: world.db, secretKey: secretKey(), webhookAllow: ['127.0.0.1'] }, ids, () => true);
  await turn();
  expect(await turn()).toEqual({ nextDueAt: null });
  expect(texts(taken(), person.conversationId)).toEqual(['first']);
  expect(await wakeEndpoints(world.db)).toBe(0);
  answer = () => 204;
  await changeWebhookEndpoint(world.db, endpointContext(), ids.endpointId, { paused: false });
  await turn();
  expect(texts(taken(), person.conversationId)).toEqual(['first', 'second', 'third']);
});

it('R-LOG-5: Send again and Send test event', async () => {
  const person = await world.newPerson();
  await person.writes('hello');
  await withWorkers(world, async () => {
    await wokenUntilLogged(1);
    const [delivery] = (await listDeliveries(world.db, actor, ids.endpointId, { limit: 10 })).items;
    expect(delivery).toMatchObject({ state: 'delivered', responseCode: 204, attempts: 1 });
    const of = { webhookEndpointId: ids.endpointId, deliveryId: delivery!.id };
    expect(await sendAgain(world.db, actor, of)).toMatchObject({ state: 'waiting' });
    await untilLogged(2);
    expect(posts.map(({ id }) => id)).toEqual([delivery!.eventId, delivery!.eventId]);
    await sendTestEvent(world.db, actor, ids.endpointId);
    await untilPosts(3);
    expect(posts[2]!.event).toMatchObject({ type: 'webhook.test', data: {} });
  });
});
