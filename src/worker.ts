import { setTimeout as sleep } from 'node:timers/promises';
import { createActivities } from '../activities';
import { createOpenAccount } from './channels/open-account';
import { createEmailClient } from './channels/email/client';
import { createMailDns } from './channels/email/mail-dns';
import { createUserMailClient } from './channels/email/user-mail';
import { createMailSignInClient } from './channels/mail-sign-in/client';
import { createSmsClient } from './channels/sms/client';
import { createWhatsAppClient } from './channels/whatsapp/client';
import { readConfig, type Config } from './config';
import { createDatabase, type Database } from './data/database';
import { checkDueMailDomains } from './data/channels/check-mail-domain';
import { followMailServer, pauseEmail, resumeEmail } from './data/channels/dead-channels';
import { watchDatabase } from './data/database-state';
import { createLivePublisher } from './data/live';
import { createAccessToken } from './data/mailboxes/access-token';
import { countReportDays } from './data/report-days';
import { removeOld } from './data/retention';
import { sweep } from './data/sweep';
import { mailCandidateMessages, mailRefusedReplies } from './notices/candidate-messages';
import { mailDeadChannels } from './notices/dead-channel';
import { mailFailingEndpoints } from './notices/failing-endpoints';
import { createHealthServer } from './health-server';
import { createIntake } from './intake';
import { createLogger, type Logger } from './logger';
import { mailLowBalances } from './notices/low-balance';
import { createMailer } from './mailer';
import { mailChangedMailDomains } from './notices/mail-domain';
import { mailNewApplications } from './notices/new-applications';
import { createPageUrl } from './page-url';
import { createKeyHash, open } from './seal';
import { startSweepLoop } from './sweep-loop';
import { createTemporalClient } from './temporal/client';
import { temporalFault } from './temporal/faults';
import { registerSearchAttributes } from './temporal/register-search-attributes';
import { startRelay } from './temporal/relay';
import { installRuntime } from './temporal/runtime';
import { runWorkers } from './temporal/workers';
import { startWakeLoop } from './wake-loop';

const retryEveryMs = 2000;
/** The hard deadline of one send. */
const callTimeoutMs = 10_000;
/** A call that began just before a stop ends, and is written down; what still has not drained another worker takes up again. */
const drainMs = callTimeoutMs + 2_000;
/** Sooner than whoever stops the process loses patience: `drainMs` of `local/process-book.ts`, `stop_grace_period`. */
const exitAfterMs = drainMs + 2_000;

void main();

/** The worker process: workflows, activities, the outbox relay and the sweep. */
async function main(): Promise<void> {
  const config = readConfig();
  const logger = createLogger('worker', config.logLevel);
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), exitAfterMs).unref();
      stopping.abort();
    });
  }

  installRuntime(logger);
  const db = createDatabase({
    url: config.databaseUrl,
    poolSize: config.databasePool,
    applicationName: 'parley-worker',
    pageUrl: createPageUrl(config),
  });
  if (await untilDatabaseAnswers(db, logger, stopping.signal))
    await serve(config, db, logger, stopping.signal);
  await db.close();
  logger.info('stopped');
  // The SDK's native part would hold on to a process that never reached Temporal.
  process.exit(0);
}

