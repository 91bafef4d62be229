import type { IncomingMessage, ServerResponse } from 'node:http';
import { createOpenSmsAccount, type SealedSmsAccount } from '../channels/open-account';
import { verifySmsSignature } from '../channels/sms/signature';
import { readSmsWebhookPath, type SmsWebhookAddress } from '../channels/sms/webhook-path';
import type { Database } from '../data/database';
import { isUuid } from '../data/sql';
import type { IncomingWebhook } from '../data/inbound/webhook-intake';
import { open } from '../seal';
import { readBody, respond } from './raw-request';
import type { WebhookOptions } from './webhooks';

/** Another process may have changed a token: what is kept here is looked up again after this. */
const keepMs = 10_000;

/** A message is answered by none of the provider's own. */
const emptyTwiml = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

type Account = { organizationId: string; authToken: string; readAt: number };

/**
 * The SMS provider's form posts: statuses of a message at an address that holds our id, and messages of people.
 *
 * @returns whether the request was one of theirs
 */
export function createSmsWebhooks(
  options: WebhookOptions & { store: (webhook: IncomingWebhook) => Promise<string> },
): (req: IncomingMessage, res: ServerResponse) => boolean {
  const { db, logger, publicUrl, secretKey, store, onWebhook } = options;
  const accounts = new Map<string, Account>();

  async function findAccount(id: string, fresh: boolean): Promise<Account | undefined> {
    const known = accounts.get(id);
    if (known && !fresh && performance.now() - known.readAt < keepMs) return known;
    const found = await readAccount(db, secretKey, id);
    if (found) accounts.set(id, found);
    else accounts.delete(id);
    return found;
  }

  async function receive(
    req: IncomingMessage,
    res: ServerResponse,
    address: SmsWebhookAddress,
  ): Promise<void> {
    const body = await readBody(req);
    if (body === 'too large') return respond(res, 413);
    if (body === 'broken off') return;
    const id = address.accountId.toLowerCase();
    const header = req.headers['x-twilio-signature'];
    const signature = typeof header === 'string' ? header : undefined;
    const signed = { url: `${publicUrl}${req.url ?? ''}`, body, signature };
    let account = await findAccount(id, false);
    if (!account) return respond(res, 404);
    if (!verifySmsSignature(signed, account.authToken)) {
      // the token may have been changed a moment ago
      account = await findAccount(id, true);
      if (!account || !verifySmsSignature(signed, account.authToken)) return respond(res, 401);
    }
    const webhook: IncomingWebhook = {
      organizationId: account.organizationId,
      channelAccountId: id,
      channel: 'sms',
      messageId: address.kind === 'status' ? address.messageId.toLowerCase() : null,
      body,
    };
    const deliveryId = await store(webhook);
    if (address.kind === 'inbound') respondTwiml(res);
    else respond(res, 200);
    onWebhook({ ...webhook, id: deliveryId, attempts: 0 });
  }

  return (req, res) => {
    const address = readSmsWebhookPath((req.url ?? '').split('?', 1)[0]!);
    if (!address) return false;
    const known = isUuid(address.accountId) && (address.kind === 'inbound' || isUuid(address.messageId));
    if (!known || req.method !== 'POST') {
      respond(res, known ? 405 : 404);
      return true;
    }
    receive(req, res, address).catch((error: unknown) => {
      const { name, code } = (error ?? {}) as { name?: string; code?: string };
      logger.error({ channelAccountId: address.accountId, error: { name, code } }, 'webhook not stored');
      // not 200: it is delivered again
      respond(res, 503);
    });
    return true;
  };
}

async function readAccount(db: Database, secretKey: Buffer, id: string): Promise<Account | undefined> {
  const [row] = await db.query<SealedSmsAccount & { organizationId: string }>(
    `select id, organization_id as "organizationId", settings, secret_sealed as "secretSealed"
     from channel_accounts where id = $1 and channel = 'sms' and secret_sealed is not null`,
    [id],
  );
  if (!row) return undefined;
  const { authToken } = createOpenSmsAccount((sealed, context) => open(secretKey, sealed, context))(row);
  return { organizationId: row.organizationId, authToken, readAt: performance.now() };
}

function respondTwiml(res: ServerResponse): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': emptyTwiml.length });
  res.end(emptyTwiml);
}
