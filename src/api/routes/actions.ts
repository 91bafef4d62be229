import { dryRunAction } from '../../data/actions/dry-run';
import { getQuietHours, setQuietHours } from '../../data/organization/quiet-hours-setting';
import {
  addStageAction,
  changeStageAction,
  getStageAction,
  listStageActions,
  removeStageAction,
} from '../../data/actions/stage-actions';
import { cancelUpcoming, listUpcoming, readProgress } from '../../data/actions/upcoming-sends';
import { resolveReference } from '../../data/visibility';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function actionHandlers({ config: { dayMs } }: AppDeps) {
  return {
    'GET /api/v1/stages/{stageId}/actions': async ({ actor, params, db }) => ({
      items: await listStageActions(db, actor, params.stageId),
    }),

    'POST /api/v1/stages/{stageId}/actions': {
      run: async ({ actor, params, body, db }) =>
        getStageAction(db, actor, (await addStageAction(db, actor, params.stageId, body)).id),
      replay: ({ actor, db }, { resourceId }) => getStageAction(db, actor, resourceId),
    },

    'PATCH /api/v1/stages/{stageId}/actions/{actionId}': async ({ actor, params, body, db }) => {
      await changeStageAction(db, actor, params, body);
      return getStageAction(db, actor, params.actionId);
    },

    'DELETE /api/v1/stages/{stageId}/actions/{actionId}': ({ actor, params, db }) =>
      removeStageAction(db, actor, params),

    'POST /api/v1/stages/{stageId}/actions/dry-run': ({ actor, params, body, db }) =>
      dryRunAction(db, { actor, dayMs }, params.stageId, body),

    'GET /api/v1/people/{personId}/planned': async ({ actor, params, db }) => {
      const personId = await resolveReference(db, actor, 'person', params.personId);
      return { items: await listUpcoming(db, { actor, dayMs }, { personId }) };
    },

    'GET /api/v1/applications/{applicationId}/planned': async ({ actor, params, db }) => {
      const applicationId = await resolveReference(db, actor, 'application', params.applicationId);
      return { items: await listUpcoming(db, { actor, dayMs }, { applicationId }) };
    },

    'POST /api/v1/planned/{plannedId}/cancel': ({ actor, params, db }) =>
      cancelUpcoming(db, actor, params.plannedId),

    'GET /api/v1/moves/{moveId}': ({ actor, params, db }) => readProgress(db, actor, params.moveId),

    'GET /api/v1/quiet-hours': ({ actor, db }) => getQuietHours(db, actor),

    'PUT /api/v1/quiet-hours': async ({ actor, body, db }) => {
      await setQuietHours(db, actor, body);
      return getQuietHours(db, actor);
    },
  } satisfies Partial<Handlers>;
}
