import {
  closeChat,
  dismissUnanswered,
  handOverChat,
  startChat,
} from '../../data/conversations/chat-commands';
import { assertVisible } from '../../data/messages/accept-message';
import {
  conversationOf,
  countInbox,
  listConversations,
  readConversation,
} from '../../data/conversations/conversations';
import type { Database } from '../../data/database';
import { resolveReference } from '../../data/visibility';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function conversationHandlers({ config, live }: AppDeps) {
  const { dayMs, temporal } = config;
  const temporalUi = temporal.uiUrl
    ? { url: temporal.uiUrl.replace(/\/$/, ''), namespace: temporal.namespace }
    : null;
  const idsOf = (actor: Actor, conversationId: string) => ({
    organizationId: actor.organizationId,
    conversationId,
  });
  const read = ({ actor, params, db }: { actor: Actor; params: { conversationId: string }; db: Database }) =>
    readConversation(db, { actor, dayMs, temporalUi }, idsOf(actor, params.conversationId));

  return {
    'GET /api/v1/conversations': ({ actor, query, db }) => listConversations(db, { actor, dayMs }, query),

    'GET /api/v1/conversations/counts': ({ actor, db }) => countInbox(db, { actor, dayMs }),

    'GET /api/v1/conversations/{conversationId}': read,

    'POST /api/v1/conversations/{conversationId}/start': {
      run: async (call) => {
        const { actor, params, body, db } = call;
        await startChat(
          db,
          { actor, dayMs },
          idsOf(actor, params.conversationId),
          body.applicationId ?? null,
        );
        return read(call);
      },
      replay: read,
    },

    'POST /api/v1/conversations/{conversationId}/close': {
      run: async (call) => {
        await closeChat(call.db, { actor: call.actor, dayMs }, idsOf(call.actor, call.params.conversationId));
        return read(call);
      },
      replay: read,
    },

    'POST /api/v1/conversations/{conversationId}/hand-over': {
      run: async (call) => {
        const { actor, params, body, db } = call;
        await handOverChat(db, { actor, dayMs }, idsOf(actor, params.conversationId), body.userId);
        return read(call);
      },
      replay: read,
    },

    'POST /api/v1/conversations/{conversationId}/dismiss': async (call) => {
      await dismissUnanswered(
        call.db,
        { actor: call.actor, dayMs },
        idsOf(call.actor, call.params.conversationId),
      );
      return read(call);
    },

    'PUT /api/v1/conversations/{conversationId}/presence': async ({ actor, params, body, db }) => {
      const ids = idsOf(actor, params.conversationId);
      const personId = await assertVisible(db, actor, ids);
      const { id, name, role } = actor.user;
      live.announce({ type: 'presence', ...ids, personId, user: { id, name, role }, state: body.state });
    },

    'GET /api/v1/people/{personId}/conversation': async ({ actor, params, db }) => {
      const personId = await resolveReference(db, actor, 'person', params.personId);
      const conversationId = await conversationOf(db, actor.organizationId, personId);
      return read({ actor, params: { conversationId }, db });
    },

    'GET /api/v1/live': ({ actor, query, req, res }) =>
      Promise.resolve(live.open(actor, query.since === undefined ? null : new Date(query.since), req, res)),
  } satisfies Partial<Handlers>;
}
