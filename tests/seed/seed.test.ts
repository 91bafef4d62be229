import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { seedDemo, type DemoSignIns } from '../../prisma/seed';
import { composeCompany } from '../../prisma/seed/compose';
import { componentsOf, emailTemplates, parametersOf, templates } from '../../prisma/seed/templates';
import { emailOf, users } from '../../prisma/seed/company';
import { parseMail } from '../../src/channels/email/parse-mail';
import { systemClock } from '../../src/clock';
import { readConfig, type Config } from '../../src/config';
import type { Role } from '../../src/contracts/common';
import { createDatabase, type Database } from '../../src/data/database';
import { listThreads } from '../../src/data/mail/mail-threads';
import { readMail, readRaw, type MailboxUser } from '../../src/data/mail/mailbox-read';
import { listMessages } from '../../src/data/messages/message-read';
import { signIn } from '../../src/data/organization/sign-in';
import { createLogger } from '../../src/logger';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { createTestDatabase, type TestDatabase } from '../support/database';

let testDatabase: TestDatabase;
let db: Database;
let sandbox: Sandbox;
let sandboxUrl: string;
let api: Server;
let config: Config;
let seeded: DemoSignIns | undefined;

const seed = (url = sandboxUrl) =>
  seedDemo({
    db,
    config,
    sandboxUrl: url,
    logger: createLogger('test', 'silent'),
    progress: () => undefined,
  });

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  db = createDatabase({ url: testDatabase.url });
  sandbox = createSandbox({ clock: systemClock, dayMs: 24 * 3600_000 });
  ({ url: sandboxUrl } = await sandbox.listen());
  // Stands for the api in WhatsApp's check of the webhook address.
  api = createServer((request, response) =>
    response.end(new URL(request.url!, 'http://localhost').searchParams.get('hub.challenge')),
  );
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  config = readConfig({
    DATABASE_URL: testDatabase.url,
    PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    PARLEY_PUBLIC_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    WHATSAPP_API_URL: sandboxUrl,
    SMS_API_URL: sandboxUrl,
  });
  // An attempt that breaks off is taken up by the next.
  await expect(seed('http://127.0.0.1:1')).rejects.toThrow();
  seeded = await seed();
});

afterAll(async () => {
  await sandbox.close();
  await new Promise((resolve) => api.close(resolve));
  await db.close();
  await testDatabase.drop();
});

const actorOf = async (key: string): Promise<MailboxUser> => {
  const [user] = await db.query<{ organizationId: string; id: string; role: Role; accessToOwnBase: boolean }>(
    'select organization_id as "organizationId", id, role, access_to_own_base as "accessToOwnBase" from users where email = $1',
    [emailOf({ key })],
  );
  const { organizationId, ...rest } = user!;
  return { organizationId, user: { name: key, ...rest }, apiKeyId: null };
};

const numberOf = async (sql: string): Promise<number> =>
  Number((await db.query<{ n: number }>(`select (${sql}) as n`))[0]!.n);

