import { z } from 'zod';
import type { EventType } from '../../contracts/events';
import type { EventDelivery, WebhookEndpoint } from '../../contracts/webhook-endpoints';
import { AddressError, checkAddress, type AddressFault } from '../../channels/webhook/address';
import { newWebhookSecret } from '../../channels/webhook/signature';
import { DomainError, notFound } from '../../domain/errors';
import type { Actor } from '../../domain/permissions';
import { webhookEndpointWorkflowId } from '../../domain/workflow-ids';
import { seal } from '../../seal';
import { writeAudit } from '../organization/audit';
import { newId, type Database, type Tx } from '../database';
import { enableEvents, placeEvents } from './events';
import { decodeCursor, toPage, type Page } from '../page';
import { createParams, isoSql, type Queryable } from '../sql';

/** What changing endpoints needs besides the database. */
export type EndpointContext = { actor: Actor; secretKey: Buffer; allow: readonly string[] };

export const webhookSecretContext = (endpointId: string): string => `webhookEndpoint.secret:${endpointId}`;

const mostEndpoints = 20;

const columns = `w.id, w.name, w.url, w.types,
  case when w.disabled_at is not null then 'disabled' when w.paused_at is not null then 'paused' when w.failing_since is not null then 'failing' else 'active' end as state,
  ${isoSql('w.failing_since')} as "failingSince", ${isoSql('w.created_at')} as "createdAt", w.missed, ${isoSql('w.old_secret_until')} as "oldSecretUntil",
  (select count(*) from event_deliveries d where d.organization_id = w.organization_id and d.endpoint_id = w.id and d.state = 'pending') as waiting`;

export async function listWebhookEndpoints(db: Database, actor: Actor): Promise<WebhookEndpoint[]> {
  return db.query<WebhookEndpoint>(
    `select ${columns} from webhook_endpoints w where w.organization_id = $1 order by w.id`,
    [actor.organizationId],
  );
}

async function getEndpoint(db: Queryable, actor: Actor, endpointId: string): Promise<WebhookEndpoint> {
  const [row] = await db.query<WebhookEndpoint>(
    `select ${columns} from webhook_endpoints w where w.organization_id = $1 and w.id = $2`,
    [actor.organizationId, endpointId],
  );
  if (!row) throw notFound('webhook endpoint');
  return row;
}

/** Events from now on go there. The secret is told this once. */
export async function createWebhookEndpoint(
  db: Database,
  context: EndpointContext,
  input: { name: string; url: string; types: EventType[] },
): Promise<WebhookEndpoint & { secret: string }> {
  const { actor } = context;
  const { organizationId } = actor;
  await assertAddress(input.url, context.allow);
  await placeEvents(db, organizationId);
  const secret = newWebhookSecret();
  return db.transact(async (tx) => {
    await enableEvents(tx, organizationId);
    await tx.query('select 1 from organizations where id = $1 for no key update', [organizationId]);
    const [{ count } = { count: 0 }] = await tx.query<{ count: number }>(
      'select count(*) from webhook_endpoints where organization_id = $1',
      [organizationId],
    );
    if (count >= mostEndpoints) {
      throw new DomainError(
        'conflict',
        `There are ${mostEndpoints} webhook endpoints already. Remove one first.`,
      );
    }
    const id = newId();
    await tx.query(
      `insert into webhook_endpoints (organization_id, id, name, url, types, secret_sealed, position, created_at)
       values ($1, $2, $3, $4, $5, $6,
         coalesce((select max(position) from events where organization_id = $1),
           (select events_removed_to from organizations where id = $1)), $7)`,
      [
        organizationId,
        id,
        input.name,
        input.url,
        [...new Set(input.types)],
        seal(context.secretKey, secret, webhookSecretContext(id)),
        await tx.now(),
      ],
    );
    await writeAudit(tx, actor, {
      action: 'webhookEndpoint.created',
      target: 'webhookEndpoint',
      targetId: id,
      after: input,
    });
    return { ...(await getEndpoint(tx, actor, id)), secret };
  });
}

