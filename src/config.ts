import { z } from 'zod';
import { fieldErrors } from './contracts/field-errors';
import { parseDuration } from './domain/duration';
import { readMailProviders, type MailProvider } from './domain/mail-providers';

const duration = (name: string, standard: string, leastMs = 1000) =>
  z
    .string()
    .default(standard)
    .transform((text, context) => {
      const milliseconds = parseDuration(text);
      if (milliseconds !== undefined && milliseconds >= leastMs) return milliseconds;
      context.addIssue({
        code: 'custom',
        message: `${name} must be a duration such as ${standard}${leastMs > 1000 ? ', an hour at least' : ', 2m or 90s'}`,
      });
      return z.NEVER;
    });
const hourMs = 3_600_000;

const key = z
  .string()
  .refine((text) => Buffer.from(text, 'base64').length === 32, '32 bytes in base64 (openssl rand -base64 32)')
  .transform((text) => Buffer.from(text, 'base64'));
/** Left empty, as in a file of variables, it is not set. */
const optionalKey = z.preprocess((text) => (text === '' ? undefined : text), key.optional());

/** The environment of every process, read here and nowhere else. Units are in the names. */
const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  PARLEY_WORKER_PORT: z.coerce.number().int().min(1).max(65535).optional(),
  PARLEY_HOST: z.string().default('127.0.0.1'),
  PARLEY_PUBLIC_URL: z.url().default('http://localhost:3000'),
  PARLEY_DAY: duration('PARLEY_DAY', '24h'),
  PARLEY_KEEP_EVENTS: duration('PARLEY_KEEP_EVENTS', '90d', hourMs),
  PARLEY_KEEP_WEBHOOK_LOG: duration('PARLEY_KEEP_WEBHOOK_LOG', '30d', hourMs),
  PARLEY_KEEP_IDEMPOTENCY_KEYS: duration('PARLEY_KEEP_IDEMPOTENCY_KEYS', '7d', hourMs),
  PARLEY_KEEP_REFUSED_WEBHOOKS: duration('PARLEY_KEEP_REFUSED_WEBHOOKS', '90d', hourMs),
  PARLEY_SECRET_KEY: key,
  PARLEY_OLD_SECRET_KEY: optionalKey,
  PARLEY_HASH_KEY: optionalKey,
  DATABASE_URL: z.string().min(1),
  DATABASE_POOL: z.coerce.number().int().min(1).default(10),
  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_API_KEY: z.string().optional(),
  TEMPORAL_TLS_CERT: z.string().optional(),
  TEMPORAL_TLS_KEY: z.string().optional(),
  TEMPORAL_UI_URL: z.url().optional(),
  WHATSAPP_API_URL: z.url().default('https://graph.facebook.com'),
  WHATSAPP_API_VERSION: z
    .string()
    .regex(/^v\d+\.\d+$/)
    .default('v23.0'),
  SMS_API_URL: z.url().default('https://api.twilio.com'),
  PARLEY_WEBHOOK_ALLOW: z.string().default(''),
  /** Left empty, as in a file of variables, it is not set. */
  SMTP_URL: z
    .string()
    .optional()
    .transform((url) => (url === '' ? undefined : url)),
  PARLEY_CUSTOMER_SUCCESS_EMAIL: z.email().optional(),
  PARLEY_OPERATOR_KEY: z
    .string()
    .regex(/^\S{24,}$/, 'at least 24 characters, without spaces (openssl rand -base64 32)')
    .optional(),
  MAIL_FROM: z.string().default('Parley <no-reply@localhost>'),
  PARLEY_MAIL_DOMAIN: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain in lower case, such as mail.example.com')
    .optional(),
  PARLEY_SMTP_PORT: z.coerce.number().int().min(1).max(65535).default(2525),
  PARLEY_SMTP_HOST: z.string().default('127.0.0.1'),
  PARLEY_SMTP_NAME: z.string().optional(),
  PARLEY_SMTP_TLS_CERT: z.string().optional(),
  PARLEY_SMTP_TLS_KEY: z.string().optional(),
  PARLEY_MAIL_ALLOW: z.string().default(''),
  PARLEY_MAIL_CA: z
    .string()
    .optional()
    .transform((file) => (file === '' ? undefined : file)),
  PARLEY_DNS_SERVERS: z.string().default(''),
  PARLEY_OUTBOUND_IPS: z.string().default(''),
  PARLEY_MAIL_PORT: z.coerce.number().int().min(1).max(65535).optional(),
});

