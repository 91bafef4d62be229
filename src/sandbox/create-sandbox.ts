import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Express } from 'express';
import type { SMTPServer } from 'smtp-server';
import type { Clock } from '../clock';
import { type Context, createIndex } from './context';
import { createControl, type Control } from './control';
import { controlRoutes } from './control-routes';
import { graphRoutes, mediaDownloadRoute } from './graph-routes';
import { createLimiter, createReach } from './limiter';
import { createLive } from './live';
import { createDnsServer } from './dns/server';
import { createZone } from './dns/zone';
import { createImapServer } from './imap/server';
import type { Certificate } from './mail/certificate';
import { createPostOffice, type MailExchange } from './mail/post-office';
import { type MailPort, mailServerRoutes } from './mail/server-routes';
import { createSmtpServer } from './mail/smtp-server';
import type { SandboxLogger } from './model';
import { pageRoutes } from './page-routes';
import { createPopServer } from './pop/server';
import { createWebhookPoster } from './post-webhook';
import { addPresets } from './presets';
import { createSmsMessages } from './sms/messages';
import { createSmsPosts } from './sms/posts';
import { addSmsPresets } from './sms/presets';
import { smsRoutes } from './sms/routes';
import { createStore } from './store';
import { createWebhooks } from './webhooks';

export type Sandbox = {
  app: Express;
  control: Control;
  /** Port 0 takes any free one. Resolves with the address to call. */
  listen(port?: number, host?: string): Promise<{ url: string; port: number }>;
  /** Each on as many ports as it is called for. `tls`: encrypted from the first byte, which takes a certificate. */
  listenSmtp(port?: number, host?: string, tls?: boolean): Promise<{ port: number }>;
  listenImap(port?: number, host?: string, tls?: boolean): Promise<{ port: number }>;
  listenPop(port?: number, host?: string, tls?: boolean): Promise<{ port: number }>;
  /** UDP. */
  listenDns(port?: number, host?: string): Promise<{ port: number }>;
  close(): Promise<void>;
};

/** Plays Meta's WhatsApp Cloud API, Twilio's Programmable Messaging, the phones behind them, and mail servers. */
export function createSandbox(options: {
  clock: Clock;
  /** Length of the service window. */
  dayMs: number;
  /** Without it nothing survives the process. */
  dataDir?: string;
  logger?: SandboxLogger;
  /** The first retry of a webhook comes after this, each further one after twice as long, up to `retryMaxMs`. */
  retryBaseMs?: number;
  retryMaxMs?: number;
  webhookTimeoutMs?: number;
  /** Mail to this domain goes there; all other mail stays in the sandbox's mailboxes. */
  mailExchange?: MailExchange | undefined;
  /** Shown by the mail servers; without it none of them speaks TLS. */
  certificate?: Certificate | undefined;
}): Sandbox {
  const { clock, dayMs, certificate } = options;
  const store = createStore(options.dataDir);
  addPresets(store);
  addSmsPresets(store);
  const live = createLive();
  const index = createIndex(store, clock);
  const poster = createWebhookPoster({ timeoutMs: options.webhookTimeoutMs ?? 10_000 });
  const posting = {
    store,
    clock,
    poster,
    logger: options.logger ?? { info: () => undefined, warn: () => undefined },
    retryBaseMs: options.retryBaseMs ?? 1000,
    retryMaxMs: options.retryMaxMs ?? 30_000,
  };
  const posts = createSmsPosts(posting);
  const webhooks = createWebhooks({
    ...posting,
    live,
    onDelivered(elements) {
      const at = clock.now().getTime();
      for (const { messageId } of elements) {
        const message = messageId === undefined ? undefined : store.tables.message.get(messageId);
        if (!message || message.deliveredAt !== undefined) continue;
        store.put('message', Object.assign(message, { deliveredAt: at }));
        live.emit({ type: 'status', waId: message.waId, phoneNumberId: message.phoneNumberId, messageId });
      }
    },
  });
  const sms = { messages: createSmsMessages(store), posts };
  const limits = { limiter: createLimiter(), reach: createReach() };
  const zone = createZone({ store, live });
  const office = createPostOffice({ ...posting, live, exchange: options.mailExchange, zone });
  const mailPorts: MailPort[] = [];
  const context: Context = { store, clock, dayMs, live, webhooks, ...limits, index, sms, office, zone };
  const control = createControl(context);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // First what is called most.
  const graph = graphRoutes(context, poster);
  app.use('/:version', (request, response, next) => {
    if (/^v\d+\.\d+$/.test(request.params.version ?? '')) graph(request, response, next);
    else next();
  });
  app.use('/sandbox/mail-servers', mailServerRoutes(mailPorts, certificate));
  app.use('/sandbox', controlRoutes(context, control, poster));
  app.use('/2010-04-01/Accounts', smsRoutes(context));
  app.use('/whatsapp_business/attachments', mediaDownloadRoute(context));
  app.get('/healthz', (_request, response) => response.json({ ok: true }));
  app.use(pageRoutes());
  // What the last process left undelivered.
  webhooks.resume();
  posts.resume();
  office.outbox.resume();

  let http: Server | undefined;
  const smtps: SMTPServer[] = [];
  const imap = createImapServer(office, certificate);
  const pop = createPopServer(office, certificate);
  const dns = createDnsServer(zone);

  function noteMailPort(protocol: MailPort['protocol'], tls: boolean, port: number): { port: number } {
    mailPorts.push({ protocol, port, security: tls ? 'ssl' : 'none' });
    if (!tls && certificate) mailPorts.push({ protocol, port, security: 'tls' });
    return { port };
  }

  return {
    app,
    control,
    async listen(port = 0, host = '127.0.0.1') {
      const server = app.listen(port, host);
      // longer than clients keep a connection: one that closes just as it is used again looks like a lost request
      server.keepAliveTimeout = 30_000;
      http = server;
      await new Promise<void>((resolve, reject) => {
        server.once('listening', resolve);
        server.once('error', reject);
      });
      const bound = (server.address() as AddressInfo).port;
      return { url: `http://127.0.0.1:${bound}`, port: bound };
    },
    async listenSmtp(port = 0, host = '127.0.0.1', tls = false) {
      const server = createSmtpServer(office, { certificate, tls });
      smtps.push(server);
      await new Promise<void>((resolve, reject) => {
        server.on('error', reject);
        server.listen(port, host, resolve);
      });
      return noteMailPort('smtp', tls, (server.server.address() as AddressInfo).port);
    },
    async listenImap(port = 0, host = '127.0.0.1', tls = false) {
      return noteMailPort('imap', tls, await imap.listen(port, host, tls));
    },
    async listenPop(port = 0, host = '127.0.0.1', tls = false) {
      return noteMailPort('pop', tls, await pop.listen(port, host, tls));
    },
    async listenDns(port = 0, host = '127.0.0.1') {
      return { port: await dns.listen(port, host) };
    },
    async close() {
      live.close();
      webhooks.close();
      posts.close();
      office.outbox.close();
      const closing = http && new Promise((resolve) => http!.close(resolve));
      // Calls that are never answered would hold it open.
      http?.closeAllConnections();
      await closing;
      for (const server of smtps) await new Promise<void>((resolve) => server.close(resolve));
      await imap.close();
      await pop.close();
      await dns.close();
      poster.close();
      store.close();
    },
  };
}
