import { randomBytes } from 'node:crypto';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createActivities, type Activities } from '../../activities';
import { createEmailClient } from '../../src/channels/email/client';
import { createUserMailClient } from '../../src/channels/email/user-mail';
import { createSmsClient } from '../../src/channels/sms/client';
import { createWhatsAppClient } from '../../src/channels/whatsapp/client';
import type { WhatsAppClient } from '../../src/channels/whatsapp/types';
import { createShiftedClock } from '../../src/clock';
import { sendMessage } from '../../src/data/messages/accept-message';
import { closeChat } from '../../src/data/conversations/chat-commands';
import { createDatabase, newId, type Database } from '../../src/data/database';
import { receiveMessage } from '../../src/data/inbound/inbound';
import type { ActingUser, Actor } from '../../src/domain/permissions';
import { conversationWorkflowId } from '../../src/domain/workflow-ids';
import { createLogger } from '../../src/logger';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { seal } from '../../src/seal';
import { startRelay, type Relay } from '../../src/temporal/relay';
import { createTestDatabase } from '../support/database';
import { waitLong } from './wait-long';

export const dayMs = 86_400_000;
const logger = createLogger('test', 'silent');

/** A company with a connected number on the sandbox, in a database of its own; one clock for all of it. */
export type World = {
  env: TestWorkflowEnvironment;
  db: Database;
  sandbox: Sandbox;
  clock: ReturnType<typeof createShiftedClock>;
  /** What a worker process needs to serve it. */
  environment: Record<string, string>;
  activities: Activities;
  organizationId: string;
  channelAccountId: string;
  phoneNumberId: string;
  ana: ActingUser;
  ben: ActingUser;
  /** Tells Temporal of what is committed from now on. */
  relayTo(client: Client): Relay;
  newPerson(): Promise<Person>;
  /** Lets time pass: here and on the server of the workflows. */
  pass(ms: number): Promise<void>;
  /** Temporal has been told of everything. Time that passes before makes it hear of the rest late, and maybe twice. */
  told(): Promise<void>;
  /**
   * Temporal has been told of everything, and its workflows have nothing under way. A workflow that is terminated before that keeps the
   * server's time from being skipped, for all tests of a file (sdk-java 1138).
   */
  settled(): Promise<void>;
  /** Ends also its workflows: the server's time is one for all tests of a file. */
  close(): Promise<void>;
};

/** One candidate with consent, their phone, and their conversation. */
export type Person = {
  personId: string;
  conversationId: string;
  workflowId: string;
  waId: string;
  /** Writes on WhatsApp to the company. */
  writes(text: string): Promise<void>;
  isSent(user: ActingUser, text: string): Promise<string>;
  isClosedBy(user: ActingUser): Promise<void>;
  chat(): Promise<Chat>;
  states(): Promise<string[]>;
  /** Texts on the phone, in order of arrival. */
  phone(): string[];
};

export type Chat = {
  status: string;
  ownerId: string | null;
  deadlineAt: Date | null;
  blockedBy: string | null;
};

