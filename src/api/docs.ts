import { Router } from 'express';
import { docsPage, docsScript } from './docs-page';
import { createOpenApiDocument } from './openapi-document';

/** `/openapi.json`, and a reference page that renders it without anything from elsewhere. */
export function docsRoutes(publicUrl: string): Router {
  // Put together when it is first asked for: it takes longer than all else of a start.
  let document: string | undefined;
  const router = Router();
  router.get('/openapi.json', (_req, res) => {
    document ??= JSON.stringify({ ...createOpenApiDocument(), servers: [{ url: publicUrl }] });
    res.type('application/json').send(document);
  });
  router.get('/docs', (_req, res) => void res.type('text/html').send(docsPage));
  router.get('/docs/page.js', (_req, res) => void res.type('text/javascript').send(docsScript));
  return router;
}
