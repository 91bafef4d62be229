import { changeOrganization, readOrganization } from '../../data/organization/organization-settings';
import type { Handlers } from '../handlers';

export function organizationHandlers() {
  return {
    'GET /api/v1/organization': ({ actor, db }) => readOrganization(db, actor),

    'PATCH /api/v1/organization': async ({ actor, body, db }) => {
      await changeOrganization(db, actor, body);
      return readOrganization(db, actor);
    },
  } satisfies Partial<Handlers>;
}
