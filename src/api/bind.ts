import { isDeepStrictEqual } from 'node:util';
import express, { type Request, type Response, type Router } from 'express';
import { type z } from 'zod';
import { routes, type RouteKey } from '../contracts';
import type { RouteFacts } from '../contracts/route';
import type { Database } from '../data/database';
import {
  AlreadyAnswered,
  findFirstAnswer,
  hashRequest,
  idempotentDatabase,
  type FirstAnswer,
  type IdempotentRequest,
} from '../data/idempotency';
import { DomainError } from '../domain/errors';
import { assertAccess, assertOperator, authenticate, withActingUser, type Caller } from './authentication';
import { assertCsrfToken, assertSameOrigin } from './csrf';
import type { Handlers } from './handlers';
import { assertKnownFields } from './known-fields';
import { settled } from './settled';
import { assertStorable } from '../domain/storable';

const importKeys: readonly RouteKey[] = ['POST /api/v1/people/import', 'POST /api/v1/people/import/preview'];

export type BindOptions = {
  db: Database;
  publicUrl: string;
  operatorKey?: string | undefined;
  /** In tests: an answer that differs from its contract is a fault. */
  checkAnswers: boolean;
};

type LooseCall = Record<'actor' | 'params' | 'query' | 'body', unknown> & {
  db: Database;
  req: Request;
  res: Response;
};
type LooseHandle = (call: LooseCall) => Promise<unknown>;
type LooseHandler =
  | LooseHandle
  | {
      run: LooseHandle;
      replay: (call: LooseCall, first: FirstAnswer) => Promise<unknown>;
      whose?: (params: unknown) => Whose | undefined;
    };
type Whose = Pick<IdempotentRequest, 'organizationId' | 'caller'>;

type Binding = {
  key: RouteKey;
  facts: RouteFacts;
  handler: LooseHandler;
  readBody: (req: Request, res: Response) => Promise<void>;
};

/**
 * Binds every route of the contract to its handler.
 *
 * @throws Error when a route has no handler or more than one
 */
export function bindRoutes(options: BindOptions, groups: Partial<Handlers>[]): Router {
  const router = express.Router();
  const handlers = collect(groups);
  // Fixed segments before parameters: /conversations/counts is no conversation.
  const keys = (Object.keys(routes) as RouteKey[]).sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  for (const key of keys) {
    const [method, path] = splitKey(key);
    const facts: RouteFacts = routes[key];
    const readBody = bodyReader(key, facts);
    router[method](path, async (req, res) => {
      await answer(options, { key, facts, handler: handlers[key], readBody }, req, res);
    });
  }
  return router;
}

function collect(groups: Partial<Handlers>[]): Record<RouteKey, LooseHandler> {
  const bound = groups.flatMap((group) => Object.entries(group));
  const faults = [
    ...(Object.keys(routes) as RouteKey[])
      .filter((key) => bound.filter(([name]) => name === key).length !== 1)
      .map((key) => `${key} has ${bound.some(([name]) => name === key) ? 'several handlers' : 'no handler'}`),
    ...bound.filter(([name]) => !(name in routes)).map(([name]) => `${name} is none of the contract's`),
  ];
  if (faults.length > 0) throw new Error(`The routes are not bound one to one:\n  ${faults.join('\n  ')}`);
  return Object.fromEntries(bound) as unknown as Record<RouteKey, LooseHandler>;
}

async function answer(
  { db, publicUrl, operatorKey, checkAnswers }: BindOptions,
  { key, facts, handler, readBody }: Binding,
  req: Request,
  res: Response,
): Promise<void> {
  if (facts.access.who === 'operator') assertOperator(req, operatorKey);
  const caller = await admit(db, facts, req, publicUrl);
  await readBody(req, res);
  const { params, query, body } = parse(key, facts, req);
  const acting = caller && (await withActingUser(db, caller, body));
  if (acting && facts.access.who === 'user') assertAccess(facts.access, acting);
  const call: LooseCall = { actor: acting?.actor ?? null, params, query, body, db, req, res };
  res.locals.actor = call.actor;

  const result = await run(handler, call, idempotencyOf({ key, facts, handler }, req, acting, params));
  if (res.headersSent || (facts.response === null && facts.status === 200)) return;
  if (facts.response === null) return void res.status(facts.status).end();
  if (checkAnswers) assertAnswer(key, facts.response, result);
  res.status(facts.status).json(result);
}

