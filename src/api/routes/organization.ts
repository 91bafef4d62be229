import { readLogo, setLogo } from '../../data/organization/brand';
import { changeOrganization, readOrganization } from '../../data/organization/organization-settings';
import { maxLogoBytes } from '../../domain/brand';
import { readUpload, sendPublicPicture } from '../files';
import type { Handlers } from '../handlers';

export function organizationHandlers() {
  return {
    'GET /api/v1/organization': ({ actor, db }) => readOrganization(db, actor),

    'PATCH /api/v1/organization': async ({ actor, body, db }) => {
      await changeOrganization(db, actor, body);
      return readOrganization(db, actor);
    },

    'PUT /api/v1/organization/logo': async ({ actor, db, req }) => {
      await setLogo(db, actor, (await readUpload(req, maxLogoBytes)).bytes);
      return readOrganization(db, actor);
    },

    'DELETE /api/v1/organization/logo': async ({ actor, db }) => {
      await setLogo(db, actor, null);
      return readOrganization(db, actor);
    },

    'GET /api/v1/organizations/{organizationId}/logo': async ({ params, db, req, res }) =>
      sendPublicPicture(req, res, await readLogo(db, params.organizationId)),
  } satisfies Partial<Handlers>;
}
