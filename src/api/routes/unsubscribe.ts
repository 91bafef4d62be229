import { Router } from 'express';
import { readSubscription, subscribeAgain, unsubscribe } from '../../data/people/unsubscribe';
import { DomainError, notFound } from '../../domain/errors';
import { readUnsubscribeToken } from '../../domain/unsubscribe-link';
import type { AppDeps } from '../deps';
import type { Handlers } from '../handlers';

export function unsubscribeHandlers({ hashKey }: AppDeps) {
  const linkOf = (token: string) => {
    const link = readUnsubscribeToken(hashKey, token);
    if (!link) throw notFound('link');
    return link;
  };
  return {
    'GET /api/v1/unsubscribe/{token}': ({ params, db }) =>
      readSubscription(db, hashKey, linkOf(params.token)),

    'POST /api/v1/unsubscribe/{token}': ({ params, db }) =>
      unsubscribe(db, hashKey, linkOf(params.token), 'unsubscribeLink'),

    'DELETE /api/v1/unsubscribe/{token}': ({ params, db }) =>
      subscribeAgain(db, hashKey, linkOf(params.token)),
  } satisfies Partial<Handlers>;
}

/** RFC 8058: the button of a mail program posts to the link itself. It is told the same whatever the link is. */
export function oneClickRoutes({ db, hashKey }: AppDeps): Router {
  const router = Router();
  router.post('/unsubscribe/:token', (req, res, next) => {
    const link = readUnsubscribeToken(hashKey, req.params.token);
    const done = link ? unsubscribe(db, hashKey, link, 'mailProgram') : Promise.resolve();
    done
      .catch((error: unknown) => {
        if (!(error instanceof DomainError)) throw error;
      })
      .then(() => res.type('text/plain').send('You are unsubscribed.\n'))
      .catch(next);
  });
  return router;
}
