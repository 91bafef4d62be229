import { readCredits } from '../../data/credits/credits-read';
import { getNote, listNotes, writeNote } from '../../data/conversations/notes';
import { listNotifications, markNotificationsSeen } from '../../data/conversations/notifications';
import { listTimeline } from '../../data/conversations/timeline-read';
import { resolveReference } from '../../data/visibility';
import type { Handlers } from '../handlers';

export function recordHandlers() {
  return {
    'GET /api/v1/people/{personId}/notes': async ({ actor, params, db }) => ({
      items: await listNotes(db, actor, await resolveReference(db, actor, 'person', params.personId)),
    }),

    'POST /api/v1/people/{personId}/notes': {
      run: async ({ actor, params, body, db }) => {
        const personId = await resolveReference(db, actor, 'person', params.personId);
        return getNote(db, actor, (await writeNote(db, actor, personId, body)).id);
      },
      replay: ({ actor, db }, { resourceId }) => getNote(db, actor, resourceId),
    },

    'GET /api/v1/people/{personId}/timeline': async ({ actor, params, query, db }) =>
      listTimeline(db, actor, await resolveReference(db, actor, 'person', params.personId), query),

    'GET /api/v1/notifications': ({ actor, query, db }) => listNotifications(db, actor, query),

    'POST /api/v1/notifications/seen': ({ actor, body, db }) => markNotificationsSeen(db, actor, body.upToId),

    'GET /api/v1/credits': ({ actor, db }) => readCredits(db, actor),
  } satisfies Partial<Handlers>;
}
