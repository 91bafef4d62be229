import { openEndpoint, type OpenEndpoint, type OpenEndpointOptions } from '../src/channels/webhook/post';
import { signWebhook } from '../src/channels/webhook/signature';
import type { Database } from '../src/data/database';
import {
  beginTurn,
  dueDeliveries,
  endTurn,
  recordDelivered,
  recordRefused,
  takeEvents,
  type DueDelivery,
  type EndpointIds,
  type Turn,
} from '../src/data/events/event-deliveries';
import { readEvents } from '../src/data/events/events';
import { webhookSecretContext } from '../src/data/events/webhook-endpoints';
import { groupBy } from '../src/domain/group-by';
import { endpointAway } from '../src/domain/webhook-backoff';
import { open } from '../src/seal';

export type DeliverEventsDeps = {
  db: Database;
  secretKey: Buffer;
  /** Hosts that may be private, and called over http. */
  webhookAllow?: readonly string[];
  webhookTimeoutMs?: number;
};

const lanes = 8;
const batch = 200;

type Line = DueDelivery[];

/**
 * One turn at an endpoint: posts what is due, conversations side by side, each in its order. What is not taken holds up its conversation
 * alone; an endpoint that seems to be away is asked with one call at a time.
 */
export async function deliverEvents(
  deps: DeliverEventsDeps,
  ids: EndpointIds,
  goOn: () => boolean,
): Promise<{ nextDueAt: string | null }> {
  const turn = await beginTurn(deps.db, ids);
  if (turn) await work(deps, turn, goOn);
  return { nextDueAt: (await endTurn(deps.db, ids))?.toISOString() ?? null };
}

async function work(deps: DeliverEventsDeps, turn: Turn, goOn: () => boolean): Promise<void> {
  const secrets = turn.secretsSealed.map((sealed) =>
    open(deps.secretKey, sealed, webhookSecretContext(turn.endpointId)),
  );
  const options: OpenEndpointOptions = {
    allow: deps.webhookAllow ?? [],
    timeoutMs: deps.webhookTimeoutMs ?? 10_000,
  };
  const endpoint = await openEndpoint(turn.url, options);
  try {
    while (goOn() && !turn.over) {
      await takeEvents(deps.db, turn);
      const wasAway = endpointAway(turn.failures);
      const due = await dueDeliveries(deps.db, turn, wasAway ? 1 : batch);
      if (due.length === 0) return;
      const events = await readEvents(
        deps.db,
        turn.organizationId,
        due.flatMap(({ eventId }) => eventId ?? []),
      );
      const lines = linesOf(due);
      const deliver = (delivery: DueDelivery) =>
        deliverOne(deps, turn, { delivery, events, endpoint, secrets });
      const ends = await Promise.allSettled(
        Array.from({ length: lanes }, async () => {
          for (let line = lines.shift(); line !== undefined; line = lines.shift())
            for (const delivery of line) {
              if (!goOn() || turn.over || (!wasAway && endpointAway(turn.failures))) return;
              if (!(await deliver(delivery))) break;
            }
        }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      if (endpointAway(turn.failures)) return;
    }
  } finally {
    endpoint.close();
  }
}

/** Those of a conversation behind each other, in their order; all others by themselves. */
function linesOf(due: DueDelivery[]): Line[] {
  const keyed = groupBy(due, ({ id, again, conversationId }) =>
    again || !conversationId ? id : conversationId,
  );
  return [...keyed.values()];
}

/** Whether the next of its conversation may follow. */
async function deliverOne(
  { db }: DeliverEventsDeps,
  turn: Turn,
  facts: {
    delivery: DueDelivery;
    events: Awaited<ReturnType<typeof readEvents>>;
    endpoint: OpenEndpoint;
    secrets: string[];
  },
): Promise<boolean> {
  const { delivery, events, endpoint, secrets } = facts;
  const event =
    delivery.eventId === null
      ? { id: delivery.id, type: delivery.type, timestamp: delivery.createdAt.toISOString(), data: {} }
      : events.get(delivery.eventId);
  if (!event)
    return recordDelivered(db, turn, { deliveryId: delivery.id, code: null, fault: 'gone', durationMs: 0 });
  const body = JSON.stringify(event);
  const startedAt = performance.now();
  const { code, fault } = await endpoint.post(
    {
      'content-type': 'application/json',
      'user-agent': 'Parley-Webhooks/1',
      ...signWebhook(secrets, { id: event.id, at: db.clock.now(), body }),
    },
    body,
  );
  const attempt = {
    deliveryId: delivery.id,
    code,
    fault,
    durationMs: Math.round(performance.now() - startedAt),
  };
  if (code !== null && code >= 200 && code < 300) return recordDelivered(db, turn, attempt);
  await recordRefused(db, turn, attempt);
  return false;
}
