import {
  changeCredits,
  changePlan,
  getOrganization,
  listOrganizations,
} from '../../data/organization/organizations';
import type { Handlers } from '../handlers';

/** What Customer Success alone may do (R-CRED-3). */
export function operatorHandlers() {
  return {
    'GET /operator/v1/organizations': ({ query, db }) => listOrganizations(db, query),

    'GET /operator/v1/organizations/{organizationId}': ({ params, db }) =>
      getOrganization(db, params.organizationId),

    'PATCH /operator/v1/organizations/{organizationId}': async ({ params, body, db }) => {
      await changePlan(db, params.organizationId, body);
      return getOrganization(db, params.organizationId);
    },

    'POST /operator/v1/organizations/{organizationId}/credits': {
      run: async ({ params, body, db }) => {
        await changeCredits(db, { ...params, ...body });
        return getOrganization(db, params.organizationId);
      },
      replay: ({ params, db }) => getOrganization(db, params.organizationId),
    },
  } satisfies Partial<Handlers>;
}
