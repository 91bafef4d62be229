import path from 'node:path';
import { readConfig, type Config } from './config';
import { createDatabase } from './data/database';
import { migrate } from './data/migrate';
import { rotateSecrets } from './data/rotate-secrets';
import { DomainError } from './domain/errors';
import { describeSignIns, provideDemonstration } from './local/demonstration';
import { watchForErrors } from './local/log-lines';
import { runPostgres, runProgram, runTemporal } from './local/parts';
import type { Platform } from './local/platform';
import { openPlatform } from './local/platform';
import { readLocalSettings } from './local/settings';
import { StartError } from './local/start-error';
import { onStopWish } from './local/stop-wish';

const root = path.resolve(__dirname, '../..');
const localHost = '127.0.0.1';

void main();

/** `npm start`: all of Parley on this machine, with a built-in default for everything the environment leaves open. */
async function main(): Promise<void> {
  // A terminal that is gone must not end the supervisor before its parts.
  process.stdout.on('error', () => undefined);
  const startedAt = performance.now();
  let platform: Platform | undefined;
  try {
    platform = await openPlatform(readLocalSettings(process.env, root), say);
    stopWhenWished(platform);
    await launch(platform, startedAt);
  } catch (error) {
    say(`\n${error instanceof StartError ? error.message : `Parley cannot start: ${describe(error)}`}\n`);
    await platform?.stop();
    process.exit(1);
  }
}

function stopWhenWished(platform: Platform): void {
  onStopWish({
    first() {
      say('\nstopping (once more stops at once)');
      void platform.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          say(`could not stop in order: ${describe(error)}`);
          process.exit(1);
        },
      );
    },
    second() {
      platform.kill();
      process.exit(130);
    },
  });
}

async function launch(platform: Platform, startedAt: number): Promise<void> {
  const { settings, state, ports } = platform;
  const databaseUrl = settings.databaseUrl ?? (await runPostgres(platform));
  const applied = await migrate(databaseUrl);
  if (applied.length > 0) say(`database brought up to date (${applied.length} migrations)`);

  const env = environmentOfParts(platform, databaseUrl);
  const config = checkConfiguration(env);
  await sealAnew(config);
  await Promise.all([
    settings.temporalAddress ? undefined : runTemporal(platform),
    runProgram(platform, {
      name: 'sandbox',
      script: path.join(__dirname, 'sandbox/main.js'),
      env,
      readyUrl: `http://${localHost}:${ports.sandbox}/healthz`,
    }),
  ]);
  await Promise.all([
    runProgram(platform, {
      name: 'api',
      script: path.join(__dirname, 'api.js'),
      env,
      readyUrl: `http://${localHost}:${ports.api}/readyz`,
    }),
    runProgram(platform, {
      name: 'worker',
      script: path.join(__dirname, 'worker.js'),
      env,
      readyUrl: `http://${localHost}:${ports.worker}/readyz`,
    }),
    runProgram(platform, {
      name: 'mail',
      script: path.join(__dirname, 'mail.js'),
      env,
      readyUrl: `http://${localHost}:${ports.mail}/readyz`,
    }),
  ]);
  const logs = ['api', 'worker', 'mail', 'sandbox'].map((name) => [name, state.logFile(name)]);
  watchForErrors(Object.fromEntries(logs) as Record<string, string>, say);
  const signIns = await provideDemonstration(platform, config);
  say(welcome(platform, config, (performance.now() - startedAt) / 1000));
  if (signIns) say(describeSignIns(signIns));
}

/** A new secret key: with its own PostgreSQL this is the only moment when that runs and nothing else does. */
async function sealAnew({ databaseUrl, oldSecretKey: oldKey, secretKey: newKey }: Config): Promise<void> {
  if (!oldKey || oldKey.equals(newKey)) return;
  const db = createDatabase({ url: databaseUrl, poolSize: 2, applicationName: 'parley-secrets' });
  try {
    const count = await rotateSecrets(db, { oldKey, newKey });
    if (count > 0) say(`${count} secrets sealed anew`);
  } catch (error) {
    throw error instanceof DomainError ? new StartError(error.message) : error;
  } finally {
    await db.close();
  }
}

