import { readFeed } from '../../data/events/events';
import type { Handlers } from '../handlers';

export function eventHandlers() {
  return {
    'GET /api/v1/events': ({ actor, query, db }) => readFeed(db, actor.organizationId, query),
  } satisfies Partial<Handlers>;
}