async function serve(config: Config, db: Database, logger: Logger, stopping: AbortSignal): Promise<void> {
  const temporal = createTemporalClient(config.temporal);
  const relay = startRelay({ db, client: temporal.client, logger, publicUrl: config.publicUrl });
  const live = createLivePublisher(db);
  const { secretKey, dayMs } = config;
  const whatsApp = createWhatsAppClient(config.whatsapp);
  const openAccount = createOpenAccount((sealed, context) => open(secretKey, sealed, context));
  const intake = createIntake({ db, whatsApp, openAccount, logger, dayMs, hashKey: config.hashKey });
  const wakeLoop = startWakeLoop({ db, logger });
  const mailer = createMailer(config.mail);
  const mailing = { db, mailer, logger, publicUrl: config.publicUrl };
  const hashKey = createKeyHash(config.hashKey);
  const dns = createMailDns(config.dnsServers);
  const email = createEmailClient(config.mail);
  const sweepLoop = startSweepLoop({
    db,
    logger,
    sweep: async () => {
      const { webhooks, media, ...counts } = await sweep(db, { dayMs });
      await followMailServer(db, config.mail.smtpUrl !== undefined);
      if (config.mail.smtpUrl !== undefined) {
        const works = () => email.works({ timeoutMs: callTimeoutMs });
        await resumeEmail(db, works);
        await pauseEmail(db, works);
        await mailLowBalances(mailing);
        await mailDeadChannels(mailing);
        await mailFailingEndpoints(mailing);
      }
      intake.webhooks(webhooks);
      media.forEach(intake.media);
      const removed = await removeOld(db, config.keepMs);
      const reportDays = await countReportDays(db);
      return { ...counts, removed, reportDays, webhooks: webhooks.length, media: media.length };
    },
  });
  // apart from the sweep, for a new application is told within seconds
  const mailLoop = startSweepLoop({
    db,
    logger,
    work: 'mails',
    everyMs: 5_000,
    sweep: async () => {
      if (config.mail.smtpUrl === undefined) return {};
      await mailNewApplications(mailing);
      await mailCandidateMessages({ ...mailing, hashKey, mailDomain: config.mailDomain });
      await mailRefusedReplies(mailing);
      return {};
    },
  });
  const mailDomainLoop = startSweepLoop({
    db,
    logger,
    work: 'mailDomains',
    sweep: async () => {
      const { mailDomain, mailReceiver, publicUrl } = config;
      const host = mailReceiver.hostName ?? new URL(publicUrl).hostname;
      const checked = await checkDueMailDomains(db, { secretKey, mailDomain, host, dns });
      if (config.mail.smtpUrl !== undefined) await mailChangedMailDomains(mailing, mailDomain);
      return { checked };
    },
  });
  let workers: 'running' | 'waiting for Temporal' = 'waiting for Temporal';
  const databaseState = watchDatabase(db);
  const health = createHealthServer(async () => {
    const [database, told] = [await databaseState(), relay.health()];
    const ready = database === 'up' && told.temporal === 'up' && workers === 'running';
    return { ready, facts: { database, temporal: told.temporal, workers, relay: told } };
  });
  if (config.workerPort !== undefined) health.listen(config.workerPort, config.host);
  const activities = createActivities({
    db,
    logger,
    whatsApp,
    sms: createSmsClient(config.sms),
    email,
    userMail: createUserMailClient({ ...config.mail, allow: config.mailAllow }),
    accessToken: createAccessToken({
      ...{ db, secretKey, providers: config.mailProviders, client: createMailSignInClient() },
    }),
    publicUrl: config.publicUrl,
    secretKey,
    hashKey: config.hashKey,
    dayMs,
    callTimeoutMs,
    mailDomain: config.mailDomain,
    webhookAllow: config.webhookAllow,
  });

  while (!stopping.aborted) {
    try {
      await registerSearchAttributes(temporal.connection, config.temporal.namespace).catch(
        (error: unknown) => {
          const { away, words } = temporalFault(error);
          if (away) throw error;
          logger.warn(
            { fault: words },
            'the search attributes could not be registered; docs/operations.md names them',
          );
        },
      );
      const { address, namespace } = config.temporal;
      const onRunning = () => {
        workers = 'running';
        logger.info({ address, namespace }, 'working');
      };
      await runWorkers({ config: config.temporal, activities, logger, stopping, drainMs, onRunning });
    } catch (error) {
      const { words } = temporalFault(error);
      logger.warn(
        { address: config.temporal.address, fault: words },
        'Temporal does not answer; trying again',
      );
      await sleep(retryEveryMs, undefined, { signal: stopping }).catch(() => undefined);
    }
    workers = 'waiting for Temporal';
  }

  health.close();
  await wakeLoop.stop();
  await sweepLoop.stop();
  await mailLoop.stop();
  await mailDomainLoop.stop();
  await intake.idle();
  await relay.stop();
  mailer.close();
  await live.close();
  await temporal.close();
}

async function untilDatabaseAnswers(db: Database, logger: Logger, stopping: AbortSignal): Promise<boolean> {
  while (!stopping.aborted) {
    try {
      await db.query('select 1');
      return true;
    } catch (error) {
      const { code } = error as { code?: string };
      logger.warn({ code }, 'PostgreSQL does not answer; trying again');
      await sleep(retryEveryMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  }
  return false;
}
