import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
  listDeliveries,
  listWebhookEndpoints,
  removeWebhookEndpoint,
  rotateSecret,
  sendAgain,
  sendTestEvent,
  type EndpointContext,
} from '../../data/events/webhook-endpoints';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function webhookEndpointHandlers({ config }: AppDeps) {
  const context = (actor: Actor): EndpointContext => ({
    actor,
    secretKey: config.secretKey,
    allow: config.webhookAllow,
  });

  return {
    'GET /api/v1/webhook-endpoints': async ({ actor, db }) => ({
      items: await listWebhookEndpoints(db, actor),
    }),

    'POST /api/v1/webhook-endpoints': ({ actor, body, db }) =>
      createWebhookEndpoint(db, context(actor), body),

    'PATCH /api/v1/webhook-endpoints/{webhookEndpointId}': ({ actor, params, body, db }) =>
      changeWebhookEndpoint(db, context(actor), params.webhookEndpointId, body),

    'DELETE /api/v1/webhook-endpoints/{webhookEndpointId}': ({ actor, params, db }) =>
      removeWebhookEndpoint(db, actor, params.webhookEndpointId),

    'POST /api/v1/webhook-endpoints/{webhookEndpointId}/rotate-secret': ({ actor, params, body, db }) =>
      rotateSecret(db, context(actor), params.webhookEndpointId, body.keepOldHours),

    'POST /api/v1/webhook-endpoints/{webhookEndpointId}/test': ({ actor, params, db }) =>
      sendTestEvent(db, actor, params.webhookEndpointId),

    'GET /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries': ({ actor, params, query, db }) =>
      listDeliveries(db, actor, params.webhookEndpointId, query),

    'POST /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries/{deliveryId}/send-again': ({
      actor,
      params,
      db,
    }) => sendAgain(db, actor, params),
  } satisfies Partial<Handlers>;
}
