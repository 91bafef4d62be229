import { OpenApiGeneratorV31, OpenAPIRegistry, zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { routes, type RouteKey } from '../contracts';
import * as channels from '../contracts/channels';
import { problem, userSummary } from '../contracts/common';
import * as conversations from '../contracts/conversations';
import { event, eventCatalogue, type EventType } from '../contracts/events';
import * as messages from '../contracts/messages';
import * as people from '../contracts/people';
import * as records from '../contracts/records';
import { scopes, type Access, type RouteFacts } from '../contracts/route';
import * as session from '../contracts/session';
import * as templates from '../contracts/templates';
import * as users from '../contracts/users';
import * as vacancies from '../contracts/vacancies';
import * as webhooks from '../contracts/webhook-endpoints';

/** Schemas that have a name of their own in the document. */
const named: Record<string, z.ZodType> = {
  Problem: problem,
  UserSummary: userSummary,
  Me: session.me,
  User: users.user,
  ApiKey: users.apiKey,
  Person: people.person,
  PersonRow: people.personRow,
  ContactPoint: people.contactPoint,
  Employer: people.employer,
  ImportResult: people.importResult,
  Vacancy: vacancies.vacancy,
  VacancyRow: vacancies.vacancyRow,
  Stage: vacancies.stage,
  StageAction: vacancies.stageAction,
  Card: vacancies.card,
  Board: vacancies.board,
  Application: vacancies.application,
  MoveResult: vacancies.moveResult,
  PlannedSend: vacancies.plannedSend,
  ConversationRow: conversations.conversationRow,
  Conversation: conversations.conversation,
  Message: messages.message,
  MediaFile: messages.mediaFile,
  ScheduledMessage: messages.scheduledMessage,
  Receipt: messages.receipt,
  Note: records.note,
  TimelineEntry: records.timelineEntry,
  Notification: records.notification,
  Template: templates.template,
  ChannelAccount: channels.channelAccount,
  Event: event,
  WebhookEndpoint: webhooks.webhookEndpoint,
  EventDelivery: webhooks.eventDelivery,
};

for (const [name, schema] of Object.entries(named)) {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId: name } });
}

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

/** OpenAPI 3.1 out of the contracts: what is not in them is not in it, and the other way round. */
export function createOpenApiDocument(): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-parley',
    description:
      'The session cookie of a signed-in user. Changes also need `me.csrfToken` as `X-CSRF-Token`.',
  });
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: `An API key, \`pk_…\`, with scopes out of: ${scopes.join(', ')}.`,
  });
  registry.registerComponent('securitySchemes', 'operatorKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'Customer Success: `PARLEY_OPERATOR_KEY` of the server.',
  });
  for (const key of Object.keys(routes) as RouteKey[]) {
    registry.registerPath(pathOf(key, routes[key]));
  }
  for (const type of Object.keys(eventCatalogue) as EventType[]) registerEvent(registry, type);
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Parley',
      version: '1',
      description:
        'Durable conversations between companies and the people they recruit. Errors are problem+json (RFC 9457) with a stable `code`; lists are paged by `cursor`; `{…Id}` also takes `ext:` and your own external id where the description of the parameter says so.',
    },
  });
  return document;
}

/** What an endpoint of the customer's is posted: the `webhooks` of the document. */
function registerEvent(registry: OpenAPIRegistry, type: EventType): void {
  const schema = event.options.find((option) => option.shape.type.value === type)!;
  registry.registerWebhook({
    method: 'post',
    path: type,
    operationId: type,
    summary: eventCatalogue[type].summary,
    description: 'Posted to your webhook endpoints, signed after Standard Webhooks.',
    tags: ['Webhooks'],
    security: [],
    request: {
      headers: webhookHeaders,
      body: { required: true, content: { 'application/json': { schema } } },
    },
    responses: { '2XX': { description: 'Taken. Any other answer, or none within 10 s: it is tried again.' } },
  });
}

const webhookHeaders = z.object({
  'webhook-id': z.string().describe('The id of the event; the same whenever it is tried again.'),
  'webhook-timestamp': z.string().describe('Seconds since 1970, of this attempt.'),
  'webhook-signature': z
    .string()
    .describe('`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, with the bytes of the secret.'),
});

