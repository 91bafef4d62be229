import './quiet-temporal';
import fs from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { createFailureInterceptor } from '../../activities/interceptors';
import { company } from '../../prisma/seed/company';
import { seedDemo } from '../../prisma/seed';
import { createApp } from '../../src/api/app';
import { createLiveHub } from '../../src/api/live';
import { createOpenAccount } from '../../src/channels/open-account';
import { createEmailClient } from '../../src/channels/email/client';
import { createUserMailClient } from '../../src/channels/email/user-mail';
import { createSmsClient } from '../../src/channels/sms/client';
import { createWhatsAppClient } from '../../src/channels/whatsapp/client';
import { createShiftedClock } from '../../src/clock';
import { readConfig, type Config } from '../../src/config';
import { createDatabase, type Database } from '../../src/data/database';
import { createLivePublisher } from '../../src/data/live';
import { createIntake } from '../../src/intake';
import { createLogger } from '../../src/logger';
import { createMailer } from '../../src/mailer';
import { createSandbox, type Sandbox } from '../../src/sandbox/create-sandbox';
import { createKeyHash, open } from '../../src/seal';
import { startRelay } from '../../src/temporal/relay';
import { taskQueues } from '../../src/temporal/task-queues';
import { createTestDatabase } from './database';
import { localServer } from './temporal';

const root = path.resolve(__dirname, '../..');
const logger = createLogger('test', process.env.TEST_LOG ?? 'silent');

