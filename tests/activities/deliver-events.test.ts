import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deliverEvents } from '../../activities/deliver-events';
import { parseMail } from '../../src/channels/email/parse-mail';
import { setMailPrivate } from '../../src/data/mail/confidential';
import { receiveForUser } from '../../src/data/mail/receive-mail';
import { wakeEndpoints } from '../../src/data/events/event-deliveries';
import { removeOld } from '../../src/data/retention';
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  listWebhookEndpoints,
  rotateSecret,
} from '../../src/data/events/webhook-endpoints';
import { mailFailingEndpoints } from '../../src/notices/failing-endpoints';
import type { Mail, Mailer } from '../../src/mailer';
import { createWorld, dayMs, hourMs, secretKey, type Company, type World } from '../support/company';

type Post = { signatures: string[]; signed: string };

let world: World;
let server: Server;
let posts: Post[];
let answer: () => number;

beforeAll(async () => {
  world = await createWorld();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name]);
      posts.push({
        signatures: header('webhook-signature').split(' '),
        signed: `${header('webhook-id')}.${header('webhook-timestamp')}.${Buffer.concat(chunks).toString()}`,
      });
      response.writeHead(answer()).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await world.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  posts = [];
  answer = () => 204;
});

async function endpointOf(company: Company) {
  const context = { actor: company.as(company.users.administrator), secretKey, allow: ['127.0.0.1'] };
  const { id, secret } = await createWebhookEndpoint(world.db, context, {
    name: 'ATS',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    types: [],
  });
  const deps = { db: world.db, secretKey, webhookAllow: ['127.0.0.1'] };
  return {
    id,
    secret,
    turn: () => deliverEvents(deps, { organizationId: company.organizationId, endpointId: id }, () => true),
    rotate: (hours: number) => rotateSecret(world.db, context, id, hours),
    change: (change: { paused: boolean }) => changeWebhookEndpoint(world.db, context, id, change),
    state: async () => (await listWebhookEndpoints(world.db, context.actor))[0]!,
  };
}

const isBy = (secret: string, { signatures, signed }: Post): boolean =>
  signatures.includes(
    `v1,${createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
      .update(signed)
      .digest('base64')}`,
  );

it('R-LOG-5: after a new secret events are signed with both for a day, then with the new one; at once where it is to end', async () => {
  const company = await world.company();
  const endpoint = await endpointOf(company);
  const person = await company.person();
  const by = async (...secrets: string[]) => {
    await company.write(person, 'hello');
    await endpoint.turn();
    return secrets.map((secret) => isBy(secret, posts.at(-1)!));
  };
  const second = (await endpoint.rotate(24)).secret;
  expect(await by(endpoint.secret, second)).toEqual([true, true]);
  expect(posts.at(-1)!.signatures).toHaveLength(2);
  world.clock.advance(24 * hourMs);
  expect(await by(endpoint.secret, second)).toEqual([false, true]);
  const third = await endpoint.rotate(0);
  expect(third.oldSecretUntil).toBeNull();
  expect(await by(second, third.secret)).toEqual([false, true]);
});

it('R-LOG-5: an endpoint that has a mail is told when it becomes private; one that has not got it yet gets nothing else of it', async () => {
  const company = await world.company();
  const [endpoint, person] = [await endpointOf(company), await company.person()];
  const user = company.users.recruiter;
  await company.addEmail(person, 'eva@mail.example');
  const place = { organizationId: company.organizationId, userId: user.id, folder: 'inbox' } as const;
  const take = async (id: string) => {
    const raw = Buffer.from(
      `From: eva@mail.example\r\nSubject: Salary\r\nMessage-ID: <${id}@mail.example>\r\n\r\nMore.`,
    );
    return (await receiveForUser(world.db, place, await parseMail(raw), raw)).mailId;
  };
  const hide = (mailId: string) => setMailPrivate(world.db, { ...company.as(user), user }, mailId, true);
  const heard = () => posts.splice(0).map(({ signed }) => signed.slice(signed.indexOf('{')));
  const mailId = await take('1');
  await endpoint.turn();
  expect(heard()).toEqual([expect.stringContaining('Salary')]);
  await hide(mailId);
  await hide(await take('2'));
  await endpoint.turn();
  const after = heard().map((body) => JSON.parse(body) as { type: string; data: object });
  expect(after.map(({ type }) => type)).toEqual(['message.removed', 'message.removed']);
  for (const { data } of after) {
    expect(data).toHaveProperty('messageId');
    expect(data).not.toHaveProperty('message');
  }
  expect(JSON.stringify(after)).not.toContain('Salary');
});