export type Config = {
  environment: 'development' | 'production' | 'test';
  logLevel: string;
  port: number;
  /** The worker's health over HTTP; none when unset. */
  workerPort: number | undefined;
  host: string;
  /** Where browsers and providers reach the api process; no trailing slash. */
  publicUrl: string;
  /** R-CHAT-15: the one length of the day, for chats and windows. */
  dayMs: number;
  secretKey: Buffer;
  /** The one before, while secrets are sealed anew. */
  oldSecretKey: Buffer | undefined;
  /** Hashes and signs what has to be known again for ever (opt-outs, links, reply addresses); it stays when the secret key is changed. */
  hashKey: Buffer;
  databaseUrl: string;
  databasePool: number;
  temporal: {
    address: string;
    namespace: string;
    apiKey: string | undefined;
    tlsCertFile: string | undefined;
    tlsKeyFile: string | undefined;
    uiUrl: string | undefined;
  };
  whatsapp: { apiUrl: string; apiVersion: string };
  sms: { apiUrl: string };
  /** Hosts (`host` or `host:port`) of webhook endpoints that may be private, and called over http. */
  webhookAllow: string[];
  /** For how long what is over is kept; the sweep removes it then. */
  keepMs: { events: number; webhookLog: number; idempotencyKeys: number; refusedWebhooks: number };
  mail: {
    smtpUrl: string | undefined;
    from: string;
    /** Certificates (PEM) that are trusted of mail servers beside the usual ones. */
    caFile: string | undefined;
  };
  /** Organizations without a mail domain of their own receive under <slug>.<mailDomain>; null: they receive nothing. */
  mailDomain: string | null;
  /** The SMTP server for system and reply addresses. */
  mailReceiver: {
    port: number;
    host: string;
    hostName: string | undefined;
    tls: { certFile: string; keyFile: string } | undefined;
  };
  /** Hosts (`host` or `host:port`) of users' mail servers that may be private. */
  mailAllow: string[];
  /** DNS servers (`address` or `address:port`) that are asked for the records of mail domains; empty: those of this machine. */
  dnsServers: string[];
  /** The addresses that mail servers see Parley come from; told to users. */
  outboundIps: string[];
  /** Where users may sign in to their mailbox in place of giving its password. */
  mailProviders: MailProvider[];
  /** The mail process's health over HTTP; none when unset. */
  mailPort: number | undefined;
  /** Whom requests of organizations without an address of their own reach (R-CRED-3). */
  customerSuccessEmail: string | undefined;
  /** Opens /operator/v1 to Customer Success; closed when unset. */
  operatorKey: string | undefined;
};

/** Parses the environment; on any fault throws one error that lists them all. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environmentSchema.safeParse(environment);
  const mail = readMailProviders(environment, listOf(environment.PARLEY_MAIL_ALLOW ?? ''));
  const faults = (parsed.error ? fieldErrors(parsed.error) : []).map(
    ({ path, message }) => `${path}: ${message}`,
  );
  if (!parsed.success || mail.faults.length > 0) {
    const lines = [...faults, ...mail.faults].map((fault) => `  ${fault}`);
    throw new Error(`The configuration cannot be used:\n${lines.join('\n')}`);
  }
  const env = parsed.data;
  return {
    environment: env.NODE_ENV,
    logLevel: env.LOG_LEVEL,
    port: env.PORT,
    workerPort: env.PARLEY_WORKER_PORT,
    host: env.PARLEY_HOST,
    publicUrl: env.PARLEY_PUBLIC_URL.replace(/\/$/, ''),
    dayMs: env.PARLEY_DAY,
    secretKey: env.PARLEY_SECRET_KEY,
    oldSecretKey: env.PARLEY_OLD_SECRET_KEY,
    hashKey: env.PARLEY_HASH_KEY ?? env.PARLEY_SECRET_KEY,
    databaseUrl: env.DATABASE_URL,
    databasePool: env.DATABASE_POOL,
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      apiKey: env.TEMPORAL_API_KEY,
      tlsCertFile: env.TEMPORAL_TLS_CERT,
      tlsKeyFile: env.TEMPORAL_TLS_KEY,
      uiUrl: env.TEMPORAL_UI_URL,
    },
    whatsapp: { apiUrl: env.WHATSAPP_API_URL.replace(/\/$/, ''), apiVersion: env.WHATSAPP_API_VERSION },
    sms: { apiUrl: env.SMS_API_URL.replace(/\/$/, '') },
    webhookAllow: listOf(env.PARLEY_WEBHOOK_ALLOW),
    mailAllow: listOf(env.PARLEY_MAIL_ALLOW),
    dnsServers: listOf(env.PARLEY_DNS_SERVERS),
    outboundIps: listOf(env.PARLEY_OUTBOUND_IPS),
    mailProviders: mail.providers,
    keepMs: {
      events: env.PARLEY_KEEP_EVENTS,
      webhookLog: env.PARLEY_KEEP_WEBHOOK_LOG,
      idempotencyKeys: env.PARLEY_KEEP_IDEMPOTENCY_KEYS,
      refusedWebhooks: env.PARLEY_KEEP_REFUSED_WEBHOOKS,
    },
    mail: { smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, caFile: env.PARLEY_MAIL_CA },
    mailDomain: env.PARLEY_MAIL_DOMAIN ?? null,
    mailReceiver: {
      port: env.PARLEY_SMTP_PORT,
      host: env.PARLEY_SMTP_HOST,
      hostName: env.PARLEY_SMTP_NAME,
      tls:
        env.PARLEY_SMTP_TLS_CERT !== undefined && env.PARLEY_SMTP_TLS_KEY !== undefined
          ? { certFile: env.PARLEY_SMTP_TLS_CERT, keyFile: env.PARLEY_SMTP_TLS_KEY }
          : undefined,
    },
    mailPort: env.PARLEY_MAIL_PORT,
    customerSuccessEmail: env.PARLEY_CUSTOMER_SUCCESS_EMAIL,
    operatorKey: env.PARLEY_OPERATOR_KEY,
  };
}

const listOf = (text: string): string[] => text.split(',').flatMap((part) => part.trim().toLowerCase() || []);
