import type { IncomingMessage, ServerResponse } from 'node:http';
import { sealContext } from '../channels/open-account';
import { verifySignature, verifySubscription } from '../channels/whatsapp/signature';
import type { Database } from '../data/database';
import { isUuid } from '../data/sql';
import { createWebhookIntake } from '../data/inbound/webhook-intake';
import type { Delivery } from '../data/inbound/webhooks';
import type { Logger } from '../logger';
import { open } from '../seal';
import { readBody, respond } from './raw-request';
import { createSmsWebhooks } from './sms-webhooks';

const prefix = '/webhooks/whatsapp/';
/** Another process may have changed an app secret: what is kept here is looked up again after this. */
const keepMs = 10_000;

type Account = { organizationId: string; id: string; appSecret: string; verifyToken: string; readAt: number };

export type WebhookOptions = {
  db: Database;
  logger: Logger;
  secretKey: Buffer;
  /** Where providers reach us; no trailing slash. */
  publicUrl: string;
  onWebhook: (delivery: Delivery) => void;
};

/**
 * The providers' webhooks. They stand before everything else of the api and read the raw bytes, over which they are signed:
 * stored first, answered then, worked off after that (design decision 9).
 *
 * @returns whether the request was one of theirs
 */
export function createWebhooks(
  options: WebhookOptions,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const { db, logger, onWebhook } = options;
  const store = createWebhookIntake(db);
  const sms = createSmsWebhooks({ ...options, store });
  const accounts = new Map<string, Account>();

  async function findAccount(id: string, fresh: boolean): Promise<Account | undefined> {
    const known = accounts.get(id);
    if (known && !fresh && performance.now() - known.readAt < keepMs) return known;
    const found = await readAccount(db, options.secretKey, id);
    if (found) accounts.set(id, found);
    else accounts.delete(id);
    return found;
  }

  async function receive(req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
    const body = await readBody(req);
    if (body === 'too large') return respond(res, 413);
    if (body === 'broken off') return;
    let account = await findAccount(id, false);
    if (!account) return respond(res, 404);
    const signature = req.headers['x-hub-signature-256'];
    const header = typeof signature === 'string' ? signature : undefined;
    if (!verifySignature(body, header, account.appSecret)) {
      // the app secret may have been changed a moment ago
      account = await findAccount(id, true);
      if (!account || !verifySignature(body, header, account.appSecret)) return respond(res, 401);
    }
    const { organizationId } = account;
    const webhook = {
      organizationId,
      channelAccountId: id,
      channel: 'whatsapp' as const,
      messageId: null,
      body,
    };
    const deliveryId = await store(webhook);
    respond(res, 200);
    onWebhook({ ...webhook, id: deliveryId, attempts: 0 });
  }

  async function verify(res: ServerResponse, id: string, search: string): Promise<void> {
    const account = await findAccount(id, true);
    if (!account) return respond(res, 404);
    const answer = verifySubscription(Object.fromEntries(new URLSearchParams(search)), account.verifyToken);
    if (!answer.ok) return respond(res, 403);
    res.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
    res.end(answer.challenge);
  }

  return (req, res) => {
    const url = req.url ?? '';
    if (!url.startsWith(prefix)) return sms(req, res);
    const [id = '', search = ''] = url.slice(prefix.length).split('?', 2);
    const work = () => {
      if (!isUuid(id)) return Promise.resolve(respond(res, 404));
      if (req.method === 'POST') return receive(req, res, id.toLowerCase());
      if (req.method === 'GET') return verify(res, id.toLowerCase(), search);
      return Promise.resolve(respond(res, 405));
    };
    work().catch((error: unknown) => {
      const { name, code } = (error ?? {}) as { name?: string; code?: string };
      logger.error({ channelAccountId: id, error: { name, code } }, 'webhook not stored');
      // not 200: WhatsApp delivers it again
      respond(res, 503);
    });
    return true;
  };
}

async function readAccount(db: Database, secretKey: Buffer, id: string): Promise<Account | undefined> {
  const [row] = await db.query<{ organizationId: string; appSecret: Buffer; verifyToken: Buffer }>(
    `select organization_id as "organizationId", app_secret_sealed as "appSecret", verify_token_sealed as "verifyToken"
     from channel_accounts where id = $1 and channel = 'whatsapp'
       and app_secret_sealed is not null and verify_token_sealed is not null`,
    [id],
  );
  return (
    row && {
      id,
      organizationId: row.organizationId,
      appSecret: open(secretKey, row.appSecret, sealContext.appSecret(id)),
      verifyToken: open(secretKey, row.verifyToken, sealContext.verifyToken(id)),
      readAt: performance.now(),
    }
  );
}
