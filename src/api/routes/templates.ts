import {
  changeTemplate,
  createTemplate,
  listTemplateUses,
  removeTemplate,
  setCarrierTemplate,
  type TemplateContext,
} from '../../data/templates/template-commands';
import {
  getTemplate,
  listTemplates,
  listTemplateVersions,
  previewTemplate,
  previewWritten,
} from '../../data/templates/templates';
import { listTemplateFolders, moveTemplateFolder } from '../../data/templates/template-folders';
import type { Actor } from '../../domain/permissions';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function templateHandlers({ config, whatsApp }: AppDeps) {
  const context = (actor: Actor): TemplateContext => ({ actor, whatsApp, secretKey: config.secretKey });

  return {
    'GET /api/v1/templates': ({ actor, query, db }) => listTemplates(db, actor, query),

    'GET /api/v1/templates/folders': async ({ actor, query, db }) => ({
      items: await listTemplateFolders(db, actor, query),
    }),

    'POST /api/v1/templates/folders/move': ({ actor, body, db }) => moveTemplateFolder(db, actor, body),

    'POST /api/v1/templates': {
      run: async ({ actor, body, db }) =>
        getTemplate(db, actor, await createTemplate(db, context(actor), body)),
      replay: ({ actor, db }, { resourceId }) => getTemplate(db, actor, resourceId),
    },

    'POST /api/v1/templates/preview': ({ actor, body, db }) => {
      const { personId, applicationId, parameters, buttons, ...written } = body;
      return previewWritten(db, actor, { ...written, buttons }, { personId, applicationId, parameters });
    },

    'PUT /api/v1/templates/carrier': async ({ actor, body, db }) => {
      await setCarrierTemplate(db, actor, body.templateId);
      return { templateId: body.templateId };
    },

    'GET /api/v1/templates/{templateId}': ({ actor, params, db }) =>
      getTemplate(db, actor, params.templateId),

    'GET /api/v1/templates/{templateId}/versions': ({ actor, params, query, db }) =>
      listTemplateVersions(db, actor, params.templateId, query),

    'GET /api/v1/templates/{templateId}/uses': ({ actor, params, db }) =>
      listTemplateUses(db, actor, params.templateId),

    'PATCH /api/v1/templates/{templateId}': async ({ actor, params, body, db }) => {
      await changeTemplate(db, context(actor), params.templateId, body);
      return getTemplate(db, actor, params.templateId);
    },

    'DELETE /api/v1/templates/{templateId}': ({ actor, params, db }) =>
      removeTemplate(db, context(actor), params.templateId),

    'POST /api/v1/templates/{templateId}/preview': ({ actor, params, body, db }) =>
      previewTemplate(db, actor, params.templateId, body),
  } satisfies Partial<Handlers>;
}
