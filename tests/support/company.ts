import { randomBytes } from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DispatchDeps } from '../../activities/dispatch-next';
import {
  createOpenDkim,
  createOpenSmsAccount,
  createOpenAccount,
  sealContext,
} from '../../src/channels/open-account';
import { createEmailClient } from '../../src/channels/email/client';
import { createSmsClient } from '../../src/channels/sms/client';
import { createWhatsAppClient } from '../../src/channels/whatsapp/client';
import { verifySignature } from '../../src/channels/whatsapp/signature';
import { templateSlots } from '../../src/channels/whatsapp/templates';
import type { TemplateComponent, WhatsAppClient } from '../../src/channels/whatsapp/types';
import { createShiftedClock } from '../../src/clock';
import { roles, type Role } from '../../src/contracts/common';
import type { SendInput } from '../../src/contracts/messages';
import { createDatabase, newId, type Database } from '../../src/data/database';
import { createLimits } from '../../src/data/limits/dispatch-limits';
import type { ActingUser, Actor } from '../../src/domain/permissions';
import { createIntake, type Intake } from '../../src/intake';
import { createLogger } from '../../src/logger';
import type { Control } from '../../src/sandbox/control';
import { createSandbox } from '../../src/sandbox/create-sandbox';
import { createPageUrl } from '../../src/page-url';
import { createKeyHash, open, seal } from '../../src/seal';
import { createTestDatabase } from './database';

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
export const secretKey = Buffer.alloc(32, 7);
const hashKey = createKeyHash(secretKey);
const verifyToken = 'verify me';

export type Deps = DispatchDeps & { clock: ReturnType<typeof createShiftedClock> };

export type World = {
  db: Database;
  clock: ReturnType<typeof createShiftedClock>;
  deps: Deps;
  sandbox: Control;
  intake: Intake;
  whatsApp: WhatsAppClient;
  hashKey(key: string): string;
  /** Organizations share the database and the sandbox, and see nothing of each other. */
  company(options?: { credits?: number; connected?: boolean }): Promise<Company>;
  /** Whatever is under way has been delivered and worked off. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export type Account = { id: string; phoneNumberId: string; wabaId: string; appSecret: string };

export type Person = { id: string; conversationId: string; contactPointId: string; waId: string };

export type Ids = { organizationId: string; conversationId: string };

export type PersonWish = {
  kind?: 'candidate' | 'contact';
  firstName?: string;
  lastName?: string;
  responsible?: ActingUser | null;
  /** null: no phone at all */
  phone?: string | null;
  phoneType?: 'mobile' | 'landline' | 'voip' | 'unknown';
  valid?: boolean;
  whatsapp?: 'unknown' | 'present' | 'absent';
  /** null: never asked */
  consent?: boolean | null;
  custom?: Record<string, string>;
};

export type TemplateWish = {
  name?: string;
  language?: string;
  body?: string;
  category?: 'MARKETING' | 'UTILITY';
  status?: 'approved' | 'pending' | 'paused' | 'disabled' | 'rejected';
  components?: TemplateComponent[];
  /** By slot key. */
  expressions?: Record<string, string>;
};

export type Vacancy = { id: string; stages: string[] };

export type Company = {
  organizationId: string;
  account: Account;
  users: Record<Role, ActingUser>;
  /** Another Recruiter. */
  colleague: ActingUser;
  as(user: ActingUser): Actor;
  /** A program with an API key, acting for nobody. */
  program: Actor;
  person(wish?: PersonWish): Promise<Person>;
  people(count: number, wish?: PersonWish): Promise<Person[]>;
  /** Another contact point. */
  addEmail(person: Pick<Person, 'id'>, address: string): Promise<void>;
  ids(person: Person): Ids;
  vacancy(facts?: { assigned?: ActingUser[]; stages?: string[] }): Promise<Vacancy>;
  /** Puts people straight into a stage, without firing anything. Returns the applications' ids, in their order. */
  apply(vacancy: Vacancy, people: Person[], stageId?: string): Promise<string[]>;
  template(wish?: TemplateWish): Promise<string>;
  action(
    stageId: string,
    templateId: string | null,
    more?: { channels?: string[]; delaySeconds?: number },
  ): Promise<string>;
  /** The person writes, and it is worked off. */
  write(person: Person, text: string): Promise<string>;
  balance(): Promise<number>;
};

