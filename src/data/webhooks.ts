import { classifyCode } from '../channels/whatsapp/classify-error';
import { projectWebhook } from '../channels/whatsapp/project';
import type { WhatsAppEvent } from '../channels/whatsapp/types';
import type { Logger } from '../logger';
import type { Database } from './database';
import { pauseChannel } from './dispatch';
import { receiveMessage, type InboundContext } from './inbound';
import { addOptOut, undoOptOut } from './opt-outs';
import { recordReceipt } from './receipts';
import { findOrMakePhone } from './inbound-person';
import { storeTemplateStatus } from './template-status';

export type WebhookDeps = {
  db: Database;
  logger: Logger;
  dayMs: number;
  hashKey: (key: string) => string;
  /** An inbound file waits to be fetched. */
  onMedia: (media: { organizationId: string; mediaId: string }) => void;
};

type Delivery = {
  id: string;
  organizationId: string;
  channelAccountId: string;
  body: Buffer;
  attempts: number;
};

const maxAttempts = 5;

/**
 * Works off one stored webhook: each element in a transaction of its own, so that a bad one never costs the others. What cannot be
 * understood is parked as poison; what failed for a passing reason is tried again by the sweep.
 */
export async function processWebhook(deps: WebhookDeps, deliveryId: string): Promise<void> {
  const { db, logger } = deps;
  const [delivery] = await db.query<Delivery>(
    `select id, organization_id as "organizationId", channel_account_id as "channelAccountId", body, attempts
     from webhook_deliveries where id = $1 and state = 'pending'`,
    [deliveryId],
  );
  if (!delivery) return;
  const faults: string[] = [];
  let failed = false;
  const { events, faults: shapes } = projectWebhook(parseJson(delivery.body));
  faults.push(...shapes.map((fault) => `${fault.path}: ${fault.message}`));
  for (const event of events) {
    try {
      await processEvent(deps, delivery, event);
    } catch (error) {
      failed = true;
      logger.error({ deliveryId, eventType: event.type, fault: faultName(error) }, 'webhook element failed');
    }
  }
  if (failed && delivery.attempts + 1 < maxAttempts) {
    await db.query('update webhook_deliveries set attempts = attempts + 1 where id = $1', [deliveryId]);
  } else if (failed || faults.length > 0) {
    logger.error({ deliveryId, faults: faults.length }, 'webhook parked as poison');
    await db.query(
      `update webhook_deliveries set state = 'poison', attempts = attempts + 1, fault = $2 where id = $1`,
      [deliveryId, faults.join('\n').slice(0, 2000) || 'processing failed'],
    );
  } else {
    await db.query('delete from webhook_deliveries where id = $1', [deliveryId]);
  }
}

async function processEvent(deps: WebhookDeps, delivery: Delivery, event: WhatsAppEvent): Promise<void> {
  const { db, logger } = deps;
  const { organizationId } = delivery;
  switch (event.type) {
    case 'message': {
      const context = await contextOf(deps, delivery, event.phoneNumberId);
      if (!context) return;
      const received = await receiveMessage(db, context, event);
      if (received.mediaId) deps.onMedia({ organizationId, mediaId: received.mediaId });
      return;
    }
    case 'status': {
      const context = await contextOf(deps, delivery, event.phoneNumberId);
      if (!context) return;
      const { channelAccountId } = context;
      const { error } = event;
      const effects = error ? classifyCode(error.code) : undefined;
      const recorded = await recordReceipt(db, context, {
        ...event,
        error: error && {
          ...error,
          marksNotOnWhatsApp: effects?.marksNotOnWhatsApp ?? false,
          declinesMarketing: effects?.declinesMarketing ?? false,
        },
      });
      // Heard again it is old news: the channel may have been mended since.
      const reason = effects?.breaksChannel;
      if (reason !== undefined && recorded === 'applied')
        await db.transact((tx) => pauseChannel(tx, { organizationId, channelAccountId, reason }));
      return;
    }
    case 'templateStatus':
      return storeTemplateStatus(db, { organizationId, channelAccountId: delivery.channelAccountId }, event);
    case 'userPreference': {
      if (!(await contextOf(deps, delivery, event.phoneNumberId))) return;
      await db.transact(async (tx) => {
        const phone = await findOrMakePhone(tx, organizationId, {
          waId: event.from,
          userId: undefined,
          profileName: undefined,
        });
        const now = await tx.now();
        const optOut = {
          organizationId,
          contactPointId: phone.contactPointId,
          keyHash: deps.hashKey(phone.key),
          personId: phone.personId,
          marketingOnly: true,
          words: null,
          at: event.at > now ? now : event.at,
        };
        await (event.marketing === 'stop' ? addOptOut(tx, optOut) : undoOptOut(tx, optOut));
      });
      return;
    }
    case 'accountUpdate':
      if (/DISABLED|RESTRICT|BAN|VIOLATION/i.test(event.event)) {
        const { channelAccountId } = delivery;
        await db.transact((tx) => pauseChannel(tx, { organizationId, channelAccountId, reason: 'account' }));
      }
      logger.info({ organizationId, event: event.event }, 'WhatsApp account update');
      return;
    case 'templateQuality':
    case 'phoneQuality':
    case 'unknown':
      logger.info(
        { organizationId, eventType: event.type, field: event.type === 'unknown' ? event.field : undefined },
        'WhatsApp notice',
      );
  }
}

/**
 * Whose number an element is about. A business account's webhooks speak of all its numbers: one that is not connected here may be
 * another organization's, and is nobody's business.
 */
async function contextOf(
  deps: WebhookDeps,
  delivery: Delivery,
  phoneNumberId: string,
): Promise<InboundContext | undefined> {
  const [account] = await deps.db.query<{ id: string }>(
    `select id from channel_accounts where organization_id = $1 and channel = 'whatsapp' and phone_number_id = $2`,
    [delivery.organizationId, phoneNumberId],
  );
  if (!account) {
    const { organizationId } = delivery;
    deps.logger.warn({ organizationId, phoneNumberId }, 'webhook of a number that is not connected');
    return undefined;
  }
  return {
    organizationId: delivery.organizationId,
    channelAccountId: account.id,
    dayMs: deps.dayMs,
    hashKey: deps.hashKey,
  };
}

/** Names of our own errors and SQL states only: a database's message may quote a value. */
function faultName(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.name : `${error.name} ${code}`;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
