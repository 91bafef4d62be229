import { mergePeople, previewMerge } from '../../data/people/merge-people';
import { suggestMerges } from '../../data/people/merge-suggestions';
import { getPerson } from '../../data/people/person-read';
import { resolveReference } from '../../data/visibility';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function mergeHandlers({ config: { dayMs } }: AppDeps) {
  return {
    'GET /api/v1/people/{personId}/merge-suggestions': async ({ actor, params, db }) => ({
      items: await suggestMerges(db, actor, await resolveReference(db, actor, 'person', params.personId)),
    }),

    'GET /api/v1/people/{personId}/merge-preview': async ({ actor, params, query, db }) => {
      const fromId = await resolveReference(db, actor, 'person', params.personId);
      const intoId = await resolveReference(db, actor, 'person', query.intoId);
      return previewMerge(db, { actor, dayMs }, { fromId, intoId });
    },

    'POST /api/v1/people/{personId}/merge': {
      run: async ({ actor, params, body, db }) => {
        const fromId = await resolveReference(db, actor, 'person', params.personId);
        const intoId = await resolveReference(db, actor, 'person', body.intoId);
        const { id } = await mergePeople(db, { actor, dayMs }, { fromId, intoId });
        return getPerson(db, actor, id);
      },
      replay: ({ actor, db }, { resourceId }) => getPerson(db, actor, resourceId),
    },
  } satisfies Partial<Handlers>;
}
