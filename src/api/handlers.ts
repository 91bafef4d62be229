import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { routes, RouteKey } from '../contracts';
import type { Database } from '../data/database';
import type { FirstAnswer } from '../data/idempotency';
import type { ActingUser, Actor } from '../domain/permissions';

type Facts<K extends RouteKey> = (typeof routes)[K];
type Part<K extends RouteKey, P extends 'params' | 'query' | 'body'> =
  Facts<K> extends Record<P, infer Schema extends z.ZodType> ? z.output<Schema> : undefined;

/** Sessions have a user, API keys need not, `anyone` and `operator` are nobody of an organization. */
type ActorOf<K extends RouteKey> = Facts<K>['access'] extends { who: 'anyone' | 'operator' }
  ? null
  : Facts<K>['access'] extends { scope: null }
    ? UserActor
    : Actor;

export type UserActor = Actor & { user: ActingUser };

/** One call of a route, parsed and allowed. */
export type Call<K extends RouteKey> = {
  actor: ActorOf<K>;
  params: Part<K, 'params'>;
  query: Part<K, 'query'>;
  body: Part<K, 'body'>;
  /** The database; for an idempotent request one whose first transaction keeps its key. */
  db: Database;
  req: Request;
  res: Response;
};

export type Answer<K extends RouteKey> = Facts<K>['response'] extends infer Schema extends z.ZodType
  ? z.output<Schema>
  : void;

type Handle<K extends RouteKey> = (call: Call<K>) => Promise<Answer<K>>;

/** An idempotent route also knows how to give its answer again; one for `anyone`, to whom a key belongs. */
type Idempotent<K extends RouteKey> = {
  whose?: (params: Part<K, 'params'>) => { organizationId: string; caller: string } | undefined;
  run: Handle<K>;
  replay: (call: Call<K>, first: FirstAnswer & { resourceId: string }) => Promise<Answer<K>>;
};

export type Handlers = {
  [K in RouteKey]: Facts<K> extends { idempotent: true } ? Idempotent<K> : Handle<K>;
};