it('the old secret is not kept after its time', async () => {
  const endpoint = await endpointOf(await world.company());
  const { oldSecretUntil } = await endpoint.rotate(24);
  expect(oldSecretUntil).not.toBeNull();
  world.clock.advance(24 * hourMs);
  const keep = 90 * dayMs;
  await removeOld(world.db, {
    events: keep,
    webhookLog: keep,
    idempotencyKeys: keep,
    refusedWebhooks: keep,
  });
  const [row] = await world.db.query('select old_secret_sealed from webhook_endpoints where id = $1', [
    endpoint.id,
  ]);
  expect(row).toEqual({ old_secret_sealed: null });
});

it('R-LOG-5: one that fails is mailed once to the Administrators; after seven days it is stopped, mailed again, and loses nothing', async () => {
  const company = await world.company();
  const endpoint = await endpointOf(company);
  await company.write(await company.person(), 'first');
  answer = () => 503;
  const mails: Mail[] = [];
  let mailServerUp = false;
  const mailer: Mailer = {
    assertConfigured: () => undefined,
    send: (mail) =>
      mailServerUp ? Promise.resolve(void mails.push(mail)) : Promise.reject(new Error('refused')),
    close: () => undefined,
  };
  const sweepMails = () =>
    mailFailingEndpoints({ db: world.db, mailer, logger: world.deps.logger, publicUrl: 'http://parley' });
  /** As often as its back-off says. */
  const pass = async (ms: number) => {
    const end = world.clock.now().getTime() + ms;
    for (;;) {
      const { nextDueAt } = await endpoint.turn();
      await sweepMails();
      const next = nextDueAt === null ? end : Date.parse(nextDueAt) + 1;
      world.clock.advance(Math.max(1, Math.min(next, end) - world.clock.now().getTime()));
      if (next >= end) return;
    }
  };
  await pass(10 * 60_000);
  mailServerUp = true;
  await pass(3 * hourMs);
  expect(mails).toMatchObject([
    {
      to: `${company.users.administrator.id}@example.com`,
      subject: expect.stringContaining('do not get through to ATS') as string,
    },
  ]);
  await pass(6 * dayMs);
  expect(mails).toHaveLength(1);
  expect(await endpoint.state()).toMatchObject({ state: 'failing' });
  await pass(3 * dayMs);
  expect(mails).toHaveLength(2);
  expect(mails[1]!.subject).toContain('is stopped');
  expect(await endpoint.state()).toMatchObject({ state: 'disabled', waiting: 1, missed: 0 });
  const tried = posts.length;
  await company.write(await company.person(), 'second');
  expect(await wakeEndpoints(world.db)).toBe(0);
  await pass(2 * dayMs);
  expect([posts.length, mails.length]).toEqual([tried, 2]);
  const told = await world.db.query(`select data from notifications where kind = 'webhook' order by id`);
  expect(told).toEqual([{ data: { name: 'ATS' } }, { data: { name: 'ATS', state: 'disabled' } }]);

  answer = () => 204;
  await endpoint.change({ paused: false });
  await endpoint.turn();
  expect(posts.slice(tried).map(({ signed }) => /first|second/.exec(signed)?.[0])).toEqual([
    'first',
    'second',
  ]);
  expect(await endpoint.state()).toMatchObject({ state: 'active', waiting: 0 });
});
