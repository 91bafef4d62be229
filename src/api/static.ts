import fs from 'node:fs';
import path from 'node:path';
import express, { Router, type RequestHandler } from 'express';

const aYearMs = 365 * 24 * 3600 * 1000;

/** The built web inbox: hashed files may be kept for ever, the page that names them never; its own addresses lead to it. */
export function staticRoutes(folder: string): Router {
  const router = Router();
  router.use(
    '/assets',
    preferCompressed(path.join(folder, 'assets')),
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

/** The build lays a `.gz` beside every script and style sheet: it goes to whoever takes it. */
function preferCompressed(folder: string): RequestHandler {
  return (req, res, next) => {
    const name = path.basename(req.path);
    const type = /\.(?:js|css)$/.test(name) ? path.extname(name) : undefined;
    if (type === undefined) return next();
    res.vary('Accept-Encoding');
    if (!req.acceptsEncodings('gzip') || !fs.existsSync(path.join(folder, `${name}.gz`))) return next();
    req.url = `/${name}.gz`;
    res.type(type).set('Content-Encoding', 'gzip');
    next();
  };
}
