import { ChannelError } from './channels/channel-error';
import type { OpenAccount } from './channels/open-account';
import type { WhatsAppClient } from './channels/whatsapp/types';
import type { Database } from './data/database';
import { pendingMedia, storeFetched, storeFetchFailure } from './data/messages/media';
import { processWebhooks, readDeliveries, type Delivery } from './data/inbound/webhooks';
import { whatsAppMedia } from './domain/media-rules';
import type { Logger } from './logger';
import { createKeyHash } from './seal';

export type IntakeDeps = {
  db: Database;
  whatsApp: WhatsAppClient;
  openAccount: OpenAccount;
  logger: Logger;
  dayMs: number;
  /** Under which opt-outs are kept. */
  hashKey: Buffer;
};

type MediaIds = { organizationId: string; mediaId: string };

/**
 * Works off what came in from outside: stored webhooks, and the files they name. The api process does it right after the answer; what
 * it leaves behind, the sweep hands to the worker's. Neither function rejects.
 */
export type Intake = {
  webhook(delivery: Delivery): void;
  /** The same of those that were left behind. */
  webhooks(deliveryIds: string[]): void;
  media(media: MediaIds): void;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
};

/** Files fetched at once per process; the rest waits its turn. */
const lanes = 4;
/** What arrives while some webhooks are worked off goes together in the next turn, up to this many. */
const maxTogether = 200;
/** A turn costs about the same for one as for many: under load they are not taken more often than this. */
const turnMs = 50;
/** A larger one is read again when its turn comes. */
const keptBytes = 64 * 1024;
const maxMediaBytes = Math.max(...Object.values(whatsAppMedia).map((rule) => rule.maxBytes));

export function createIntake(deps: IntakeDeps): Intake {
  const { db, logger, dayMs } = deps;
  const hashKey = createKeyHash(deps.hashKey);
  const idleWaiters: (() => void)[] = [];
  let unfinished = 0;

  const webhooks = createLane({
    lanes: 1,
    together: maxTogether,
    turnMs,
    work: async (webhooks: (Delivery | string)[]) => {
      const ids = webhooks.filter((webhook) => typeof webhook === 'string');
      const deliveries = webhooks.filter((webhook) => typeof webhook !== 'string');
      if (ids.length > 0) deliveries.push(...(await readDeliveries(db, ids)));
      await processWebhooks({ db, logger, dayMs, hashKey, onMedia: intake.media }, deliveries);
    },
  });
  const files = createLane({
    lanes,
    together: 1,
    turnMs: 0,
    work: ([media]: MediaIds[]) => fetchMedia(deps, media!),
  });
  const intake: Intake = {
    webhook: (delivery) => webhooks(delivery.body.length < keptBytes ? delivery : delivery.id),
    webhooks: (deliveryIds) => deliveryIds.forEach(webhooks),
    media: files,
    idle: () => (unfinished === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
  };
  return intake;

  function createLane<T>(lane: {
    lanes: number;
    together: number;
    turnMs: number;
    work: (some: T[]) => Promise<void>;
  }) {
    let waiting: T[] = [];
    let busy = 0;
    let nextTurnAt = 0;
    let timer: NodeJS.Timeout | undefined;

    const drain = async (): Promise<void> => {
      timer = undefined;
      busy++;
      nextTurnAt = performance.now() + lane.turnMs;
      const some = waiting.slice(0, lane.together);
      waiting = waiting.slice(lane.together);
      await lane.work(some).catch((error: unknown) => {
        const { name, code } = error as { name?: string; code?: string };
        logger.error({ fault: name, code }, 'intake failed; the sweep tries again');
      });
      busy--;
      pump();
      unfinished -= some.length;
      if (unfinished === 0) for (const resolve of idleWaiters.splice(0)) resolve();
    };

    const pump = (): void => {
      if (timer || busy >= lane.lanes || waiting.length === 0) return;
      const rest = nextTurnAt - performance.now();
      if (rest > 0) timer = setTimeout(() => void drain(), rest);
      else void drain();
    };

    return (one: T): void => {
      waiting.push(one);
      unfinished++;
      pump();
    };
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
