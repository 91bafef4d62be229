import path from 'node:path';
import express, { Router } from 'express';

const aYearMs = 365 * 24 * 3600 * 1000;

/** The built web inbox: hashed files may be kept for ever, the page that names them never; its own addresses lead to it. */
export function staticRoutes(folder: string): Router {
  const router = Router();
  router.use(
    '/assets',
    express.static(path.join(folder, 'assets'), { immutable: true, maxAge: aYearMs, fallthrough: false }),
  );
  router.use(express.static(folder, { index: false, maxAge: 0, redirect: false }));
  router.get('/{*page}', (req, res, next) => {
    if (!req.accepts('html')) return next();
    res.sendFile('index.html', { root: folder, headers: { 'Cache-Control': 'no-cache' } }, (error) => {
      if (error) next(res.headersSent ? error : undefined);
    });
  });
  return router;
}
