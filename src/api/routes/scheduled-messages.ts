import { cancelScheduled, readScheduled, scheduleMessage } from '../../data/scheduled/scheduled-messages';
import { withApplicationId } from '../../data/visibility';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function scheduledMessageHandlers({ config: { dayMs } }: AppDeps) {
  return {
    'POST /api/v1/conversations/{conversationId}/scheduled-messages': {
      run: async ({ actor, params, body, db }) => {
        const ids = { organizationId: actor.organizationId, ...params };
        const sent = await withApplicationId(db, actor, body);
        return readScheduled(db, actor, (await scheduleMessage(db, { actor, dayMs }, ids, sent)).id);
      },
      replay: ({ actor, db }, { resourceId }) => readScheduled(db, actor, resourceId),
    },

    'GET /api/v1/scheduled-messages/{scheduledMessageId}': ({ actor, params, db }) =>
      readScheduled(db, actor, params.scheduledMessageId),

    'POST /api/v1/scheduled-messages/{scheduledMessageId}/cancel': async ({ actor, params, db }) => {
      await cancelScheduled(db, actor, params.scheduledMessageId);
      return readScheduled(db, actor, params.scheduledMessageId);
    },
  } satisfies Partial<Handlers>;
}