export async function changeWebhookEndpoint(
  db: Database,
  context: EndpointContext,
  endpointId: string,
  change: {
    name?: string | undefined;
    url?: string | undefined;
    types?: EventType[] | undefined;
    paused?: boolean | undefined;
  },
): Promise<WebhookEndpoint> {
  const { actor } = context;
  if (change.url !== undefined) await assertAddress(change.url, context.allow);
  return db.transact(async (tx) => {
    await lockEndpoint(tx, actor, endpointId);
    const before = await getEndpoint(tx, actor, endpointId);
    const now = await tx.now();
    await tx.query(
      `update webhook_endpoints set name = coalesce($3, name), url = coalesce($4, url), types = coalesce($5, types),
         paused_at = case when $6::boolean is null then paused_at when $6 then coalesce(paused_at, $7) end
       where organization_id = $1 and id = $2`,
      [
        actor.organizationId,
        endpointId,
        change.name ?? null,
        change.url ?? null,
        change.types ? [...new Set(change.types)] : null,
        change.paused ?? null,
        now,
      ],
    );
    const paused = before.state === 'paused' || before.state === 'disabled';
    const resumed = change.paused === false && paused;
    if (resumed && before.state === 'disabled') await beginAnew(tx, actor.organizationId, endpointId);
    // At another address, or after a pause, it is tried at once.
    if (resumed || (change.url !== undefined && change.url !== before.url)) {
      await tryNow(tx, actor.organizationId, endpointId);
      if (!paused || resumed) await wakeEndpoint(tx, actor.organizationId, endpointId);
    }
    const after = await getEndpoint(tx, actor, endpointId);
    const facts = ({ name, url, types, state }: WebhookEndpoint) => ({ name, url, types, state });
    await writeAudit(tx, actor, {
      action: 'webhookEndpoint.changed',
      target: 'webhookEndpoint',
      targetId: endpointId,
      before: facts(before),
      after: facts(after),
    });
    return after;
  });
}

/** For a while events are signed with both secrets; of two changes in a row the first one's ends with the second. */
export async function rotateSecret(
  db: Database,
  { actor, secretKey }: EndpointContext,
  endpointId: string,
  keepOldHours: number,
): Promise<WebhookEndpoint & { secret: string }> {
  const secret = newWebhookSecret();
  return db.transact(async (tx) => {
    await lockEndpoint(tx, actor, endpointId);
    const until = new Date((await tx.now()).getTime() + keepOldHours * 3_600_000);
    await tx.query(
      `update webhook_endpoints set secret_sealed = $3, old_secret_sealed = case when $4::timestamptz is not null then secret_sealed end,
         old_secret_until = $4
       where organization_id = $1 and id = $2`,
      [
        actor.organizationId,
        endpointId,
        seal(secretKey, secret, webhookSecretContext(endpointId)),
        keepOldHours === 0 ? null : until,
      ],
    );
    const after = await getEndpoint(tx, actor, endpointId);
    await writeAudit(tx, actor, {
      action: 'webhookEndpoint.secretRotated',
      target: 'webhookEndpoint',
      targetId: endpointId,
      after: { name: after.name, oldSecretUntil: after.oldSecretUntil },
    });
    return { ...after, secret };
  });
}

export async function removeWebhookEndpoint(db: Database, actor: Actor, endpointId: string): Promise<void> {
  await db.transact(async (tx) => {
    await lockEndpoint(tx, actor, endpointId);
    const { name, url } = await getEndpoint(tx, actor, endpointId);
    await tx.query('delete from webhook_endpoints where organization_id = $1 and id = $2', [
      actor.organizationId,
      endpointId,
    ]);
    await writeAudit(tx, actor, {
      action: 'webhookEndpoint.removed',
      target: 'webhookEndpoint',
      targetId: endpointId,
      before: { name, url },
    });
  });
}

