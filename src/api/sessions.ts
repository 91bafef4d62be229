import { hkdfSync, randomBytes } from 'node:crypto';
import connectPgSimple from 'connect-pg-simple';
import type { Request, RequestHandler } from 'express';
import session from 'express-session';
import type { Pool } from 'pg';
import { DomainError } from '../domain/errors';
import type { ActingUser } from '../domain/permissions';
import { settled } from './settled';

declare module 'express-session' {
  interface SessionData {
    userId: string;
    organizationId: string;
    csrfToken: string;
  }
}

const lifeMs = 7 * 24 * 3600 * 1000;
/** A session's end is written down again at most this often. */
const touchEveryMs = 60_000;

export type SessionOptions = {
  pool: Pool;
  secretKey: Buffer;
  publicUrl: string;
};

/** Cookie sessions in the table `sessions`; a request that carries an API key has none. */
export function createSessions(options: SessionOptions): { handler: RequestHandler; close(): void } {
  const https = options.publicUrl.startsWith('https:');
  const store = createStore(options);
  const handler = session({
    name: https ? '__Host-parley' : 'parley',
    secret: Buffer.from(hkdfSync('sha256', options.secretKey, '', 'parley session cookie', 32)).toString(
      'hex',
    ),
    store,
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: 'lax', secure: https, path: '/', maxAge: lifeMs },
  });
  return {
    handler: (req, res, next) => (req.headers.authorization === undefined ? handler(req, res, next) : next()),
    close: () => store.close(),
  };
}

/** Begins a session under a new id, so that an id planted before the sign-in is worth nothing. */
export function beginSession(req: Request, user: ActingUser & { organizationId: string }): Promise<void> {
  if (!req.session) throw new DomainError('invalid', 'Sign in without an Authorization header.');
  return new Promise((resolve, reject) => {
    req.session.regenerate((fault: unknown) => {
      if (fault) return settled(resolve, reject)(fault);
      req.session.userId = user.id;
      req.session.organizationId = user.organizationId;
      req.session.csrfToken = randomBytes(24).toString('base64url');
      req.session.save(settled(resolve, reject));
    });
  });
}

export function endSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.destroy(settled(resolve, reject));
  });
}

function createStore({ pool }: SessionOptions) {
  const Store = connectPgSimple(session);
  const touched = new Map<string, number>();
  class PatientStore extends Store {
    override touch(sid: string, data: session.SessionData, done?: () => void): void {
      const now = performance.now();
      if (now - (touched.get(sid) ?? -Infinity) < touchEveryMs) return void (done && setImmediate(done));
      if (touched.size > 10_000) touched.clear();
      touched.set(sid, now);
      super.touch(sid, data, done);
    }
  }
  return new PatientStore({
    pool,
    tableName: 'sessions',
    // the sweep removes what has expired
    pruneSessionInterval: false,
    errorLog: () => undefined,
  });
}
