import { getTemplate, listTemplates, previewTemplate, setTemplateParameters } from '../../data/templates';
import type { Handlers } from '../handlers';

export function templateHandlers() {
  return {
    'GET /api/v1/templates': async ({ actor, query, db }) => ({
      items: await listTemplates(db, actor, query),
    }),

    'GET /api/v1/templates/{templateId}': ({ actor, params, db }) =>
      getTemplate(db, actor, params.templateId),

    'PATCH /api/v1/templates/{templateId}': async ({ actor, params, body, db }) => {
      await setTemplateParameters(db, actor, params.templateId, body.parameters);
      return getTemplate(db, actor, params.templateId);
    },

    'POST /api/v1/templates/{templateId}/preview': ({ actor, params, body, db }) =>
      previewTemplate(db, actor, params.templateId, body),
  } satisfies Partial<Handlers>;
}