/** `webhook.test`: for this endpoint alone, whatever it subscribes to. */
export async function sendTestEvent(db: Database, actor: Actor, endpointId: string): Promise<EventDelivery> {
  const { organizationId } = actor;
  return db.transact(async (tx) => {
    await lockActive(tx, actor, endpointId);
    const id = newId();
    await tx.query(
      `insert into event_deliveries (organization_id, id, endpoint_id, type, state, next_try_at, created_at)
       values ($1, $2, $3, 'webhook.test', 'pending', $4, $4)`,
      [organizationId, id, endpointId, await tx.now()],
    );
    await tx.query('update webhook_endpoints set not_before = null where organization_id = $1 and id = $2', [
      organizationId,
      endpointId,
    ]);
    await wakeEndpoint(tx, organizationId, endpointId);
    return getDelivery(tx, actor, { webhookEndpointId: endpointId, deliveryId: id });
  });
}

/** *Send again*: one that was delivered goes once more, apart from the order; one that waits is tried now. */
export async function sendAgain(
  db: Database,
  actor: Actor,
  ids: { webhookEndpointId: string; deliveryId: string },
): Promise<EventDelivery> {
  const { organizationId } = actor;
  const { webhookEndpointId: endpointId, deliveryId } = ids;
  return db.transact(async (tx) => {
    await lockActive(tx, actor, endpointId);
    const sent = await tx.query(
      `update event_deliveries set again = again or state = 'delivered', state = 'pending', next_try_at = $4, delivered_at = null
       where organization_id = $1 and endpoint_id = $2 and id = $3 returning 1`,
      [organizationId, endpointId, deliveryId, await tx.now()],
    );
    if (sent.length === 0) throw notFound('delivery');
    await tx.query('update webhook_endpoints set not_before = null where organization_id = $1 and id = $2', [
      organizationId,
      endpointId,
    ]);
    await wakeEndpoint(tx, organizationId, endpointId);
    return getDelivery(tx, actor, ids);
  });
}

type Row = Omit<EventDelivery, 'faultText'> & { fault: string | null };

/** Its last attempt failed: one that was taken and is to be sent again has not. */
const failed = `coalesce(d.fault is not null or d.response_code not between 200 and 299, false)`;

const deliveryColumns = `d.id, coalesce(d.event_id, d.id) as "eventId", d.type, d.conversation_id as "conversationId",
  case when d.state = 'delivered' then 'delivered' when ${failed} then 'failing' else 'waiting' end as state, d.attempts,
  d.response_code as "responseCode", d.fault, d.duration_ms as "durationMs", ${isoSql('d.created_at')} as "createdAt",
  ${isoSql('d.tried_at')} as "triedAt", ${isoSql('d.delivered_at')} as "deliveredAt",
  case when d.state = 'pending' then ${isoSql('d.next_try_at')} end as "nextTryAt"`;

const stateConditions = {
  waiting: `d.state = 'pending' and not ${failed}`,
  failing: `d.state = 'pending' and ${failed}`,
  delivered: `d.state = 'delivered'`,
};

export async function listDeliveries(
  db: Database,
  actor: Actor,
  endpointId: string,
  query: {
    cursor?: string | undefined;
    limit: number;
    state?: EventDelivery['state'] | undefined;
    type?: EventType | undefined;
  },
): Promise<Page<EventDelivery>> {
  await getEndpoint(db, actor, endpointId);
  const params = createParams(actor.organizationId, endpointId);
  const before = query.cursor === undefined ? null : decodeCursor(query.cursor, z.tuple([z.uuid()]))[0];
  const rows = await db.query<Row>(
    `select ${deliveryColumns} from event_deliveries d
     where d.organization_id = $1 and d.endpoint_id = $2
       ${before === null ? '' : `and d.id < ${params.add(before)}`}
       ${query.state ? `and ${stateConditions[query.state]}` : ''}
       ${query.type ? `and d.type = ${params.add(query.type)}` : ''}
     order by d.id desc limit ${params.add(query.limit + 1)}`,
    params.values,
  );
  return toPage(rows, query.limit, toDelivery, (row) => [row.id]);
}