/** A database, a sandbox, and the intake of its webhooks over HTTP; one clock for all. Close it in `afterAll`. */
export async function createWorld(
  options: { poolSize?: number; callTimeoutMs?: number; smtpUrl?: string } = {},
): Promise<World> {
  const database = await createTestDatabase();
  const clock = createShiftedClock();
  const db = createDatabase({
    url: database.url,
    clock,
    poolSize: options.poolSize ?? 10,
    pageUrl: createPageUrl({ publicUrl: 'http://localhost:3000', hashKey: secretKey }),
  });
  // a crowd of a test waits its turn for a connection, however slow the machine
  db.pool.options.connectionTimeoutMillis = 60_000;
  const sandbox = createSandbox({ clock, dayMs, retryBaseMs: 10, retryMaxMs: 50, webhookTimeoutMs: 60_000 });
  const { url } = await sandbox.listen();
  const whatsApp = createWhatsAppClient({ apiUrl: url, apiVersion: 'v23.0' });
  const logger = createLogger('test', 'silent');
  const openAccount = createOpenAccount((sealed, context) => open(secretKey, sealed, context));
  const deps: Deps = {
    db,
    clock,
    whatsApp,
    sms: createSmsClient({ apiUrl: url }),
    email: createEmailClient({ smtpUrl: options.smtpUrl, from: 'Parley <parley@acme.example>' }),
    openAccount,
    openSmsAccount: createOpenSmsAccount((sealed, context) => open(secretKey, sealed, context)),
    openDkim: createOpenDkim((sealed, context) => open(secretKey, sealed, context)),
    mailDomain: null,
    publicUrl: 'http://localhost:3000',
    logger,
    dayMs,
    // a machine that stands still for a while is no provider that does not answer
    callTimeoutMs: options.callTimeoutMs ?? 20_000,
    hashKey,
    limits: createLimits({ db, dayMs }),
  };
  const intake = createIntake({ db, whatsApp, openAccount, logger, dayMs, hashKey: secretKey });
  const hook = await startHook(db, intake);
  return {
    db,
    clock,
    deps,
    sandbox: sandbox.control,
    intake,
    whatsApp,
    hashKey,
    company: (wish = {}) => createCompany({ db, whatsApp, sandbox: sandbox.control, hook, settled }, wish),
    settled,
    async close() {
      await settled();
      await sandbox.close();
      await hook.stop();
      await intake.idle();
      await db.close();
      await database.drop();
    },
  };

  async function settled(): Promise<void> {
    await sandbox.control.settled();
    await intake.idle();
  }
}

type Hook = { url: string; appSecrets: Map<string, string>; stop(): Promise<void> };

/** Takes webhooks as the api does: checks, stores, answers, then works them off. The path names the channel account. */
async function startHook(db: Database, intake: Intake): Promise<Hook> {
  const appSecrets = new Map<string, string>();
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const accountId = url.pathname.slice(1);
    if (request.method === 'GET') return void response.end(url.searchParams.get('hub.challenge'));
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const header = String(request.headers['x-hub-signature-256']);
      if (!verifySignature(body, header, appSecrets.get(accountId) ?? '')) {
        return void response.writeHead(403).end();
      }
      void storeWebhook(db, accountId, body).then((deliveryId) => {
        response.end();
        intake.webhooks([deliveryId]);
      });
    });
  });
  // a connection that closes just as the sandbox uses it again is a webhook that comes later than `settled` waits
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    appSecrets,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Keeps a raw webhook for an account. */
export async function storeWebhook(db: Database, accountId: string, body: Buffer): Promise<string> {
  const id = newId();
  await db.query(
    `insert into webhook_deliveries (id, organization_id, channel_account_id, body, state, received_at)
     select $1, organization_id, id, $3, 'pending', $4 from channel_accounts where id = $2`,
    [id, accountId, body, await db.now()],
  );
  return id;
}

let serial = 0;

