import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createMailActivities } from '../activities/mail';
import { createMailSignInClient } from './channels/mail-sign-in/client';
import { mailTrust } from './channels/mail-trust';
import { readConfig } from './config';
import { createDatabase } from './data/database';
import { watchDatabase } from './data/database-state';
import { createLivePublisher } from './data/live';
import { createAccessToken } from './data/mailboxes/access-token';
import { wakeMailboxes } from './data/mailboxes/mailboxes';
import { createHealthServer } from './health-server';
import { createLogger } from './logger';
import { keepConnections } from './mail/keep-connections';
import { createReceiver } from './mail/receiver';
import { createKeyHash } from './seal';
import { startSweepLoop } from './sweep-loop';
import { createTemporalClient } from './temporal/client';
import { temporalFault } from './temporal/faults';
import { startRelay } from './temporal/relay';
import { installRuntime } from './temporal/runtime';
import { runMailWorker } from './temporal/workers';

/** Sooner than whoever stops the process loses patience. */
const exitAfterMs = 14_000;
const retryEveryMs = 2_000;
/** A mail that is being stored is stored by then; the others come with the next turn. */
const drainMs = 8_000;

void main();

/** The mail process: receives mail for system and reply addresses, and reads the mailboxes of users on their own servers. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('mail', config.logLevel);
  const { secretKey, dayMs, mailReceiver, mailDomain } = config;
  installRuntime(logger);
  const db = createDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    applicationName: 'parley-mail',
  });
  const temporal = createTemporalClient(config.temporal);
  const relay = startRelay({ db, client: temporal.client, logger, publicUrl: config.publicUrl });
  const live = createLivePublisher(db);
  const receiver = createReceiver({
    db,
    logger,
    dayMs,
    mailDomain,
    hashKey: createKeyHash(config.hashKey),
    hostName: mailReceiver.hostName ?? hostname(),
    tls: mailReceiver.tls && {
      cert: readFileSync(mailReceiver.tls.certFile),
      key: readFileSync(mailReceiver.tls.keyFile),
    },
  });
  receiver.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
      logger.fatal({ code: error.code, port: mailReceiver.port }, 'the port for mail cannot be had');
      process.exit(1);
    }
    logger.debug({ code: error.code }, 'a sender went away');
  });
  receiver.listen(mailReceiver.port, mailReceiver.host, () =>
    logger.info({ port: mailReceiver.port }, 'receiving mail'),
  );
  const databaseState = watchDatabase(db);
  const health = createHealthServer(async () => {
    const database = await databaseState();
    return { ready: database === 'up', facts: { database } };
  });
  if (config.mailPort !== undefined) health.listen(config.mailPort, config.host);

  const syncing = {
    db,
    logger,
    secretKey,
    source: { allow: config.mailAllow, trust: mailTrust(config.mail.caFile) },
    accessToken: createAccessToken({
      ...{ db, secretKey, providers: config.mailProviders, client: createMailSignInClient() },
    }),
  };
  const stopping = new AbortController();
  const connections = keepConnections(syncing);
  const sweepLoop = startSweepLoop({
    db,
    logger,
    work: 'mailboxes',
    sweep: async () => ({ mailboxes: await wakeMailboxes(db) }),
  });
  const working = work();

  async function work(): Promise<void> {
    const activities = createMailActivities(syncing);
    while (!stopping.signal.aborted) {
      await runMailWorker({
        config: config.temporal,
        activities,
        logger,
        stopping: stopping.signal,
        drainMs,
      }).catch((error: unknown) =>
        logger.warn({ fault: temporalFault(error).words }, 'Temporal does not answer; trying again'),
      );
      await sleep(retryEveryMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    health.close();
    await new Promise<void>((resolve) => receiver.close(() => resolve()));
    await Promise.all([working, connections.stop(), sweepLoop.stop()]);
    await relay.stop();
    await live.close();
    await temporal.close();
    await db.close();
    logger.info('stopped');
    process.exit(0);
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), exitAfterMs).unref();
      void stop();
    });
  }
}