async function getDelivery(
  db: Queryable,
  actor: Actor,
  ids: { webhookEndpointId: string; deliveryId: string },
): Promise<EventDelivery> {
  const [row] = await db.query<Row>(
    `select ${deliveryColumns} from event_deliveries d where d.organization_id = $1 and d.endpoint_id = $2 and d.id = $3`,
    [actor.organizationId, ids.webhookEndpointId, ids.deliveryId],
  );
  if (!row) throw notFound('delivery');
  return toDelivery(row);
}

const addressTexts: Record<AddressFault, string> = {
  not_a_url: 'is no address such as https://ats.example/hooks',
  not_https: 'has to begin with https://',
  host_not_found: 'names a host that cannot be found',
  not_public: 'leads into a private network; only public addresses are called',
};

const faultTexts: Record<string, string> = {
  ...Object.fromEntries(Object.entries(addressTexts).map(([fault, text]) => [fault, `The address ${text}.`])),
  timeout: 'No answer within 10 seconds.',
  refused: 'The host refused the connection.',
  tls: 'The certificate of the host could not be trusted.',
  broken: 'The connection broke.',
  gone: 'The event is gone: its person was removed, or it is older than events are kept.',
};

function toDelivery({ fault, ...row }: Row): EventDelivery {
  return { ...row, faultText: fault === null ? null : (faultTexts[fault] ?? null) };
}

async function assertAddress(url: string, allow: readonly string[]): Promise<void> {
  try {
    await checkAddress(url, allow);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    const message = addressTexts[error.fault];
    throw new DomainError('invalid', `This address cannot be used: it ${message}.`, {
      errors: [{ path: 'url', message }],
    });
  }
}

async function lockEndpoint(tx: Tx, actor: Actor, endpointId: string): Promise<{ pausedAt: Date | null }> {
  const [row] = await tx.query<{ pausedAt: Date | null }>(
    'select paused_at as "pausedAt" from webhook_endpoints where organization_id = $1 and id = $2 for update',
    [actor.organizationId, endpointId],
  );
  if (!row) throw notFound('webhook endpoint');
  return row;
}

async function lockActive(tx: Tx, actor: Actor, endpointId: string): Promise<void> {
  const { pausedAt } = await lockEndpoint(tx, actor, endpointId);
  if (pausedAt) throw new DomainError('conflict', 'This endpoint is paused. Resume it first.');
}

/** Stopped by Parley, and resumed: whatever happened before counts no more. */
async function beginAnew(tx: Tx, organizationId: string, endpointId: string): Promise<void> {
  await tx.query(
    `update webhook_endpoints set disabled_at = null, failures = 0, failing_since = null, away_since = null, told_at = null, mailed_at = null
     where organization_id = $1 and id = $2`,
    [organizationId, endpointId],
  );
}

async function tryNow(tx: Tx, organizationId: string, endpointId: string): Promise<void> {
  await tx.query(
    `update event_deliveries set next_try_at = $3
     where organization_id = $1 and endpoint_id = $2 and state = 'pending' and next_try_at > $3`,
    [organizationId, endpointId, await tx.now()],
  );
  await tx.query('update webhook_endpoints set not_before = null where organization_id = $1 and id = $2', [
    organizationId,
    endpointId,
  ]);
}

/** Tells the endpoint's workflow that there is something to do. */
export async function wakeEndpoint(tx: Tx, organizationId: string, endpointId: string): Promise<void> {
  await tx.query('update webhook_endpoints set woken_at = $3 where organization_id = $1 and id = $2', [
    organizationId,
    endpointId,
    await tx.now(),
  ]);
  await tx.poke({
    organizationId,
    workflowType: 'webhookEndpoint',
    workflowId: webhookEndpointWorkflowId(endpointId),
    payload: { organizationId, endpointId },
  });
}
