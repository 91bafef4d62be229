import fs from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApp } from './api/app';
import { createLiveHub } from './api/live';
import { createOpenAccount } from './channels/open-account';
import { createSmsClient } from './channels/sms/client';
import { createWhatsAppClient } from './channels/whatsapp/client';
import { readConfig } from './config';
import { createDatabase, type Database } from './data/database';
import { createIntake } from './intake';
import { createLogger, type Logger } from './logger';
import { createMailer } from './mailer';
import { createPageUrl } from './page-url';
import { createKeyHash, open } from './seal';
import { createTemporalClient } from './temporal/client';
import { startRelay } from './temporal/relay';

const retryEveryMs = 2000;
/** What has not been answered by then is cut off. */
const drainMs = 10_000;

void main();

/** The api process: REST, webhooks, live events and the web inbox. It works while Temporal is down. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('api', config.logLevel);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      stopping.abort();
    });
  }
  const { databaseUrl, secretKey, dayMs, publicUrl } = config;
  const db = createDatabase({
    url: databaseUrl,
    poolSize: config.databasePool,
    applicationName: 'parley-api',
    pageUrl: createPageUrl(config),
  });
  await untilDatabaseAnswers(db, logger, stopping.signal);
  if (stopping.signal.aborted) return db.close();

  const onError = (error: unknown) => {
    const { name, code } = (error ?? {}) as { name?: string; code?: string };
    logger.error({ error: { name, code } }, 'live stream');
  };
  const temporal = createTemporalClient(config.temporal);
  const relay = startRelay({ db, client: temporal.client, logger, publicUrl });
  const live = await createLiveHub({ db, databaseUrl, onError });
  const mailer = createMailer(config.mail);
  const whatsApp = createWhatsAppClient(config.whatsapp);
  const openAccount = createOpenAccount((sealed, context) => open(secretKey, sealed, context));
  const intake = createIntake({ db, whatsApp, openAccount, logger, dayMs, hashKey: config.hashKey });
  const webFolder = path.resolve(__dirname, '../web');
  const app = createApp({
    config,
    db,
    logger,
    mailer,
    whatsApp,
    sms: createSmsClient(config.sms),
    openAccount,
    hashKey: createKeyHash(config.hashKey),
    live,
    onWebhook: intake.webhook,
    temporalState: () => Promise.resolve(relay.health().temporal),
    ...(fs.existsSync(path.join(webFolder, 'index.html')) ? { webFolder } : {}),
  });

  const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 30_000 }, app.handler);
  server.on('error', (error: NodeJS.ErrnoException) => {
    logger.fatal({ port: config.port, code: error.code }, 'cannot listen');
    process.exit(1);
  });
  server.listen(config.port, config.host, () => logger.info({ port: config.port }, 'listening'));
  await aborted(stopping.signal);

  const closed = new Promise((resolve) => server.close(resolve));
  await live.close();
  server.closeIdleConnections();
  await Promise.race([closed, sleep(drainMs, undefined, { ref: false })]);
  server.closeAllConnections();
  await Promise.race([intake.idle(), sleep(drainMs, undefined, { ref: false })]);
  await relay.stop();
  await temporal.close();
  mailer.close();
  app.close();
  await db.close();
  logger.info('stopped');
}

async function untilDatabaseAnswers(db: Database, logger: Logger, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    try {
      await db.query('select 1');
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      logger.warn({ code }, 'PostgreSQL does not answer; trying again');
      await sleep(retryEveryMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