export async function createWorld(
  /** The server of the workflows, whose time the world's clock takes over. */
  env: TestWorkflowEnvironment,
  options: {
    dayMs?: number;
    callTimeoutMs?: number;
    /** In place of the sandbox's client, for what the sandbox cannot do. */
    whatsApp?: (real: WhatsAppClient) => WhatsAppClient;
  } = {},
): Promise<World> {
  const day = options.dayMs ?? dayMs;
  const clock = createShiftedClock();
  clock.advance(Math.max(0, (await env.currentTimeMs()) - Date.now()));
  const testDatabase = await createTestDatabase();
  const db = createDatabase({ url: testDatabase.url, clock });
  const sandbox = createSandbox({ clock, dayMs: day });
  const { url } = await sandbox.listen();
  const account = sandbox.control.createAccount();
  const secretKey = randomBytes(32);
  const real = createWhatsAppClient({ apiUrl: url, apiVersion: 'v23.0' });
  const activities = createActivities({
    mailDomain: null,
    db,
    logger,
    whatsApp: options.whatsApp?.(real) ?? real,
    sms: createSmsClient({ apiUrl: url }),
    email: createEmailClient({ smtpUrl: undefined, from: 'parley@localhost' }),
    userMail: createUserMailClient({ smtpUrl: undefined, allow: [] }),
    publicUrl: 'http://localhost:3000',
    secretKey,
    hashKey: secretKey,
    dayMs: day,
    // a machine that stands still for a while is no provider that does not answer
    callTimeoutMs: options.callTimeoutMs ?? 20_000,
    webhookAllow: ['127.0.0.1'],
  });

  const organizationId = newId();
  const channelAccountId = newId();
  const at = await db.now();
  await insert(db, 'organizations', {
    id: organizationId,
    name: 'Company',
    slug: `company-${organizationId}`,
    plan: 'business',
    whatsappInPlan: true,
    defaultCountry: 'ES',
    timeZone: 'Europe/Madrid',
    language: 'en',
    // none: tests run at any hour
    quietFrom: null,
    quietUntil: null,
    createdAt: at,
  });
  await insert(db, 'credit_accounts', { organizationId, balance: 1000 });
  await insert(db, 'channel_accounts', {
    organizationId,
    id: channelAccountId,
    channel: 'whatsapp',
    name: 'WhatsApp',
    state: 'connected',
    stateChangedAt: at,
    phoneNumberId: account.id,
    wabaId: account.wabaId,
    accessTokenSealed: seal(secretKey, account.token, `channelAccount.accessToken:${channelAccountId}`),
    appSecretSealed: seal(secretKey, account.appSecret, `channelAccount.appSecret:${channelAccountId}`),
    createdAt: at,
    updatedAt: at,
  });
  const [ana, ben] = await Promise.all(['Ana', 'Ben'].map((name) => newUser(db, organizationId, name)));
  const relays: Relay[] = [];
  const workflowIds = new Set<string>();
  db.onCommitted(({ pokes }) => pokes.forEach(({ workflowId }) => workflowIds.add(workflowId)));
  const isTold = async () => (await db.query('select 1 from outbox limit 1')).length === 0;

  const world: World = {
    env,
    db,
    sandbox,
    clock,
    environment: {
      DATABASE_URL: testDatabase.url,
      PARLEY_SECRET_KEY: secretKey.toString('base64'),
      WHATSAPP_API_URL: url,
      SMS_API_URL: url,
      TEMPORAL_ADDRESS: env.address,
    },
    activities,
    organizationId,
    channelAccountId,
    phoneNumberId: account.id,
    ana: ana!,
    ben: ben!,
    relayTo(client) {
      // One that is there is waited for: a call that was cut off may have been heard, and is made again.
      const patience = client === env.client ? { callDeadlineMs: 20_000 } : {};
      const relay = startRelay({ db, client, logger, publicUrl: 'http://parley.test', ...patience });
      relays.push(relay);
      return relay;
    },
    async newPerson() {
      const person = await newPerson(world, day);
      workflowIds.add(person.workflowId);
      return person;
    },
    async pass(ms) {
      clock.advance(ms);
      await env.sleep(ms);
    },
    told: () => waitLong(isTold, { what: 'Temporal to be told' }).then(() => undefined),
    async settled() {
      const isIdle = async (workflowId: string) => {
        const description = await env.client.workflow.getHandle(workflowId).describe().catch(ignoreUnknown);
        if (description?.status.name !== 'RUNNING') return true;
        const { pendingWorkflowTask, pendingActivities } = description.raw;
        return !pendingWorkflowTask && !pendingActivities?.length;
      };
      let looks = 0;
      const settledTwice = async () => {
        const idle = (await isTold()) && (await Promise.all([...workflowIds].map(isIdle))).every(Boolean);
        looks = idle ? looks + 1 : 0;
        // what had ended may have left a word to Temporal behind
        return looks === 2;
      };
      await waitLong(settledTwice, { what: 'the end of what is under way' });
    },
    async close() {
      for (const relay of relays) await relay.stop();
      await Promise.all(
        [...workflowIds].map((workflowId) =>
          env.client.workflow
            .getHandle(workflowId)
            .terminate()
            .catch(() => undefined),
        ),
      );
      await sandbox.close();
      await db.close();
      await testDatabase.drop();
    },
  };
  return world;
}

