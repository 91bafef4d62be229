import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Router } from 'express';

/** Beside this file, or in the source tree when only the compiled code was moved. */
const folder = [join(__dirname, 'pages'), join(process.cwd(), 'src/sandbox/pages')].find((path) =>
  existsSync(path),
);

/** The phone, the console and the mailbox, as plain files. */
export function pageRoutes(): Router {
  const router = express.Router();
  if (folder === undefined) return router;
  const root = folder;
  router.use((_request, response, next) => {
    response.set(
      'Content-Security-Policy',
      "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-ancestors 'none'",
    );
    response.set('X-Content-Type-Options', 'nosniff');
    next();
  });
  router.use('/pages', express.static(root, { index: false, cacheControl: false }));
  router.get(['/', '/phone/:waId'], (_request, response) =>
    response.sendFile('phone.html', { root, cacheControl: false }),
  );
  router.get('/console', (_request, response) =>
    response.sendFile('console.html', { root, cacheControl: false }),
  );
  router.get('/mail', (_request, response) => response.sendFile('mail.html', { root, cacheControl: false }));
  return router;
}
