import { createServer } from 'node:net';
import pino from 'pino';
import { systemClock } from '../clock';
import { createSandbox } from './create-sandbox';
import { loadCertificate } from './mail/certificate';

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The sandbox as a process of its own. */
async function main(): Promise<void> {
  const env = process.env;
  const ports = {
    http: Number(env.SANDBOX_PORT ?? 3900),
    smtp: Number(env.SANDBOX_SMTP_PORT ?? 3925),
    smtps: Number(env.SANDBOX_SMTPS_PORT ?? 3465),
    imap: Number(env.SANDBOX_IMAP_PORT ?? 3143),
    imaps: Number(env.SANDBOX_IMAPS_PORT ?? 3993),
    pop: Number(env.SANDBOX_POP_PORT ?? 3110),
    pops: Number(env.SANDBOX_POPS_PORT ?? 3995),
    dns: Number(env.SANDBOX_DNS_PORT ?? 3953),
  };
  const host = env.SANDBOX_HOST ?? '127.0.0.1';
  const logger = pino({ level: env.LOG_LEVEL ?? 'info', base: { process: 'sandbox' } });

  // Before the data folder is touched: another sandbox may be at work in it.
  for (const wanted of Object.values(ports)) await assertFree(wanted, host);
  const sandbox = createSandbox({
    clock: systemClock,
    dayMs: dayMsOf(env.PARLEY_DAY ?? '24h'),
    dataDir: env.SANDBOX_DATA_DIR,
    logger,
    mailExchange: exchangeOf(env),
    certificate: loadCertificate(env.SANDBOX_DATA_DIR, systemClock.now()),
  });
  await sandbox.listenSmtp(ports.smtp, host);
  await sandbox.listenSmtp(ports.smtps, host, true);
  await sandbox.listenImap(ports.imap, host);
  await sandbox.listenImap(ports.imaps, host, true);
  await sandbox.listenPop(ports.pop, host);
  await sandbox.listenPop(ports.pops, host, true);
  await sandbox.listenDns(ports.dns, host);
  // last: whoever sees it answer may call the others
  await sandbox.listen(ports.http, host);
  logger.info({ ports }, 'sandbox is up');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void sandbox.close().then(() => process.exit(0));
    });
  }
}

function dayMsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const dayMs = match ? Math.round(Number(match[1]) * unitMs[match[2]!]!) : 0;
  if (dayMs < 1000) throw new Error('PARLEY_DAY must be a duration such as 24h, 2m or 90s');
  return dayMs;
}

function exchangeOf({ SANDBOX_MX_DOMAIN: domain, SANDBOX_MX_URL: url }: NodeJS.ProcessEnv) {
  return domain && url ? { domain: domain.toLowerCase(), url } : undefined;
}

async function assertFree(port: number, host: string): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Stop what uses it, or set another port.`)
          : error,
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

main().catch((error: unknown) => {
  process.stderr.write(
    `The sandbox cannot start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
});
