import type { MailDns } from '../channels/email/mail-dns';
import type { OpenAccount } from '../channels/open-account';
import type { SmsClient } from '../channels/sms/types';
import type { WhatsAppClient } from '../channels/whatsapp/types';
import type { Config } from '../config';
import type { Database } from '../data/database';
import type { Delivery } from '../data/inbound/webhooks';
import type { Logger } from '../logger';
import type { Mailer } from '../mailer';
import type { LiveHub } from './live';

/** What the api is made of; `src/api.ts` and the tests wire it together. */
export type AppDeps = {
  config: Config;
  db: Database;
  logger: Logger;
  mailer: Mailer;
  whatsApp: WhatsAppClient;
  sms: SmsClient;
  /** Absent: the DNS of this machine. */
  mailDns?: MailDns;
  openAccount: OpenAccount;
  /** The keyed hash under which opt-outs are kept. */
  hashKey: (key: string) => string;
  live: LiveHub;
  /** Is told of each webhook once it is stored; must not throw. */
  onWebhook: (delivery: Delivery) => void;
  /** Whether Temporal answers, for `/readyz`; absent: not asked. */
  temporalState?: () => Promise<'up' | 'down'>;
  /** Is given every fault of ours, besides the log (which holds no messages). */
  onFault?: (error: unknown) => void;
  /** The built web inbox; absent: not served. */
  webFolder?: string;
  /** Sign-ins, links and resets per IP address and quarter of an hour that may fail. */
  signInsPerIp?: number;
  /** Applications by public forms per IP address and quarter of an hour. */
  applicationsPerIp?: number;
  /** Requests for new links of candidate pages per IP address and quarter of an hour. */
  linksPerIp?: number;
};
