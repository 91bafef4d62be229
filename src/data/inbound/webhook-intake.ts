import { newId, type Database } from '../database';

export type IncomingWebhook = {
  organizationId: string;
  channelAccountId: string;
  channel: 'whatsapp' | 'sms';
  /** Of an SMS status: our message's id, from the address it was posted to. */
  messageId: string | null;
  body: Buffer;
};

/** At most this many rows in one statement; one statement at a time. */
const maxBatch = 200;

/**
 * Stores webhooks; what arrives while a statement is under way goes together in the next one. Resolves, with the delivery's
 * id, only after the commit.
 */
export function createWebhookIntake(db: Database): (webhook: IncomingWebhook) => Promise<string> {
  type Waiting = {
    id: string;
    webhook: IncomingWebhook;
    resolve(id: string): void;
    reject(error: unknown): void;
  };
  let waiting: Waiting[] = [];
  let running = false;

  function pump(): void {
    if (running || waiting.length === 0) return;
    const batch = waiting.slice(0, maxBatch);
    waiting = waiting.slice(maxBatch);
    running = true;
    insert(db, batch)
      .then(
        () => batch.forEach(({ id, resolve }) => resolve(id)),
        (error: unknown) => batch.forEach(({ reject }) => reject(error)),
      )
      .finally(() => {
        running = false;
        pump();
      });
  }

  return (webhook) =>
    new Promise((resolve, reject) => {
      waiting.push({ id: newId(), webhook, resolve, reject });
      pump();
    });
}

async function insert(db: Database, batch: { id: string; webhook: IncomingWebhook }[]): Promise<void> {
  await db.pool.query({
    name: 'webhook-intake',
    text: `insert into webhook_deliveries (id, organization_id, channel_account_id, message_id, body, state, received_at)
      select id, organization_id, channel_account_id, message_id, body, 'pending',
        clock_timestamp() + $6::double precision * interval '1 millisecond'
      from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[])
        as w(id, organization_id, channel_account_id, message_id, body)`,
    values: [
      batch.map(({ id }) => id),
      batch.map(({ webhook }) => webhook.organizationId),
      batch.map(({ webhook }) => webhook.channelAccountId),
      batch.map(({ webhook }) => webhook.messageId),
      batch.map(({ webhook }) => webhook.body),
      db.clock.offsetMs,
    ],
  });
}