async function createCompany(
  world: {
    db: Database;
    whatsApp: WhatsAppClient;
    sandbox: Control;
    hook: Hook;
    settled: () => Promise<void>;
  },
  { credits = 1000, connected = true }: { credits?: number; connected?: boolean },
): Promise<Company> {
  const { db, sandbox } = world;
  const organizationId = newId();
  const now = await db.now();
  await db.query(
    `insert into organizations (id, name, slug, plan, whatsapp_in_plan, sms_in_plan, default_country, time_zone, language, quiet_from, quiet_until, created_at)
     values ($1, 'Acme', $2, 'enterprise', true, true, 'ES', 'Europe/Madrid', 'en', null, null, $3)`,
    [organizationId, `acme-${randomBytes(6).toString('hex')}`, now],
  );
  await db.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, messages_per_second, created_at, updated_at)
     values ($1, $2, 'email', 'E-mail', 'connected', $3, 10000, $3, $3)`,
    [organizationId, newId(), now],
  );
  await db.query('insert into credit_accounts (organization_id, balance) values ($1, $2)', [
    organizationId,
    credits,
  ]);
  if (credits > 0) {
    await db.query(
      `insert into credit_entries (organization_id, id, kind, amount, occurred_at) values ($1, $2, 'grant', $3, $4)`,
      [organizationId, newId(), credits, now],
    );
  }
  const user = async (role: Role, lastName: string): Promise<ActingUser> => {
    const id = newId();
    await db.query(
      `insert into users (organization_id, id, email, first_name, last_name, role, password_hash, created_at)
       values ($1, $2, $3, 'Uma', $4, $5, 'none', $6)`,
      [organizationId, id, `${id}@example.com`, lastName, role, now],
    );
    return { id, name: `Uma ${lastName}`, role, accessToOwnBase: false };
  };
  const users = Object.fromEntries(
    await Promise.all(roles.map(async (role) => [role, await user(role, role)] as const)),
  ) as Record<Role, ActingUser>;
  const colleague = await user('recruiter', 'colleague');
  const account = await connect(world, organizationId, connected);

  const company: Company = {
    organizationId,
    account,
    users,
    colleague,
    as: (acting) => ({ organizationId, user: acting, apiKeyId: null }),
    program: { organizationId, user: null, apiKeyId: newId() },
    person: async (wish) => (await company.people(1, wish))[0]!,
    people: (count, wish) => insertPeople(world, organizationId, users, count, wish ?? {}),
    async addEmail(person, address) {
      await db.query(
        `insert into contact_points (organization_id, id, person_id, kind, key, value, created_at) values ($1, $2, $3, 'email', $4, $4, $5)`,
        [organizationId, newId(), person.id, address, await db.now()],
      );
    },
    ids: (person) => ({ organizationId, conversationId: person.conversationId }),
    async vacancy({
      assigned = [users.recruiter, users.interviewer],
      stages = ['New', 'Interview', 'Offer'],
    } = {}) {
      const vacancy = { id: newId(), stages: stages.map(() => newId()) };
      await db.query(
        `insert into vacancies (organization_id, id, title, created_at, updated_at) values ($1, $2, 'Baker', $3, $3)`,
        [organizationId, vacancy.id, now],
      );
      for (const [position, name] of stages.entries()) {
        await db.query(
          `insert into stages (organization_id, id, vacancy_id, name, position, created_at) values ($1, $2, $3, $4, $5, $6)`,
          [organizationId, vacancy.stages[position], vacancy.id, name, position, now],
        );
      }
      for (const { id } of assigned) {
        await db.query(
          'insert into vacancy_users (organization_id, vacancy_id, user_id) values ($1, $2, $3)',
          [organizationId, vacancy.id, id],
        );
      }
      return vacancy;
    },
    async apply(vacancy, people, stageId = vacancy.stages[0]) {
      const rows = people.map((person) => ({ id: newId(), person_id: person.id, entry_id: newId() }));
      await db.query(
        `with row as (select * from jsonb_to_recordset($5::jsonb) as r(id uuid, person_id uuid, entry_id uuid)),
         made as (
           insert into applications (organization_id, id, person_id, vacancy_id, stage_id, stage_entry_id, created_at, updated_at)
           select $1, id, person_id, $2, $3, entry_id, $4, $4 from row)
         insert into stage_entries (organization_id, id, application_id, move_id, to_stage_id, entered_at)
         select $1, entry_id, id, entry_id, $3, $4 from row`,
        [organizationId, vacancy.id, stageId, await db.now(), JSON.stringify(rows)],
      );
      return rows.map((row) => row.id);
    },
    template: (wish) => insertTemplate(world, organizationId, account, wish ?? {}),
    async action(stageId, templateId, { channels = ['whatsapp'], delaySeconds = 0 } = {}) {
      const id = newId();
      await db.query(
        `insert into stage_actions (organization_id, id, stage_id, position, template_id, channels, delay_seconds, created_at)
         values ($1, $2, $3, (select count(*) from stage_actions where stage_id = $3), $4, $5, $6, $7)`,
        [organizationId, id, stageId, templateId, channels, delaySeconds, now],
      );
      return id;
    },
    async write(person, text) {
      const { id } = await sandbox.write(
        person.waId,
        { type: 'text', text },
        { phoneNumberId: account.phoneNumberId },
      );
      await world.settled();
      return id;
    },
    async balance() {
      const [row] = await db.query<{ balance: number }>(
        'select balance from credit_accounts where organization_id = $1',
        [organizationId],
      );
      return row!.balance;
    },
  };
  return company;
}

async function connect(
  world: { db: Database; whatsApp: WhatsAppClient; sandbox: Control; hook: Hook },
  organizationId: string,
  connected: boolean,
): Promise<Account> {
  const made = world.sandbox.createAccount({ pairBurst: 0, throughput: 100_000 });
  const account = {
    id: newId(),
    phoneNumberId: made.id,
    wabaId: made.wabaId,
    accessToken: made.token,
    appSecret: made.appSecret,
  };
  if (!connected) return account;
  const { id } = account;
  const now = await world.db.now();
  await world.db.query(
    `insert into channel_accounts (organization_id, id, channel, name, state, state_changed_at, phone_number_id, waba_id,
       access_token_sealed, app_secret_sealed, verify_token_sealed, messages_per_second, created_at, updated_at)
     values ($1, $2, 'whatsapp', 'WhatsApp', 'connected', $3, $4, $5, $6, $7, $8, 10000, $3, $3)`,
    [
      organizationId,
      id,
      now,
      account.phoneNumberId,
      account.wabaId,
      seal(secretKey, account.accessToken, sealContext.accessToken(id)),
      seal(secretKey, account.appSecret, sealContext.appSecret(id)),
      seal(secretKey, verifyToken, sealContext.verifyToken(id)),
    ],
  );
  world.hook.appSecrets.set(id, account.appSecret);
  await world.whatsApp.subscribe(account, { callbackUrl: `${world.hook.url}/${id}`, verifyToken });
  return account;
}

async function insertPeople(
  { db, sandbox }: { db: Database; sandbox: Control },
  organizationId: string,
  users: Record<Role, ActingUser>,
  count: number,
  wish: PersonWish,
): Promise<Person[]> {
  const people = Array.from({ length: count }, (): Person => ({
    id: newId(),
    conversationId: newId(),
    contactPointId: newId(),
    waId: wish.phone?.replace(/\D/g, '') ?? `346${String(10_000_000 + serial++)}`,
  }));
  const responsible = wish.responsible === undefined ? users.recruiter : wish.responsible;
  const { phone, phoneType = 'mobile', valid = true, whatsapp = 'unknown', consent = true } = wish;
  if (valid && phone !== null) for (const { waId } of people) sandbox.createPhone({ waId });
  const rows = people.map((person) => ({
    id: person.id,
    conversation_id: person.conversationId,
    contact_point_id: person.contactPointId,
    consent_id: newId(),
    key: phone ?? `+${person.waId}`,
  }));
  const made = `select * from jsonb_to_recordset($1::jsonb) as r(id uuid, conversation_id uuid, contact_point_id uuid, consent_id uuid, key text)`;
  const json = JSON.stringify(rows);
  const now = await db.now();
  await db.query(
    `insert into people (organization_id, id, kind, first_name, last_name, responsible_user_id, custom, created_at, updated_at)
     select $2, id, $3, $4, $5, $6, $7, $8, $8 from (${made}) r`,
    [
      json,
      organizationId,
      wish.kind ?? 'candidate',
      wish.firstName ?? 'Ada',
      wish.lastName ?? 'Lovelace',
      responsible?.id ?? null,
      wish.custom ?? {},
      now,
    ],
  );
  await db.query(
    `insert into conversations (organization_id, id, person_id, responsible_user_id, inbox_user_id, created_at, updated_at)
     select $2, conversation_id, id, $3, $3, $4, $4 from (${made}) r`,
    [json, organizationId, responsible?.id ?? null, now],
  );
  if (phone === null) return people;
  await db.query(
    `insert into contact_points (organization_id, id, person_id, kind, key, value, valid, phone_type, whatsapp, created_at)
     select $2, contact_point_id, id, 'phone', key, key, $3, $4, $5, $6 from (${made}) r`,
    [json, organizationId, valid, phoneType, whatsapp, now],
  );
  if (consent === null) return people;
  await db.query(
    `insert into consents (organization_id, id, contact_point_id, channel, granted, source, occurred_at, created_at)
     select $2, consent_id, contact_point_id, 'whatsapp', $3, 'applicationForm', $4, $4 from (${made}) r`,
    [json, organizationId, consent, now],
  );
  return people;
}

async function insertTemplate(
  { db, sandbox }: { db: Database; sandbox: Control },
  organizationId: string,
  account: Account,
  wish: TemplateWish,
): Promise<string> {
  const id = newId();
  const name = wish.name ?? `template_${serial++}`;
  const language = wish.language ?? 'en';
  const body = wish.body ?? 'Hello {{1}}, welcome.';
  const status = wish.status ?? 'approved';
  const components: TemplateComponent[] = wish.components ?? [{ type: 'BODY', text: body }];
  const expressions = wish.expressions ?? { 'body.1': '{{candidate.firstName}}' };
  const parameters = templateSlots(components).map(({ key, part }) => ({
    key,
    place: part,
    expression: expressions[key] ?? '',
  }));
  const category = wish.category ?? 'UTILITY';
  sandbox.createTemplate({
    wabaId: account.wabaId,
    name,
    language,
    category,
    status: status.toUpperCase() as 'APPROVED',
    components,
  });
  await db.query(
    `insert into templates (organization_id, id, channel, name, language, status, body, channel_account_id, meta_name, meta_id, category,
       components, parameters, created_at, updated_at)
     values ($1, $2, 'whatsapp', $3, $4, $5, $6, $7, $3, $12, $8, $9, $10, $11, $11)`,
    [
      organizationId,
      id,
      name,
      language,
      status,
      body,
      account.id,
      category,
      JSON.stringify(components),
      JSON.stringify(parameters),
      await db.now(),
      id,
    ],
  );
  return id;
}

export const text = (body: string, more: { applicationId?: string; replyToId?: string } = {}): SendInput => ({
  type: 'text',
  text: body,
  channel: 'whatsapp',
  ...more,
});

export const template = (
  templateId: string,
  more: { applicationId?: string; parameters?: Record<string, string> } = {},
): SendInput => ({ type: 'template', templateId, channel: 'whatsapp', ...more });

/** R-CRED-2: every balance is the sum of its ledger, and each message's entries make sense. */
export async function assertLedger(db: Database): Promise<void> {
  const wrong = await db.query(
    `select a.organization_id, a.balance, coalesce(sum(e.amount), 0)::int as ledger
     from credit_accounts a left join credit_entries e using (organization_id)
     group by a.organization_id, a.balance having a.balance <> coalesce(sum(e.amount), 0)`,
  );
  expect(wrong).toEqual([]);
  const odd = await db.query(
    `select message_id, array_agg(kind::text order by kind) as kinds, sum(amount)::int as sum from credit_entries
     where message_id is not null group by message_id
     having array_agg(kind::text order by kind)::text not in
       ('{reserve}', '{reserve,commit}', '{reserve,release}', '{reserve,commit,refund}')
       or sum(amount) > 0`,
  );
  expect(odd).toEqual([]);
}

/** Sets it forward to noon: what goes by the day of the organization does not meet midnight while it is tried. */
export const toNoon = (clock: Deps['clock']): void =>
  clock.advance(dayMs - ((clock.now().getTime() + dayMs / 2) % dayMs));

/** The fields of one row, by id. */
export async function rowOf(db: Database, table: string, id: string): Promise<Record<string, unknown>> {
  const [row] = await db.query(`select * from ${table} where id = $1`, [id]);
  return row as Record<string, unknown>;
}

/** The kinds of a person's timeline with what they say, in the order they were written. */
export async function timelineOf(
  db: Database,
  personId: string,
): Promise<{ kind: string; data: Record<string, unknown>; occurredAt: Date }[]> {
  return db.query(
    `select kind, data, occurred_at as "occurredAt" from timeline_entries where person_id = $1 order by id`,
    [personId],
  );
}
