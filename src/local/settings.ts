import path from 'node:path';
import { StartError } from './start-error';
import type { PortWish } from './ports';

export type WhatsAppCredentials = {
  phoneNumberId: string;
  wabaId: string;
  accessToken: string;
  appSecret: string;
};

export type LocalPort =
  | 'api'
  | 'worker'
  | 'mail'
  | 'smtp'
  | 'sandbox'
  | 'sandboxMail'
  | 'sandboxSmtps'
  | 'sandboxImap'
  | 'sandboxImaps'
  | 'sandboxPop'
  | 'sandboxPops'
  | 'sandboxDns'
  | 'postgres'
  | 'temporal'
  | 'temporalUi';

/** What the environment says about a local start; what it leaves open is provided by the platform itself. */
export type LocalSettings = {
  dataFolder: string;
  databaseUrl: string | undefined;
  temporalAddress: string | undefined;
  whatsApp: WhatsAppCredentials | undefined;
  /** Whether an empty database gets the demonstration company. */
  demonstration: boolean;
  ports: Record<LocalPort, PortWish>;
};

export function readLocalSettings(env: NodeJS.ProcessEnv, root: string): LocalSettings {
  return {
    dataFolder: path.resolve(root, env.PARLEY_DATA_DIR || '.data'),
    databaseUrl: env.DATABASE_URL || undefined,
    temporalAddress: env.TEMPORAL_ADDRESS || undefined,
    whatsApp: readWhatsApp(env),
    demonstration: env.PARLEY_DEMO !== 'off',
    ports: {
      api: wish('the api', 3000, 'PORT'),
      sandbox: wish('the sandbox', 3900, 'SANDBOX_PORT'),
      sandboxMail: wish("the sandbox's mail server", 3925, 'SANDBOX_SMTP_PORT'),
      sandboxSmtps: wish("the sandbox's SMTP over TLS", 3465, 'SANDBOX_SMTPS_PORT'),
      sandboxImap: wish("the sandbox's IMAP", 3143, 'SANDBOX_IMAP_PORT'),
      sandboxImaps: wish("the sandbox's IMAP over TLS", 3993, 'SANDBOX_IMAPS_PORT'),
      sandboxPop: wish("the sandbox's POP", 3110, 'SANDBOX_POP_PORT'),
      sandboxPops: wish("the sandbox's POP over TLS", 3995, 'SANDBOX_POPS_PORT'),
      sandboxDns: wish("the sandbox's DNS", 3953, 'SANDBOX_DNS_PORT'),
      worker: wish("the worker's health", 3010, 'PARLEY_WORKER_PORT'),
      smtp: wish('the mail receiver', 2525, 'PARLEY_SMTP_PORT'),
      mail: wish("the mail process's health", 3011, 'PARLEY_MAIL_PORT'),
      postgres: wish('PostgreSQL', 54329, 'PARLEY_POSTGRES_PORT'),
      temporal: wish('Temporal', 7233, 'PARLEY_TEMPORAL_PORT'),
      temporalUi: wish("Temporal's UI", 8233, 'PARLEY_TEMPORAL_UI_PORT'),
    },
  };

  function wish(what: string, preferred: number, variable: string): PortWish {
    return { what, preferred, variable, fixed: env[variable] || undefined };
  }
}

/** All of them and an address WhatsApp can reach, or none. */
function readWhatsApp(env: NodeJS.ProcessEnv): WhatsAppCredentials | undefined {
  const names = [
    'WHATSAPP_PHONE_NUMBER_ID',
    'WHATSAPP_WABA_ID',
    'WHATSAPP_ACCESS_TOKEN',
    'WHATSAPP_APP_SECRET',
  ] as const;
  if (names.every((name) => !env[name])) return undefined;
  const missing = [...names, 'PARLEY_PUBLIC_URL'].filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new StartError(
      `To use a real WhatsApp number ${missing.join(', ')} must be set too: the credentials of Meta's app, and the ` +
        'https address under which WhatsApp reaches this machine. Without any of them the sandbox plays WhatsApp.',
    );
  }
  const [phoneNumberId = '', wabaId = '', accessToken = '', appSecret = ''] = names.map((name) => env[name]);
  return { phoneNumberId, wabaId, accessToken, appSecret };
}