type PathConfig = Parameters<OpenAPIRegistry['registerPath']>[0];

function pathOf(key: RouteKey, facts: RouteFacts): PathConfig {
  const [method, path] = key.split(' ') as [string, string];
  return {
    method: method.toLowerCase() as PathConfig['method'],
    path,
    operationId: operationId(method, path),
    summary: facts.summary,
    description: descriptionOf(facts),
    tags: [facts.tag],
    security: securityOf(facts.access),
    request: {
      ...(facts.params && { params: facts.params }),
      ...(facts.query && { query: facts.query }),
      ...(facts.idempotent && { headers: idempotencyHeaders }),
      ...bodyOf(key, facts),
    },
    responses: {
      [facts.status]: responseOf(key, facts),
      default: {
        description: 'A problem; `code` says which.',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  };
}

const idempotencyHeaders = z.object({
  'Idempotency-Key': z.string().max(200).optional().describe('The same key and body give the same answer.'),
});

function bodyOf(key: RouteKey, facts: RouteFacts): PathConfig['request'] {
  if (
    key === 'POST /api/v1/media' ||
    key === 'POST /api/v1/candidate-pages/{token}/media' ||
    key === 'PUT /api/v1/organization/logo'
  ) {
    const schema = { type: 'string' as const, format: 'binary' };
    return { body: { required: true, content: { '*/*': { schema } } } };
  }
  if (!facts.body) return {};
  const required = !facts.body.safeParse(undefined).success;
  return { body: { required, content: { 'application/json': { schema: facts.body } } } };
}

function responseOf(key: RouteKey, facts: RouteFacts): PathConfig['responses'][string] {
  if (facts.response) {
    return { description: 'Done.', content: { 'application/json': { schema: facts.response } } };
  }
  if (key === 'GET /api/v1/live') {
    return {
      description: 'Events, each one JSON object in `data`.',
      content: { 'text/event-stream': { schema: conversations.liveEvent } },
    };
  }
  if (key === 'GET /api/v1/candidate-pages/{token}/live') {
    return {
      description: '`data: changed`, each time.',
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    };
  }
  if (
    key === 'GET /api/v1/media/{mediaId}' ||
    key === 'GET /api/v1/candidate-pages/{token}/media/{mediaId}'
  ) {
    return {
      description: 'The file; byte ranges are answered.',
      content: { '*/*': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  if (key === 'GET /api/v1/organizations/{organizationId}/logo') {
    return {
      description: 'The picture.',
      content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
    };
  }
  return { description: 'Done; nothing to say.' };
}

function securityOf(access: Access): PathConfig['security'] {
  if (access.who === 'anyone') return [];
  if (access.who === 'operator') return [{ operatorKey: [] }];
  return access.scope === null ? [{ session: [] }] : [{ session: [] }, { apiKey: [access.scope] }];
}

const whoMay = {
  every: 'Every user.',
  senders: 'Administrator, Supervisor, Recruiter, Interviewer.',
  office: 'Administrator, Supervisor, Recruiter.',
  administrators: 'Administrator.',
};

const strangers = { anyone: 'Anyone.', operator: 'Customer Success, by the operator key.' };

function descriptionOf({ description, access }: RouteFacts): string {
  const who = access.who === 'user' ? whoMay[access.roles] : strangers[access.who];
  const scope =
    access.who !== 'user'
      ? ''
      : access.scope === null
        ? ' Not for API keys.'
        : ` API keys need the scope \`${access.scope}\`.`;
  return `${description ? `${description}\n\n` : ''}${who}${scope}`;
}

/** `POST /api/v1/people/{personId}/notes` → `postPeopleByPersonIdNotes` */
function operationId(method: string, path: string): string {
  const words = path
    .replace('/api/v1/', '')
    .replace('/operator/v1/', 'operator/')
    .split(/[/-]/)
    .map((part) => (part.startsWith('{') ? `By${capital(part.slice(1, -1))}` : capital(part)));
  return method.toLowerCase() + words.join('');
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