/** One row, its columns named as in the model. */
export async function insert(db: Database, table: string, row: Record<string, unknown>): Promise<void> {
  const columns = Object.keys(row).map((name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  const places = columns.map((_, index) => `$${index + 1}`);
  await db.query(`insert into ${table} (${columns.join()}) values (${places.join()})`, Object.values(row));
}

async function newUser(db: Database, organizationId: string, name: string): Promise<ActingUser> {
  const id = newId();
  await insert(db, 'users', {
    organizationId,
    id,
    email: `${id}@company.test`,
    firstName: name,
    lastName: 'User',
    role: 'recruiter',
    createdAt: await db.now(),
  });
  return { id, name, role: 'recruiter', accessToOwnBase: true };
}

function ignoreUnknown(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

let serial = 0;

async function newPerson(world: World, day: number): Promise<Person> {
  const { db, sandbox, organizationId, channelAccountId, phoneNumberId } = world;
  const [personId, contactPointId, conversationId] = [newId(), newId(), newId()];
  const waId = `346${String(10_000_000 + process.pid * 100 + serial++).slice(-8)}`;
  const at = await db.now();
  const ids = { organizationId, conversationId };
  await insert(db, 'people', {
    organizationId,
    id: personId,
    kind: 'candidate',
    firstName: 'Carla',
    lastName: 'Candidate',
    responsibleUserId: world.ana.id,
    createdAt: at,
    updatedAt: at,
  });
  await insert(db, 'contact_points', {
    organizationId,
    id: contactPointId,
    personId,
    kind: 'phone',
    key: `+${waId}`,
    value: waId,
    phoneType: 'mobile',
    createdAt: at,
  });
  await insert(db, 'consents', {
    organizationId,
    id: newId(),
    contactPointId,
    channel: 'whatsapp',
    granted: true,
    source: 'applicationForm',
    occurredAt: at,
    createdAt: at,
  });
  await insert(db, 'conversations', {
    organizationId,
    id: conversationId,
    personId,
    responsibleUserId: world.ana.id,
    inboxUserId: world.ana.id,
    createdAt: at,
    updatedAt: at,
  });
  sandbox.control.createPhone({ waId, name: 'Carla' });
  const actor = (user: ActingUser): Actor => ({ organizationId, user, apiKeyId: null });

  return {
    personId,
    conversationId,
    workflowId: conversationWorkflowId(conversationId),
    waId,
    async writes(text) {
      const written = await sandbox.control.write(waId, { type: 'text', text }, { phoneNumberId });
      await receiveMessage(
        db,
        {
          organizationId,
          channel: 'whatsapp',
          channelAccountId,
          dayMs: day,
          hashKey: (key) => key,
        },
        {
          providerId: written.id,
          from: waId,
          fromUserId: undefined,
          profileName: undefined,
          at: await db.now(),
          replyToProviderId: undefined,
          content: { kind: 'text', body: text },
          raw: null,
        },
      );
    },
    isSent: (user, text) =>
      sendMessage(db, { actor: actor(user), dayMs: day }, ids, { channel: 'whatsapp', type: 'text', text }),
    isClosedBy: (user) => closeChat(db, { actor: actor(user), dayMs: day }, ids),
    async chat() {
      const [row] = await db.query<Chat>(
        `select status, owner_id as "ownerId", deadline_at as "deadlineAt", blocked_by as "blockedBy"
         from conversations where id = $1`,
        [conversationId],
      );
      return row!;
    },
    async states() {
      const rows = await db.query<{ state: string }>(
        `select state from messages where conversation_id = $1 and direction = 'out' order by position`,
        [conversationId],
      );
      return rows.map((row) => row.state);
    },
    phone: () => sandbox.control.messages({ number: waId }).map((message) => message.text),
  };
}
