import { timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';
import { DomainError } from '../domain/errors';

/** Refuses what another site's page makes a browser send. */
export function assertSameOrigin(req: Request, publicUrl: string): void {
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw foreign();
  const { origin } = req.headers;
  if (origin === undefined || origin === new URL(publicUrl).origin) return;
  if (!URL.canParse(origin) || new URL(origin).host !== req.headers.host) throw foreign();
}

/** A session's changes also carry the token that only our own page can read (`me.csrfToken`). */
export function assertCsrfToken(req: Request): void {
  const expected = Buffer.from(req.session.csrfToken ?? '');
  const given = Buffer.from(String(req.headers['x-csrf-token'] ?? ''));
  if (expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new DomainError('csrf', 'Send the session’s token (me.csrfToken) as X-CSRF-Token.');
}

const foreign = () => new DomainError('csrf', 'The request came from another site.');
