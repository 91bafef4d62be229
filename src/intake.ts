import { ChannelError } from './channels/channel-error';
import type { OpenAccount } from './channels/open-account';
import type { WhatsAppClient } from './channels/whatsapp/types';
import type { Database } from './data/database';
import { pendingMedia, storeFetched, storeFetchFailure } from './data/media';
import { processWebhook } from './data/webhooks';
import { whatsAppMedia } from './domain/media-rules';
import type { Logger } from './logger';
import { createKeyHash } from './seal';

export type IntakeDeps = {
  db: Database;
  whatsApp: WhatsAppClient;
  openAccount: OpenAccount;
  logger: Logger;
  dayMs: number;
  secretKey: Buffer;
};

type MediaIds = { organizationId: string; mediaId: string };

/**
 * Works off what came in from outside: stored webhooks, and the files they name. The api process does it right after the answer; what
 * it leaves behind, the sweep hands to the worker's. Neither function rejects.
 */
export type Intake = {
  webhook(deliveryId: string): void;
  media(media: MediaIds): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
};

/** Webhooks worked off at once per process; the rest waits its turn. */
const lanes = 4;
const maxMediaBytes = Math.max(...Object.values(whatsAppMedia).map((rule) => rule.maxBytes));

export function createIntake(deps: IntakeDeps): Intake {
  const { db, logger, dayMs } = deps;
  const waiting: (() => Promise<void>)[] = [];
  const idleWaiters: (() => void)[] = [];
  let running = 0;
  const hashKey = createKeyHash(deps.secretKey);

  const intake: Intake = {
    webhook: (deliveryId) =>
      run(() => processWebhook({ db, logger, dayMs, hashKey, onMedia: intake.media }, deliveryId)),
    media: (media) => run(() => fetchMedia(deps, media)),
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
  return intake;

  function run(work: () => Promise<void>): void {
    waiting.push(work);
    if (running < lanes) void drain();
  }

  async function drain(): Promise<void> {
    running++;
    for (let work = waiting.shift(); work; work = waiting.shift()) {
      await work().catch((error: unknown) => {
        const { name, code } = error as { name?: string; code?: string };
        logger.error({ fault: name, code }, 'intake failed; the sweep tries again');
      });
    }
    running--;
    if (running === 0) for (const resolve of idleWaiters.splice(0)) resolve();
  }
}

async function fetchMedia(deps: IntakeDeps, ids: MediaIds): Promise<void> {
  const pending = await pendingMedia(deps.db, ids);
  if (!pending) return;
  try {
    const account = deps.openAccount(pending.account);
    const file = await deps.whatsApp.downloadMedia(account, pending.providerId, { maxBytes: maxMediaBytes });
    await storeFetched(deps.db, ids, file);
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    deps.logger.warn(
      { ...ids, reason: error.reason, providerCode: error.providerCode },
      'a file could not be fetched',
    );
    if (error.errorClass === 'permanent' || pending.attempts >= 10)
      await storeFetchFailure(deps.db, ids, error.reason);
  }
}