/** All of Parley, as `npm start` wires it, but in this process: on a database of its own, free ports and one clock. */
export type Product = {
  /** Where browsers find it. */
  url: string;
  /** Where the phone page is. */
  phonesUrl: string;
  password: string;
  db: Database;
  sandbox: Sandbox;
  temporal: TestWorkflowEnvironment;
  /** Sets it forward for all parts; browsers learn of it by the server's `Date` header. */
  clock: ReturnType<typeof createShiftedClock>;
  /** The one value of one row. */
  value<T>(sql: string, parameters?: unknown[]): Promise<T>;
  /** What phones have sent has been delivered and worked off. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

/** Takes about ten seconds: start it once for many tests. The web is taken from `dist/web`, which `npm test` builds first. */
export async function startProduct(): Promise<Product> {
  const closing: (() => Promise<unknown> | void)[] = [];
  try {
    return await startParts(closing);
  } catch (error) {
    // Else what runs already would keep the test run alive and hide the fault.
    for (const close of closing.reverse()) await close();
    throw error;
  }
}

/** `closing`: how to stop what has been started so far. */
async function startParts(closing: (() => Promise<unknown> | void)[]): Promise<Product> {
  const clock = createShiftedClock();
  const [testDatabase, temporal] = await Promise.all([createTestDatabase(), localServer()]);
  closing.push(
    () => temporal.teardown(),
    () => testDatabase.drop(),
  );
  const db = createDatabase({ url: testDatabase.url, clock, poolSize: 20 });
  closing.push(() => db.close());
  const sandbox = createSandbox({
    clock,
    dayMs: 24 * 3600_000,
    retryBaseMs: 50,
    retryMaxMs: 500,
    webhookTimeoutMs: 60_000,
  });
  const { url: phonesUrl } = await sandbox.listen();
  const mail = await sandbox.listenSmtp();
  closing.push(() => sandbox.close());

  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const server = createServer();
  const url = await listen(server);
  const config = readConfig({
    NODE_ENV: 'test',
    DATABASE_URL: testDatabase.url,
    PARLEY_SECRET_KEY: Buffer.alloc(32, 7).toString('base64'),
    PARLEY_PUBLIC_URL: url,
    WHATSAPP_API_URL: phonesUrl,
    SMS_API_URL: phonesUrl,
    TEMPORAL_UI_URL: 'http://temporal.test',
    PARLEY_WEBHOOK_ALLOW: '127.0.0.1',
    PARLEY_CUSTOMER_SUCCESS_EMAIL: 'success@parley.example',
    SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
  });
  const parts = { db, config, temporal };
  const relay = startRelay({ db, client: temporal.client, logger, publicUrl: url });
  closing.push(() => relay.stop());
  const api = await serveApi(parts, server, clock, onFault);
  closing.push(() => api.close());
  const worker = await startWorker(parts);
  closing.push(() => worker());
  await seedDemo({ db, config, sandboxUrl: phonesUrl, logger, progress: () => undefined });

  return {
    url,
    phonesUrl,
    password: company.password,
    db,
    sandbox,
    temporal,
    clock,
    async value<T>(sql: string, parameters: unknown[] = []) {
      const [row] = await db.query<Record<string, T>>(sql, parameters);
      if (!row) throw new Error('there is no such row');
      return Object.values(row)[0] as T;
    },
    async settled() {
      await sandbox.control.settled();
      await api.idle();
    },
    async close() {
      // What was started last stops first.
      for (const close of closing.reverse()) await close();
      if (faults.length > 0) throw new Error(`the api failed: ${faults.map(String).join('\n')}`);
    },
  };
}

type Parts = { db: Database; config: Config; temporal: TestWorkflowEnvironment };

/** As src/api.ts does. */
async function serveApi(
  { db, config }: Parts,
  server: Server,
  clock: Product['clock'],
  onFault: (error: unknown) => void,
): Promise<{ idle(): Promise<void>; close(): Promise<void> }> {
  const { secretKey, dayMs } = config;
  const live = await createLiveHub({ db, databaseUrl: config.databaseUrl, onError: onFault });
  const whatsApp = createWhatsAppClient(config.whatsapp);
  const openAccount = createOpenAccount((sealed, context) => open(secretKey, sealed, context));
  const intake = createIntake({ db, whatsApp, openAccount, logger, dayMs, hashKey: config.hashKey });
  const mailer = createMailer(config.mail);
  // A copy: a build meanwhile would take the files away.
  const webFolder = fs.mkdtempSync(path.join(root, '.cache/web-'));
  fs.cpSync(path.join(root, 'dist/web'), webFolder, { recursive: true });
  const app = createApp({
    config,
    db,
    logger,
    mailer,
    whatsApp,
    sms: createSmsClient(config.sms),
    openAccount,
    live,
    hashKey: createKeyHash(secretKey),
    onWebhook: intake.webhook,
    onFault,
    signInsPerIp: 1000,
    webFolder,
  });
  server.on('request', (req, res) => {
    res.sendDate = false;
    res.setHeader('Date', clock.now().toUTCString());
    app.handler(req, res);
  });
  return {
    idle: () => intake.idle(),
    async close() {
      await live.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await intake.idle();
      app.close();
      mailer.close();
      fs.rmSync(webFolder, { recursive: true, force: true });
    },
  };
}

/** As src/worker.ts does. */
async function startWorker({ db, config, temporal }: Parts): Promise<() => Promise<void>> {
  const { secretKey, dayMs } = config;
  const live = createLivePublisher(db);
  const whatsApp = createWhatsAppClient(config.whatsapp);
  const activities = createActivities({
    db,
    logger,
    whatsApp,
    sms: createSmsClient(config.sms),
    email: createEmailClient(config.mail),
    userMail: createUserMailClient({ smtpUrl: config.mail.smtpUrl, allow: config.mailAllow }),
    publicUrl: config.publicUrl,
    secretKey,
    hashKey: config.hashKey,
    dayMs,
    webhookAllow: config.webhookAllow,
    mailDomain: null,
    callTimeoutMs: 20_000,
  });
  const common = {
    connection: temporal.nativeConnection,
    namespace: temporal.namespace,
    activities,
    interceptors: { activity: [() => ({ inbound: createFailureInterceptor(logger) })] },
  };
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: taskQueues.interactive,
      workflowBundle: { codePath: path.join(root, 'dist/workflow-bundle.js') },
    }),
    await Worker.create({ ...common, taskQueue: taskQueues.bulk }),
    await Worker.create({ ...common, taskQueue: taskQueues.webhooks }),
  ];
  const running = workers.map((worker) => worker.run());
  return async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await live.close();
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