/** One environment for all: each part reads what concerns it. */
function environmentOfParts({ settings, state, ports }: Platform, databaseUrl: string): NodeJS.ProcessEnv {
  const sandboxUrl = `http://${localHost}:${ports.sandbox}`;
  // made by the sandbox, which is up before whoever reads it
  const sandboxCertificate = path.join(state.path, 'sandbox/mail-certificate.pem');
  const defaults: NodeJS.ProcessEnv = {
    PARLEY_PUBLIC_URL: `http://localhost:${ports.api}`,
    PARLEY_SECRET_KEY: state.secretKey(),
    TEMPORAL_ADDRESS: `${localHost}:${ports.temporal}`,
    ...(settings.temporalAddress ? {} : { TEMPORAL_UI_URL: `http://localhost:${ports.temporalUi}` }),
    ...(settings.whatsApp ? {} : { WHATSAPP_API_URL: sandboxUrl, SMS_API_URL: sandboxUrl }),
    SMTP_URL: `smtp://${localHost}:${ports.sandboxMail}`,
    MAIL_FROM: 'Parley <no-reply@parley.test>',
    PARLEY_MAIL_DOMAIN: 'parley.test',
    PARLEY_MAIL_ALLOW: `localhost,${localHost}`,
    PARLEY_DNS_SERVERS: `${localHost}:${ports.sandboxDns}`,
    SANDBOX_DATA_DIR: path.join(state.path, 'sandbox'),
    SANDBOX_MX_URL: `smtp://${localHost}:${ports.smtp}`,
  };
  const env = {
    ...defaults,
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== '')),
  };
  return {
    SANDBOX_MX_DOMAIN: env.PARLEY_MAIL_DOMAIN,
    ...env,
    // a server of one's own is beside the sandbox's
    PARLEY_MAIL_CA: [env.PARLEY_MAIL_CA, sandboxCertificate].filter(Boolean).join(','),
    DATABASE_URL: databaseUrl,
    PORT: String(ports.api),
    PARLEY_WORKER_PORT: String(ports.worker),
    PARLEY_MAIL_PORT: String(ports.mail),
    PARLEY_SMTP_PORT: String(ports.smtp),
    SANDBOX_PORT: String(ports.sandbox),
    SANDBOX_SMTP_PORT: String(ports.sandboxMail),
    SANDBOX_SMTPS_PORT: String(ports.sandboxSmtps),
    SANDBOX_IMAP_PORT: String(ports.sandboxImap),
    SANDBOX_IMAPS_PORT: String(ports.sandboxImaps),
    SANDBOX_POP_PORT: String(ports.sandboxPop),
    SANDBOX_POPS_PORT: String(ports.sandboxPops),
    SANDBOX_DNS_PORT: String(ports.sandboxDns),
  };
}

function checkConfiguration(env: NodeJS.ProcessEnv) {
  try {
    return readConfig(env);
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}

function welcome({ state, ports, settings }: Platform, config: Config, seconds: number): string {
  const sandboxUrl = `http://localhost:${ports.sandbox}`;
  const places: [string, string | undefined][] = [
    ['Inbox', config.publicUrl],
    ['Phones', settings.whatsApp ? undefined : sandboxUrl],
    ['Mail', process.env.SMTP_URL ? undefined : `${sandboxUrl}/mail`],
    ['IMAP', `localhost:${ports.sandboxImap} (None, TLS), ${ports.sandboxImaps} (SSL), any password`],
    ['POP', `localhost:${ports.sandboxPop} (None, TLS), ${ports.sandboxPops} (SSL)`],
    ['SMTP', `localhost:${ports.sandboxMail} (None, TLS), ${ports.sandboxSmtps} (SSL)`],
    ['Temporal', config.temporal.uiUrl],
    ['API', `${config.publicUrl}/docs`],
    ['Day', process.env.PARLEY_DAY && `${process.env.PARLEY_DAY} (PARLEY_DAY)`],
    ['Logs', path.relative(process.cwd(), path.dirname(state.logFile('api')))],
  ];
  const rows = places.filter(([, place]) => place).map(([label, place]) => `  ${label.padEnd(11)}${place}`);
  return `\nParley runs (ready in ${seconds.toFixed(1)} s). Ctrl-C stops it.\n\n${rows.join('\n')}\n`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