describe('the demonstration company', () => {
  it('has a user of every role, who signs in with the printed password', async () => {
    expect(new Set(seeded!.users.map((user) => user.role)).size).toBe(7);
    for (const { email } of seeded!.users.slice(0, 2))
      await expect(signIn(db, { email, password: seeded!.password! })).resolves.toBeDefined();
  });

  it('is made once, and says again how to sign in', async () => {
    const before = await numberOf('select count(*) from people');
    expect(await seed()).toEqual(seeded);
    expect(await numberOf('select count(*) from people')).toBe(before);
  });

  it('holds about 200 candidates with good, wrong and missing numbers, and eight contacts of five employers', async () => {
    const candidates = await numberOf(`select count(*) from people where kind = 'candidate'`);
    expect(candidates).toBeGreaterThan(190);
    expect(candidates).toBeLessThan(215);
    expect(
      await numberOf(`select count(*) from people where kind = 'contact' and employer_id is not null`),
    ).toBe(8);
    expect(await numberOf(`select count(*) from employers`)).toBe(5);
    for (const type of ['mobile', 'landline'])
      expect(
        await numberOf(`select count(*) from contact_points where valid and phone_type = '${type}'`),
      ).toBeGreaterThan(5);
    expect(await numberOf(`select count(*) from contact_points where not valid`)).toBeGreaterThan(3);
    expect(await numberOf(`select count(*) from contact_points where key like '+55%'`)).toBeGreaterThan(5);
    expect(
      await numberOf(`select count(*) from people p where not exists (select 1 from contact_points c
        where c.person_id = p.id and c.kind = 'phone')`),
    ).toBeGreaterThan(3);
    expect(await numberOf(`select count(*) from people where responsible_user_id is null`)).toBeGreaterThan(
      5,
    );
  });

  it('shows every status of a chat, several owners, one chat about to expire', async () => {
    const rows = await db.query<{ status: string; n: number; owners: number }>(
      `select status, count(*) as n, count(distinct owner_id) as owners from conversations
       where last_message_at is not null group by status`,
    );
    const of = (status: string) => rows.find((row) => row.status === status)!;
    expect(of('active').n).toBeGreaterThanOrEqual(5);
    expect(of('active').owners).toBeGreaterThanOrEqual(3);
    expect(of('open').n).toBeGreaterThanOrEqual(5);
    expect(of('closed').n).toBeGreaterThanOrEqual(5);
    expect(
      await numberOf(`select count(*) from conversations where status = 'active'
        and deadline_at between clock_timestamp() and clock_timestamp() + interval '15 minutes'`),
    ).toBe(1);
    expect(await numberOf(`select count(*) from conversations where deadline_at < clock_timestamp()`)).toBe(
      0,
    );
  });

  it('shows every way a message can end, with its reason', async () => {
    const states = await db.query<{ state: string }>('select distinct state from messages');
    expect(states.map((row) => row.state).sort()).toEqual(
      ['delivered', 'failed', 'read', 'received', 'sent', 'suppressed'].sort(),
    );
    const reasons = await db.query<{ reason: string }>(
      `select distinct reason from messages where state = 'suppressed'`,
    );
    expect(reasons.map((row) => row.reason).sort()).toEqual(
      ['no_consent', 'opted_out', 'phone_missing', 'phone_not_mobile'].sort(),
    );
    expect(
      await numberOf(
        `select count(*) from messages where (state in ('failed', 'suppressed')) <> (reason is not null)`,
      ),
    ).toBe(0);
    for (const table of ['reactions', 'media', 'notes', 'notifications', 'opt_outs'])
      expect(await numberOf(`select count(*) from ${table}`)).toBeGreaterThan(0);
  });

  it('R-CRED-2: the balance is the sum of the ledger, each message reserved once and settled once', async () => {
    expect(await numberOf('select balance from credit_accounts')).toBe(
      await numberOf('select sum(amount) from credit_entries'),
    );
    expect(
      await numberOf(`select count(*) from messages m where m.direction = 'out' and m.channel = 'whatsapp' and m.state <> 'suppressed' and not (
        exists (select 1 from credit_entries e where e.message_id = m.id and e.kind = 'reserve' and e.amount = -m.credits)
        and exists (select 1 from credit_entries e where e.message_id = m.id and e.kind = 'commit')
        and (m.state = 'failed') = exists (select 1 from credit_entries e where e.message_id = m.id and e.kind = 'refund'))`),
    ).toBe(0);
  });

  it('keeps the counters, windows and ids that the commands keep', async () => {
    const faults = `select count(*) from conversations c
      left join lateral (select count(*) as all_of_them, count(*) filter (where direction = 'in') as inbound from messages m
        where m.conversation_id = c.id) m on true
      where c.message_count <> m.all_of_them or c.inbound_count <> m.inbound
        or (c.unanswered_since is not null and c.last_direction <> 'in' and not exists (
          select 1 from messages a where a.id = c.last_message_id and a.origin = 'automatic'))`;
    expect(await numberOf(faults)).toBe(0);
    expect(
      await numberOf(`select count(*) from messages m where (m.provider_id is not null) <> exists (
        select 1 from provider_messages p where p.message_id = m.id and p.provider_id = m.provider_id)`),
    ).toBe(0);
    expect(
      await numberOf(`select count(*) from messages m where m.direction = 'in' and m.channel = 'whatsapp' and not exists (
        select 1 from service_windows w where w.contact_point_id = m.contact_point_id and w.last_inbound_at >= m.occurred_at)`),
    ).toBe(0);
    expect(
      await numberOf(`select count(*) from messages m where not exists (
        select 1 from timeline_entries t where t.message_id = m.id)`),
    ).toBe(0);
    expect(
      await numberOf(`select count(*) from applications a join stage_entries e on e.id = a.stage_entry_id
        where e.application_id = a.id and e.to_stage_id = a.stage_id and e.left_at is null`),
    ).toBe(await numberOf('select count(*) from applications'));
    expect(await numberOf(`select count(*) from conversations c where c.status <> 'closed'`)).toBe(
      await numberOf('select count(*) from outbox'),
    );
  });

  it('R-MAIL-1: shows e-mail that costs nothing: what was sent, the answer to it with a file, and what waits', async () => {
    const mails = await db.query<{ direction: string; credits: number; n: number }>(
      `select direction, credits, count(*)::int as n from messages where channel = 'email' group by direction, credits`,
    );
    expect(mails.map(({ direction, credits }) => ({ direction, credits }))).toEqual(
      expect.arrayContaining([
        { direction: 'in', credits: 0 },
        { direction: 'out', credits: 0 },
      ]),
    );
    expect(mails).toHaveLength(2);
    expect(
      await numberOf(`select count(*) from conversations c where 'email' = any(channels) <> exists (
        select 1 from messages m where m.conversation_id = c.id and m.channel = 'email')`),
    ).toBe(0);
    expect(
      await numberOf(`select count(*) from conversations c join messages m on m.id = c.last_message_id
        where m.channel = 'email' and m.direction = 'in' and c.unanswered_since is not null`),
    ).toBeGreaterThan(0);
    const [ana] = await db.query<{ conversationId: string }>(
      `select c.id as "conversationId" from conversations c join people p on p.id = c.person_id where p.last_name = 'Rocha' and p.first_name = 'Ana'`,
    );
    const { items } = await listMessages(
      db,
      await actorOf('ines'),
      { ...(await actorOf('ines')), ...ana! },
      { limit: 50 },
    );
    expect(items.filter(({ channel }) => channel === 'email').reverse()).toMatchObject([
      { direction: 'out', state: 'sent', title: 'A sua entrevista', mail: null },
      {
        direction: 'in',
        mail: { hasOriginal: true, attachments: [{ filename: 'cv.pdf', state: 'stored' }] },
      },
      { direction: 'out', state: 'sent' },
    ]);
  });

  it('R-BOX-5: shows Anna a mail that is filed under a candidate, her answer, and one that waits to be filed', async () => {
    const actor = await actorOf('anna');
    const inbox = await listThreads(db, actor, { folder: 'inbox', limit: 50 });
    expect(inbox.items).toMatchObject([
      { writers: ['Ingrid Solheim'], count: 3, unread: 1, hasAttachments: true, answered: true },
      { writers: ['Ilse Vos'], count: 1, unread: 1 },
    ]);
    const [filed, waits] = await Promise.all(inbox.items.map(({ mailId }) => readMail(db, actor, mailId)));
    expect(filed!.filedUnder).toMatchObject([{ name: 'Ingrid Solheim' }]);
    expect(waits!.filedUnder).toEqual([]);
    const { bytes } = await readRaw(db, actor, filed!.id);
    expect(await parseMail(bytes)).toMatchObject({
      subject: filed!.subject,
      text: filed!.text,
      messageId: expect.stringContaining('@') as string,
      attachments: [{ filename: 'cv.pdf', mimeType: 'application/pdf' }],
    });
    for (const user of ['ruth', 'marco'])
      expect((await listThreads(db, await actorOf(user), { limit: 50 })).items).toEqual([]);
  });

  it('has templates for e-mail, of which each has a title', async () => {
    const templates = await db.query<{ title: string | null; body: string }>(
      `select title, body from templates where channel = 'email' and status = 'approved'`,
    );
    expect(templates).toHaveLength(emailTemplates.length);
    for (const { title } of templates) expect(title).toBeTruthy();
  });

  it('agrees with the sandbox on templates, messages and open windows', async () => {
    const inProduct = await db.query<{ name: string; status: string }>(
      `select meta_name as name, status from templates where channel = 'whatsapp' order by 1, 2`,
    );
    const { wabaId } = sandbox.control.accounts().find(({ preset }) => preset === 'demonstration')!;
    const atWhatsApp = sandbox.control.templates(wabaId);
    expect(inProduct.map(({ name, status }) => `${name} ${status}`).sort()).toEqual(
      atWhatsApp.map(({ name, status }) => `${name} ${status.toLowerCase()}`).sort(),
    );
    expect(new Set(inProduct.map(({ status }) => status))).toEqual(
      new Set(['approved', 'pending', 'rejected']),
    );
    const sent = await db.query<{ id: string; providerId: string }>(
      `select id, provider_id as "providerId" from messages where provider_id is not null and direction = 'out' and channel = 'whatsapp'`,
    );
    const onPhones = sandbox.control.messages({ direction: 'received' });
    expect(new Set(onPhones.map(({ id, callbackData }) => `${callbackData} ${id}`))).toEqual(
      new Set(sent.map(({ id, providerId }) => `${id} ${providerId}`)),
    );
  });

  it('lets a free text out where the product shows an open window', async () => {
    const [chat] = await db.query<{ key: string; token: string }>(
      `select cp.wa_id as key from conversations c join contact_points cp on cp.person_id = c.person_id and cp.kind = 'phone'
       where c.status = 'open' and c.unanswered_since is not null limit 1`,
    );
    const account = sandbox.control.accounts().find(({ preset }) => preset === 'demonstration')!;
    const response = await fetch(`${sandboxUrl}/v23.0/${account.id}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${account.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        messaging_product: 'whatsapp',
        to: chat!.key,
        type: 'text',
        text: { body: 'Hello' },
      }),
    });
    expect(response.status).toBe(200);
  });
});

describe('its composition', () => {
  const facts = (withHistory = true) => ({
    now: new Date('2026-11-20T12:00:00Z'),
    dayMs: 24 * 3600_000,
    organizationId: '0197f000-0000-7000-8000-000000000001',
    accountId: '0197f000-0000-7000-8000-000000000002',
    emailAccountId: '0197f000-0000-7000-8000-000000000003',
    userIds: new Map(users.map(({ key }, index) => [key, `0197f000-0000-7000-8000-0000000001${10 + index}`])),
    templates: templates.map((template, index) => ({
      id: `0197f000-0000-7000-8000-0000000002${10 + index}`,
      name: template.name,
      language: template.language,
      status: template.status.toLowerCase(),
      category: template.category,
      version: 1,
      components: componentsOf(template) as never,
      parameters: parametersOf(template),
    })),
    hashKey: (key: string) => `hash of ${key}`,
    withHistory,
  });

  it('is the same at every first start', () => {
    expect(composeCompany(facts())).toEqual(composeCompany(facts()));
  });

  it('R-CHAT-15: has the same chats however short the day is', () => {
    const statuses = (dayMs: number) =>
      composeCompany({ ...facts(), dayMs }).rows.conversations.map(({ status }) => status);
    expect(statuses(120_000)).toEqual(statuses(24 * 3600_000));
  });

  it('writes to nobody beside a real WhatsApp number', () => {
    const { rows } = composeCompany(facts(false));
    expect(rows.people.length).toBeGreaterThan(190);
    for (const table of [
      'consents',
      'messages',
      'mails',
      'service_windows',
      'outbox',
      'action_runs',
    ] as const)
      expect(rows[table]).toEqual([]);
  });
});