/** Who calls, before anything of the request is read: 401, 403 by scope or role, or by the defence against other sites' pages. */
async function admit(
  db: Database,
  facts: RouteFacts,
  req: Request,
  publicUrl: string,
): Promise<Caller | null> {
  const changes = req.method !== 'GET' && req.method !== 'HEAD';
  if (changes) assertSameOrigin(req, publicUrl);
  if (facts.access.who !== 'user') return null;
  const caller = await authenticate(db, req);
  if (!caller) throw new DomainError('unauthenticated', 'Sign in, or send an API key as a bearer token.');
  if (changes && caller.scopes === null) assertCsrfToken(req);
  assertAccess(facts.access, caller);
  return caller;
}

function parse(
  key: RouteKey,
  facts: RouteFacts,
  req: Request,
): { params: unknown; query: unknown; body: unknown } {
  assertJson(facts, req);
  assertStorable({ ...req.params, ...req.query }, '');
  // an import looks at its rows one by one: a bad one costs no other
  if (facts.body && !importKeys.includes(key)) assertStorable(req.body, '');
  const query = facts.query?.parse(req.query);
  // links that were mailed may have been given more on their way
  if (query !== undefined && facts.access.who === 'user') assertKnownFields(req.query, query);
  // none at all is an empty one: what is missing has a name then
  const body = facts.body?.parse(req.body ?? {});
  if (body !== undefined && !importKeys.includes(key)) assertKnownFields(req.body ?? {}, body);
  return { params: facts.params?.parse(req.params), query, body };
}

function assertJson(facts: RouteFacts, req: Request): void {
  if (!facts.body || req.body !== undefined) return;
  const sent =
    req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (sent) throw Object.assign(new Error('unsupported media type'), { status: 415 });
}

async function run(
  handler: LooseHandler,
  call: LooseCall,
  request: IdempotentRequest | undefined,
): Promise<unknown> {
  if (typeof handler === 'function') return handler(call);
  if (!request) return handler.run(call);
  const replay = async (first: FirstAnswer) => {
    call.res.setHeader('Idempotency-Replayed', 'true');
    return handler.replay(call, first);
  };
  const first = await findFirstAnswer(call.db, request);
  if (first) return replay(first);
  try {
    return await handler.run({ ...call, db: idempotentDatabase(call.db, request) });
  } catch (error) {
    if (error instanceof AlreadyAnswered) return replay(error.first);
    throw error;
  }
}

function idempotencyOf(
  { key, facts, handler }: Pick<Binding, 'key' | 'facts' | 'handler'>,
  req: Request,
  caller: Caller | null,
  params: unknown,
): IdempotentRequest | undefined {
  const given = req.headers['idempotency-key'];
  const whose =
    typeof handler === 'object' && handler.whose ? handler.whose(params) : callerOf(facts, caller, params);
  if (!facts.idempotent || !whose || given === undefined) return undefined;
  if (typeof given !== 'string' || !/^[\x20-\x7e]{1,200}$/.test(given)) {
    throw new DomainError('invalid', 'Idempotency-Key takes 1 to 200 printable characters.', {
      errors: [{ path: 'Idempotency-Key', message: '1 to 200 printable characters' }],
    });
  }
  return {
    ...whose,
    route: key,
    key: given,
    requestHash: hashRequest(req.path, req.body),
  };
}

function callerOf(facts: RouteFacts, caller: Caller | null, params: unknown): Whose | undefined {
  if (facts.access.who === 'operator') {
    const { organizationId } = (params ?? {}) as { organizationId?: string };
    return organizationId === undefined ? undefined : { organizationId, caller: 'operator' };
  }
  if (!caller) return undefined;
  const { organizationId, apiKeyId, user } = caller.actor;
  return { organizationId, caller: apiKeyId ? `apiKey:${apiKeyId}` : `user:${user?.id}` };
}

function assertAnswer(key: RouteKey, schema: z.ZodType, result: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(result) ?? 'null');
  const parsed = schema.safeParse(sent);
  if (!parsed.success) throw new Error(`${key} answers otherwise than its contract: ${parsed.error.message}`);
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(parsed.data)), sent)) {
    throw new Error(`${key} answers more than its contract: ${JSON.stringify(sent).slice(0, 2000)}`);
  }
}

/** Reads a JSON body; called only once the caller is admitted. */
function bodyReader(key: RouteKey, facts: RouteFacts): (req: Request, res: Response) => Promise<void> {
  if (!facts.body) return async () => undefined;
  const parser = express.json({ limit: importKeys.includes(key) ? '20mb' : '1mb' });
  return (req, res) =>
    new Promise((resolve, reject) => {
      parser(req, res, settled(resolve, reject));
    });
}

function splitKey(key: RouteKey): ['get' | 'post' | 'put' | 'patch' | 'delete', string] {
  const [method = '', path = ''] = key.split(' ');
  return [
    method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete',
    path.replace(/\{(\w+)\}/g, ':$1'),
  ];
}

const sortKey = (key: string): string => key.replace(/\{/g, '\u{10FFFF}');
