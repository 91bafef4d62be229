import { z } from 'zod';
import { id, instant, name, page, pageQuery } from './common';
import { eventType } from './events';
import { administrators, type Routes } from './route';

export const webhookEndpoint = z.object({
  id,
  name: z.string(),
  url: z.string(),
  types: z.array(eventType).describe('Empty: every type, also those to come.'),
  state: z
    .enum(['active', 'failing', 'paused', 'disabled'])
    .describe('disabled: paused by Parley, because it took nothing for seven days.'),
  failingSince: instant.nullable(),
  oldSecretUntil: instant
    .nullable()
    .describe('Until then each event carries a signature by the secret before, too.'),
  waiting: z.number().int().describe('Deliveries that are still to be made.'),
  missed: z.number().int().describe('Events that became too old to be kept before it took them.'),
  createdAt: instant,
});
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>;

const deliveryState = z.enum(['waiting', 'failing', 'delivered']);

export const eventDelivery = z.object({
  id,
  eventId: id.describe('Also the `webhook-id`.'),
  type: z.string(),
  conversationId: id.nullable(),
  state: deliveryState.describe('waiting: not tried yet. failing: tried, and tried again.'),
  attempts: z.number().int(),
  responseCode: z.number().int().nullable(),
  /** For people: why there was no answer. */
  faultText: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  createdAt: instant,
  triedAt: instant.nullable(),
  deliveredAt: instant.nullable(),
  nextTryAt: instant.nullable(),
});
export type EventDelivery = z.infer<typeof eventDelivery>;

const params = z.object({ webhookEndpointId: id });
const types = z.array(eventType).max(50);
const url = z.string().trim().min(1).max(2000);
const tag = 'Events';

export const webhookEndpointRoutes = {
  'GET /api/v1/webhook-endpoints': {
    summary: 'The endpoints that events are posted to',
    tag,
    access: administrators('settings:read'),
    response: z.object({ items: z.array(webhookEndpoint) }),
    status: 200,
  },
  'POST /api/v1/webhook-endpoints': {
    summary: 'Add an endpoint; its secret is shown this once',
    description:
      'Events from now on are posted to it, signed after [Standard Webhooks](https://www.standardwebhooks.com). An answer of 2xx within 10 s means ' +
      'taken; anything else is tried again after 5 s, 30 s, 2 min … 24 h, until it is taken. Events of one conversation come in order: ' +
      'the next one waits for the one before. An endpoint that takes nothing at all for seven days is paused; what it has not got follows when it is resumed.',
    tag,
    access: administrators('settings:write'),
    body: z.object({ name, url, types: types.default([]) }),
    response: webhookEndpoint.extend({ secret: z.string() }),
    status: 201,
  },
  'PATCH /api/v1/webhook-endpoints/{webhookEndpointId}': {
    summary: 'Change, pause or resume an endpoint; what happens meanwhile is posted afterwards',
    tag,
    access: administrators('settings:write'),
    params,
    body: z.object({ name, url, types, paused: z.boolean() }).partial(),
    response: webhookEndpoint,
    status: 200,
  },
  'DELETE /api/v1/webhook-endpoints/{webhookEndpointId}': {
    summary: 'Remove an endpoint with its log',
    tag,
    access: administrators('settings:write'),
    params,
    response: null,
    status: 204,
  },
  'POST /api/v1/webhook-endpoints/{webhookEndpointId}/rotate-secret': {
    summary: 'Give an endpoint a new secret; it is shown this once',
    description:
      'For `keepOldHours` each event is signed with both, the new and the old one, as Standard Webhooks says: there is time to bring the ' +
      'new one to your system. 0 ends the old one at once, e.g. because it has become known to others.',
    tag,
    access: administrators('settings:write'),
    params,
    body: z.object({ keepOldHours: z.number().int().min(0).max(168).default(24) }),
    response: webhookEndpoint.extend({ secret: z.string() }),
    status: 200,
  },
  'POST /api/v1/webhook-endpoints/{webhookEndpointId}/test': {
    summary: 'Post a test event, `webhook.test`',
    tag,
    access: administrators('settings:write'),
    params,
    response: eventDelivery,
    status: 201,
  },
  'GET /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries': {
    summary: 'The log of an endpoint, newest first',
    tag,
    access: administrators('settings:read'),
    params,
    query: z.object({ ...pageQuery, state: deliveryState.optional(), type: eventType.optional() }),
    response: page(eventDelivery),
    status: 200,
  },
  'POST /api/v1/webhook-endpoints/{webhookEndpointId}/deliveries/{deliveryId}/send-again': {
    summary: 'Send again, with the same `webhook-id`; what waits is tried now',
    tag,
    access: administrators('settings:write'),
    params: params.extend({ deliveryId: id }),
    response: eventDelivery,
    status: 200,
  },
} as const satisfies Routes;
