import { getApplication, upsertApplication } from '../../data/vacancies/applications';
import { getBoard, listEnded } from '../../data/vacancies/board';
import {
  readEnd,
  rejectApplications,
  reopenApplications,
  withdrawApplications,
  type Message,
} from '../../data/vacancies/end-applications';
import { addStage, changeStage, getStage } from '../../data/vacancies/stages';
import { moveApplications, readMove, readPlanned } from '../../data/actions/stage-moves';
import { changeVacancy, getVacancy, listVacancies, upsertVacancy } from '../../data/vacancies/vacancies';
import { resolveReference, resolveReferences } from '../../data/visibility';
import type { Queryable } from '../../data/sql';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function vacancyHandlers({ config: { dayMs } }: AppDeps) {
  return {
    'GET /api/v1/vacancies': ({ actor, query, db }) => listVacancies(db, actor, query),

    'POST /api/v1/vacancies': {
      run: async ({ actor, body, db }) => getVacancy(db, actor, (await upsertVacancy(db, actor, body)).id),
      replay: ({ actor, db }, { resourceId }) => getVacancy(db, actor, resourceId),
    },

    'GET /api/v1/vacancies/{vacancyId}': async ({ actor, params, db }) =>
      getVacancy(db, actor, await resolveReference(db, actor, 'vacancy', params.vacancyId)),

    'PATCH /api/v1/vacancies/{vacancyId}': async ({ actor, params, body, db }) => {
      const vacancyId = await resolveReference(db, actor, 'vacancy', params.vacancyId);
      await changeVacancy(db, actor, vacancyId, body);
      return getVacancy(db, actor, vacancyId);
    },

    'GET /api/v1/vacancies/{vacancyId}/board': async ({ actor, params, query, db }) =>
      getBoard(db, actor, await resolveReference(db, actor, 'vacancy', params.vacancyId), query),

    'POST /api/v1/vacancies/{vacancyId}/stages': {
      run: async ({ actor, params, body, db }) => {
        const vacancyId = await resolveReference(db, actor, 'vacancy', params.vacancyId);
        return getStage(db, actor, (await addStage(db, actor, vacancyId, body)).id);
      },
      replay: ({ actor, db }, { resourceId }) => getStage(db, actor, resourceId),
    },

    'PATCH /api/v1/stages/{stageId}': async ({ actor, params, body, db }) => {
      await changeStage(db, actor, params.stageId, body);
      return getStage(db, actor, params.stageId);
    },

    'POST /api/v1/applications': {
      run: async ({ actor, body, db }) => {
        const { id, created, planned } = await upsertApplication(db, { actor, dayMs }, body);
        return { ...(await getApplication(db, actor, id)), created, planned };
      },
      replay: async ({ actor, db }, { resourceId, status, at }) => ({
        ...(await getApplication(db, actor, resourceId)),
        created: status === 201,
        planned: await readPlanned(db, { actor, dayMs }, { applicationId: resourceId, at }),
      }),
    },

    'GET /api/v1/applications/{applicationId}': async ({ actor, params, db }) =>
      getApplication(db, actor, await resolveReference(db, actor, 'application', params.applicationId)),

    'POST /api/v1/applications/{applicationId}/move': {
      run: async ({ actor, params, body, db }) => {
        const applicationId = await resolveReference(db, actor, 'application', params.applicationId);
        return moveApplications(db, { actor, dayMs }, { ...body, applicationIds: [applicationId] });
      },
      replay: ({ actor, db }, { resourceId }) => readMove(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/move': {
      run: async ({ actor, body, db }) =>
        moveApplications(db, { actor, dayMs }, await withIds(db, actor, body)),
      replay: ({ actor, db }, { resourceId }) => readMove(db, { actor, dayMs }, resourceId),
    },

    'GET /api/v1/vacancies/{vacancyId}/ended': async ({ actor, params, query, db }) =>
      listEnded(db, actor, await resolveReference(db, actor, 'vacancy', params.vacancyId), query),

    'POST /api/v1/applications/{applicationId}/reject': {
      run: async ({ actor, params, body, db }) => {
        const applicationId = await resolveReference(db, actor, 'application', params.applicationId);
        return rejectApplications(
          db,
          { actor, dayMs },
          { message: messageOf(body), applicationIds: [applicationId] },
        );
      },
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/{applicationId}/withdraw': {
      run: async ({ actor, params, db }) => {
        const applicationId = await resolveReference(db, actor, 'application', params.applicationId);
        return withdrawApplications(db, { actor, dayMs }, { applicationIds: [applicationId] });
      },
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/{applicationId}/reopen': {
      run: async ({ actor, params, body, db }) => {
        const applicationId = await resolveReference(db, actor, 'application', params.applicationId);
        return reopenApplications(db, { actor, dayMs }, { ...body, applicationIds: [applicationId] });
      },
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/reject': {
      run: async ({ actor, body, db }) => {
        const { applicationIds } = await withIds(db, actor, body);
        return rejectApplications(db, { actor, dayMs }, { applicationIds, message: messageOf(body) });
      },
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/withdraw': {
      run: async ({ actor, body, db }) =>
        withdrawApplications(db, { actor, dayMs }, await withIds(db, actor, body)),
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },

    'POST /api/v1/applications/reopen': {
      run: async ({ actor, body, db }) =>
        reopenApplications(db, { actor, dayMs }, await withIds(db, actor, body)),
      replay: ({ actor, db }, { resourceId }) => readEnd(db, { actor, dayMs }, resourceId),
    },
  } satisfies Partial<Handlers>;
}

/** Applications may be named by the caller's own ids. */
async function withIds<Body extends { applicationIds: string[] }>(
  db: Queryable,
  actor: Actor,
  body: Body,
): Promise<Body> {
  return {
    ...body,
    applicationIds: await resolveReferences(db, actor, 'application', body.applicationIds),
  };
}

const messageOf = ({ templateId, channel }: { templateId?: string; channel: Message['channel'] }) =>
  templateId === undefined ? null : { templateId, channel };
